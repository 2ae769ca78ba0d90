/*
 * measure: measure the round trip to each switch, and check whether its
 * certificate satisfies callers and browsers. All run at once, on a loop of
 * their own.
 */
#ifndef RP_REGIONPROBE_MEASURE_H
#define RP_REGIONPROBE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/why.h"


struct measure_target {
	struct addr addr;
	const char *own_name;	/* the switch's, if known */
	double rtt_ms;		/* minimum of TCP's handshake; < 0: none */
	char why[WHY_TEXT];	/* why there is no round trip, or no TLS */
	bool tls;		/* there was a certificate: */
	bool trusted;		/* its chain is valid now, to an authority */
	bool no_names;		/* it has no SAN, so it is for no name */
	bool for_name;		/* it is valid for the GSLB name */
	bool for_own_name;	/* and for the switch's own name */
	int days_left;
};

struct measure_options {
	const char *name;	/* the GSLB name */
	const char *ca_file;	/* NULL: the system's authorities */
	uint16_t port;
};

/*
 * Fill in `targets`.
 *
 *  -EINVAL  `ca_file` cannot be read
 *  -ENOMEM  out of memory
 */
int measure_run(struct measure_target targets[], size_t n,
    const struct measure_options *options);

#endif
