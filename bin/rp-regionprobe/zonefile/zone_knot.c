/*
 * zone_knot: edit the file of Knot DNS's geoip module. Under the name stand
 * entries, each for a network (`net`), a place (`geo`) or a `weight`, with
 * their records. The region of an entry is told by the network, else by the TXT
 * record beside the name, else by the addresses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "zonefile/zone_change.h"
#include "zonefile/zone_yaml.h"

#define BESIDE "_rp-region."

/* Lines of the file: [first, end). */
struct range {
	size_t first, end;
};

struct entry {
	struct range lines;
	struct zone_span key;	/* the network or the place */
	struct set addrs;
	size_t last;		/* its last line of the family, or 0 */
	size_t last_other;	/* of the other family, or 0 */
	size_t n_others;	/* lines of other types */
	size_t alias;		/* its line with a CNAME, or 0 */
};

struct knot {
	struct zone_change *change;
	const struct zone_text *text;
	struct zone_yaml yaml;
	char beside[ASK_NAME + sizeof(BESIDE)];
	bool has_beside;		/* records of that name */
	struct zone_span *emptied;	/* keys of entries that are gone */
	size_t n_emptied;
	char *why;
};

static bool
is_type(const struct zone_text *text, struct zone_span key, const char *type)
{
	return zone_text_is_name(text, key, type);
}

/* Find the next block of that name, from line `*next` on. */
static bool
next_block(const struct knot *k, const char *name, size_t *next,
    struct range *out)
{
	const struct zone_yaml *y = &k->yaml;
	size_t i;

	for (i = *next; i < y->n; i = out->end) {
		out->first = i + 1;
		out->end = zone_yaml_below(y, i);
		*next = out->end;
		if (zone_text_is_name(k->text, y->line[i].key, name))
			return true;
	}
	return false;
}

/* Take the next entry of a block; `*next` is its first line at first. */
static bool
next_entry(const struct knot *k, const struct range *block, size_t *next,
    struct range *out)
{
	if (*next >= block->end)
		return false;
	out->first = *next;
	out->end = zone_yaml_below(&k->yaml, *next);
	*next = out->end;
	return true;
}

static int
take_addrs(const struct knot *k, const struct zone_yaml_line *l,
    struct set *addrs)
{
	struct zone_span item;
	uint32_t next = 0;
	struct addr a;
	int err = 0;

	if (memchr(k->text->text + l->value.at, '\n',
	    l->value.end - l->value.at) != NULL)
		return zone_text_fault(k->text, l->value.at, k->why,
		    "Knot takes a list on one line only");
	while (err == 0 && zone_yaml_next(k->text, l->value, &next, &item)) {
		item = zone_yaml_plain(k->text, item);
		if (!zone_text_addr(k->text, item, &a))
			return zone_text_fault(k->text, item.at, k->why,
			    "not an address");
		err = set_add(addrs, &a);
	}
	return err;
}

static int
take_record(const struct knot *k, size_t i, struct entry *e)
{
	const struct zone_yaml_line *l = &k->yaml.line[i];
	bool v4 = is_type(k->text, l->key, "A");
	bool v6 = is_type(k->text, l->key, "AAAA");

	if (l->dash || l->key.at == l->key.end)
		return zone_text_fault(k->text, l->at, k->why,
		    "a record \"TYPE: VALUE\" is expected here");
	if (is_type(k->text, l->key, "CNAME"))
		e->alias = i;
	if (!v4 && !v6) {
		e->n_others++;
		return 0;
	}
	if (v6 == k->change->v6)
		e->last = i;
	else
		e->last_other = i;
	return take_addrs(k, l, &e->addrs);
}

/* Read an entry; the caller clears its addresses, also after an error. */
static int
take_entry(const struct knot *k, const struct range *lines, struct entry *e)
{
	const struct zone_yaml_line *l = &k->yaml.line[lines->first];
	size_t i;
	int err = 0;

	*e = (struct entry){ .lines = *lines };
	if (!l->dash || !(is_type(k->text, l->key, "net") ||
	    is_type(k->text, l->key, "geo") ||
	    is_type(k->text, l->key, "weight")))
		return zone_text_fault(k->text, l->at, k->why,
		    "an entry \"- net:\", \"- geo:\" or \"- weight:\" is "
		    "expected here");
	e->key = zone_yaml_plain(k->text, l->value);
	for (i = lines->first + 1; i < lines->end && err == 0; i++)
		err = take_record(k, i, e);
	return err;
}

/* Return the region that the TXT record beside the name tells for that key. */
static const struct region *
region_beside(const struct knot *k, struct zone_span key)
{
	struct range block, lines;
	size_t next = 0, at, i;

	while (k->has_beside && next_block(k, k->beside, &next, &block))
		for (at = block.first; next_entry(k, &block, &at, &lines); ) {
			const struct zone_yaml_line *l =
			    &k->yaml.line[lines.first];
			struct zone_span txt;
			uint32_t from = 0;

			if (!zone_text_same(k->text, key,
			    zone_yaml_plain(k->text, l->value)))
				continue;
			for (i = lines.first + 1; i < lines.end; i++)
				if (is_type(k->text, k->yaml.line[i].key,
				    "TXT") && zone_yaml_next(k->text,
				    k->yaml.line[i].value, &from, &txt))
					return zone_region_of_txt(k->change,
					    zone_yaml_plain(k->text, txt));
		}
	return NULL;
}

static const struct region *
region_of(const struct knot *k, const struct entry *e)
{
	const struct region *region = zone_region_of_net(k->change, e->key);

	if (region == NULL)
		region = region_beside(k, e->key);
	return region != NULL ? region :
	    zone_region_of_addrs(k->change, &e->addrs);
}

/* Add the address to a list, or make a list of the value. */
static void
add_to_line(const struct knot *k, const struct zone_yaml_line *l)
{
	struct zone_edits *edits = &k->change->edits;
	struct zone_span item, last = { 0, 0 };
	uint32_t next = 0;

	while (zone_yaml_next(k->text, l->value, &next, &item))
		last = item;
	if (k->text->text[l->value.at] != '[') {
		zone_edits_add(edits, l->value.at, 0, "[ ");
		zone_edits_add(edits, l->value.end, 0, ", %s ]",
		    k->change->ip);
	} else if (last.end == 0) {
		zone_edits_add(edits, l->value.at + 1, 0, " %s",
		    k->change->ip);
	} else {
		zone_edits_add(edits, last.end, 0, ", %s", k->change->ip);
	}
}

static int
add_to_entry(const struct knot *k, const struct entry *e)
{
	const struct zone_yaml_line *line = k->yaml.line;
	size_t beside = e->last_other != 0 ? e->last_other : e->lines.first;
	size_t column = e->lines.end > e->lines.first + 1 ?
	    line[e->lines.first + 1].column : line[e->lines.first].column;

	if (e->alias != 0)
		return zone_text_fault(k->text, line[e->alias].at, k->why,
		    "the region's answer is an alias: change the name that it "
		    "leads to");
	if (e->last != 0 && line[e->last].value.at < line[e->last].value.end)
		add_to_line(k, &line[e->last]);
	else
		zone_edits_add_line(&k->change->edits, k->text,
		    line[beside].end, "%*s%s: [ %s ]", (int)column, "",
		    k->change->v6 ? "AAAA" : "A", k->change->ip);
	return 0;
}

static void
cut_line(const struct knot *k, size_t i)
{
	const struct zone_yaml_line *l = &k->yaml.line[i];

	zone_edits_add(&k->change->edits, l->at, l->end - l->at, "%s", "");
}

static bool
is_ours(const struct knot *k, struct zone_span item)
{
	struct addr a;

	return zone_text_addr(k->text, zone_yaml_plain(k->text, item), &a) &&
	    addr_equal_ip(&a, k->change->addr);
}

/* Does the line hold the address, and no other? */
static bool
is_only_ours(const struct knot *k, const struct zone_yaml_line *l)
{
	struct zone_span item;
	uint32_t next = 0;

	while (zone_yaml_next(k->text, l->value, &next, &item))
		if (!is_ours(k, item))
			return false;
	return next != 0;
}

/* Take the address out of a line, or the line out if it holds no other. */
static void
remove_from_line(const struct knot *k, size_t i)
{
	const struct zone_yaml_line *l = &k->yaml.line[i];
	struct zone_edits *edits = &k->change->edits;
	struct zone_span item, first = { 0, 0 }, before = { 0, 0 };
	uint32_t next = 0;
	bool kept = false;

	if (is_only_ours(k, l)) {
		cut_line(k, i);
		return;
	}
	for (; zone_yaml_next(k->text, l->value, &next, &item);
	    before = item) {
		/* The next one takes the place of the first. */
		if (first.end != 0)
			zone_edits_add(edits, first.at, item.at - first.at,
			    "%s", "");
		first = (struct zone_span){ 0, 0 };
		if (!is_ours(k, item))
			kept = true;
		else if (kept)
			zone_edits_add(edits, before.end,
			    item.end - before.end, "%s", "");
		else
			first = item;
	}
}

static int
note_emptied(struct knot *k, struct zone_span key)
{
	struct zone_span *more = realloc(k->emptied,
	    (k->n_emptied + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	k->emptied = more;
	more[k->n_emptied++] = key;
	return 0;
}

/* An entry without an address goes, so that the default answer is for it. */
static int
remove_from_entry(struct knot *k, const struct entry *e)
{
	size_t i;

	if (e->addrs.n == 1 && e->n_others == 0) {
		for (i = e->lines.first; i < e->lines.end; i++)
			cut_line(k, i);
		return note_emptied(k, e->key);
	}
	for (i = e->lines.first + 1; i < e->lines.end; i++)
		if (is_type(k->text, k->yaml.line[i].key,
		    k->change->v6 ? "AAAA" : "A"))
			remove_from_line(k, i);
	return 0;
}

static int
edit_entry(struct knot *k, const struct range *lines)
{
	struct entry e;
	int err = take_entry(k, lines, &e);
	const struct region *region = err == 0 ? region_of(k, &e) : NULL;
	bool has = set_has(&e.addrs, k->change->addr);

	if (err == 0 && zone_region_wants(k->change, region)) {
		zone_region_found(k->change, region);
		if (has != k->change->add)
			err = k->change->add ? add_to_entry(k, &e) :
			    remove_from_entry(k, &e);
	}
	set_clear(&e.addrs);
	return err;
}

static int
edit_entries(struct knot *k, size_t *n_blocks, struct range *last)
{
	struct range block, lines;
	size_t next = 0, at;
	int err = 0;

	while (err == 0 && next_block(k, k->change->owner, &next, &block)) {
		for (at = block.first; err == 0 &&
		    next_entry(k, &block, &at, &lines); )
			err = edit_entry(k, &lines);
		*last = block;
		++*n_blocks;
	}
	return err;
}

/* Take out what names the region of networks that have no entry any more. */
static void
cut_beside(struct knot *k)
{
	struct range block, lines;
	size_t next = 0, at, i;

	while (k->n_emptied > 0 && next_block(k, k->beside, &next, &block))
		for (at = block.first; next_entry(k, &block, &at, &lines); ) {
			struct zone_span key = zone_yaml_plain(k->text,
			    k->yaml.line[lines.first].value);

			for (i = 0; i < k->n_emptied; i++)
				if (zone_text_same(k->text, key,
				    k->emptied[i]))
					break;
			for (; i < k->n_emptied && lines.first < lines.end;
			    lines.first++)
				cut_line(k, lines.first);
		}
}

/* Add an entry for each network of the region to the end of a block. */
static void
append_region(const struct knot *k, const struct region *region,
    const struct range *block, bool beside)
{
	const struct zone_yaml_line *first = &k->yaml.line[block->first];
	size_t at = k->yaml.line[block->end - 1].end, i;
	int indent = block->first < block->end ? (int)first->indent : 2;
	const char *newline = zone_text_newline(k->text);
	char net[ADDR_TEXT];

	for (i = 0; i < region->n_nets; i++) {
		addr_format_ip(&region->nets[i].addr, net);
		if (beside)
			zone_edits_add_line(&k->change->edits, k->text, at,
			    "%*s- net: %s/%u%s%*sTXT: [ \"region=%s\" ]",
			    indent, "", net, region->nets[i].bits, newline,
			    indent + 2, "", region->name);
		else
			zone_edits_add_line(&k->change->edits, k->text, at,
			    "%*s- net: %s/%u%s%*s%s: [ %s ]", indent, "", net,
			    region->nets[i].bits, newline, indent + 2, "",
			    k->change->v6 ? "AAAA" : "A", k->change->ip);
	}
}

/* Add the regions that the file does not have yet. */
static int
add_missing(struct knot *k, const struct range *last)
{
	const struct region *region;
	struct range block = { 0 };
	size_t next = 0, at = 0;
	bool beside = next_block(k, k->beside, &at, &block);

	while ((region = zone_region_missing(k->change, &next)) != NULL) {
		if (region->n_nets == 0 && region->is_default)
			continue;	/* warn_of_default() tells it */
		if (region->n_nets == 0) {
			why_set(k->why, "%.200s: no entry of %.100s is region "
			    "%s's, and the region has no nets for a new one",
			    k->text->file, k->change->owner, region->name);
			return -EINVAL;
		}
		append_region(k, region, last, false);
		if (beside)
			append_region(k, region, &block, true);
	}
	return 0;
}

/* The default answer is not in this file. */
static void
warn_of_default(const struct knot *k)
{
	struct region_report *report = k->change->report;
	size_t i;

	for (i = 0; i < report->change.n; i++) {
		const struct change_region *c = &report->change.item[i];

		if (c->changes && c->region->is_default &&
		    c->region->n_nets == 0)
			region_report_warn(report, "region %s is the default: "
			    "its addresses are the zone's own records, which "
			    "%s does not have", c->region->name,
			    k->text->file);
	}
}

static int
edit_knot(struct knot *k)
{
	struct range last;
	size_t n_blocks = 0, next = 0;
	int err;

	k->has_beside = next_block(k, k->beside, &next, &last);
	err = edit_entries(k, &n_blocks, &last);
	if (err == 0 && n_blocks == 0) {
		why_set(k->why, "%.200s: does not have %.200s", k->text->file,
		    k->change->owner);
		return -EINVAL;
	}
	if (err == 0)
		err = add_missing(k, &last);
	if (err == 0) {
		cut_beside(k);
		warn_of_default(k);
	}
	return err;
}

int
zone_knot_edit(struct zone_change *change, char why[static WHY_TEXT])
{
	struct knot k = { .change = change, .text = change->text, .why = why };
	int err = zone_yaml_read(&k.yaml, change->text, why);

	snprintf(k.beside, sizeof(k.beside), "%s%s", BESIDE, change->owner);
	if (err == 0)
		err = edit_knot(&k);
	zone_yaml_clear(&k.yaml);
	free(k.emptied);
	return err;
}
