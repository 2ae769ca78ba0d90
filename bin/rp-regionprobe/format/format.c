/*
 * format: the table of formats and what they share. A new one is a file and a
 * line here. See format.h.
 */
#include "format/format.h"

#include <errno.h>
#include <string.h>

#include "wire/why.h"

static const struct format formats[] = {
	{ "text", false, format_text },
	{ "json", false, format_json },
	{ "route53", true, format_route53 },
	{ "knot", true, format_knot },
	{ "knot-geodb", true, format_knot_geodb },
	{ "pdns", true, format_pdns },
	{ "gdnsd", true, format_gdnsd },
	{ "google", true, format_google },
	{ "octodns", true, format_octodns },
	{ "nsupdate", true, format_nsupdate },
};

const struct format *
format_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static const char *
by_text(unsigned by)
{
	static const char *const texts[] = {
		[FORMAT_NETS] = "nets",
		[FORMAT_GEOGRAPHY] = "countries or continents",
		[FORMAT_NETS | FORMAT_GEOGRAPHY] =
		    "nets, countries or continents",
	};

	return texts[by];
}

static int
check_file(const struct region_report *r, unsigned by,
    char why[static WHY_TEXT])
{
	if (r->regions.file != NULL)
		return 0;
	why_set(why, "this format needs --regions FILE with the %s of every "
	    "region", by != 0 ? by_text(by) : "datacenter");
	return -EINVAL;
}

/* Check what the region is told apart by, and count it in `*held`. */
static int
check_region(const struct region_report *r, const struct region *region,
    unsigned by, size_t *held, char why[static WHY_TEXT])
{
	unsigned holds = (region->n_nets > 0 ? FORMAT_NETS : 0) |
	    (region->n_places > 0 ? FORMAT_GEOGRAPHY : 0);

	*held += (holds & by) != 0;
	if (region->is_default || holds != 0 || (by == 0 && region->from_file))
		return 0;
	if (region->from_file)
		why_set(why, "%.150s:%d: region %s has no %s", region->file,
		    region->line, region->name, by_text(by));
	else
		why_set(why, "%.150s: has no region %s, which DNS answers",
		    r->regions.file, region->name);
	return -EINVAL;
}

int
format_check_regions(const struct region_report *r, unsigned by,
    char why[static WHY_TEXT])
{
	size_t i, others = 0, held = 0;
	int err = check_file(r, by, why);

	for (i = 0; i < r->regions.n && err == 0; i++) {
		const struct region *region = r->regions.item[i];

		err = check_region(r, region, by, &held, why);
		others += region->n_nets + region->n_places;
	}
	if (err < 0)
		return err;
	if (by != 0 && held == 0 && others > 0) {
		why_set(why, "%.150s: no region has %s", r->regions.file,
		    by_text(by));
		return -EINVAL;
	}
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].after.n > 0)
			return 0;
	why_set(why, "no switch would be left");
	return -EINVAL;
}

const struct change_region *
format_default(const struct region_report *r)
{
	size_t i;

	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].region->is_default)
			return &r->change.item[i];
	return NULL;
}

size_t
format_addrs(FILE *out, const struct set *set, bool v6, const char *between)
{
	char ip[ADDR_TEXT];
	size_t i, n = 0;

	for (i = 0; i < set->n; i++)
		if (addr_is_v6(&set->item[i]) == v6)
			fprintf(out, "%s%s", n++ > 0 ? between : "",
			    addr_format_ip(&set->item[i], ip));
	return n;
}
