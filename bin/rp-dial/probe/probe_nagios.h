/*
 * probe_nagios: the line of a monitor's plugin, with figures behind a bar, and
 * its status, as the Monitoring Plugins Development Guidelines have them. Pure.
 */
#ifndef RP_DIAL_PROBE_NAGIOS_H
#define RP_DIAL_PROBE_NAGIOS_H

#include "conf/threshold.h"
#include "probe/probe_row.h"

enum probe_nagios {	/* exit statuses */
	PROBE_NAGIOS_OK,
	PROBE_NAGIOS_WARNING,
	PROBE_NAGIOS_CRITICAL,
	PROBE_NAGIOS_UNKNOWN
};

#define PROBE_NAGIOS_TEXT (PROBE_ROW_TEXT + 512)

/*
 * Write the line, with its newline. A path that does not work is critical, and
 * so is what exceeds a limit.
 */
enum probe_nagios probe_nagios_line(char line[static PROBE_NAGIOS_TEXT],
    const struct probe_row_sum *sum, const struct threshold *warning,
    const struct threshold *critical);

/* Write the line for a test that did not come to a relay. */
void probe_nagios_failed(char line[static PROBE_NAGIOS_TEXT],
    enum probe_nagios status, const char *why);

#endif
