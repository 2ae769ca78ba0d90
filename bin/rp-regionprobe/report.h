/*
 * report: all that is known in the end, for the judgement and the formats.
 */
#ifndef RP_REGIONPROBE_REPORT_H
#define RP_REGIONPROBE_REPORT_H

#include "change.h"
#include "measure.h"
#include "options.h"
#include "regions.h"
#include "survey.h"

enum report_status {		/* the exit status */
	REPORT_ONE_REGION = 0,
	REPORT_LOCAL_ERROR = 1,
	REPORT_DNS_FAILED = 2,
	REPORT_NO_REGION = 3,	/* or one of several */
	REPORT_WRONG_REGION = 4
};

struct report {
	const struct options *options;
	struct survey survey;
	struct regions regions;
	struct measure_target *targets;	/* every known switch */
	size_t n_targets;
	/* The judgement: */
	enum report_status status;
	const struct survey_asked *by;	/* the answer that decides, or NULL */
	struct region *region;		/* what it says, or NULL */
	char **warnings;
	size_t n_warnings;
	/* With --add or --remove, where it can be told: */
	struct change change;
	bool change_known;
};

/* Add a warning, one line without its end. */
void report_warn(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The measurement of that address, or NULL. */
const struct measure_target *report_target(const struct report *report,
    const struct addr *addr);

/* What the GSLB name is an alias of, for all who ask; or NULL. */
const char *report_alias(const struct report *report);

void report_clear(struct report *report);

#endif
