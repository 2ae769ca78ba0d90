/* region_report: all results, for the judgement and the formats. */
#ifndef RP_REGIONPROBE_REGION_REPORT_H
#define RP_REGIONPROBE_REGION_REPORT_H

#include "conf/region_options.h"
#include "conf/regions.h"
#include "survey/measure.h"
#include "survey/survey.h"
#include "verdict/change.h"
#include "wire/why.h"

enum region_report_status {		/* the exit status */
	REPORT_ONE_REGION = 0,
	REPORT_LOCAL_ERROR = 1,
	REPORT_DNS_FAILED = 2,	/* or only resolvers have answered */
	REPORT_NO_REGION = 3,	/* or one of several */
	REPORT_WRONG_REGION = 4
};

struct region_report {
	const struct region_options *options;
	struct survey survey;
	struct regions regions;
	struct measure_target *targets;	/* every known switch */
	size_t n_targets;
	/* The judgement: */
	enum region_report_status status;
	const struct survey_asked *by;	/* the answer that decides, or NULL */
	struct region *region;		/* the region of that answer, or NULL */
	char **warnings;
	size_t n_warnings;
	/* With --add or --remove, if it can be computed: */
	struct change change;
	bool change_known;
	char no_change[WHY_TEXT];	/* why not */
};

/* Add a warning, one line without its newline. */
void region_report_warn(struct region_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Return the measurement of that address, or NULL. */
const struct measure_target *region_report_target(
    const struct region_report *report, const struct addr *addr);

/*
 * Return the target of the GSLB name's alias if it is the same for all clients,
 * or NULL.
 */
const char *region_report_alias(const struct region_report *report);

void region_report_clear(struct region_report *report);

#endif
