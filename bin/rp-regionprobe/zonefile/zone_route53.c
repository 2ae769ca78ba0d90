/*
 * zone_route53: change the sets that `aws route53 list-resource-record-sets`
 * has listed. A set goes into the change batch as it stands, with its
 * identifier, policy, TTL and health check; only its addresses are others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/aws_region.h"
#include "zonefile/zone_change.h"
#include "zonefile/zone_diff.h"
#include "zonefile/zone_sets.h"

struct route53 {
	struct zone_change *change;
	const char *type;	/* "A" or "AAAA" */
	json_t *sets;		/* the array as it was read */
	json_t *after;		/* the same, changed */
	json_t *batch;		/* array of changes */
	char *why;
};

static int
refuse_set(const struct route53 *r, const json_t *set, const char *what)
{
	return zone_sets_fault(r->change->text, set, r->why, what);
}

/* Return the region whose own plain name the set is for. */
static const struct region *
region_by_record(const struct route53 *r, const json_t *set)
{
	const struct region_report *report = r->change->report;
	size_t i;

	for (i = 0; i < report->regions.n; i++)
		if (report->regions.item[i]->record != NULL &&
		    zone_sets_is_for(set, report->regions.item[i]->record,
		    r->type))
			return report->regions.item[i];
	for (i = 0; i < report->survey.n; i++)
		if (report->survey.item[i].alias_of[0] != '\0' &&
		    zone_sets_is_for(set, report->survey.item[i].alias_of,
		    r->type))
			return report->survey.item[i].region;
	return NULL;
}

/* Is the set the region's by its identifier or by Amazon's region? */
static bool
is_set_of(const json_t *set, const struct region *region, bool by_aws)
{
	const char *id = zone_sets_text(set, "SetIdentifier");
	const char *aws = zone_sets_text(set, "Region");

	if (region->set != NULL)
		return strcmp(id, region->set) == 0;
	return by_aws ? strcmp(aws, aws_region_of(region)) == 0 :
	    strcmp(id, region->name) == 0;
}

static const struct region *
region_of(const struct route53 *r, const json_t *set)
{
	const struct regions *regions = &r->change->report->regions;
	const struct region *region;
	struct set addrs = { 0 };
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (is_set_of(set, regions->item[i], true))
			return regions->item[i];
	for (i = 0; i < regions->n; i++)
		if (is_set_of(set, regions->item[i], false))
			return regions->item[i];
	(void)zone_sets_addrs(set, &addrs);
	region = zone_region_of_addrs(r->change, &addrs);
	set_clear(&addrs);
	/* An identifier that the file tells is that of another set. */
	return region != NULL && region->set == NULL ? region : NULL;
}

/* Say why the set cannot be changed, or return NULL. */
static const char *
why_not(const struct route53 *r, const json_t *set, bool by_record)
{
	if (json_object_get(set, "AliasTarget") != NULL)
		return "is an alias: change the set that it leads to (record "
		    "= in the regions file)";
	if (json_object_get(set, "TrafficPolicyInstanceId") != NULL)
		return "belongs to a traffic policy: change that";
	if (!json_is_array(json_object_get(set, "ResourceRecords")))
		return "has no ResourceRecords";
	if (!r->change->add)
		return NULL;
	if (json_is_true(json_object_get(set, "MultiValueAnswer")))
		return "is a multivalue set, of which callers get eight "
		    "addresses at random";
	if (!by_record && json_object_get(set, "SetIdentifier") == NULL)
		return "is a simple set, which answers everybody alike";
	return NULL;
}

static int
add_change(const struct route53 *r, const char *action, json_t *set)
{
	json_t *change = json_pack("{s:s, s:O}", "Action", action,
	    "ResourceRecordSet", set);

	return json_array_append_new(r->batch, change) < 0 ? -ENOMEM : 0;
}

/* Put the changed set in the place of the one at `at`, or take that out. */
static int
change_set(const struct route53 *r, json_t *set, size_t at)
{
	json_t *copy = json_deep_copy(set);
	bool is_empty = copy != NULL &&
	    zone_sets_change(copy, r->change) == 0;
	size_t here = 0;
	int err;

	/* Others before it may be gone. */
	while (here < at && here < json_array_size(r->after) &&
	    json_array_get(r->after, here) != set)
		here++;
	if (copy == NULL)
		return -ENOMEM;
	/* A set is deleted only by all that it holds. */
	err = add_change(r, is_empty ? "DELETE" : "UPSERT",
	    is_empty ? set : copy);
	if (err == 0 && (is_empty ? json_array_remove(r->after, here) :
	    json_array_set(r->after, here, copy)) < 0)
		err = -ENOMEM;
	json_decref(copy);
	return err;
}

static bool
is_found(const struct route53 *r, const struct region *region)
{
	const struct regions *regions = &r->change->report->regions;
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (regions->item[i] == region)
			return r->change->found[i];
	return false;
}

static int
edit_set(struct route53 *r, size_t at, const struct region *region,
    bool by_record)
{
	json_t *set = json_array_get(r->sets, at);
	const char *refused = why_not(r, set, by_record);
	struct set addrs = { 0 };
	bool has;
	int err;

	if (refused != NULL)
		return refuse_set(r, set, refused);
	if (r->change->add && is_found(r, region))
		return refuse_set(r, set, "is a second set that may be the "
		    "region's: write set = in the regions file");
	zone_region_found(r->change, region);
	err = zone_sets_addrs(set, &addrs);
	has = set_has(&addrs, r->change->addr);
	set_clear(&addrs);
	if (err == -EINVAL)
		return refuse_set(r, set, "holds what is not an address");
	return err < 0 || has == r->change->add ? err :
	    change_set(r, set, at);
}

/* Is it an alias, whose region may have a plain name as well? */
static bool
is_alias(const json_t *set)
{
	return json_object_get(set, "AliasTarget") != NULL;
}

enum pass { SETS, RECORDS, ALIASES };

/*
 * Change the sets of the name, then plain names of regions that have no such
 * set, then complain of aliases that lead to something else.
 */
static int
edit_pass(struct route53 *r, enum pass pass)
{
	size_t i;
	int err = 0;

	for (i = 0; i < json_array_size(r->sets) && err == 0; i++) {
		const json_t *set = json_array_get(r->sets, i);
		const struct region *region = pass == RECORDS ?
		    region_by_record(r, set) : NULL;
		bool mine = zone_sets_is_for(set, r->change->owner, r->type);

		if (pass == RECORDS ? region == NULL || mine :
		    !mine || is_alias(set) != (pass == ALIASES))
			continue;
		if (pass != RECORDS)
			region = region_of(r, set);
		if (!zone_region_wants(r->change, region) ||
		    (pass == ALIASES && !r->change->add) ||
		    (pass != SETS && is_found(r, region)))
			continue;
		err = edit_set(r, i, region, pass == RECORDS);
	}
	return err;
}

/* Make the set like the region's set of the other family, if it has one. */
static json_t *
like_other_family(const struct route53 *r, const struct region *region)
{
	const char *type = r->change->v6 ? "A" : "AAAA";
	size_t i;
	json_t *copy;

	for (i = 0; i < json_array_size(r->sets); i++) {
		const json_t *set = json_array_get(r->sets, i);

		if (!zone_sets_is_for(set, r->change->owner, type) ||
		    json_object_get(set, "SetIdentifier") == NULL ||
		    is_alias(set) || region_of(r, set) != region)
			continue;
		copy = json_deep_copy(set);
		json_object_set_new(copy, "Type", json_string(r->type));
		json_object_set_new(copy, "ResourceRecords", json_array());
		if (json_object_del(copy, "HealthCheckId") == 0)
			region_report_warn(r->change->report, "region %s: the "
			    "new %s set has no health check; that of the %s "
			    "set is not its own", region->name, r->type, type);
		return copy;
	}
	return NULL;
}

/* Make a latency set by the regions file. */
static int
make_latency_set(const struct route53 *r, const struct region *region,
    json_t **out)
{
	char name[ASK_NAME + 1];
	size_t len = strlen(r->change->owner);
	int err = aws_region_check(region, r->why);

	if (err < 0)
		return err;
	snprintf(name, sizeof(name), "%s%s", r->change->owner,
	    r->change->owner[len - 1] == '.' ? "" : ".");
	*out = json_pack("{s:s, s:s, s:s, s:s, s:i, s:[]}", "Name", name,
	    "Type", r->type, "SetIdentifier",
	    region->set != NULL ? region->set : region->name, "Region",
	    aws_region_of(region), "TTL", (int)r->change->report->regions.ttl_s,
	    "ResourceRecords");
	if (region->health_check != NULL)
		json_object_set_new(*out, "HealthCheckId",
		    json_string(region->health_check));
	return *out != NULL ? 0 : -ENOMEM;
}

/* A new set can only be of the policy that the others have. */
static int
check_policy(const struct route53 *r)
{
	size_t i;

	for (i = 0; i < json_array_size(r->sets); i++) {
		const json_t *set = json_array_get(r->sets, i);

		if (zone_sets_is_for(set, r->change->owner, r->type) &&
		    json_object_get(set, "Region") == NULL)
			return refuse_set(r, set,
			    "is not a latency set, and no "
			    "other set is the region's: write set = in the "
			    "regions file");
	}
	return 0;
}

static int
add_missing(struct route53 *r)
{
	const struct region *region;
	json_t *set;
	size_t next = 0;
	int err = 0;

	while (err == 0 &&
	    (region = zone_region_missing(r->change, &next)) != NULL) {
		set = like_other_family(r, region);
		if (set == NULL)
			err = check_policy(r);
		if (set == NULL && err == 0)
			err = make_latency_set(r, region, &set);
		if (err == 0) {
			zone_sets_change(set, r->change);
			err = add_change(r, "CREATE", set);
		}
		if (err == 0)
			err = zone_sets_insert(r->after, set);
		json_decref(set);
	}
	return err;
}

static int
edit_sets(struct route53 *r)
{
	int err = edit_pass(r, SETS);

	if (err == 0)
		err = edit_pass(r, RECORDS);
	if (err == 0)
		err = edit_pass(r, ALIASES);
	if (err == 0)
		err = add_missing(r);
	return err;
}

static int
print_batch(const struct route53 *r, FILE *out)
{
	char comment[ADDR_TEXT + 32];
	json_t *root;
	int err;

	if (json_array_size(r->batch) == 0) {
		why_set(r->why, "%.300s: there is nothing to change, and "
		    "Route 53 takes no empty batch", r->change->text->file);
		return -EINVAL;
	}
	snprintf(comment, sizeof(comment), "rp-regionprobe: %s %s",
	    r->change->add ? "add" : "remove", r->change->ip);
	root = json_pack("{s:s, s:O}", "Comment", comment, "Changes",
	    r->batch);
	err = root != NULL ? json_dumpf(root, out, JSON_INDENT(2)) : -1;
	json_decref(root);
	fputc('\n', out);
	return err == 0 ? 0 : -ENOMEM;
}

/* Print the difference of the two lists, in the form that aws gives them. */
static int
print_diff(const struct route53 *r, FILE *out)
{
	char *before = zone_sets_print(r->sets);
	char *after = zone_sets_print(r->after);
	int err = before != NULL && after != NULL ?
	    zone_diff_print(r->change->text->file, before, after, out) :
	    -ENOMEM;

	free(before);
	free(after);
	return err;
}

int
zone_route53_print(struct zone_change *change, FILE *out,
    char why[static WHY_TEXT])
{
	struct route53 r = {
		.change = change, .why = why,
		.type = change->v6 ? "AAAA" : "A"
	};
	int err = zone_sets_read(change->text, &r.sets, why);

	if (err < 0)
		return err;
	r.after = json_copy(r.sets);
	r.batch = json_array();
	err = r.after != NULL && r.batch != NULL ? edit_sets(&r) : -ENOMEM;
	if (err == 0)
		err = change->report->options->diff ? print_diff(&r, out) :
		    print_batch(&r, out);
	json_decref(r.sets);
	json_decref(r.after);
	json_decref(r.batch);
	return err;
}
