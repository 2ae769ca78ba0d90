/*
 * format_json: all that was found, as one JSON object (rp-regionprobe(8),
 * "json").
 */
#include <errno.h>

#include <jansson.h>

#include "format/format.h"
#include "wire/why.h"

static const char *const kinds[] = {
	[SURVEY_RESOLVER] = "resolver",
	[SURVEY_AUTHORITY] = "authority",
	[SURVEY_SUBNET] = "subnet",
	[SURVEY_FOR] = "for",
	[SURVEY_REGION] = "region",
	[SURVEY_NOWHERE] = "nowhere",
};

static const char *const statuses[] = {
	[REPORT_ONE_REGION] = "one region",
	[REPORT_LOCAL_ERROR] = "local error",
	[REPORT_DNS_FAILED] = "DNS failed",
	[REPORT_NO_REGION] = "no region",
	[REPORT_WRONG_REGION] = "wrong region",
};

/* Return a string, or null. */
static json_t *
text(const char *value)
{
	return value != NULL && *value != '\0' ? json_string(value) :
	    json_null();
}

static json_t *
addr_json(const struct addr *a)
{
	char ip[ADDR_TEXT];

	return json_string(addr_format_ip(a, ip));
}

static json_t *
set_json(const struct set *set)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < set->n; i++)
		json_array_append_new(list, addr_json(&set->item[i]));
	return list;
}

static json_t *
asked_json(const struct survey_asked *a)
{
	char net[ADDR_TEXT], subnet[ADDR_TEXT + 8] = "";

	if (survey_on_behalf(a))
		snprintf(subnet, sizeof(subnet), "%s/%u",
		    addr_format_ip(&a->subnet.addr, net), a->subnet.bits);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, "
	    "s:o, s:b, s:b, s:i}", "kind", kinds[a->kind],
	    "server", addr_json(&a->server),
	    "server_name", text(a->server_name),
	    "subnet", text(subnet),
	    "scope", a->scoped ? json_integer(a->scope) : json_null(),
	    "seen_as", text(a->seen_as),
	    "error", text(a->err < 0 ? a->why : NULL),
	    "alias_of", text(a->alias_of),
	    "addresses", set_json(&a->addrs),
	    "varies", a->varies,
	    "region", text(a->region != NULL ? a->region->name : NULL),
	    "cached", a->cached, "counts", a->counts,
	    "translated", (int)a->translated);
}

static json_t *
target_json(const struct measure_target *t)
{
	json_t *certificate = json_null();

	if (t->tls)
		certificate = json_pack("{s:b, s:b, s:o, s:i}",
		    "trusted", t->trusted, "for_name", t->for_name,
		    "for_own_name", t->own_name != NULL ?
		    json_boolean(t->for_own_name) : json_null(),
		    "days_left", t->days_left);
	return json_pack("{s:o, s:o, s:o, s:o, s:o}",
	    "address", addr_json(&t->addr), "name", text(t->own_name),
	    "rtt_ms", t->rtt_ms < 0 ? json_null() : json_real(t->rtt_ms),
	    "error", text(t->why), "certificate", certificate);
}

/* List the servers that answered the address in the region, each once. */
static json_t *
told_json(const struct region_report *r, const struct region *region,
    const struct addr *addr, bool authority)
{
	json_t *list = json_array();
	size_t i, k;

	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];
		bool again = false;

		if (a->region != region || !set_has(&a->addrs, addr) ||
		    survey_is_authority(a) != authority)
			continue;
		for (k = 0; k < i && !again; k++)
			again = r->survey.item[k].region == region &&
			    addr_equal(&r->survey.item[k].server, &a->server) &&
			    survey_is_authority(&r->survey.item[k]) ==
			    authority &&
			    set_has(&r->survey.item[k].addrs, addr);
		if (!again)
			json_array_append_new(list, addr_json(&a->server));
	}
	return list;
}

/* List from whom each address of the region is known. */
static json_t *
known_json(const struct region_report *r, const struct region *region)
{
	json_t *list = json_array();
	struct set known = { 0 }, members = { 0 };
	size_t i;

	(void)regions_known(region, &known);
	(void)regions_members(region, &members);
	for (i = 0; i < known.n; i++) {
		const struct addr *a = &known.item[i];

		json_array_append_new(list, json_pack(
		    "{s:o, s:b, s:o, s:o, s:b}", "address", addr_json(a),
		    "file", set_has(&region->listed, a),
		    "servers", told_json(r, region, a, true),
		    "resolvers", told_json(r, region, a, false),
		    "counts", set_has(&members, a)));
	}
	set_clear(&known);
	set_clear(&members);
	return list;
}

static json_t *
region_json(const struct region_report *r, const struct region *region,
    const struct set *after)
{
	struct set members = { 0 };
	json_t *json;

	(void)regions_members(region, &members);
	json = json_pack("{s:s, s:b, s:o, s:o, s:o}",
	    "name", region->name, "in_file", region->from_file,
	    "addresses", set_json(&members), "known", known_json(r, region),
	    "after", after != NULL ? set_json(after) : json_null());
	set_clear(&members);
	return json;
}

static json_t *
regions_json(const struct region_report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->regions.n; i++)
		json_array_append_new(list, region_json(r, r->regions.item[i],
		    r->change_known ? &r->change.item[i].after : NULL));
	for (i = 0; i < r->regions.n_heard; i++)
		json_array_append_new(list, region_json(r,
		    r->regions.heard[i], NULL));
	return list;
}

int
format_json(const struct region_report *r, FILE *out, char why[static WHY_TEXT])
{
	json_t *asked = json_array(), *switches = json_array();
	json_t *warnings = json_array(), *root;
	size_t i;
	int err;

	for (i = 0; i < r->survey.n; i++)
		json_array_append_new(asked, asked_json(&r->survey.item[i]));
	for (i = 0; i < r->n_targets && r->options->connect; i++)
		json_array_append_new(switches, target_json(&r->targets[i]));
	for (i = 0; i < r->n_warnings; i++)
		json_array_append_new(warnings, json_string(r->warnings[i]));
	root = json_pack("{s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "name", r->options->name,
	    "alias_of", text(region_report_alias(r)),
	    "address", r->survey.subject_known ?
	    addr_json(&r->survey.subject) : json_null(),
	    "region", text(r->region != NULL ? r->region->name : NULL),
	    "status", r->options->remove && r->change_known ? "removal" :
	    statuses[r->status], "asked", asked,
	    "regions", regions_json(r), "switches", switches,
	    "warnings", warnings, "no_change", text(r->no_change));
	err = root != NULL ? json_dumpf(root, out, JSON_INDENT(2)) : -1;
	json_decref(root);
	fputc('\n', out);
	if (err == 0)
		return 0;
	why_set(why, "out of memory");
	return -ENOMEM;
}
