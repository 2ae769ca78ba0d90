/*
 * probe_conclude: the table, the JSON report, the metrics and a monitor's line.
 * See probe_conclude.h.
 */
#include "probe/probe_conclude.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "call/conclude.h"
#include "call/report.h"
#include "conf/context.h"
#include "conf/options.h"
#include "probe/probe_nagios.h"
#include "probe/probe_network.h"
#include "probe/probe_relay.h"
#include "probe/probe_textfile.h"
#include "wire/why.h"

#define BAR 40			/* columns of the longest bar */

static double
longest(const struct report *report)
{
	double most = 0.001;
	size_t i;

	for (i = 0; i < report->n_attempts; i++)
		if (report->attempts[i].ms > most)
			most = report->attempts[i].ms;
	return most;
}

static int
widest(const struct report *report)
{
	size_t i, most = 0, len;

	for (i = 0; i < report->n_attempts; i++) {
		len = strlen(report->attempts[i].address);
		most = len > most ? len : most;
	}
	return (int)most;
}

static void
print(const struct report *report)
{
	static const char bar[BAR + 1] =
	    "########################################";
	double most = longest(report);
	bool bars = isatty(STDOUT_FILENO);
	int width = widest(report);
	size_t i;

	for (i = 0; i < report->n_attempts; i++) {
		const struct report_attempt *a = &report->attempts[i];
		int columns = (int)(a->ms / most * BAR);

		printf("%s %-*s %9.2f ms  %s", a->won ? "*" : " ", width,
		    a->address, a->ms, a->outcome);
		if (bars)
			printf("\n  %.*s", columns > 0 ? columns : 1, bar);
		putchar('\n');
	}
}

static bool
is_stdout(const char *file)
{
	return file != NULL && strcmp(file, "-") == 0;
}

static bool
is_unreachable(enum outcome outcome)
{
	return outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_UNTRUSTED;
}

/* Say on standard error what went wrong, and what to do. */
static void
complain(const struct probe_conclusion *p)
{
	bool unreachable = is_unreachable(p->report->outcome);
	char hint[WHY_TEXT] = "";

	if (unreachable)
		conclude_hint(hint, p->report->outcome, p->why,
		    p->context->account);
	if (*p->why != '\0')
		tool_warn(p->context->switch_name, "%s%s%s", unreachable ?
		    "no switch reachable: " : "", p->why, hint);
	if (p->relay != NULL)
		probe_relay_warn(p->relay);
	if (p->network != NULL && unreachable)
		probe_network_warn(p->network);
}

static int
write_json(const struct probe_conclusion *p)
{
	const char *file = p->context->options->json;
	char *text = report_probe_json(p->report,
	    p->network != NULL ? probe_network_json(p->network) : NULL,
	    p->relay != NULL ? probe_relay_json(p->relay) : NULL);
	int err = text != NULL ? conclude_write(file, text) : -ENOMEM;

	free(text);
	if (err < 0)
		conclude_complain(file, err);
	return err;
}

static int
write_textfile(const struct probe_conclusion *p)
{
	const char *file = p->context->options->textfile;
	const struct probe_textfile_run run = {
		.success = p->report->outcome == OUTCOME_COMPLETED,
		.ended_s = clock_wall_s(),
		.duration_s = (double)(clock_ms() - p->began_ms) / 1000
	};
	int err = probe_relay_publish(p->relay, &run, file);

	if (err < 0)
		conclude_complain(file, err);
	return err;
}

static void
print_all(const struct probe_conclusion *p)
{
	if (p->network != NULL)
		probe_network_print(p->network, stdout);
	print(p->report);
	if (p->relay != NULL)
		probe_relay_print(p->relay);
}

/* Print a monitor's line, and return its status. */
static int
print_line(const struct probe_conclusion *p)
{
	const struct options *options = p->context->options;
	struct probe_row rows[PROBE_RELAY_WAYS];
	char line[PROBE_NAGIOS_TEXT], why[PROBE_ROW_TEXT];
	struct probe_row_sum sum;
	enum probe_nagios status;

	if (p->relay != NULL) {
		probe_row_add(&sum, rows, probe_relay_rows(p->relay, rows));
		status = probe_nagios_line(line, &sum, &options->warning,
		    &options->critical);
	} else {
		status = p->report->outcome == OUTCOME_ERROR ?
		    PROBE_NAGIOS_UNKNOWN : PROBE_NAGIOS_CRITICAL;
		snprintf(why, sizeof(why), "%s: %s%s",
		    p->context->switch_name, is_unreachable(p->report->outcome)
		    ? "no switch reachable: " : "", p->why);
		probe_nagios_failed(line, status, why);
	}
	fputs(line, stdout);
	return (int)status;
}

/* Write everything that is wanted. Return the exit status. */
int
probe_conclude(const struct probe_conclusion *p)
{
	const struct options *options = p->context->options;
	int status = outcome_exit(p->report->outcome);
	bool failed = false;

	if (options->json != NULL)
		failed = write_json(p) < 0;
	if (options->textfile != NULL)
		failed = write_textfile(p) < 0 || failed;
	if (options->nagios) {
		status = print_line(p);
	} else {
		complain(p);
		if (options->json == NULL && !is_stdout(options->textfile))
			print_all(p);
	}
	if (fflush(stdout) != 0) {
		conclude_complain("-", -errno);
		failed = true;
	}
	if (!failed)
		return status;
	return options->nagios ? PROBE_NAGIOS_UNKNOWN :
	    outcome_exit(OUTCOME_ERROR);
}
