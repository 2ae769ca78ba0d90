/*
 * format_knot_geodb: print the whole file of Knot DNS's geoip module in mode
 * "geodb", whose keys are the continent, the country and the first subdivision
 * of a GeoIP2 database. The module matches a path from its beginning only, so
 * each country is printed below its continent.
 */
#include <errno.h>
#include <stdlib.h>

#include "format/format.h"
#include "format/format_places.h"
#include "wire/why.h"

static void
print_places(const struct format_place *list, size_t n, bool beside, FILE *out)
{
	char path[GEOGRAPHY_TEXT];
	size_t i;

	for (i = 0; i < n; i++) {
		const struct change_region *c = list[i].change;

		fprintf(out, "  - geo: \"%s\"\n",
		    geography_path(path, &list[i].place, ';'));
		if (beside) {
			fprintf(out, "    TXT: [ \"region=%s\" ]\n",
			    c->region->name);
			continue;
		}
		format_knot_family(out, &c->after, false);
		format_knot_family(out, &c->after, true);
	}
}

int
format_knot_geodb(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	const struct change_region *rest = format_default(r);
	struct format_place *list;
	size_t n;
	int err = format_check_regions(r, FORMAT_GEOGRAPHY, why);

	if (err < 0)
		return err;
	err = format_places_list(r, &list, &n);
	if (err < 0) {
		why_set(why, "out of memory");
		return err;
	}
	if (rest != NULL && rest->changes) {
		fputs("# The default is the zone's own records: A [ ", out);
		format_addrs(out, &rest->after, false, ", ");
		fputs(" ] AAAA [ ", out);
		format_addrs(out, &rest->after, true, ", ");
		fputs(" ]\n", out);
	}
	fprintf(out, "%s:\n", r->survey.owner);
	print_places(list, n, false, out);
	fprintf(out, "_rp-region.%s:\n", r->survey.owner);
	print_places(list, n, true, out);
	free(list);
	return 0;
}
