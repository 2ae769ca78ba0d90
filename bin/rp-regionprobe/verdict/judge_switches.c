/*
 * judge_switches: warnings about the region's switches: certificates,
 * distances, the size of the answer. Called by judge.
 */
#include "verdict/judge.h"

#include <stdio.h>
#include <string.h>

#define DAYS_LEFT 21
#define NEARER_MS 5.0		/* a smaller difference is the same site */
#define REGION_MAX 24		/* DESIGN, "At scale, on paper" */

static const struct {
	size_t bytes;
	const char *what;
} limits[] = {
	{ 1232, "1,232 bytes, what passes every path unfragmented" },
	{ 512, "512 bytes, a UDP answer without EDNS" },
};

static void
warn_of_certificate(struct region_report *r, const struct measure_target *t)
{
	char ip[ADDR_TEXT];

	addr_format_ip(&t->addr, ip);
	if (!t->tls) {
		region_report_warn(r, "%s: no certificate: %s", ip, t->why);
		return;
	}
	if (t->no_names)
		region_report_warn(r, "%s: its certificate has no subject "
		    "alternative name (SAN), so callers refuse it", ip);
	if (!t->for_name)
		region_report_warn(r, "%s: its certificate is not for %s", ip,
		    r->options->name);
	if (t->own_name != NULL && !t->for_own_name)
		region_report_warn(r,
		    "%s: its certificate is not for its own name "
		    "%s, which browsers use", ip, t->own_name);
	if (t->days_left < 0)
		region_report_warn(r, "%s: its certificate has expired", ip);
	else if (!t->trusted)
		region_report_warn(r, "%s: its certificate is not trusted", ip);
	else if (t->days_left < DAYS_LEFT)
		region_report_warn(r, "%s: its certificate has %d days left",
		    ip, t->days_left);
}

static void
warn_of_targets(struct region_report *r)
{
	char ip[ADDR_TEXT];
	size_t i;

	for (i = 0; i < r->n_targets; i++) {
		const struct measure_target *t = &r->targets[i];

		addr_format_ip(&t->addr, ip);
		if (!addr_is_public(&t->addr))
			region_report_warn(r, "%s is not a public address%s",
			    ip, r->survey.subject_known && !r->options->add &&
			    addr_equal_ip(&t->addr, &r->survey.subject) ?
			    ": say --add with the one that the world sees" :
			    "");
		if (!r->options->connect)
			continue;
		if (t->rtt_ms < 0)
			region_report_warn(r,
			    "%s cannot be reached on port %u: %s",
			    ip, r->options->port, t->why);
		else
			warn_of_certificate(r, t);
	}
}

/*
 * Return the round trip to the region's nearest switch other than the address
 * in question.
 */
static double
nearest_ms(const struct region_report *r, const struct region *region)
{
	struct set members = { 0 };
	double best = -1;
	size_t i;

	(void)regions_members(region, &members);
	for (i = 0; i < members.n; i++) {
		const struct measure_target *t =
		    region_report_target(r, &members.item[i]);

		if (t == NULL || t->rtt_ms < 0 || (r->survey.subject_known &&
		    addr_equal_ip(&t->addr, &r->survey.subject)))
			continue;
		if (best < 0 || t->rtt_ms < best)
			best = t->rtt_ms;
	}
	set_clear(&members);
	return best;
}

static void
warn_of_nearer(struct region_report *r)
{
	double here, there;
	size_t i;

	if (r->region == NULL || !r->options->connect || r->options->remove)
		return;
	here = nearest_ms(r, r->region);
	if (here < 0)
		return;
	for (i = 0; i < r->regions.n; i++) {
		const struct region *other = r->regions.item[i];

		if (other == r->region)
			continue;
		there = nearest_ms(r, other);
		if (there >= 0 && there + NEARER_MS < here)
			region_report_warn(r,
			    "region %s is nearer (%.1f ms) than %s "
			    "(%.1f ms), where DNS puts this network: callers "
			    "there gain by the switch too (--region %s,%s "
			    "puts it in both)", other->name, there,
			    r->region->name, here, r->region->name,
			    other->name);
	}
}

static void
warn_of_answer(struct region_report *r, const struct region *region,
    size_t before, size_t after, bool v6)
{
	size_t was = change_answer_bytes(r->survey.owner, before, v6);
	size_t is = change_answer_bytes(r->survey.owner, after, v6);
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (is <= limits[i].bytes)
			continue;
		region_report_warn(r,
		    "region %s: the %s answer of %zu addresses %s "
		    "%zu bytes: more than %s", region->name,
		    v6 ? "AAAA" : "A", after, was > limits[i].bytes ||
		    after == before ? "has" : "will have", is, limits[i].what);
		return;
	}
}

static void
warn_of_sizes(struct region_report *r)
{
	size_t i;

	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];
		struct set now = { 0 };
		const struct set *after = &now;

		(void)regions_members(region, &now);
		if (r->change_known)
			after = &r->change.item[i].after;
		warn_of_answer(r, region, set_count(&now, false),
		    set_count(after, false), false);
		warn_of_answer(r, region, set_count(&now, true),
		    set_count(after, true), true);
		if (set_count(after, false) > REGION_MAX ||
		    set_count(after, true) > REGION_MAX)
			region_report_warn(r,
			    "region %s: more than %d switches: "
			    "each dial costs each of them a SYN; split it",
			    region->name, REGION_MAX);
		set_clear(&now);
	}
}

/* Warn where the file and DNS differ, because one of them is outdated. */
static void
warn_of_file(struct region_report *r)
{
	char ip[ADDR_TEXT];
	size_t i, k;

	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];

		if (!region->from_file || region->answered.n == 0)
			continue;
		for (k = 0; k < region->listed.n; k++)
			if (!set_has(&region->answered,
			    &region->listed.item[k]) &&
			    !set_has(&region->heard, &region->listed.item[k]))
				region_report_warn(r,
				    "%s:%d: region %s: DNS does not "
				    "answer %s", region->file, region->line,
				    region->name, addr_format_ip(
				    &region->listed.item[k], ip));
		for (k = 0; k < region->answered.n; k++)
			if (!set_has(&region->listed,
			    &region->answered.item[k]))
				region_report_warn(r,
				    "%s:%d: region %s: DNS also "
				    "answers %s", region->file,
				    region->line, region->name, addr_format_ip(
				    &region->answered.item[k], ip));
	}
}

static void
warn_of_change(struct region_report *r)
{
	const char *alias = region_report_alias(r);
	size_t i;

	if (!r->change_known)
		return;
	if (r->change.n_changes == 0)
		region_report_warn(r, r->options->add ?
		    "the address is there already: no change" :
		    "the address to remove is in no known region");
	else if (alias != NULL)
		region_report_warn(r,
		    "%s is an alias of %s: the change is for that",
		    r->options->name, alias);
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->changes && c->after.n == 0)
			region_report_warn(r,
			    "region %s is left without a switch: "
			    "its callers get the default answer",
			    c->region->name);
	}
}

void
judge_switches(struct region_report *r)
{
	warn_of_targets(r);
	warn_of_nearer(r);
	warn_of_sizes(r);
	warn_of_file(r);
	warn_of_change(r);
}
