/*
 * match: name the region of each answer, from the file, a TXT record or the
 * set itself. See match.h.
 */
#include "verdict/match.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "survey/dns64.h"

/* For the examples of documentation, which are in no real answer. */
static const char *const documentation[] = {
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15",
	"2001:db8::/32"
};

bool
match_is_reachable(const struct addr *addr)
{
	struct prefix prefix;
	size_t i;

	if (dns64_is_well_known(addr))
		return false;
	for (i = 0; i < sizeof(documentation) / sizeof(documentation[0]); i++)
		if (prefix_parse(&prefix, documentation[i]) == 0 &&
		    prefix_holds(&prefix, addr))
			return true;
	return addr_is_public(addr);
}

/* A region that only DNS knows has the addresses that it was seen with. */
static bool
holds_just(const struct region *region, const struct set *addrs)
{
	struct set seen = { 0 };
	bool equal;

	if (region->from_file)
		return set_equal(&region->listed, addrs);
	equal = regions_known(region, &seen) == 0 && set_equal(&seen, addrs);
	set_clear(&seen);
	return equal;
}

/*
 * Find the regions with exactly these members. A second one is a tie, unless
 * one of the two was asked for.
 */
static void
find_equal(struct survey_asked *a, const struct regions *regions)
{
	struct region *first = NULL;
	size_t i;

	for (i = 0; i < regions->n; i++) {
		struct region *region = regions->item[i];

		if (!holds_just(region, &a->addrs))
			continue;
		if (first != NULL && a->of_net != first &&
		    a->of_net != region) {
			a->either = first;
			a->or_either = region;
			return;
		}
		if (first == NULL || a->of_net == region)
			first = region;
	}
	a->region = first;
	a->named_by = SURVEY_BY_ADDRESSES;
}

/* Find the region of the file that shares most addresses with the answer. */
static void
find_closest(struct survey_asked *a, const struct regions *regions)
{
	size_t i, most = 0;

	for (i = 0; i < regions->n; i++) {
		struct region *region = regions->item[i];
		size_t common = set_common(&a->addrs, &region->listed);

		if (common == 0 || common < most)
			continue;
		a->either = common == most ? a->region : NULL;
		a->or_either = common == most ? region : NULL;
		a->region = region;
		most = common;
	}
	if (a->either != NULL)
		a->region = NULL;
	a->named_by = SURVEY_BY_MOST;
}

/*
 * Return the region of that name. Regions that only resolvers tell are kept
 * apart.
 */
static struct region *
find_or_add(struct regions *regions, const char *name, bool authority)
{
	struct region *region = regions_find(regions, name);

	if (region != NULL)
		return region;
	return authority ? regions_add(regions, name) :
	    regions_hear(regions, name);
}

/*
 * Return the region in the TXT record. The default region is "default",
 * whatever its name.
 */
static struct region *
find_told(struct regions *regions, const char *told, bool authority)
{
	bool is_default = strcmp(told, "default") == 0;
	struct region *region = regions_find(regions, told);

	if (region == NULL && is_default)
		region = regions_default(regions);
	if (region == NULL)
		region = find_or_add(regions, told, authority);
	if (region != NULL && is_default)
		region->is_default = true;
	return region;
}

static int
name_one(struct survey_asked *a, struct regions *regions)
{
	bool authority = survey_is_authority(a);
	char name[REGIONS_NAME], ip[ADDR_TEXT];

	find_equal(a, regions);
	if (a->region == NULL && a->told[0] != '\0') {
		a->region = find_told(regions, a->told, authority);
		if (a->region == NULL)
			return -ENOMEM;
		a->either = a->or_either = NULL;
		a->named_by = SURVEY_BY_TXT;
	}
	if (a->region == NULL && a->either == NULL)
		find_closest(a, regions);
	if (a->region == NULL && a->of_net != NULL &&
	    (a->scope > 0 || a->kind == SURVEY_NOWHERE)) {
		a->region = a->of_net;
		a->either = a->or_either = NULL;
		a->named_by = SURVEY_BY_NETS;
	}
	if (a->region != NULL || a->either != NULL)
		return 0;
	snprintf(name, sizeof(name), "with-%s",
	    addr_format_ip(&a->addrs.item[0], ip));
	a->region = find_or_add(regions, name, authority);
	a->named_by = SURVEY_BY_ADDRESSES;
	return a->region != NULL ? 0 : -ENOMEM;
}

bool
match_is_default(const struct survey *survey, const struct survey_asked *a)
{
	size_t i;

	if (a->kind == SURVEY_NOWHERE)
		return true;
	if (survey_on_behalf(a) && a->scope == 0 &&
	    survey_knows_subnets(survey, &a->server))
		return true;
	for (i = 0; i < survey->n; i++)
		if (survey->item[i].kind == SURVEY_NOWHERE &&
		    survey_is_authority(&survey->item[i]) &&
		    set_equal(&survey->item[i].addrs, &a->addrs))
			return true;
	return false;
}

/* Return whether the region is meant to hold what the default one holds. */
static bool
is_as_default(const struct regions *regions, const struct region *region)
{
	const struct region *other = regions_default(regions);

	return region->is_default || (other != NULL && region->from_file &&
	    set_equal(&region->listed, &other->listed));
}

/* Return whether the answer counts; see match.h. */
static bool
is_certain(const struct survey *survey, const struct regions *regions,
    const struct survey_asked *a)
{
	if (!survey_is_authority(a))
		return false;
	if (a->named_by == SURVEY_BY_ADDRESSES || a->named_by == SURVEY_BY_TXT)
		return true;
	if (match_is_default(survey, a))
		return is_as_default(regions, a->region);
	return survey_on_behalf(a) && a->scope > 0;
}

/*
 * Return whether a change may write the address. Callers elsewhere reach no
 * private one, and a translation belongs to whoever made it. The operator's own
 * word, in the file or on the command line, goes before.
 */
static bool
may_write(const struct addr *addr, const struct region_options *o)
{
	if ((o->add || o->remove) && addr_equal_ip(addr, &o->addr))
		return true;
	return match_is_reachable(addr);
}

static int
take_addresses(struct survey_asked *a, const struct region_options *o)
{
	size_t i;
	int err = 0;

	for (i = 0; i < a->addrs.n && err == 0; i++) {
		const struct addr *addr = &a->addrs.item[i];

		err = set_add(a->counts && may_write(addr, o) ?
		    &a->region->answered : &a->region->heard, addr);
	}
	return err;
}

/* Take the TTL. The best informed server knows the network it answers for. */
static void
take_ttl(const struct survey_asked *a)
{
	struct region *region = a->region;
	size_t v6;

	for (v6 = 0; v6 < 2; v6++) {
		if (!a->counts || !a->ttl_known[v6] ||
		    (region->ttl_known[v6] && a->kind != SURVEY_SUBNET))
			continue;
		region->ttl_s[v6] = a->ttl_s[v6];
		region->ttl_known[v6] = true;
	}
}

/* Name the answers of the zone's servers, or all others. */
static int
match_some(struct survey *survey, struct regions *regions,
    const struct region_options *o, bool authority)
{
	size_t i;
	int err = 0;

	for (i = 0; i < survey->n && err == 0; i++) {
		struct survey_asked *a = &survey->item[i];

		if (a->err < 0 || a->addrs.n == 0 ||
		    survey_is_authority(a) != authority)
			continue;
		err = name_one(a, regions);
		if (err < 0 || a->region == NULL)
			continue;
		a->counts = is_certain(survey, regions, a);
		err = take_addresses(a, o);
		take_ttl(a);
	}
	return err;
}

int
match_all(struct survey *survey, struct regions *regions,
    const struct region_options *o)
{
	int err = match_some(survey, regions, o, true);

	return err == 0 ? match_some(survey, regions, o, false) : err;
}
