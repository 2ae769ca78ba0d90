/*
 * format_octodns: print a zone file of octoDNS, which reaches many providers.
 * The GSLB name is a dynamic alias, with a pool for each region and rules that
 * go by place; beside it stands each region's plain record. octoDNS demands
 * keys in natural order, the rules of smaller places first, and a pool of its
 * own for each rule.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/format.h"
#include "format/format_alias.h"
#include "format/format_places.h"
#include "survey/zone.h"
#include "wire/why.h"

#define POOL_NAME (REGIONS_NAME + 16)

/* A region's places of one level, or a region that is the default. */
struct pool {
	char name[POOL_NAME];
	const struct region *region;
	enum geography_level level;
	bool has_rule;		/* besides the last one, which has no places */
};

struct record {			/* at one name of the zone */
	char name[FORMAT_ALIAS_NAME + 16];	/* without the zone */
	const struct change_region *change;	/* NULL: the GSLB name */
	bool beside;		/* the TXT record */
};

struct plan {
	const struct region_report *report;
	struct format_place *places;
	size_t n_places;
	struct pool *pools;
	size_t n_pools;
	struct record *records;
	size_t n_records;
};

/* Return a name of the zone without the zone, as octoDNS has its keys. */
static void
cut_zone(const struct region_report *r, char *name)
{
	size_t zone = strlen(r->survey.zone);

	zone -= zone > 0 && r->survey.zone[zone - 1] == '.';
	name[strlen(name) - zone - 2] = '\0';
}

/*
 * Compare in natural order: runs of digits by their number, other runs by their
 * bytes. A text begins with a run of the latter, which may be empty.
 */
static int
compare_natural(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		size_t x = strcspn(a, "0123456789"), y = strcspn(b,
		    "0123456789");
		int order = strncmp(a, b, x < y ? x : y);
		unsigned long long m, n;
		char *a_end, *b_end;

		if (order != 0 || x != y)
			return order != 0 ? order : x < y ? -1 : 1;
		a += x;
		b += y;
		if (*a == '\0' || *b == '\0')
			return (*a != '\0') - (*b != '\0');
		m = strtoull(a, &a_end, 10);
		n = strtoull(b, &b_end, 10);
		if (m != n)
			return m < n ? -1 : 1;
		a = a_end;
		b = b_end;
	}
	return 0;
}

static int
compare_pools(const void *a, const void *b)
{
	return compare_natural(((const struct pool *)a)->name,
	    ((const struct pool *)b)->name);
}

static int
compare_records(const void *a, const void *b)
{
	return compare_natural(((const struct record *)a)->name,
	    ((const struct record *)b)->name);
}

static bool
has_level(const struct region *region, enum geography_level level)
{
	size_t i;

	for (i = 0; i < region->n_places; i++)
		if (region->places[i].level == level)
			return true;
	return false;
}

/*
 * Add the region's pools. The one of its largest places has the region's name,
 * and so has the default's.
 */
static void
add_pools(struct plan *plan, const struct region *region)
{
	static const char *const ends[] = {
		[GEOGRAPHY_CONTINENT] = "",
		[GEOGRAPHY_COUNTRY] = "-countries",
		[GEOGRAPHY_PART] = "-parts",
	};
	size_t level, first = plan->n_pools;

	for (level = GEOGRAPHY_CONTINENT; level <= GEOGRAPHY_PART; level++) {
		struct pool *pool = &plan->pools[plan->n_pools];

		if (!has_level(region, level))
			continue;
		pool->region = region;
		pool->level = level;
		pool->has_rule = true;
		snprintf(pool->name, sizeof(pool->name), "%s%s", region->name,
		    plan->n_pools++ > first ? ends[level] : "");
	}
	if (plan->n_pools > first || !region->is_default)
		return;
	plan->pools[plan->n_pools].region = region;
	snprintf(plan->pools[plan->n_pools++].name, POOL_NAME, "%s",
	    region->name);
}

static void
add_records(struct plan *plan, const struct change_region *c)
{
	struct record *record = &plan->records[plan->n_records];
	char name[FORMAT_ALIAS_NAME];

	format_alias_name(name, plan->report, c->region);
	cut_zone(plan->report, name);
	snprintf(record[0].name, sizeof(record[0].name), "%s", name);
	record[0].change = c;
	snprintf(record[1].name, sizeof(record[1].name), "_rp-region.%s", name);
	record[1].change = c;
	record[1].beside = true;
	plan->n_records += 2;
}

static int
make_plan(struct plan *plan, const struct region_report *r)
{
	size_t i;
	int err = format_places_list(r, &plan->places, &plan->n_places);

	if (err < 0)
		return err;
	plan->report = r;
	plan->pools = calloc(3 * r->change.n + 1, sizeof(*plan->pools));
	plan->records = calloc(2 * r->change.n + 1, sizeof(*plan->records));
	if (plan->pools == NULL || plan->records == NULL)
		return -ENOMEM;
	for (i = 0; i < r->change.n; i++) {
		if (r->change.item[i].after.n == 0)
			continue;
		add_pools(plan, r->change.item[i].region);
		add_records(plan, &r->change.item[i]);
	}
	format_alias_owner(plan->records[plan->n_records].name, r);
	cut_zone(r, plan->records[plan->n_records++].name);
	qsort(plan->pools, plan->n_pools, sizeof(*plan->pools), compare_pools);
	qsort(plan->records, plan->n_records, sizeof(*plan->records),
	    compare_records);
	return 0;
}

static void
print_pools(const struct plan *plan, FILE *out)
{
	char name[FORMAT_ALIAS_NAME];
	size_t i;

	fputs("    pools:\n", out);
	for (i = 0; i < plan->n_pools; i++)
		fprintf(out, "      '%s':\n        values:\n"
		    "        - value: %s\n", plan->pools[i].name,
		    format_alias_name(name, plan->report,
		    plan->pools[i].region));
}

static void
print_rule(const struct plan *plan, const struct pool *pool, FILE *out)
{
	char path[GEOGRAPHY_TEXT];
	size_t i;

	fputs("    - geos:\n", out);
	for (i = 0; i < plan->n_places; i++) {
		struct geography place = plan->places[i].place;

		if (plan->places[i].change->region != pool->region ||
		    place.level != pool->level)
			continue;
		memcpy(place.continent, geography_octodns(&place),
		    sizeof(place.continent));
		fprintf(out, "      - %s\n", geography_path(path, &place, '-'));
	}
	fprintf(out, "      pool: '%s'\n", pool->name);
}

static void
print_dynamic(const struct plan *plan, FILE *out)
{
	const struct region_report *r = plan->report;
	const struct region *rest = format_default(r)->region;
	char name[FORMAT_ALIAS_NAME];
	size_t i;
	int level;

	fputs("- dynamic:\n", out);
	print_pools(plan, out);
	fputs("    rules:\n", out);
	for (level = GEOGRAPHY_PART; level >= GEOGRAPHY_CONTINENT; level--)
		for (i = 0; i < plan->n_pools; i++)
			if (plan->pools[i].has_rule &&
			    (int)plan->pools[i].level == level)
				print_rule(plan, &plan->pools[i], out);
	/* The default region's first pool has the region's own name. */
	fprintf(out, "    - pool: '%s'\n", rest->name);
	fprintf(out, "  octodns:\n    healthcheck:\n      port: %u\n"
	    "      protocol: TCP\n", r->options->port);
	fprintf(out, "  ttl: %ld\n  type: CNAME\n  value: %s\n",
	    r->regions.ttl_s, format_alias_name(name, r, rest));
}

static void
print_addresses(const struct plan *plan, const struct set *set, bool v6,
    FILE *out)
{
	char ip[ADDR_TEXT];
	size_t i;

	if (set_count(set, v6) == 0)
		return;
	fprintf(out, "- ttl: %ld\n  type: %s\n  values:\n",
	    plan->report->regions.ttl_s, v6 ? "AAAA" : "A");
	for (i = 0; i < set->n; i++)
		if (addr_is_v6(&set->item[i]) == v6)
			fprintf(out, "  - '%s'\n",
			    addr_format_ip(&set->item[i], ip));
}

static void
print_record(const struct plan *plan, const struct record *record, FILE *out)
{
	fprintf(out, "'%s':\n", record->name);
	if (record->change == NULL) {
		print_dynamic(plan, out);
	} else if (record->beside) {
		fprintf(out, "- ttl: %ld\n  type: TXT\n  values:\n"
		    "  - 'region=%s'\n", plan->report->regions.ttl_s,
		    record->change->region->is_default ? "default" :
		    record->change->region->name);
	} else {
		print_addresses(plan, &record->change->after, false, out);
		print_addresses(plan, &record->change->after, true, out);
	}
}

static int
check_region(const struct region_report *r, const struct region *region,
    char why[static WHY_TEXT])
{
	char name[FORMAT_ALIAS_NAME], text[GEOGRAPHY_TEXT];
	size_t i;

	format_alias_name(name, r, region);
	if (!zone_holds(r->survey.zone, name)) {
		why_set(why, "region %s: its name %.200s is not in zone "
		    "%.200s", region->name, name, r->survey.zone);
		return -EINVAL;
	}
	if (region->n_places == 0 && !region->is_default) {
		why_set(why, "%.150s:%d: region %s has no countries or "
		    "continents", region->file, region->line, region->name);
		return -EINVAL;
	}
	for (i = 0; i < region->n_places; i++) {
		if (geography_octodns(&region->places[i]) != NULL)
			continue;
		why_set(why, "%.150s:%d: octoDNS does not know %s",
		    region->file, region->line,
		    geography_text(text, &region->places[i]));
		return -EINVAL;
	}
	return 0;
}

static int
check_report(const struct region_report *r, char why[static WHY_TEXT])
{
	const struct change_region *rest = format_default(r);
	size_t i;
	int err = format_check_regions(r, FORMAT_GEOGRAPHY, why);

	if (err == 0)
		err = format_alias_check(r, why);
	if (err < 0)
		return err;
	if (r->survey.zone[0] == '\0') {
		why_set(why, "the zone of %.200s is not known, and octoDNS "
		    "has names without it: name a server of it by --server",
		    r->survey.owner);
		return -EINVAL;
	}
	if (rest == NULL || rest->after.n == 0) {
		why_set(why, "octoDNS needs a region with default = true, "
		    "and a switch in it");
		return -EINVAL;
	}
	for (i = 0; i < r->change.n && err == 0; i++)
		err = check_region(r, r->change.item[i].region, why);
	return err;
}

/* A region may be called as the second pool of another one is. */
static int
check_pools(const struct plan *plan, char why[static WHY_TEXT])
{
	size_t i;

	for (i = 1; i < plan->n_pools; i++) {
		if (strcmp(plan->pools[i].name, plan->pools[i - 1].name) != 0)
			continue;
		why_set(why, "region %s: octoDNS needs this name for a pool "
		    "of another region: rename the region",
		    plan->pools[i].name);
		return -EINVAL;
	}
	return 0;
}

int
format_octodns(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	struct plan plan = { 0 };
	size_t i;
	int err = check_report(r, why);

	if (err < 0)
		return err;
	err = make_plan(&plan, r);
	if (err < 0)
		why_set(why, "out of memory");
	else
		err = check_pools(&plan, why);
	if (err == 0) {
		fputs("---\n", out);
		for (i = 0; i < plan.n_records; i++)
			print_record(&plan, &plan.records[i], out);
	}
	free(plan.places);
	free(plan.pools);
	free(plan.records);
	return err;
}
