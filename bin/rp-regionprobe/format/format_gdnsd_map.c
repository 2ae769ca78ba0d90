/*
 * format_gdnsd_map: print the tree of places for gdnsd. A place that is not in
 * it has the datacenter of the next larger one. See format_gdnsd_map.h.
 */
#include "format/format_gdnsd_map.h"

#include <stdlib.h>
#include <string.h>

#include "format/format_places.h"

#define INDENT 10	/* of the continents, which stand in "map" */

const char *
format_gdnsd_map_name(const struct region *region)
{
	return region->datacenter != NULL ? region->datacenter : region->name;
}

static const char *
key_of(const struct geography *place, enum geography_level level)
{
	return level == GEOGRAPHY_CONTINENT ? place->continent :
	    level == GEOGRAPHY_COUNTRY ? place->country : place->part;
}

static void
print_line(FILE *out, int indent, const char *key, const struct format_place *p)
{
	fprintf(out, "%*s%s => [ %s ]\n", indent, "", key,
	    format_gdnsd_map_name(p->change->region));
}

/* Return how many of the list are in the first one's place of that level. */
static size_t
count_same(const struct format_place *list, size_t n,
    enum geography_level level)
{
	const char *key = key_of(&list[0].place, level);
	size_t i = 1;

	while (i < n && strcmp(key_of(&list[i].place, level), key) == 0)
		i++;
	return i;
}

/* Print the places, all in one continent or country, which is the level. */
static void
print_group(const struct format_place *list, size_t n,
    enum geography_level level, FILE *out)
{
	const char *key = key_of(&list[0].place, level);
	int indent = INDENT + 2 * (int)level;
	bool whole = list[0].place.level == level;
	size_t i, same;

	if (n == 1 && whole) {
		print_line(out, indent, key, &list[0]);
		return;
	}
	fprintf(out, "%*s%s => {\n", indent, "", key);
	if (whole)
		print_line(out, indent + 2, "default", &list[0]);
	for (i = whole; i < n; i += same) {
		same = count_same(&list[i], n - i, level + 1);
		print_group(&list[i], same, level + 1, out);
	}
	fprintf(out, "%*s}\n", indent, "");
}

int
format_gdnsd_map(const struct region_report *r, FILE *out)
{
	struct format_place *list;
	size_t n, i, same;
	int err = format_places_list(r, &list, &n);

	if (err < 0)
		return err;
	if (n > 0) {
		fprintf(out, "        geoip2_db => \"%s\"\n        map => {\n",
		    r->regions.geodb);
		for (i = 0; i < n; i += same) {
			same = count_same(&list[i], n - i, GEOGRAPHY_CONTINENT);
			print_group(&list[i], same, GEOGRAPHY_CONTINENT, out);
		}
		fputs("        }\n", out);
	}
	free(list);
	return 0;
}
