/*
 * handshakes: TLS handshakes that failed, counted by port and reason, and
 * logged. A switch whose certificate nobody trusts looks idle otherwise. Also
 * those that wait for a thread.
 */
#ifndef RP_SWITCHD_HANDSHAKES_H
#define RP_SWITCHD_HANDSHAKES_H

#include <stdint.h>

#include "net/tls_failure.h"

struct addr;
struct handshakes;
struct metrics;
struct workers_lane;

enum handshakes_port {
	HANDSHAKES_CALL,
	HANDSHAKES_ANSWER,
	HANDSHAKES_TURN,
	HANDSHAKES_WEB,
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
 * Show the handshakes of a port that wait in a lane, which must not be freed
 * before the metrics are asked for no more. `handshakes` may be NULL.
 */
void handshakes_watch(struct handshakes *handshakes,
    enum handshakes_port port, struct workers_lane *lane);

/* How many handshakes wait, and for how long the first of them has. */
struct handshakes_wait {
	uint64_t n, ms;
};

struct handshakes_wait handshakes_wait(const struct handshakes *handshakes,
    enum handshakes_port port);

/* Set what handshakes_wait returns for a port that another process serves. */
void handshakes_tell(struct handshakes *handshakes, enum handshakes_port port,
    struct handshakes_wait wait);

/*
 * Count a failure, which may be TLS_FAILURE_NONE, and log it. `why` is one
 * line. Of each port one thread may call it. `handshakes` may be NULL.
 */
void handshakes_failed(struct handshakes *handshakes,
    enum handshakes_port port, enum tls_failure reason, const char *why,
    const struct addr *peer);

#endif
