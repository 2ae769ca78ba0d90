/*
 * zone_change: find the editor, and print what it changes. See zone_change.h.
 */
#include "zonefile/zone_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "zonefile/zone_diff.h"
#include "zonefile/zone_region.h"

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
	int err = zone_region_index(&change);

	addr_format_ip(change.addr, change.ip);
	if (err == 0)
		err = find_editor(report->options->format)->print(&change, out,
		    why);
	if (err == -ENOMEM)
		why_set(why, "out of memory");
	zone_edits_clear(&change.edits);
	zone_region_clear(&change);
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
