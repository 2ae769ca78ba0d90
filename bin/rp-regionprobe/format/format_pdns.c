/*
 * format_pdns: print the zones file of PowerDNS's geoip backend. It has a name
 * per region with its addresses, and services that map networks to these names.
 */
#include <string.h>

#include "format/format.h"
#include "wire/why.h"

/*
 * Return the zone without its last dot, or a name of its own if it was not
 * found.
 */
static const char *
zone_of(const struct region_report *r, char zone[static ASK_NAME])
{
	size_t len;

	snprintf(zone, ASK_NAME, "%s", r->survey.zone[0] != '\0' ?
	    r->survey.zone : r->survey.owner);
	len = strlen(zone);
	if (len > 1 && zone[len - 1] == '.')
		zone[len - 1] = '\0';
	return zone;
}

static void
print_top(const struct region_report *r, FILE *out, const char *zone)
{
	const struct survey_asked *first =
	    survey_first(&r->survey, SURVEY_AUTHORITY);
	const char *ns = first != NULL && first->server_name[0] != '\0' ?
	    first->server_name : NULL;
	char own[ASK_NAME + 8];

	snprintf(own, sizeof(own), "ns1.%s", zone);
	ns = ns != NULL ? ns : own;
	fprintf(out, "    %s:\n", zone);
	fprintf(out, "    - soa: %s hostmaster.%s 1 3600 600 604800 60\n", ns,
	    zone);
	fprintf(out, "    - ns: %s\n", ns);
}

static void
print_records(const struct region_report *r, FILE *out)
{
	char ip[ADDR_TEXT];
	size_t i, k;

	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->after.n == 0)
			continue;
		fprintf(out, "    %s.%s:\n", c->region->name,
		    r->survey.owner);
		for (k = 0; k < c->after.n; k++)
			fprintf(out, "    - %s: %s\n",
			    addr_is_v6(&c->after.item[k]) ? "aaaa" : "a",
			    addr_format_ip(&c->after.item[k], ip));
		fprintf(out, "    - txt: region=%s\n",
		    c->region->is_default ? "default" : c->region->name);
	}
}

static void
print_service(const struct region_report *r, FILE *out, const char *beside)
{
	char net[ADDR_TEXT];
	size_t i, k;

	fprintf(out, "    %s%s:\n", beside, r->survey.owner);
	for (i = 0; i < r->change.n; i++) {
		const struct region *region = r->change.item[i].region;

		if (r->change.item[i].after.n == 0)
			continue;
		if (region->is_default)
			fprintf(out, "      default: %s.%s\n", region->name,
			    r->survey.owner);
		for (k = 0; k < region->n_nets; k++)
			fprintf(out, "      %s/%u: %s.%s\n",
			    addr_format_ip(&region->nets[k].addr, net),
			    region->nets[k].bits, region->name,
			    r->survey.owner);
	}
}

int
format_pdns(const struct region_report *r, FILE *out, char why[static WHY_TEXT])
{
	char zone[ASK_NAME];
	int err = format_check_nets(r, why);

	if (err < 0)
		return err;
	fprintf(out, "domains:\n- domain: %s\n  ttl: %ld\n  records:\n",
	    zone_of(r, zone), r->regions.ttl_s);
	print_top(r, out, zone);
	print_records(r, out);
	fputs("  services:\n", out);
	print_service(r, out, "");
	print_service(r, out, "_rp-region.");
	return 0;
}
