/*
 * format_nsupdate: print lines for nsupdate(1), for a geographic DNS that
 * points to one plain name per region ("record" in the regions file).
 */
#include <errno.h>
#include <string.h>

#include "format/format.h"
#include "survey/zone.h"
#include "wire/why.h"

static const char *
dot_after(const char *name)
{
	return name[strlen(name) - 1] == '.' ? "" : ".";
}

/* Compare two names, with or without their last dots. */
static bool
is_same_name(const char *a, const char *b)
{
	return zone_holds(a, b) && zone_holds(b, a);
}

/*
 * Return whether everybody gets the same addresses, so that the name is not
 * geographic and holds those of its only region.
 */
static bool
is_one_for_all(const struct region_report *r)
{
	const struct survey_asked *first = NULL;
	bool on_behalf = false;
	size_t i;

	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		if (!survey_is_authority(a))
			continue;
		on_behalf = on_behalf || survey_on_behalf(a);
		if (first != NULL && !set_equal(&first->addrs, &a->addrs))
			return false;
		first = a;
	}
	return on_behalf && r->regions.n == 1;
}

/*
 * Return the name that holds the region's addresses, by the file, or by the
 * zone's servers: the geographic name may be an alias of another name in each
 * region. NULL if the region has no name of its own: an update of the
 * geographic name would change the default answer, or that of all regions.
 */
static const char *
record_of(const struct region_report *r, const struct region *region)
{
	const char *alias;
	size_t i;

	if (region->record != NULL)
		return region->record;
	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		alias = a->alias_of;
		if (a->region == region && a->counts && *alias != '\0' &&
		    !is_same_name(alias, r->survey.owner))
			return alias;
	}
	return is_one_for_all(r) ? r->survey.owner : NULL;
}

/* Check that every region to change has a name, which can stand in a line. */
static int
check_records(const struct region_report *r, char why[static WHY_TEXT])
{
	size_t i;

	for (i = 0; i < r->change.n; i++) {
		const struct region *region = r->change.item[i].region;
		const char *record;

		if (!r->change.item[i].changes)
			continue;
		record = record_of(r, region);
		if (record != NULL && regions_is_host_name(record))
			continue;
		if (record != NULL)
			why_set(why, "region %s: the record \"%.200s\" is not "
			    "a host name", region->name, record);
		else
			why_set(why, "region %s has no name of its own in DNS: "
			    "write record = \"...\"; into its entry in "
			    "--regions FILE", region->name);
		return -EINVAL;
	}
	return 0;
}

/* Return the zone, or "" if unknown: nsupdate then finds it. */
static const char *
zone_of(const struct region_report *r, const char *record)
{
	if (zone_holds(r->survey.zone, record))
		return r->survey.zone;
	return zone_holds(r->survey.beyond, record) ? r->survey.beyond : "";
}

/*
 * Return the TTL that the set has, because one set has one (RFC 2181, 5.2). The
 * geographic name's answers don't tell that of another name in the file.
 */
static long
ttl_of(const struct region_report *r, const struct region *region)
{
	bool v6 = addr_is_v6(&r->options->addr);

	return region->ttl_known[v6] && region->record == NULL ?
	    (long)region->ttl_s[v6] : r->regions.ttl_s;
}

static void
print_line(const struct region_report *r, const struct region *region,
    const char *record, FILE *out)
{
	const char *type = addr_is_v6(&r->options->addr) ? "AAAA" : "A";
	char ip[ADDR_TEXT];

	addr_format_ip(&r->options->addr, ip);
	if (r->options->add)
		fprintf(out, "update add %s%s %ld %s %s\n", record,
		    dot_after(record), ttl_of(r, region), type, ip);
	else
		fprintf(out, "update delete %s%s %s %s\n", record,
		    dot_after(record), type, ip);
}

int
format_nsupdate(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	const char *zone = NULL, *record;
	size_t i;
	int err = check_records(r, why);

	if (err < 0)
		return err;
	for (i = 0; i < r->change.n; i++) {
		if (!r->change.item[i].changes)
			continue;
		record = record_of(r, r->change.item[i].region);
		/* One message is for one zone. */
		if (zone == NULL || strcmp(zone, zone_of(r, record)) != 0) {
			if (zone != NULL)
				fputs("send\n", out);
			zone = zone_of(r, record);
			if (*zone != '\0')
				fprintf(out, "zone %s\n", zone);
		}
		print_line(r, r->change.item[i].region, record, out);
	}
	if (zone != NULL)
		fputs("send\n", out);
	return 0;
}
