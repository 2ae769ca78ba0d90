/*
 * A change batch for `aws route53 change-resource-record-sets`: latency
 * records, whose sets are told apart by identifier and carry AWS's region.
 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "format.h"

static json_t *
values(const struct set *set, bool v6)
{
	json_t *list = json_array();
	char ip[ADDR_TEXT];
	size_t i;

	for (i = 0; i < set->n; i++)
		if (addr_is_v6(&set->item[i]) == v6)
			json_array_append_new(list, json_pack("{s:s}",
			    "Value", addr_format_ip(&set->item[i], ip)));
	return list;
}

/* An emptied set has to be deleted, and named by what it holds now. */
static json_t *
change_json(const struct report *r, const struct change_region *c, bool v6)
{
	bool emptied = set_count(&c->after, v6) == 0;
	const struct region *region = c->region;
	char name[ASK_NAME + 1];
	size_t len = strlen(r->options->name);

	snprintf(name, sizeof(name), "%s%s", r->options->name,
	    r->options->name[len - 1] == '.' ? "" : ".");
	return json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:i, s:o}}",
	    "Action", emptied ? "DELETE" : "UPSERT", "ResourceRecordSet",
	    "Name", name, "Type", v6 ? "AAAA" : "A",
	    "SetIdentifier", region->name,
	    "Region", region->aws != NULL ? region->aws : region->name,
	    "TTL", (int)r->regions.ttl_s, "ResourceRecords",
	    values(emptied ? &c->before : &c->after, v6));
}

int
format_route53(const struct report *r, FILE *out,
    char why[static FORMAT_WHY])
{
	json_t *changes = json_array(), *root;
	char comment[ADDR_TEXT + 32], ip[ADDR_TEXT];
	size_t i, v6;
	int err;

	for (i = 0; i < r->change.n; i++)
		for (v6 = 0; v6 < 2; v6++) {
			const struct change_region *c = &r->change.item[i];

			if (set_count(&c->before, v6) !=
			    set_count(&c->after, v6))
				json_array_append_new(changes,
				    change_json(r, c, v6));
		}
	snprintf(comment, sizeof(comment), "rp-regionprobe: %s %s",
	    r->options->add ? "add" : "remove",
	    addr_format_ip(&r->options->addr, ip));
	root = json_pack("{s:s, s:o}", "Comment", comment, "Changes", changes);
	err = root != NULL ? json_dumpf(root, out, JSON_INDENT(2)) : -1;
	json_decref(root);
	fputc('\n', out);
	if (err == 0)
		return 0;
	snprintf(why, FORMAT_WHY, "out of memory");
	return -ENOMEM;
}
