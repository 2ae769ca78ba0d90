/*
 * format_gdnsd: print a file for gdnsd's geoip plugin, for `plugins => {
 * $include{FILE} }`. It has a map from networks to datacenters, which are the
 * regions, and the resource that the zone names by `DYNA geoip!rp`.
 */
#include "format/format.h"
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
				    region->name);
		}
	fputs(" ]\n", out);
}

static void
print_nets(const struct region_report *r, FILE *out)
{
	char net[ADDR_TEXT];
	size_t i, k;

	fputs("        nets => {\n", out);
	for (i = 0; i < r->change.n; i++) {
		const struct region *region = r->change.item[i].region;

		for (k = 0; k < region->n_nets &&
		    r->change.item[i].after.n > 0; k++)
			fprintf(out, "          %s/%u => [ %s ]\n",
			    addr_format_ip(&region->nets[k].addr, net),
			    region->nets[k].bits, region->name);
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

int
format_gdnsd(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	size_t i;
	int err = format_check_nets(r, why);

	if (err < 0)
		return err;
	fputs("  geoip => {\n    maps => {\n      rp => {\n", out);
	print_order(r, out);
	print_nets(r, out);
	fputs("      }\n    }\n    resources => {\n      rp => {\n", out);
	fputs("        map => rp\n        service_types => up\n"
	    "        dcmap => {\n", out);
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->after.n == 0)
			continue;
		fprintf(out, "          %s => {\n", c->region->name);
		print_family(out, &c->after, false);
		print_family(out, &c->after, true);
		fputs("          }\n", out);
	}
	fputs("        }\n      }\n    }\n  }\n", out);
	return 0;
}
