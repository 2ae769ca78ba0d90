/*
 * judge_servers: warnings about servers that fail or that cannot be asked, and
 * about faults of their answers. Called by judge.
 */
#include "verdict/judge.h"

#include <stdio.h>
#include <string.h>

/* Warn once for a family, because most servers have addresses of both. */
static void
warn_of_routes(struct region_report *r)
{
	const struct survey *s = &r->survey;
	size_t v6;

	for (v6 = 0; v6 < 2; v6++)
		if (s->n_without_route[v6] > 0)
			region_report_warn(r, "no IPv%d here: %zu of the %zu "
			    "addresses of the zone's servers cannot be asked",
			    v6 ? 6 : 4, s->n_without_route[v6], s->n_servers);
}

/* A region that the file has no switches for needs no answer. */
static bool
expects_addresses(const struct survey_asked *a)
{
	return a->kind != SURVEY_NOWHERE &&
	    (a->of_net == NULL || a->of_net->listed.n > 0);
}

static void
warn_of_failure(struct region_report *r, const struct survey_asked *a)
{
	char who[SURVEY_WHO];

	survey_who_where(a, who);
	if (a->err < 0)
		region_report_warn(r, "%s: %s", who, a->why);
	else if (a->addrs.n == 0 && expects_addresses(a))
		region_report_warn(r, "%s: %s%s%s", who, a->no_such_name ?
		    "no such name" : "no address", a->alias_of[0] != '\0' ?
		    ", it is an alias of " : "", a->alias_of);
	else if (a->cached && a->kind == SURVEY_AUTHORITY)
		region_report_warn(r, "%s does not hold the zone: its answer "
		    "is from a cache, and counts as a resolver's", who);
}

/* Return whether the server told the same before. */
static bool
was_told(const struct survey *s, const struct survey_asked *a)
{
	const struct survey_asked *before;

	for (before = s->item; before != a; before++)
		if (addr_equal(&before->server, &a->server) &&
		    strcmp(before->told_bad, a->told_bad) == 0)
			return true;
	return false;
}

/*
 * Warn of TXT records that name no region. A change must not hold such a name.
 */
static void
warn_of_told(struct region_report *r, const struct survey_asked *a)
{
	char who[SURVEY_WHO];

	if (a->told_bad[0] == '\0' || was_told(&r->survey, a))
		return;
	survey_who_where(a, who);
	if (a->told_other[0] != '\0')
		region_report_warn(r, "%s: two TXT records name a region, "
		    "\"%s\" and \"%s\": neither counts", who, a->told_bad,
		    a->told_other);
	else
		region_report_warn(r, "%s: the TXT record says \"region=%s\", "
		    "which is not a region's name (letters, digits, - and _)",
		    who, a->told_bad);
}

static void
warn_of_subnet(struct region_report *r, const struct survey_asked *a)
{
	char who[SURVEY_WHO];

	survey_who_where(a, who);
	if (a->no_edns && !a->scoped)
		region_report_warn(r, "%s: it answers only without EDNS (RFC "
		    "6891), so the client subnet is not possible: it cannot be "
		    "asked on behalf of another network", who);
	else if (a->kind == SURVEY_SUBNET && a->scope == 0 &&
	    !survey_knows_subnets(&r->survey, &a->server))
		region_report_warn(r, "%s: the client subnet is ignored "
		    "(scope 0): all clients of a resolver get this answer, so "
		    "a distant resolver's users get the resolver's region",
		    who);
}

/* Warn where the file and DNS put a network into different regions. */
static void
warn_of_net(struct region_report *r, const struct survey_asked *a)
{
	const struct region *region = a->of_net;
	char net[ADDR_TEXT];

	if (region == NULL || region->is_default || region->listed.n == 0 ||
	    !survey_is_authority(a) || a->region == region ||
	    a->region == NULL ||
	    !survey_knows_subnets(&r->survey, &a->server))
		return;
	region_report_warn(r, "%s:%d: region %s: DNS puts its network %s/%u "
	    "in region %s", region->file, region->line, region->name,
	    addr_format_ip(&a->subnet.addr, net), a->subnet.bits,
	    a->region->name);
}

static void
warn_of_authorities(struct region_report *r)
{
	const struct survey *s = &r->survey;

	if (survey_any_authority(s) || survey_first(s, SURVEY_RESOLVER) == NULL)
		return;
	if (s->n_servers == 0)
		region_report_warn(r, "the zone's own servers are not known: "
		    "only resolvers were asked; name them with --server");
	else
		region_report_warn(r, "none of the zone's own servers has "
		    "answered: only resolvers have");
}

void
judge_servers(struct region_report *r)
{
	size_t i;

	warn_of_routes(r);
	warn_of_authorities(r);
	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		warn_of_failure(r, a);
		if (a->err < 0 || a->addrs.n == 0)
			continue;
		warn_of_told(r, a);
		if (a->kind != SURVEY_RESOLVER)
			warn_of_subnet(r, a);
		warn_of_net(r, a);
	}
}
