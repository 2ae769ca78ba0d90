/*
 * format_knot: print the whole file of Knot DNS's geoip module in mode
 * "subnet". It has the addresses for every network of a region, and the
 * region's name in a TXT record beside the name.
 */
#include "format/format.h"
#include "wire/why.h"

void
format_knot_family(FILE *out, const struct set *set, bool v6)
{
	if (set_count(set, v6) == 0)
		return;
	fprintf(out, "    %s: [ ", v6 ? "AAAA" : "A");
	format_addrs(out, set, v6, ", ");
	fputs(" ]\n", out);
}

static void
print_name(const struct region_report *r, FILE *out, bool beside)
{
	char net[ADDR_TEXT];
	size_t i, k;

	fprintf(out, "%s%s:\n", beside ? "_rp-region." : "",
	    r->survey.owner);
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		for (k = 0; k < c->region->n_nets && c->after.n > 0; k++) {
			const struct prefix *p = &c->region->nets[k];

			fprintf(out, "  - net: %s/%u\n",
			    addr_format_ip(&p->addr, net), p->bits);
			if (beside) {
				fprintf(out, "    TXT: [ \"region=%s\" ]\n",
				    c->region->name);
				continue;
			}
			format_knot_family(out, &c->after, false);
			format_knot_family(out, &c->after, true);
		}
	}
}

int
format_knot(const struct region_report *r, FILE *out, char why[static WHY_TEXT])
{
	size_t i;
	int err = format_check_regions(r, FORMAT_NETS, why);

	if (err < 0)
		return err;
	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->region->n_nets > 0 || !c->changes)
			continue;
		fprintf(out, "# The default is the zone's own records: A [ ");
		format_addrs(out, &c->after, false, ", ");
		fputs(" ] AAAA [ ", out);
		format_addrs(out, &c->after, true, ", ");
		fputs(" ]\n", out);
	}
	print_name(r, out, false);
	print_name(r, out, true);
	return 0;
}
