/*
 * stand_in: the clock, the sockets, the random numbers and the housekeeping of
 * relays in kerneldiff. All is as the test says, and on its thread.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_STAND_IN_H
#define RP_T_TOOLS_KERNELDIFF_STAND_IN_H

#include <stdint.h>

#include "wire/addr.h"

/* What a relay sent for one message. */
struct world_sent {
	unsigned n;
	struct addr to, local;
	uint8_t data[2048];
	size_t len;
};

/* The time, the seed of relayed ports, and where what a relay sends is put. */
extern uint64_t stand_in_now_ns, stand_in_ports;
extern struct world_sent *stand_in_sent;

/* Do what the tables do each second, and free what nobody sees any more. */
void stand_in_tick(void);

#endif
