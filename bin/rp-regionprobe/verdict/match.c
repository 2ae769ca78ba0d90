/*
 * match: name the region of each answer, from the file, a TXT record or the
 * set itself. See match.h.
 */
#include "verdict/match.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Find the regions with exactly these members. A second one is a tie. */
static void
find_equal(struct survey_asked *a, const struct regions *regions)
{
	struct region *first = NULL;
	size_t i;

	for (i = 0; i < regions->n; i++) {
		struct region *region = regions->item[i];
		const struct set *members = region->from_file ?
		    &region->listed : &region->answered;

		if (!set_equal(members, &a->addrs))
			continue;
		if (first != NULL) {
			a->either = first;
			a->or_either = region;
			return;
		}
		first = region;
	}
	a->region = first;
	a->named_by = "addresses";
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
	a->named_by = "most of the addresses";
}

/*
 * Return the region in the TXT record. The default region is "default",
 * whatever its name.
 */
static struct region *
find_told(struct regions *regions, const char *told)
{
	bool is_default = strcmp(told, "default") == 0;
	struct region *region = regions_find(regions, told);
	size_t i;

	for (i = 0; i < regions->n && region == NULL && is_default; i++)
		if (regions->item[i]->is_default)
			region = regions->item[i];
	if (region == NULL)
		region = regions_add(regions, told);
	if (region != NULL && is_default)
		region->is_default = true;
	return region;
}

static int
name_one(struct survey_asked *a, struct regions *regions)
{
	char name[REGIONS_NAME], ip[ADDR_TEXT];

	find_equal(a, regions);
	if (a->region == NULL && a->told[0] != '\0') {
		a->region = find_told(regions, a->told);
		if (a->region == NULL)
			return -ENOMEM;
		a->either = a->or_either = NULL;
		a->named_by = "TXT record";
	}
	if (a->region == NULL && a->either == NULL)
		find_closest(a, regions);
	if (a->region != NULL || a->either != NULL)
		return 0;
	snprintf(name, sizeof(name), "with-%s",
	    addr_format_ip(&a->addrs.item[0], ip));
	a->region = regions_add(regions, name);
	a->named_by = "addresses";
	return a->region != NULL ? 0 : -ENOMEM;
}

/*
 * Take the TTL. A resolver returns only the remaining time, and the best
 * informed server knows the network it answers for.
 */
static void
take_ttl(const struct survey_asked *a)
{
	uint32_t *ttl_s = a->region->ttl_s;
	size_t v6;

	for (v6 = 0; v6 < 2; v6++)
		if (a->kind == SURVEY_SUBNET ||
		    (a->kind != SURVEY_RESOLVER && ttl_s[v6] == 0))
			ttl_s[v6] = a->ttl_s[v6];
}

int
match_all(struct survey *survey, struct regions *regions)
{
	size_t i;
	int err = 0;

	for (i = 0; i < survey->n && err == 0; i++) {
		struct survey_asked *a = &survey->item[i];

		if (a->err < 0 || a->addrs.n == 0)
			continue;
		err = name_one(a, regions);
		if (err < 0 || a->region == NULL)
			continue;
		err = set_add_all(&a->region->answered, &a->addrs);
		take_ttl(a);
	}
	return err;
}
