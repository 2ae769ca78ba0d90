/*
 * streams: the relay's clients over TCP and TLS. A thread with an event loop of
 * its own accepts them. Their messages take the same path as all others (relay,
 * turnreq). Data for them comes through an inbox from any thread.
 */
#ifndef RP_SWITCHD_STREAMS_H
#define RP_SWITCHD_STREAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/lobby.h"
#include "relay/relay.h"
#include "turn/turnreq.h"
#include "wire/addr.h"
#include "wire/why.h"

struct certset;
struct handshakes;
struct workers;
struct streams;
struct tls_config;

struct streams_options {
	/* Where to listen; a port 0 is filled in. Must stay valid. */
	struct addr *tcp, *tls;
	size_t n_tcp, n_tls;
	struct certset *certificates;	/* if n_tls is not 0 */
	unsigned max;			/* open at once; 0: 4096 */
	unsigned max_per_prefix;	/* IPv4 address or IPv6 /64; 0: max */
	unsigned auth_ms;		/* time to allocate; 0: 10 s */
	struct lobby_limits strangers;	/* without an allocation; 0: max */
	/* Answers per second to clients without an allocation; 0: no limit. */
	unsigned strangers_per_prefix;	/* IPv4 /24 or IPv6 /48 */
	const struct turnreq_server *server;
	struct handshakes *handshakes;	/* NULL: not counted */
	struct workers *workers;	/* for TLS; NULL: on its thread */
	/* As in turn_options. */
	int (*take)(int type, const struct addr *addr, void *arg);
	void *arg;
	struct relay_options relay;	/* request and transport are set here */
};

/* The reasons for which we refuse or close a stream. */
#define STREAMS_CUTS(X)							\
	X(TOO_MANY, "too_many")						\
	X(TOO_MANY_PREFIX, "too_many_of_prefix")			\
	X(STRANGERS, "strangers")					\
	X(STRANGERS_PREFIX, "strangers_of_prefix")			\
	X(GAVE_WAY, "gave_way")						\
	X(NO_ALLOCATION, "no_allocation")				\
	X(NO_FRAME, "no_frame")						\
	X(RATIONED, "rationed")						\
	X(STUCK, "stuck")						\
	X(NO_MEMORY, "no_memory")

enum streams_cut {
#define X(id, name) STREAMS_##id,
	STREAMS_CUTS(X)
#undef X
	STREAMS_CUT_REASONS
};

extern const char *const streams_cut_names[STREAMS_CUT_REASONS];

/* Read with counter_get. */
struct streams_counts {
	uint64_t accepted, open;
	/* Frames dropped because the client is too slow, or has just gone. */
	uint64_t slow, gone;
	uint64_t cut[STREAMS_CUT_REASONS];
};

/*
 * Bind, and start the thread. Return 0, or a negative errno with one line in
 * `why`.
 */
int streams_new(struct streams **out, const struct streams_options *options,
    char why[static WHY_TEXT]);
void streams_free(struct streams *streams);

/* Take over the credentials of new TLS streams. Any thread may call it. */
void streams_set_tls(struct streams *streams, struct tls_config *tls);

const struct streams_counts *streams_counts(const struct streams *streams);
const struct relay_counts *streams_relay_counts(
    const struct streams *streams);
const struct turnreq_counts *streams_turnreq_counts(
    const struct streams *streams);

#endif
