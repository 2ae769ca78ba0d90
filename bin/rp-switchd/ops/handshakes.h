/*
 * handshakes: TLS handshakes that failed, counted by port and reason, and
 * logged. A switch whose certificate nobody trusts looks idle otherwise.
 */
#ifndef RP_SWITCHD_HANDSHAKES_H
#define RP_SWITCHD_HANDSHAKES_H

#include <stdint.h>

#include "net/tls_failure.h"

struct addr;
struct handshakes;
struct metrics;

enum handshakes_port {
	HANDSHAKES_CALL,
	HANDSHAKES_ANSWER,
	HANDSHAKES_TURN,
	HANDSHAKES_PORTS
};

/* Never NULL: like metrics_counter, it is for start-up. */
struct handshakes *handshakes_new(struct metrics *metrics);
void handshakes_free(struct handshakes *handshakes);

/* Read and set a count, for a port that another process serves. */
uint64_t handshakes_count(const struct handshakes *handshakes,
    enum handshakes_port port, enum tls_failure reason);
void handshakes_set(struct handshakes *handshakes, enum handshakes_port port,
    enum tls_failure reason, uint64_t count);

/*
 * Count a failure, which may be TLS_FAILURE_NONE, and log it. `why` is one
 * line. Of each port one thread may call it. `handshakes` may be NULL.
 */
void handshakes_failed(struct handshakes *handshakes,
    enum handshakes_port port, enum tls_failure reason, const char *why,
    const struct addr *peer);

#endif
