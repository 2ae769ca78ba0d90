/*
 * format_google: print the record sets of Google Cloud DNS as JSON: a list of
 * ResourceRecordSet of its API, version 1. The GSLB name is an alias with a
 * routing policy "geo", one item for each location of Google's. An empty list
 * of data means: this set is to be deleted.
 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "format/format.h"
#include "format/format_alias.h"
#include "wire/why.h"

static const char *
location_of(const struct region *region)
{
	return region->google != NULL ? region->google : region->name;
}

/* Return whether the name is like "us-east1" or "northamerica-northeast2". */
static bool
is_location(const char *text)
{
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz-");
	size_t digits = strspn(text + letters, "0123456789");

	return letters > 2 && memchr(text, '-', letters) != NULL &&
	    text[0] != '-' && text[letters - 1] != '-' && digits >= 1 &&
	    digits <= 2 && text[letters + digits] == '\0';
}

/* The default region has a set only if it has a location as well. */
static bool
is_left_out(const struct region *region)
{
	return region->is_default && !is_location(location_of(region));
}

static int
check_region(const struct region_report *r, size_t at,
    char why[static WHY_TEXT])
{
	const struct region *region = r->change.item[at].region;
	size_t i;

	if (is_left_out(region))
		return 0;
	if (!is_location(location_of(region))) {
		why_set(why, "region %s needs Google's location, as google = "
		    "\"europe-west1\"; in --regions FILE", region->name);
		return -EINVAL;
	}
	for (i = 0; i < at; i++) {
		const struct region *other = r->change.item[i].region;

		if (strcmp(location_of(region), location_of(other)) != 0)
			continue;
		why_set(why, "regions %s and %s are both %.32s to Google, "
		    "which has one item for each", other->name, region->name,
		    location_of(region));
		return -EINVAL;
	}
	return 0;
}

static int
check_report(const struct region_report *r, char why[static WHY_TEXT])
{
	size_t i, n = 0;
	int err = format_alias_check(r, why);

	for (i = 0; i < r->change.n && err == 0; i++) {
		err = check_region(r, i, why);
		n += r->change.item[i].after.n > 0 &&
		    !is_left_out(r->change.item[i].region);
	}
	if (err == 0 && n == 0) {
		why_set(why, "no region with a location of Google's would "
		    "have a switch");
		err = -EINVAL;
	}
	return err;
}

static json_t *
set_json(const struct region_report *r, const char *name, const char *type,
    json_t *data)
{
	return json_pack("{s:s, s:s, s:i, s:o}", "name", name, "type", type,
	    "ttl", (int)r->regions.ttl_s, "rrdatas", data);
}

static json_t *
addresses_json(const struct set *set, bool v6)
{
	json_t *list = json_array();
	char ip[ADDR_TEXT];
	size_t i;

	for (i = 0; i < set->n; i++)
		if (addr_is_v6(&set->item[i]) == v6)
			json_array_append_new(list,
			    json_string(addr_format_ip(&set->item[i], ip)));
	return list;
}

/* Append the region's sets: its addresses, and its name beside them. */
static void
append_region(json_t *list, const struct region_report *r,
    const struct change_region *c)
{
	char name[FORMAT_ALIAS_NAME], beside[FORMAT_ALIAS_NAME + 16],
	    text[REGIONS_NAME + 16];
	size_t v6;

	format_alias_name(name, r, c->region);
	for (v6 = 0; v6 < 2; v6++)
		if (set_count(&c->before, v6) + set_count(&c->after, v6) > 0)
			json_array_append_new(list, set_json(r, name,
			    v6 ? "AAAA" : "A", addresses_json(&c->after, v6)));
	if (c->after.n == 0)
		return;
	snprintf(beside, sizeof(beside), "_rp-region.%s", name);
	snprintf(text, sizeof(text), "\"region=%s\"",
	    c->region->is_default ? "default" : c->region->name);
	json_array_append_new(list, set_json(r, beside, "TXT",
	    json_pack("[s]", text)));
}

static json_t *
policy_json(const struct region_report *r)
{
	json_t *items = json_array();
	char name[FORMAT_ALIAS_NAME];
	size_t i;

	for (i = 0; i < r->change.n; i++) {
		const struct change_region *c = &r->change.item[i];

		if (c->after.n > 0 && !is_left_out(c->region))
			json_array_append_new(items, json_pack("{s:s, s:[s]}",
			    "location", location_of(c->region), "rrdatas",
			    format_alias_name(name, r, c->region)));
	}
	return json_pack("{s:s, s:s, s:i, s:{s:{s:o}}}",
	    "name", format_alias_owner(name, r), "type", "CNAME",
	    "ttl", (int)r->regions.ttl_s, "routingPolicy", "geo", "items",
	    items);
}

int
format_google(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	json_t *list;
	size_t i;
	int err = check_report(r, why);

	if (err < 0)
		return err;
	list = json_array();
	/* An alias that leads to nothing yet is answered with nothing. */
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].after.n > 0 &&
		    !is_left_out(r->change.item[i].region))
			append_region(list, r, &r->change.item[i]);
	json_array_append_new(list, policy_json(r));
	for (i = 0; i < r->change.n; i++)
		if (r->change.item[i].after.n == 0 &&
		    !is_left_out(r->change.item[i].region))
			append_region(list, r, &r->change.item[i]);
	err = json_dumpf(list, out, JSON_INDENT(2));
	json_decref(list);
	fputc('\n', out);
	if (err == 0)
		return 0;
	why_set(why, "out of memory");
	return -ENOMEM;
}
