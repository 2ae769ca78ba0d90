/*
 * format_gdnsd: print a file for gdnsd's geoip plugin, for `plugins => {
 * $include{FILE} }`. It has a map from networks and places to datacenters, which
 * are the regions, and the resource that the zone names by `DYNA geoip!rp`. If
 * the map is the operator's, it has the resource alone, for `resources => {
 * $include{FILE} }`.
 */
#include <errno.h>
#include <string.h>

#include "format/format.h"
#include "format/format_gdnsd_map.h"
#include "wire/why.h"

/*
 * Print the order of datacenters. Unknown networks go to the first: the default
 * region.
 */
static void
print_order(const struct region_report *r, FILE *out)
{
	size_t i, pass, n = 0;

	fputs("        datacenters => [ ", out);
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < r->change.n; i++) {
			const struct region *region = r->change.item[i].region;

			if (r->change.item[i].after.n > 0 &&
			    region->is_default == (pass == 0))
				fprintf(out, "%s%s", n++ > 0 ? ", " : "",
				    format_gdnsd_map_name(region));
		}
	fputs(" ]\n", out);
}

static void
print_nets(const struct region_report *r, FILE *out)
{
	char net[ADDR_TEXT];
	size_t i, k, n = 0;

	for (i = 0; i < r->change.n; i++)
		n += r->change.item[i].region->n_nets;
	if (n == 0)
		return;
	fputs("        nets => {\n", out);
	for (i = 0; i < r->change.n; i++) {
		const struct region *region = r->change.item[i].region;

		for (k = 0; k < region->n_nets &&
		    r->change.item[i].after.n > 0; k++)
			fprintf(out, "          %s/%u => [ %s ]\n",
			    addr_format_ip(&region->nets[k].addr, net),
			    region->nets[k].bits,
			    format_gdnsd_map_name(region));
	}
	fputs("        }\n", out);
}

static void
print_family(FILE *out, const struct set *set, bool v6)
{
	if (set_count(set, v6) == 0)
		return;
	fprintf(out, "            addrs_v%d => [ ", v6 ? 6 : 4);
	format_addrs(out, set, v6, ", ");
	fputs(" ]\n", out);
}

/*
 * Return what the datacenter holds, or NULL if it is left out. gdnsd demands
 * every datacenter of a map, so a region that is emptied, but stands in the
 * operator's map, has the default addresses.
 */
static const struct set *
addresses_of(const struct region_report *r, const struct change_region *c)
{
	const struct change_region *rest = format_default(r);

	if (c->after.n > 0)
		return &c->after;
	return r->regions.map != NULL && rest != NULL && rest->after.n > 0 ?
	    &rest->after : NULL;
}

static void
print_resource(const struct region_report *r, FILE *out)
{
	size_t i;

	fprintf(out, "      rp => {\n        map => %s\n",
	    r->regions.map != NULL ? r->regions.map : "rp");
	fputs("        service_types => up\n        dcmap => {\n", out);
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];
		const struct set *set = addresses_of(r, c);

		if (set == NULL)
			continue;
		fprintf(out, "          %s => {\n",
		    format_gdnsd_map_name(c->region));
		print_family(out, set, false);
		print_family(out, set, true);
		fputs("          }\n", out);
	}
	fputs("        }\n      }\n", out);
}

/* Return whether gdnsd takes the text as one word, without quotes. */
static bool
is_word(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0';
}

static int
check_datacenter(const struct region_report *r, size_t at,
    char why[static WHY_TEXT])
{
	const struct region *region = r->change.item[at].region;
	const char *name = format_gdnsd_map_name(region);
	size_t i;

	/* In a map, this word means: by distance. */
	if (strcmp(name, "auto") == 0 || !is_word(name)) {
		why_set(why, "region %s: gdnsd has no datacenter \"%.64s\"; "
		    "name it by datacenter = \"...\"", region->name, name);
		return -EINVAL;
	}
	for (i = 0; i < at; i++) {
		const struct region *other = r->change.item[i].region;

		if (strcmp(name, format_gdnsd_map_name(other)) != 0)
			continue;
		why_set(why, "regions %s and %s are both datacenter %.64s",
		    other->name, region->name, name);
		return -EINVAL;
	}
	if (r->regions.map == NULL ||
	    addresses_of(r, &r->change.item[at]) != NULL)
		return 0;
	why_set(why, "region %s would have no switch, and there is no default "
	    "region: take datacenter %.64s out of map %.64s first",
	    region->name, name, r->regions.map);
	return -EINVAL;
}

static int
check_report(const struct region_report *r, char why[static WHY_TEXT])
{
	const char *geodb = r->regions.geodb;
	size_t i, places = 0;
	int err = format_check_regions(r, r->regions.map != NULL ? 0 :
	    FORMAT_NETS | FORMAT_GEOGRAPHY, why);

	for (i = 0; i < r->change.n && err == 0; i++) {
		err = check_datacenter(r, i, why);
		places += r->change.item[i].region->n_places;
	}
	if (err < 0)
		return err;
	if (r->regions.map != NULL && !is_word(r->regions.map)) {
		why_set(why, "map: gdnsd has no map \"%.64s\"",
		    r->regions.map);
		return -EINVAL;
	}
	if (r->regions.map != NULL || places == 0)
		return 0;
	if (geodb != NULL && strpbrk(geodb, "\"\\\n") == NULL)
		return 0;
	why_set(why, "%.150s: gdnsd finds countries and continents in a GeoIP2 "
	    "database: name it by geodb = \"...mmdb\"", r->regions.file);
	return -EINVAL;
}

int
format_gdnsd(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	int err = check_report(r, why);

	if (err < 0)
		return err;
	if (r->regions.map != NULL) {
		print_resource(r, out);
		return 0;
	}
	fputs("  geoip => {\n    maps => {\n      rp => {\n", out);
	print_order(r, out);
	err = format_gdnsd_map(r, out);
	if (err < 0) {
		why_set(why, "out of memory");
		return err;
	}
	print_nets(r, out);
	fputs("      }\n    }\n    resources => {\n", out);
	print_resource(r, out);
	fputs("    }\n  }\n", out);
	return 0;
}
