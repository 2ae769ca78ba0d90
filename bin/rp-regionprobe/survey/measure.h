/*
 * measure: how far each switch is from here, and whether its certificate is
 * what callers and pages will want of it. All at once, on a loop of its own.
 */
#ifndef RP_REGIONPROBE_MEASURE_H
#define RP_REGIONPROBE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define MEASURE_WHY 128

struct measure_target {
	struct addr addr;
	const char *own_name;	/* the switch's, if known */
	double rtt_ms;		/* of TCP's handshake, the least; < 0: none */
	char why[MEASURE_WHY];	/* why not, or why no TLS */
	bool tls;		/* there was a certificate: */
	bool trusted;		/* its chain leads to an authority, in time */
	bool for_name;		/* it is good for the GSLB name */
	bool for_own_name;	/* and for the switch's own */
	int days_left;
};

struct measure_options {
	const char *name;	/* the GSLB name */
	const char *ca_file;	/* NULL: the system's authorities */
	uint16_t port;
};

/* Fill in targets. -EINVAL: ca_file can't be read. -ENOMEM. */
int measure_run(struct measure_target targets[], size_t n,
    const struct measure_options *options);

#endif
