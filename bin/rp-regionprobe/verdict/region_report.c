/*
 * region_report: add warnings, targets and aliases to the report, and clear
 * it. See region_report.h.
 */
#include "config.h"
#include "verdict/region_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

void
region_report_warn(struct region_report *report, const char *format, ...)
{
	char **more = realloc(report->warnings,
	    (report->n_warnings + 1) * sizeof(*more));
	va_list ap;

	if (more == NULL)
		return;
	report->warnings = more;
	va_start(ap, format);
	if (vasprintf(&more[report->n_warnings], format, ap) >= 0)
		report->n_warnings++;
	va_end(ap);
}

const struct measure_target *
region_report_target(const struct region_report *report,
    const struct addr *addr)
{
	size_t i;

	for (i = 0; i < report->n_targets; i++)
		if (addr_equal_ip(&report->targets[i].addr, addr))
			return &report->targets[i];
	return NULL;
}

const char *
region_report_alias(const struct region_report *report)
{
	return strcasecmp(report->survey.owner, report->options->name) != 0 ?
	    report->survey.owner : NULL;
}

void
region_report_clear(struct region_report *report)
{
	size_t i;

	for (i = 0; i < report->n_warnings; i++)
		free(report->warnings[i]);
	free(report->warnings);
	free(report->targets);
	change_clear(&report->change);
	survey_clear(&report->survey);
	regions_clear(&report->regions);
}
