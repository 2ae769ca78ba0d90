/*
 * zone_change: find the editor, and print what it changes. See zone_change.h.
 */
#include "zonefile/zone_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zonefile/zone_diff.h"

struct zone_net {
	struct prefix net;
	const struct region *region;
};

static int print_edited(struct zone_change *change, FILE *out,
    char why[static WHY_TEXT]);

static const struct editor {
	const char *format;
	/* Record edits of a text; NULL: `print` does all. */
	int (*edit)(struct zone_change *change, char why[static WHY_TEXT]);
	int (*print)(struct zone_change *change, FILE *out,
	    char why[static WHY_TEXT]);
} editors[] = {
	{ "knot", zone_knot_edit, print_edited },
	{ "knot-geodb", zone_knot_edit, print_edited },
	{ "pdns", zone_pdns_edit, print_edited },
	{ "gdnsd", zone_gdnsd_edit, print_edited },
	{ "route53", NULL, zone_route53_print },
};

static const struct editor *
find_editor(const char *format)
{
	size_t i;

	for (i = 0; i < sizeof(editors) / sizeof(editors[0]); i++)
		if (strcmp(editors[i].format, format) == 0)
			return &editors[i];
	return NULL;
}

bool
zone_change_knows(const char *format)
{
	return find_editor(format) != NULL;
}

static int
compare_nets(const void *a, const void *b)
{
	const struct prefix *x = &((const struct zone_net *)a)->net;
	const struct prefix *y = &((const struct zone_net *)b)->net;
	size_t x_bytes, y_bytes;
	const uint8_t *x_ip = addr_ip(&x->addr, &x_bytes);
	const uint8_t *y_ip = addr_ip(&y->addr, &y_bytes);

	if (x_bytes != y_bytes || x->bits != y->bits)
		return x_bytes + x->bits * 32 < y_bytes + y->bits * 32 ? -1 : 1;
	return memcmp(x_ip, y_ip, x_bytes);
}

/* Sort the networks of all regions: a file may hold 100,000. */
static int
index_nets(struct zone_change *change)
{
	const struct regions *regions = &change->report->regions;
	size_t i, k, n = 0;

	for (i = 0; i < regions->n; i++)
		n += regions->item[i]->n_nets;
	change->nets = calloc(n + 1, sizeof(*change->nets));
	change->found = calloc(regions->n + 1, sizeof(*change->found));
	if (change->nets == NULL || change->found == NULL)
		return -ENOMEM;
	for (i = 0; i < regions->n; i++)
		for (k = 0; k < regions->item[i]->n_nets; k++)
			change->nets[change->n_nets++] = (struct zone_net){
				regions->item[i]->nets[k], regions->item[i]
			};
	qsort(change->nets, n, sizeof(*change->nets), compare_nets);
	return 0;
}

/* Say that nothing is to be done: the file has it, or does not have it. */
static void
warn_of_nothing(struct zone_change *change)
{
	region_report_warn(change->report, "%s: %s has %s %s: nothing changes",
	    change->text->file, change->owner, change->ip, change->add ?
	    "already" : "in no entry of the region");
}

static const struct editor *
editor_of(const struct zone_change *change)
{
	return find_editor(change->report->options->format);
}

/*
 * Read what would be written, as a second run does: it must find nothing more
 * to do. A file whose structure we have mistaken is refused so.
 */
static int
verify_edited(const struct zone_change *change, char *after,
    char why[static WHY_TEXT])
{
	struct zone_text text = { change->text->file, after, strlen(after) };
	struct region_report report = *change->report;
	struct zone_change again = *change;
	char why_again[WHY_TEXT];
	size_t i;
	int err;

	report.warnings = NULL;
	report.n_warnings = 0;
	again.report = &report;
	again.text = &text;
	again.edits = (struct zone_edits){ 0 };
	again.found = calloc(report.regions.n + 1, sizeof(*again.found));
	err = again.found == NULL ? -ENOMEM :
	    editor_of(change)->edit(&again, why_again);
	/* A name may be gone whole with its last address. */
	if (err == -EINVAL && !change->add)
		err = 0;
	if (err == -EINVAL || (err == 0 && again.edits.n > 0)) {
		why_set(why, "%.300s: is not as it seems, so the change must "
		    "be made by hand", text.file);
		err = -EINVAL;
	}
	zone_edits_clear(&again.edits);
	free(again.found);
	for (i = 0; i < report.n_warnings; i++)
		free(report.warnings[i]);
	free(report.warnings);
	return err;
}

static int
print_edited(struct zone_change *change, FILE *out, char why[static WHY_TEXT])
{
	char *after;
	int err = editor_of(change)->edit(change, why);

	if (err < 0)
		return err;
	if (change->edits.n == 0 && !change->edits.no_memory)
		warn_of_nothing(change);
	after = zone_edits_apply(&change->edits, change->text);
	if (after == NULL)
		return -ENOMEM;
	err = verify_edited(change, after, why);
	if (err == 0 && change->report->options->diff)
		err = zone_diff_print(change->text->file, change->text->text,
		    after, out);
	else if (err == 0)
		fputs(after, out);
	free(after);
	return err;
}

int
zone_change_print(struct region_report *report, const struct zone_text *text,
    FILE *out, char why[static WHY_TEXT])
{
	struct zone_change change = {
		.report = report, .text = text, .owner = report->survey.owner,
		.addr = &report->options->addr, .add = report->options->add,
		.v6 = addr_is_v6(&report->options->addr)
	};
	int err = index_nets(&change);

	addr_format_ip(change.addr, change.ip);
	if (err == 0)
		err = find_editor(report->options->format)->print(&change, out,
		    why);
	if (err == -ENOMEM)
		why_set(why, "out of memory");
	zone_edits_clear(&change.edits);
	free(change.nets);
	free(change.found);
	return err;
}

void
zone_change_warn_unread(struct region_report *report)
{
	bool v6 = addr_is_v6(&report->options->addr);
	size_t i;

	if (strcmp(report->options->format, "route53") != 0)
		return;
	for (i = 0; i < report->change.n; i++) {
		const struct change_region *c = &report->change.item[i];

		if (c->changes && set_count(&c->before, v6) > 0)
			region_report_warn(report, "region %s: the set at "
			    "Route 53 is replaced whole; --zone FILE keeps "
			    "what else it has", c->region->name);
	}
}

bool
zone_change_wants(const struct zone_change *change,
    const struct region *region)
{
	const struct region_options *o = change->report->options;
	size_t i;

	if (o->n_regions == 0)
		return o->remove || (region != NULL &&
		    region == change->report->region);
	for (i = 0; i < o->n_regions && region != NULL; i++)
		if (strcmp(o->regions[i], region->name) == 0)
			return true;
	return false;
}

const struct region *
zone_change_of_net(const struct zone_change *change, struct zone_span net)
{
	char text[ADDR_TEXT + 4];
	size_t len = net.end - net.at;
	struct zone_net key = { 0 };
	const struct zone_net *found;

	if (len >= sizeof(text))
		return NULL;
	memcpy(text, change->text->text + net.at, len);
	text[len] = '\0';
	if (prefix_parse(&key.net, text) < 0)
		return NULL;
	found = bsearch(&key, change->nets, change->n_nets,
	    sizeof(*change->nets), compare_nets);
	return found != NULL ? found->region : NULL;
}

/*
 * Return what speaks for the region: twice the addresses in common, and one if
 * both are the same set, which decides before a larger one around it. The
 * change's own address does not count, so that it is the same before and after.
 */
static size_t
score_region(const struct zone_change *change, const struct region *region,
    const struct set *addrs)
{
	bool alone = addrs->n == 1 && set_has(addrs, change->addr);
	struct set members = { 0 }, all = { 0 };
	size_t common, score;

	(void)regions_members(region, &members);
	(void)set_add_all(&all, addrs);
	if (!alone) {
		set_remove(&members, change->addr);
		set_remove(&all, change->addr);
	}
	common = set_common(&members, &all);
	score = 2 * common + (common > 0 && set_equal(&members, &all));
	set_clear(&members);
	set_clear(&all);
	return score;
}

const struct region *
zone_change_of_addrs(const struct zone_change *change,
    const struct set *addrs)
{
	const struct regions *regions = &change->report->regions;
	const struct region *best = NULL;
	size_t i, score, most = 0;

	for (i = 0; i < regions->n; i++) {
		score = score_region(change, regions->item[i], addrs);
		if (score > most)
			best = regions->item[i];
		else if (score == most)
			best = NULL;
		most = score > most ? score : most;
	}
	return best;
}

const struct region *
zone_change_of_txt(const struct zone_change *change, struct zone_span txt)
{
	static const char key[] = "region=";
	const struct regions *regions = &change->report->regions;
	struct zone_span name = { txt.at + sizeof(key) - 1, txt.end };
	size_t i;

	if (txt.end - txt.at <= sizeof(key) - 1 ||
	    strncmp(change->text->text + txt.at, key, sizeof(key) - 1) != 0)
		return NULL;
	for (i = 0; i < regions->n; i++)
		if (zone_text_is(change->text, name, regions->item[i]->name) ||
		    (regions->item[i]->is_default &&
		    zone_text_is(change->text, name, "default")))
			return regions->item[i];
	return NULL;
}

void
zone_change_found(struct zone_change *change, const struct region *region)
{
	const struct regions *regions = &change->report->regions;
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (regions->item[i] == region)
			change->found[i] = true;
}

const struct region *
zone_change_missing(const struct zone_change *change, size_t *next)
{
	const struct regions *regions = &change->report->regions;

	while (*next < regions->n) {
		size_t i = (*next)++;

		if (!change->found[i] && change->add &&
		    zone_change_wants(change, regions->item[i]))
			return regions->item[i];
	}
	return NULL;
}
