/* plan: whether there is a change to print, and which. See plan.h. */
#include "verdict/plan.h"

#include <errno.h>
#include <string.h>

/* Say why there is no change. */
static int
refuse(struct region_report *r, enum region_report_status status)
{
	if (r->status == REPORT_ONE_REGION || r->options->remove)
		r->status = status;
	change_clear(&r->change);
	return 0;
}

/* Return whether only resolvers tell of the region. */
static bool
is_hearsay(const struct region_report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->regions.n_heard; i++)
		if (strcmp(r->regions.heard[i]->name, name) == 0)
			return regions_find(&r->regions, name) == NULL;
	return false;
}

/*
 * Find an address of a changing region that one server of the zone answers and
 * another does not. Neither the file nor the command line decides on it.
 */
static bool
is_disputed(const struct region_report *r, const struct survey_asked *a,
    const struct survey_asked *b, const struct region *region,
    struct addr *which)
{
	size_t i;

	for (i = 0; i < a->addrs.n; i++) {
		*which = a->addrs.item[i];
		if (!set_has(&b->addrs, which) &&
		    set_has(&region->answered, which) &&
		    !set_has(&region->listed, which) &&
		    !addr_equal_ip(which, &r->options->addr))
			return true;
	}
	return false;
}

/*
 * Return whether both answers are for the same network, by the zone's servers.
 */
static bool
can_be_compared(const struct survey_asked *a, const struct survey_asked *b)
{
	return a != b && a->kind == b->kind && survey_on_behalf(a) &&
	    survey_is_authority(a) && survey_is_authority(b) &&
	    a->scope > 0 && b->scope > 0 && a->subnet.bits == b->subnet.bits &&
	    addr_equal_ip(&a->subnet.addr, &b->subnet.addr);
}

/* Return whether the zone's servers disagree on what is in the region. */
static bool
find_dispute(struct region_report *r, const struct region *region)
{
	char one[SURVEY_WHO], other[SURVEY_WHO], ip[ADDR_TEXT];
	const struct survey *s = &r->survey;
	struct addr which;
	size_t i, k;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < s->n; k++) {
			const struct survey_asked *a = &s->item[i];
			const struct survey_asked *b = &s->item[k];

			if (a->region != region || !can_be_compared(a, b) ||
			    !is_disputed(r, a, b, region, &which))
				continue;
			why_set(r->no_change, "the servers of the zone do not "
			    "agree on region %s: %s answers %s, %s does not; "
			    "name those that are right with --server",
			    region->name, survey_who_where(a, one),
			    addr_format_ip(&which, ip),
			    survey_who_where(b, other));
			return true;
		}
	return false;
}

/* Return whether they put the switch's network into different regions. */
static bool
is_torn(struct region_report *r)
{
	size_t i;

	for (i = 0; i < r->survey.n && r->options->add &&
	    r->options->n_regions == 0; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		if (r->by == NULL || !can_be_compared(a, r->by) ||
		    a->region == r->by->region || a->region == NULL)
			continue;
		why_set(r->no_change, "the servers of the zone do not agree: "
		    "regions %s and %s; name the region with --region",
		    r->by->region->name, a->region->name);
		return true;
	}
	return false;
}

/* Return whether there is something to plan at all. */
static bool
may_plan(struct region_report *r)
{
	const struct region_options *o = r->options;
	size_t i;

	for (i = 0; i < o->n_regions; i++)
		if (is_hearsay(r, o->regions[i])) {
			why_set(r->no_change, "region %s is known from "
			    "resolvers only; name the zone's servers with "
			    "--server, or the region in --regions FILE",
			    o->regions[i]);
			return false;
		}
	if (o->n_regions == 0 && !survey_any_authority(&r->survey)) {
		why_set(r->no_change, "none of the zone's servers has "
		    "answered; name the region with --region to print it "
		    "from the file alone");
		return false;
	}
	return true;
}

/* Warn if nobody tells what DNS has now. */
static void
warn_of_file_alone(struct region_report *r)
{
	if (!survey_any_authority(&r->survey))
		region_report_warn(r, "the change is from the file alone, "
		    "because none of the zone's servers has answered");
}

int
plan_change(struct region_report *r)
{
	bool known = r->status == REPORT_ONE_REGION ||
	    r->status == REPORT_WRONG_REGION;
	size_t i;
	int err;

	if (!r->options->add && !r->options->remove)
		return 0;
	if (!may_plan(r))
		return refuse(r, REPORT_DNS_FAILED);
	err = change_plan(&r->change, &r->regions, known ? r->region : NULL,
	    r->options);
	if (err == -ENOENT && r->options->n_regions == 0) {
		why_set(r->no_change, "the region is not known; name it with "
		    "--region");
		return refuse(r, REPORT_NO_REGION);
	}
	if (err < 0)
		return err;
	if (is_torn(r))
		return refuse(r, REPORT_NO_REGION);
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].changes &&
		    find_dispute(r, r->change.item[i].region))
			return refuse(r, REPORT_NO_REGION);
	r->change_known = true;
	if (r->options->remove)
		r->status = REPORT_ONE_REGION;
	warn_of_file_alone(r);
	return 0;
}
