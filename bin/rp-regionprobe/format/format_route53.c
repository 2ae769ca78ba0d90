/*
 * format_route53: print a change batch for `aws route53
 * change-resource-record-sets`. It has latency records, whose sets are
 * distinguished by identifier and carry AWS's region.
 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "conf/aws_region.h"
#include "format/format.h"
#include "wire/why.h"

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

/*
 * Check the region. There is one set per AWS region, and none for the rest of
 * the world.
 */
static int
check_region(const struct region_report *r, size_t at,
    char why[static WHY_TEXT])
{
	const struct region *region = r->change.item[at].region;
	size_t i;
	int err = aws_region_check(region, why);

	if (err < 0)
		return err;
	for (i = 0; i < r->change.n; i++) {
		const struct region *other = r->change.item[i].region;
		char place[REGIONS_PLACE];

		if (i == at || strcmp(aws_region_of(region),
		    aws_region_of(other)) != 0)
			continue;
		why_set(why, "line %d and %s: regions %s and %s "
		    "are both %.32s to Route 53, which has one set for each",
		    region->line, regions_place(place, region, other),
		    region->name, other->name, aws_region_of(region));
		return -EINVAL;
	}
	return 0;
}

static int
check_report(const struct region_report *r, char why[static WHY_TEXT])
{
	size_t i;
	int err = 0;

	for (i = 0; i < r->change.n && err == 0; i++)
		if (r->change.item[i].changes)
			err = check_region(r, i, why);
	if (err == 0 && r->change.n_changes == 0) {
		why_set(why, "there is nothing to change, and "
		    "Route 53 takes no empty batch");
		err = -EINVAL;
	}
	return err;
}

/*
 * Return the time to live. A set is deleted only by what it holds, and replaced
 * by what the operator wrote, or else by what it had.
 */
static int
ttl_of(const struct region_report *r, const struct region *region, bool v6,
    bool emptied)
{
	long told_s = (long)region->ttl_s[v6];

	if (region->ttl_known[v6] && (emptied || !r->regions.ttl_written))
		return (int)told_s;
	return (int)r->regions.ttl_s;
}

static json_t *
change_json(const struct region_report *r, const struct change_region *c,
    bool v6)
{
	bool emptied = set_count(&c->after, v6) == 0;
	const struct region *region = c->region;
	char name[ASK_NAME + 1];
	size_t len = strlen(r->survey.owner);
	json_t *set;

	snprintf(name, sizeof(name), "%s%s", r->survey.owner,
	    r->survey.owner[len - 1] == '.' ? "" : ".");
	set = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}",
	    "Name", name, "Type", v6 ? "AAAA" : "A",
	    "SetIdentifier", region->set != NULL ? region->set : region->name,
	    "Region", aws_region_of(region),
	    "TTL", ttl_of(r, region, v6, emptied), "ResourceRecords",
	    values(emptied ? &c->before : &c->after, v6));
	if (region->health_check != NULL)
		json_object_set_new(set, "HealthCheckId",
		    json_string(region->health_check));
	return json_pack("{s:s, s:o}", "Action", emptied ? "DELETE" : "UPSERT",
	    "ResourceRecordSet", set);
}

int
format_route53(const struct region_report *r, FILE *out,
    char why[static WHY_TEXT])
{
	json_t *changes, *root;
	char comment[ADDR_TEXT + 32], ip[ADDR_TEXT];
	size_t i, v6;
	int err = check_report(r, why);

	if (err < 0)
		return err;
	changes = json_array();
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
	why_set(why, "out of memory");
	return -ENOMEM;
}
