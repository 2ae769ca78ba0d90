/*
 * relay: the data path. Messages come in batches, from a socket or from a
 * client's stream. Each needs one look-up; its header is rewritten in place,
 * and it is forwarded. This module never allocates, locks, logs or resolves,
 * and it counts what it drops. If the kernel relays too, it locks statistics for
 * some instructions, and teaches the kernel. Requests go to a handler.
 */
#ifndef RP_SWITCHD_RELAY_H
#define RP_SWITCHD_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/udp_batch.h"
#include "table/flow.h"
#include "table/tuple.h"
#include "wire/addr.h"

struct alloc_table;
struct local_addrs;
struct prefix;
struct relay;

/* The reasons for which a datagram is dropped. */
#define RELAY_DROPS(X)							\
	X(NOT_STUN, "not_stun")						\
	X(TOO_LONG, "too_long")						\
	X(BAD_LENGTH, "bad_length")					\
	X(BAD_INDICATION, "bad_indication")				\
	X(NO_ALLOCATION, "no_allocation")				\
	X(NO_CHANNEL, "no_channel")					\
	X(NO_PERMISSION, "no_permission")				\
	X(NO_PEER, "no_peer")						\
	X(PEER_REFUSES, "peer_refuses")					\
	X(OVER_RATE, "over_rate")					\
	X(OVER_USER_RATE, "over_user_rate")				\
	X(OVER_SERVICE_RATE, "over_service_rate")			\
	X(OVER_TOTAL_RATE, "over_total_rate")				\
	X(NOT_SENT, "not_sent")						\
	X(STREAM_BUSY, "stream_busy")

enum relay_drop {
#define X(id, name) RELAY_##id,
	RELAY_DROPS(X)
#undef X
	RELAY_DROP_REASONS
};

extern const char *const relay_drop_names[RELAY_DROP_REASONS];

/* One per thread, which alone writes it. Read with counter_get. */
struct relay_counts {
	/* By the client that sent, or that a peer in the world sent to. */
	struct relay_flow flows[CALLSTATS_FLOWS];
	uint64_t batches;		/* received */
	uint64_t rtp_packets;		/* from clients, relayed or not */
	uint64_t rtp_expected;		/* likewise, with the missing ones */
	uint64_t dropped[RELAY_DROP_REASONS];
};

#define RELAY_REPLY 1024

/*
 * Handle a message that is not data. The handler writes the answer, of at most
 * RELAY_REPLY bytes, and returns its length, or 0 for none.
 */
typedef size_t relay_request(const struct udp_batch_datagram *in,
    uint64_t now_ns, uint8_t reply[static RELAY_REPLY], void *arg);

struct relay_options {
	const struct alloc_table *table;
	/* One socket per listening address, to send by. Must stay valid. */
	const struct udp_batch_socket *sockets;
	enum tuple_transport transport;	/* of the clients */
	unsigned listen;		/* UDP: our socket, to receive by */
	struct addr bound;		/* the address it is bound to */
	unsigned kbps_per_allocation;	/* 0: no limit */
	const struct local_addrs *local_addrs;	/* NULL without relay sockets */
	/* The world to those; NULL: all but local_addrs. Must stay valid. */
	const struct prefix *only;
	size_t n_only;
	unsigned coalesce_us;		/* waits for a fuller batch; 0: no */
	relay_request *request;
	void *arg;
};

/* Make a relay, with a copy of `options`. -ENOMEM. */
int relay_new(struct relay **out, const struct relay_options *options);
void relay_free(struct relay *relay);

/*
 * Relay UDP on the calling thread until relay_stop, which any other thread may
 * call.
 */
void relay_run(struct relay *relay);
void relay_stop(struct relay *relay);

/*
 * Handle one message from a client of a stream, with room around it as in a
 * batch. The thread must have called reclaim_join; it is awake between begin
 * and end. `in->data` must stay valid until end, which must follow after at
 * most UDP_BATCH_MAX messages. Return the length of the answer in `reply`, or
 * 0.
 */
void relay_begin(struct relay *relay);
size_t relay_message(struct relay *relay, struct udp_batch_datagram *in,
    uint8_t reply[static RELAY_REPLY]);
void relay_end(struct relay *relay);

/*
 * Bring a batch that waits at a relay socket to its allocation's client.
 * Datagrams to an address that has expired are dropped.
 */
void relay_from_peers(struct relay *relay, int fd);

const struct relay_counts *relay_counts(const struct relay *relay);

#endif
