/*
 * probe_row: what each path to a relay gave, as every output shows it, and what
 * they gave together. Pure.
 */
#ifndef RP_DIAL_PROBE_ROW_H
#define RP_DIAL_PROBE_ROW_H

#include <stddef.h>

#include "probe/probe_way.h"
#include "wire/hostport.h"

struct probe_row {
	char server[HOSTPORT_TEXT];	/* as it was named, with its port */
	char place[HOSTPORT_TEXT];	/* its address, if that is known */
	const char *transport;		/* "udp", "tcp", "tls" */
	const char *family;		/* "ipv4", "ipv6"; "none": no address */
	const struct probe_way_result *result;
};

struct probe_row_sum {
	size_t n, failed;
	const struct probe_row *first;	/* that fails; NULL: none does */
	double allocate_ms;		/* of the slowest, and so on; 0: none */
	double rtt_ms, rtt_max_ms;
	unsigned sent, received;
	double loss_pct;		/* of all packets */
};

#define PROBE_ROW_TEXT 2048	/* a reason, an address, and some figures */

/* Add the rows up. `first` points into them. */
void probe_row_add(struct probe_row_sum *out, const struct probe_row rows[],
    size_t n);

/* Say in one line, without its end, how many work and what the first lacks. */
const char *probe_row_text(const struct probe_row_sum *sum,
    char text[static PROBE_ROW_TEXT]);

#endif
