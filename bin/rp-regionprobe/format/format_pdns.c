/*
 * format_pdns: print the zones file of PowerDNS's geoip backend. It has a name
 * per region with its addresses, and services that map networks and places to
 * these names.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/format.h"
#include "format/format_places.h"
#include "wire/why.h"

/* RFC 1035, section 2.3.4: 255 bytes in a message, 253 as text without a dot. */
#define NAME_MOST 253

/* YAML takes other names, which a name server may give, for more than that. */
static bool
is_plain_name(const char *name)
{
	return *name != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/*
 * Return the zone without its last dot, or a name of its own if it was not
 * found.
 */
static const char *
zone_of(const struct region_report *r, char zone[static ASK_NAME])
{
	size_t len;

	snprintf(zone, ASK_NAME, "%s", is_plain_name(r->survey.zone) ?
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
	const char *ns = first != NULL && is_plain_name(first->server_name) ?
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

/*
 * Print which region each place has. Namibia and North America are both "na"
 * in the database, so each key says what it is. A format without a key is left
 * out, because the backend answers for one address only where the database has
 * no value.
 */
static int
print_mapping(const struct region_report *r, FILE *out)
{
	static const struct {
		const char *format, *word;
	} levels[] = {
		[GEOGRAPHY_CONTINENT] = { "continent-%cn", "continent" },
		[GEOGRAPHY_COUNTRY] = { "country-%cc", "country" },
		[GEOGRAPHY_PART] = { "part-%cc-%re", "part" },
	};
	char text[GEOGRAPHY_TEXT], *c;
	struct format_place *list;
	bool held[3] = { false };
	size_t i, n;
	int level, err = format_places_list(r, &list, &n);

	if (err < 0)
		return err;
	for (i = 0; i < n; i++)
		held[list[i].place.level] = true;
	if (n > 0)
		fputs("  mapping_lookup_formats:\n", out);
	for (level = GEOGRAPHY_PART; level >= GEOGRAPHY_CONTINENT; level--)
		if (held[level])
			fprintf(out, "  - '%s'\n", levels[level].format);
	if (n > 0)
		fputs("  custom_mapping:\n", out);
	for (i = 0; i < n; i++) {
		geography_text(text, &list[i].place);
		for (c = text; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		fprintf(out, "    %s-%s: %s\n",
		    levels[list[i].place.level].word, text,
		    list[i].change->region->name);
	}
	free(list);
	return 0;
}

static bool
has_places(const struct region_report *r)
{
	size_t i;

	for (i = 0; i < r->regions.n; i++)
		if (r->regions.item[i]->n_places > 0)
			return true;
	return false;
}

/* %mp is the region of the place, or "unknown", which has no record. */
static void
print_default(const struct region_report *r, const struct region *region,
    FILE *out)
{
	if (!has_places(r))
		fprintf(out, "      default: %s.%s\n", region->name,
		    r->survey.owner);
	else
		fprintf(out, "      default: [ '%%mp.%s', '%s.%s' ]\n",
		    r->survey.owner, region->name, r->survey.owner);
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
			print_default(r, region, out);
		for (k = 0; k < region->n_nets; k++)
			fprintf(out, "      %s/%u: %s.%s\n",
			    addr_format_ip(&region->nets[k].addr, net),
			    region->nets[k].bits, region->name,
			    r->survey.owner);
	}
}

/*
 * Check a region's name, which is a label here: PowerDNS has names of its own,
 * ignores case, and does not start with a name that is too long.
 */
static int
check_name(const struct region_report *r, size_t at, bool places,
    char why[static WHY_TEXT])
{
	const char *name = r->regions.item[at]->name;
	size_t i;

	if (strcasecmp(name, "_rp-region") == 0 ||
	    (places && strcasecmp(name, "unknown") == 0)) {
		why_set(why, "region %s: PowerDNS has another use for this "
		    "name: rename the region", name);
		return -EINVAL;
	}
	if (strlen(name) + 1 + strlen(r->survey.owner) > NAME_MOST) {
		why_set(why, "region %s: its name before %.200s is too long",
		    name, r->survey.owner);
		return -EINVAL;
	}
	for (i = 0; i < at; i++) {
		if (strcasecmp(name, r->regions.item[i]->name) != 0)
			continue;
		why_set(why, "regions %s and %s have one name to PowerDNS, "
		    "which ignores case", r->regions.item[i]->name, name);
		return -EINVAL;
	}
	return 0;
}

static int
check_names(const struct region_report *r, char why[static WHY_TEXT])
{
	const struct change_region *rest = format_default(r);
	bool places = has_places(r);
	size_t i;
	int err = 0;

	for (i = 0; i < r->regions.n && err == 0; i++)
		err = check_name(r, i, places, why);
	if (err < 0 || !places || (rest != NULL && rest->after.n > 0))
		return err;
	why_set(why, "by countries or continents, PowerDNS needs a region with "
	    "default = true, and a switch in it");
	return -EINVAL;
}

int
format_pdns(const struct region_report *r, FILE *out, char why[static WHY_TEXT])
{
	char zone[ASK_NAME];
	int err = format_check_regions(r, FORMAT_NETS | FORMAT_GEOGRAPHY, why);

	if (err == 0)
		err = check_names(r, why);
	if (err < 0)
		return err;
	fprintf(out, "domains:\n- domain: %s\n  ttl: %ld\n",
	    zone_of(r, zone), r->regions.ttl_s);
	err = print_mapping(r, out);
	if (err < 0) {
		why_set(why, "out of memory");
		return err;
	}
	fputs("  records:\n", out);
	print_top(r, out, zone);
	print_records(r, out);
	fputs("  services:\n", out);
	print_service(r, out, "");
	print_service(r, out, "_rp-region.");
	return 0;
}
