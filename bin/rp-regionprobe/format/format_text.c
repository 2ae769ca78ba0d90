/*
 * format_text: print the result for a user: answers, the verdict, the change.
 * It is the default format.
 */
#include "format/format.h"
#include "wire/why.h"

static const char *const named_by[] = {
	[SURVEY_BY_ADDRESSES] = "its addresses",
	[SURVEY_BY_TXT] = "its TXT record",
	[SURVEY_BY_MOST] = "most of its addresses",
	[SURVEY_BY_NETS] = "its networks",
};

/* Write "2 A, 1 AAAA". */
static const char *
count_text(const struct set *set, char text[static 48])
{
	snprintf(text, 48, "%zu A, %zu AAAA", set_count(set, false),
	    set_count(set, true));
	return text;
}

static void
print_asked(const struct region_report *r, FILE *out)
{
	char who[SURVEY_WHO], count[48];
	size_t i;

	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		fprintf(out, "%-44s ", survey_who(a, who));
		if (a->err < 0) {
			fprintf(out, "%s\n", a->why);
			continue;
		}
		fprintf(out, "%-14s %s", a->region != NULL ? a->region->name :
		    a->either != NULL ? "one of two" : "-",
		    count_text(&a->addrs, count));
		if (a->scoped)
			fprintf(out, ", scope /%u", a->scope);
		if (a->cached)
			fprintf(out, ", from a cache");
		if (a->translated > 0)
			fprintf(out, ", %zu translated (DNS64)",
			    a->translated);
		if (a->seen_as[0] != '\0')
			fprintf(out, ", seen as %s", a->seen_as);
		fputc('\n', out);
	}
}

static void
print_target(const struct region_report *r, const struct addr *addr, FILE *out)
{
	const struct measure_target *t = region_report_target(r, addr);
	char ip[ADDR_TEXT];

	fprintf(out, "  %-40s", addr_format_ip(addr, ip));
	if (t == NULL || !r->options->connect)
		fputc('\n', out);
	else if (t->rtt_ms < 0)
		fprintf(out, " %s\n", t->why);
	else if (!t->tls)
		fprintf(out, " %7.1f ms  %s\n", t->rtt_ms, t->why);
	else
		fprintf(out, " %7.1f ms  certificate %s, %d days\n",
		    t->rtt_ms, t->trusted && t->for_name ? "good" : "BAD",
		    t->days_left);
}

static void
print_region(const struct region_report *r, const struct region *region,
    FILE *out)
{
	struct set known = { 0 };
	size_t i;

	(void)regions_known(region, &known);
	fprintf(out, "%s%s\n", region->name,
	    region == r->region ? ", the region" : "");
	for (i = 0; i < known.n; i++)
		print_target(r, &known.item[i], out);
	set_clear(&known);
}

static void
print_regions(const struct region_report *r, FILE *out)
{
	size_t i;

	for (i = 0; i < r->regions.n; i++)
		print_region(r, r->regions.item[i], out);
	for (i = 0; i < r->regions.n_heard; i++)
		print_region(r, r->regions.heard[i], out);
}

/* Print the switch itself, if no region has it yet. */
static void
print_subject(const struct region_report *r, FILE *out)
{
	const struct addr *subject = &r->survey.subject;
	size_t i;

	if (!r->survey.subject_known || r->options->remove)
		return;
	for (i = 0; i < r->regions.n; i++)
		if (set_has(&r->regions.item[i]->listed, subject) ||
		    set_has(&r->regions.item[i]->answered, subject))
			return;
	fputs(r->options->add ? "to be added\n" : "this host\n", out);
	print_target(r, subject, out);
}

/*
 * Print where the address goes from: which regions hold it, not its network's.
 */
static void
print_removal(const struct region_report *r, const char *ip, FILE *out)
{
	const char *between = "";
	size_t i;

	if (r->change.n_changes == 0) {
		fprintf(out, "%s is in no known region.\n", ip);
		return;
	}
	fprintf(out, "%s is to be removed from ", ip);
	for (i = 0; i < r->change.n; i++) {
		if (!r->change.item[i].changes)
			continue;
		fprintf(out, "%s%s", between, r->change.item[i].region->name);
		between = ", ";
	}
	fputs(".\n", out);
}

static void
print_conclusion(const struct region_report *r, FILE *out)
{
	char ip[ADDR_TEXT] = "this host";

	if (r->survey.subject_known)
		addr_format_ip(&r->survey.subject, ip);
	if (r->options->remove && r->change_known)
		print_removal(r, ip, out);
	else if (r->status == REPORT_ONE_REGION)
		fprintf(out, "%s belongs to region %s (told by %s).\n", ip,
		    r->region->name, named_by[r->by->named_by]);
	else if (r->status == REPORT_WRONG_REGION)
		fprintf(out, "%s is in the wrong region: DNS says %s.\n", ip,
		    r->region->name);
	else if (r->status == REPORT_DNS_FAILED && r->region != NULL)
		fprintf(out, "%s is in region %s by a resolver alone.\n", ip,
		    r->region->name);
	else if (r->status == REPORT_DNS_FAILED)
		fprintf(out, "DNS gave no answer for it.\n");
	else
		fprintf(out, "%s is in no region, or in one of several.\n",
		    ip);
}

/* Return how long the changed answer is cached: the longest TTL of all. */
static long
longest_ttl_s(const struct region_report *r, const struct change_region *c,
    long longest)
{
	const uint32_t *told = c->region->ttl_s;
	long ttl_s = told[0] > told[1] ? (long)told[0] : (long)told[1];

	if (!c->changes)
		return longest;
	if (!c->region->ttl_known[0] && !c->region->ttl_known[1])
		ttl_s = r->regions.ttl_s;
	return ttl_s > longest ? ttl_s : longest;
}

static void
print_change(const struct region_report *r, FILE *out)
{
	long ttl_s = 0;
	size_t i;

	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->changes)
			fprintf(out, "Change: region %s from %zu to %zu "
			    "addresses; print it with --format route53, knot, "
			    "pdns, gdnsd or nsupdate.\n", c->region->name,
			    c->before.n, c->after.n);
		if (c->changes && r->options->add && c->region->from_file &&
		    !set_has(&c->region->listed, &r->options->addr))
			fprintf(out, "Write it into %s:%d as well.\n",
			    c->region->file, c->region->line);
		ttl_s = longest_ttl_s(r, c, ttl_s);
	}
	if (ttl_s > 0)
		fprintf(out, "Once it is made, resolvers may give the old "
		    "answer for %ld s more.\n", ttl_s);
}

int
format_text(const struct region_report *r, FILE *out, char why[static WHY_TEXT])
{
	const char *alias = region_report_alias(r);
	size_t i;

	(void)why;
	fprintf(out, "%s%s%s\n\n", r->options->name,
	    alias != NULL ? ", an alias of " : "", alias != NULL ? alias : "");
	print_asked(r, out);
	fputc('\n', out);
	print_regions(r, out);
	print_subject(r, out);
	fputc('\n', out);
	for (i = 0; i < r->n_warnings; i++)
		fprintf(out, "warning: %s\n", r->warnings[i]);
	if (r->n_warnings > 0)
		fputc('\n', out);
	print_conclusion(r, out);
	if (r->change_known)
		print_change(r, out);
	else if (r->no_change[0] != '\0')
		fprintf(out, "No change is printed: %s.\n", r->no_change);
	return 0;
}
