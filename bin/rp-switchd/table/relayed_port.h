/*
 * relayed_port: the ports of relayed transport addresses. Each is chosen at
 * random, so that nobody guesses the next one (RFC 6056).
 */
#ifndef RP_SWITCHD_RELAYED_PORT_H
#define RP_SWITCHD_RELAYED_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"

/* The dynamic ports, which no service has (RFC 8656 7.2). */
#define RELAYED_PORT_MIN 49152
#define RELAYED_PORT_MAX 65535
/* The least one without a socket, for the clients of other applications. */
#define RELAYED_PORT_SPACE 1024

/*
 * How many random ports to try. With nine of ten taken, that many tries fail
 * once in 850 times, and the client gets 508.
 */
#define RELAYED_PORT_TRIES 64
/* How many before, for a port that nobody had lately. */
#define RELAYED_PORT_RESTED 32

/*
 * Return a random port from `least` up, which is even. With `even` it is an
 * even one, for EVEN-PORT (RFC 8656 18.7).
 */
static inline uint16_t
relayed_port_random(uint16_t least, bool even)
{
	uint16_t port = (uint16_t)crypto_random_between(least,
	    RELAYED_PORT_MAX);

	return even ? port & 0xfffe : port;
}

#endif
