/*
 * judge: the region that the answers agree on, and warnings about the answers.
 * Warnings about switches are in judge_switches. See judge.h.
 */
#include "verdict/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verdict/match.h"

/* Return the first answer of that kind from a server of the zone, or NULL. */
static const struct survey_asked *
first_answer(const struct survey *s, enum survey_kind kind)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].kind == kind &&
		    survey_is_authority(&s->item[i]))
			return &s->item[i];
	return NULL;
}

/* Return the first answer for the switch's network, or NULL. */
static const struct survey_asked *
for_subject(const struct survey *s)
{
	const struct survey_asked *nowhere = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct survey_asked *a = &s->item[i];

		if (a->kind != SURVEY_SUBNET || !survey_is_authority(a))
			continue;
		if (a->scope > 0)
			return a;
		if (nowhere == NULL && survey_knows_subnets(s, &a->server))
			nowhere = a;
	}
	return nowhere;
}

/* Return the first answer of a resolver, or NULL. */
static const struct survey_asked *
from_resolver(const struct survey *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].kind == SURVEY_RESOLVER &&
		    s->item[i].err == 0 && s->item[i].addrs.n > 0)
			return &s->item[i];
	return NULL;
}

/* Return the decisive answer, the best informed one. */
static const struct survey_asked *
deciding(const struct region_report *r)
{
	const struct survey_asked *a = for_subject(&r->survey);

	if (a != NULL)
		return a;
	/* An answer without a scope is for us, not for the address. */
	if (r->options->add || r->options->remove)
		return NULL;
	a = first_answer(&r->survey, SURVEY_AUTHORITY);
	return a != NULL ? a : from_resolver(&r->survey);
}

static void
warn_of_sets_that_change(struct region_report *r)
{
	char who[SURVEY_WHO];
	size_t i;

	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		if (!a->varies)
			continue;
		region_report_warn(r,
		    "%s: %u questions brought %zu to %zu addresses "
		    "each, %zu in all: a weighted or multivalue set must not "
		    "carry this name, because callers race only the addresses "
		    "that they get (Route 53's multivalue answer: 8 at random)",
		    survey_who_where(a, who), a->rounds, a->fewest, a->most,
		    a->addrs.n);
		return;
	}
}

static bool
same_region(const struct survey_asked *a, const struct survey_asked *b)
{
	if (a->region != NULL || b->region != NULL)
		return a->region == b->region;
	return set_equal(&a->addrs, &b->addrs);
}

static void
warn_of_disagreement(struct region_report *r)
{
	char who[SURVEY_WHO], seen[ASK_TEXT + 32] = "";
	const struct survey_asked *by = r->by;
	size_t i;

	for (i = 0; i < r->survey.n && by != NULL; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		if (a->err < 0 || a->addrs.n == 0 || a->cached ||
		    same_region(a, by))
			continue;
		survey_who_where(a, who);
		if (a->kind == SURVEY_RESOLVER) {
			if (a->seen_as[0] != '\0')
				snprintf(seen, sizeof(seen),
				    ", which the world sees as %s,",
				    a->seen_as);
			region_report_warn(r,
			    "%s%s is answered with region %s: "
			    "callers who use it are sent there (a resolver "
			    "elsewhere that passes no client subnet on)", who,
			    seen, a->region != NULL ? a->region->name : "?");
		} else if (a->kind == by->kind) {
			region_report_warn(r, "%s answers with region %s "
			    "instead: the servers of the zone do not agree",
			    who, a->region != NULL ? a->region->name : "?");
		}
	}
}

/*
 * Return whether the address is in a region where DNS does not put it, and is
 * missing where it does.
 */
static bool
stands_elsewhere(const struct region_report *r, const struct region **where)
{
	const struct addr *subject = &r->survey.subject;
	size_t i;

	*where = NULL;
	if (!r->survey.subject_known || r->region == NULL ||
	    r->options->remove || r->options->n_regions > 0)
		return false;
	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];

		if (!set_has(&region->listed, subject) &&
		    !set_has(&region->answered, subject))
			continue;
		if (region == r->region)
			return false;
		*where = region;
	}
	return *where != NULL;
}

/*
 * Return whether the decisive answer is the one for networks that are nowhere,
 * though it may look like a region's.
 */
static bool
is_default_answer(const struct region_report *r)
{
	const struct survey_asked *by = r->by;

	if (by->kind == SURVEY_SUBNET && by->scope == 0)
		return true;
	return by->named_by != SURVEY_BY_ADDRESSES &&
	    by->named_by != SURVEY_BY_TXT &&
	    match_is_default(&r->survey, by);
}

static void
decide_status(struct region_report *r)
{
	const struct survey_asked *nobody =
	    survey_first(&r->survey, SURVEY_NOWHERE);
	const struct region *where;
	char ip[ADDR_TEXT];

	if (r->by->either != NULL) {
		region_report_warn(r,
		    "regions %s and %s hold the same addresses, and "
		    "there is no TXT record _rp-region.%s to tell them apart",
		    r->by->either->name, r->by->or_either->name,
		    r->survey.owner);
	} else if (r->region != NULL && (r->region->is_default ||
	    is_default_answer(r) || (nobody != NULL &&
	    nobody->region == r->region &&
	    !r->region->from_file && r->by->told[0] == '\0'))) {
		region_report_warn(r,
		    "this is the default answer, as for networks "
		    "that are nowhere: the switch's network is in no region");
	} else if (stands_elsewhere(r, &where)) {
		region_report_warn(r,
		    "%s already stands in region %s, but DNS puts "
		    "its network in %s",
		    addr_format_ip(&r->survey.subject, ip), where->name,
		    r->region->name);
		r->status = REPORT_WRONG_REGION;
		return;
	} else if (r->region != NULL) {
		r->status = REPORT_ONE_REGION;
		return;
	}
	r->status = REPORT_NO_REGION;
}

static void
warn_of_twins(struct region_report *r)
{
	size_t i, k;

	for (i = 0; i < r->regions.n; i++)
		for (k = 0; k < i; k++) {
			const struct region *a = r->regions.item[k];
			const struct region *b = r->regions.item[i];
			char place[REGIONS_PLACE];

			if (!a->from_file || !b->from_file ||
			    a->listed.n == 0 ||
			    !set_equal(&a->listed, &b->listed))
				continue;
			region_report_warn(r, "%s:%d: region %s holds the same "
			    "addresses as region %s in %s", b->file, b->line,
			    b->name, a->name, regions_place(place, b, a));
		}
}

void
judge_region(struct region_report *r)
{
	bool authority = survey_any_authority(&r->survey);

	judge_servers(r);
	warn_of_twins(r);
	r->by = deciding(r);
	if (r->by != NULL)
		r->region = r->by->region;
	if (!authority)
		r->status = REPORT_DNS_FAILED;
	else if (r->by != NULL && !r->options->remove)
		decide_status(r);
	else
		r->status = REPORT_NO_REGION;
	warn_of_sets_that_change(r);
	warn_of_disagreement(r);
}
