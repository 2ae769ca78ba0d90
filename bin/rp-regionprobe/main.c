/*
 * rp-regionprobe: find the region of a geographically answered name that a
 * switch belongs to, and the change of DNS that adds it. It changes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "conf/region_options.h"
#include "format/format.h"
#include "verdict/judge.h"
#include "verdict/match.h"
#include "verdict/plan.h"
#include "verdict/region_report.h"
#include "wire/why.h"
#include "zonefile/zone_change.h"

static void
fail_without_memory(int err)
{
	if (err == -ENOMEM)
		tool_fail(REPORT_LOCAL_ERROR, "memory", "%s", strerror(-err));
}

/* Measure every switch of every region, and the one in question. */
static void
measure(struct region_report *r)
{
	const struct measure_options options = {
		.name = r->options->name,
		.ca_file = r->options->ca_file,
		.port = r->options->port
	};
	struct set all = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; i < r->regions.n && err == 0; i++)
		err = regions_known(r->regions.item[i], &all);
	for (i = 0; i < r->regions.n_heard && err == 0; i++)
		err = regions_known(r->regions.heard[i], &all);
	if (err == 0 && r->survey.subject_known && !r->options->remove)
		err = set_add(&all, &r->survey.subject);
	r->targets = calloc(all.n + 1, sizeof(*r->targets));
	fail_without_memory(r->targets != NULL ? err : -ENOMEM);
	r->n_targets = all.n;
	for (i = 0; i < all.n; i++) {
		r->targets[i].addr = all.item[i];
		r->targets[i].own_name = r->survey.subject_known &&
		    r->options->own_name != NULL &&
		    addr_equal_ip(&all.item[i], &r->survey.subject) ?
		    r->options->own_name :
		    regions_switch_name(&r->regions, &all.item[i]);
	}
	set_clear(&all);
	if (!r->options->connect)
		return;
	err = measure_run(r->targets, r->n_targets, &options);
	if (err == -EINVAL)
		tool_fail(REPORT_LOCAL_ERROR, r->options->ca_file,
		    "no certificates can be read from it");
	fail_without_memory(err);
}

static void
plan(struct region_report *r)
{
	int err = plan_change(r);

	fail_without_memory(err);
	if (err == -ENOENT)
		tool_fail(REPORT_LOCAL_ERROR, "--region", "no such region");
}

static const struct format *
find_format(const struct region_options *options)
{
	const struct format *format = format_find(options->format);

	if (format == NULL)
		tool_fail(REPORT_LOCAL_ERROR, "--format", "%s: not text, json, "
		    "route53, google, octodns, knot, knot-geodb, pdns, gdnsd "
		    "or nsupdate", options->format);
	if (format->is_change && !options->add && !options->remove)
		tool_fail(REPORT_LOCAL_ERROR, "--format",
		    "%s prints a change: say --add or --remove", format->name);
	if (options->zone_file != NULL && !zone_change_knows(format->name))
		tool_fail(REPORT_LOCAL_ERROR, "--zone",
		    "is not for --format %s", format->name);
	return format;
}

/* Say what is wrong with a file: `why` begins with it and its line. */
static void
complain(const char *why)
{
	fprintf(stderr, "rp-regionprobe: %s\n", why);
}

/* Print the report or the change into a text, which the caller frees. */
static int
make_text(struct region_report *r, const struct format *format,
    const struct zone_text *zone, char **text, char why[static WHY_TEXT])
{
	size_t len;
	FILE *out = open_memstream(text, &len);
	int err;

	fail_without_memory(out != NULL ? 0 : -ENOMEM);
	if (zone->file != NULL)
		err = zone_change_print(r, zone, out, why);
	else
		err = format->print(r, out, why);
	fail_without_memory(fclose(out) == 0 ? 0 : -ENOMEM);
	if (err == 0 && format->is_change && zone->file == NULL)
		zone_change_warn_unread(r);
	return err;
}

/* Write it to standard output, or replace a file once all of it is there. */
static int
write_text(const char *output, const char *text)
{
	int err = 0;

	if (output != NULL)
		err = tool_write_synced(output, text);
	else if (fputs(text, stdout) == EOF || fflush(stdout) != 0)
		err = -errno;
	if (err < 0)
		tool_warn(output != NULL ? output : "output", "%s",
		    strerror(-err));
	return err;
}

static int
print(struct region_report *r, const struct format *format,
    const struct zone_text *zone)
{
	bool is_unknown = format->is_change && !r->change_known;
	char why[WHY_TEXT], *text = NULL;
	int err = is_unknown ? 0 : make_text(r, format, zone, &text, why);
	size_t i;

	/* A change goes to a file or a pipe; warnings go to the operator. */
	for (i = 0; i < r->n_warnings && format->is_change; i++)
		tool_warn("warning", "%s", r->warnings[i]);
	if (is_unknown) {
		tool_warn(r->options->name, "no change is printed: %s",
		    r->no_change);
		return r->status;
	}
	if (err < 0 && zone->file != NULL)
		complain(why);
	else if (err < 0)
		tool_warn(format->name, "%s", why);
	else
		err = write_text(r->options->output, text);
	free(text);
	if (err < 0)
		return REPORT_LOCAL_ERROR;
	/* An operator who names the regions has decided; print the change. */
	if (format->is_change && r->options->n_regions > 0)
		return REPORT_ONE_REGION;
	return r->status;
}

int
main(int argc, char *argv[])
{
	struct region_options options;
	struct region_report report = { .options = &options };
	struct zone_text zone = { 0 };
	const struct format *format;
	char why[WHY_TEXT];
	int status;

	tool_name("rp-regionprobe");
	tool_hold_descriptors();
	region_options_read(&options, argc, argv);
	format = find_format(&options);
	if (regions_read(&report.regions, options.regions_file, why) < 0)
		tool_fail(REPORT_LOCAL_ERROR, "--regions", "%s", why);
	if (options.zone_file != NULL &&
	    zone_text_read(&zone, options.zone_file, why) < 0) {
		complain(why);
		region_report_clear(&report);
		return REPORT_LOCAL_ERROR;
	}
	fail_without_memory(survey_run(&report.survey, &options,
	    &report.regions));
	fail_without_memory(match_all(&report.survey, &report.regions,
	    &options));
	judge_region(&report);
	measure(&report);
	plan(&report);
	judge_sources(&report);
	judge_switches(&report);
	status = print(&report, format, &zone);
	zone_text_clear(&zone);
	region_report_clear(&report);
	return status;
}
