/*
 * judge_sources: warnings about addresses that somebody told, but that no
 * change holds. Called by judge.
 */
#include "verdict/judge.h"

#include "verdict/match.h"

/*
 * Return the answer that told the address, of a server of the zone if any did.
 */
static const struct survey_asked *
told_by(const struct survey *s, const struct region *region,
    const struct addr *addr)
{
	const struct survey_asked *found = NULL;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct survey_asked *a = &s->item[i];

		if (a->region != region || !set_has(&a->addrs, addr))
			continue;
		if (survey_is_authority(a))
			return a;
		if (found == NULL)
			found = a;
	}
	return found;
}

static void
warn_of_heard(struct region_report *r, const struct region *region,
    const struct addr *addr)
{
	const struct survey_asked *a = told_by(&r->survey, region, addr);
	char who[SURVEY_WHO], ip[ADDR_TEXT];
	const char *why;

	if (a == NULL)
		return;
	if (!match_is_reachable(addr))
		why = "which is a private or translated address";
	else if (!survey_is_authority(a))
		why = "which none of the zone's servers has for that region";
	else if (match_is_default(&r->survey, a))
		why = "which is the answer for networks in no region";
	else
		why = "but not on behalf of a network in that region";
	region_report_warn(r, "region %s: %s answers %s, %s: no change holds "
	    "it", region->name, survey_who_where(a, who), addr_format_ip(addr,
	    ip), why);
}

void
judge_sources(struct region_report *r)
{
	size_t i, k;

	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];

		for (k = 0; k < region->heard.n; k++)
			if (!set_has(&region->listed, &region->heard.item[k]) &&
			    !set_has(&region->answered,
			    &region->heard.item[k]))
				warn_of_heard(r, region,
				    &region->heard.item[k]);
	}
}
