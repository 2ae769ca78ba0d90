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
	{ "pdns", true, format_pdns },
	{ "gdnsd", true, format_gdnsd },
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

int
format_check_nets(const struct region_report *r, char why[static WHY_TEXT])
{
	size_t i;

	if (r->regions.file == NULL) {
		why_set(why, "this format needs --regions FILE "
		    "with the nets of every region");
		return -EINVAL;
	}
	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];

		if (region->n_nets > 0 || region->is_default)
			continue;
		if (region->from_file)
			why_set(why, "%.150s:%d: region %s has "
			    "no nets", region->file, region->line,
			    region->name);
		else
			why_set(why, "%.150s: has no region %s, "
			    "which DNS answers", r->regions.file,
			    region->name);
		return -EINVAL;
	}
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].after.n > 0)
			return 0;
	why_set(why, "no switch would be left");
	return -EINVAL;
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
