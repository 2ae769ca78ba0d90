/*
 * probe_textfile: a test of a relay as metrics in Prometheus' text format, for
 * the textfile collector of node_exporter. Pure.
 */
#ifndef RP_DIAL_PROBE_TEXTFILE_H
#define RP_DIAL_PROBE_TEXTFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/probe_row.h"

struct probe_textfile_run {
	bool success;		/* everything works, also what led there */
	int64_t ended_s;	/* wall clock */
	double duration_s;
};

/*
 * Return the text, which the caller frees; NULL if out of memory. Two rows with
 * the same labels would make it invalid, so the second is left out.
 */
char *probe_textfile(const struct probe_textfile_run *run,
    const struct probe_row rows[], size_t n);

#endif
