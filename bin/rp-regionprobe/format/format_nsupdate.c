/*
 * format_nsupdate: print lines for nsupdate(1), for a geographic DNS that
 * points to one plain name per region ("record" in the regions file).
 */
#include <string.h>

#include "format/format.h"
#include "survey/zone.h"
#include "wire/why.h"

static const char *
dot_after(const char *name)
{
	return name[strlen(name) - 1] == '.' ? "" : ".";
}

/*
 * Return the name that holds the region's addresses, by the file, or by DNS.
 * The geographic name may be an alias of another name in each region.
 */
static const char *
record_of(const struct region_report *r, const struct region *region)
{
	size_t i;

	if (region->record != NULL)
		return region->record;
	for (i = 0; i < r->survey.n; i++)
		if (r->survey.item[i].region == region &&
		    r->survey.item[i].alias_of[0] != '\0')
			return r->survey.item[i].alias_of;
	return r->survey.owner;
}

/* Return the zone, or "" if unknown: nsupdate then finds it. */
static const char *
zone_of(const struct region_report *r, const char *record)
{
	if (zone_holds(r->survey.zone, record))
		return r->survey.zone;
	return zone_holds(r->survey.beyond, record) ? r->survey.beyond : "";
}

static void
print_line(const struct region_report *r, const char *record, FILE *out)
{
	const char *type = addr_is_v6(&r->options->addr) ? "AAAA" : "A";
	char ip[ADDR_TEXT];

	addr_format_ip(&r->options->addr, ip);
	if (r->options->add)
		fprintf(out, "update add %s%s %ld %s %s\n", record,
		    dot_after(record), r->regions.ttl_s, type, ip);
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

	(void)why;
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
		print_line(r, record, out);
	}
	if (zone != NULL)
		fputs("send\n", out);
	return 0;
}
