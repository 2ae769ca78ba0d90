/*
 * turn: the TURN server (RFC 8656 over RFC 8489): its sockets, its relay
 * threads, and the requests outside the data path. relay.c is the data path;
 * both share alloc. The main loop's thread may call everything here while the
 * relay threads run.
 */
#ifndef RP_SWITCHD_TURN_H
#define RP_SWITCHD_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/lobby.h"
#include "kernel/kernel.h"
#include "wire/addr.h"
#include "wire/turncred.h"
#include "wire/why.h"

struct callstats;
struct certset;
struct handshakes;
struct workers;
struct metrics;
struct tls_config;
struct turn;
struct turn_service;
struct turnstats;

/* relay.peers: whom an allocation reaches. */
enum turn_peers {
	TURN_CALLS,			/* the others of its call */
	TURN_CLIENTS,			/* the others of its service */
	TURN_ANY			/* the world too */
};

struct turn_options {
	const struct addr *listen;	/* UDP; a port 0 is chosen */
	size_t n_listen;
	const struct addr *tcp, *tls;	/* likewise; may be empty */
	size_t n_tcp, n_tls;
	struct certset *certificates;	/* for tls */
	unsigned max_streams;		/* TCP and TLS; 0: 4096 */
	unsigned max_streams_per_prefix;	/* 0: as max_streams */
	unsigned stream_auth_ms;	/* time to allocate; 0: 10 s */
	struct lobby_limits stream_strangers;	/* without one; 0: no other */
	const char *realm;
	const struct conf_strings *secrets;
	/* All services, ours first; none: ours has just these two. */
	const struct turn_service *services;
	size_t n_services;
	const struct addr *external;	/* behind 1:1 NAT; NULL: none */
	enum turn_peers peers;
	const struct conf_strings *allowed_peers;	/* or NULL */
	unsigned threads;		/* for each listening address */
	unsigned allocations_per_party;
	unsigned allocates;		/* of a party in 10 s; 0: no limit */
	unsigned lifetime_s;		/* of an allocation; 0: 600 */
	unsigned allocations_per_call, allocations;	/* 0: no limit */
	unsigned kbps_per_allocation;	/* 0: no limit */
	/* Of users who are not of our own calls; 0: no limit. */
	unsigned allocations_per_user, allocations_per_prefix;
	unsigned kbps_per_user;
	unsigned kbps;			/* of them all, and of calls */
	unsigned coalesce_us;		/* under load, the wait for a batch */
	enum kernel_mode kernel_mode;	/* of the next, for its maker */
	struct kernel *kernel;		/* outlives this; NULL: none */
	/*
	 * Answers per second to a prefix's unauthenticated clients; 0: no
	 * limit.
	 */
	unsigned strangers_per_prefix;
	/*
	 * Return a bound socket that was handed over, or -ENOENT; it is then
	 * ours. NULL: service_take.
	 */
	int (*take)(int type, const struct addr *addr, void *arg);
	void *arg;
	const uint8_t *nonce_key;	/* TURNAUTH_NONCE_KEY bytes; NULL: any */
	struct metrics *metrics;	/* NULL: no metrics */
	struct handshakes *handshakes;	/* NULL: not counted */
	struct workers *workers;	/* for TLS; NULL: on its thread */
	unsigned handshake_threads;	/* of the process that makes them */
};

/*
 * Bind, and start the relay threads. Return 0, or a negative errno with one
 * line in `why`. Nobody may read `metrics` after turn_free.
 */
int turn_new(struct turn **out, const struct turn_options *options,
    char why[static WHY_TEXT]);
void turn_free(struct turn *turn);

/*
 * Set the services that new allocations need (turnkeys.h). On -ENOMEM nothing
 * has changed.
 */
int turn_set_services(struct turn *turn, const struct turn_service *services,
    size_t n);

/*
 * Write a nonce to hand out together with these credentials. The first Allocate
 * then needs no challenge.
 */
void turn_early_nonce(const struct turn *turn, const char *username,
    char nonce[static TURNCRED_NONCE]);

/* Take over the credentials of new TLS streams; only with `n_tls`. */
void turn_set_tls(struct turn *turn, struct tls_config *tls);

/*
 * Return how many datagrams the kernel has dropped because the relay threads
 * did not keep up.
 */
uint64_t turn_overruns(const struct turn *turn);

/* Read all counters. */
void turn_stats(const struct turn *turn, struct turnstats *out);

/* Return the bound addresses, in the order of the options. */
const struct addr *turn_addrs(const struct turn *turn, size_t *n);
const struct addr *turn_tcp_addrs(const struct turn *turn, size_t *n);
const struct addr *turn_tls_addrs(const struct turn *turn, size_t *n);

/*
 * Get the IPv4 address, without a port, of relayed addresses of clients that
 * come by IPv6.
 */
void turn_relayed(const struct turn *turn, struct addr *out);

/*
 * A call rings: until it is answered, its parties together may have as much
 * relayed as one of them later. turn_end_call must follow.
 */
void turn_ring_call(struct turn *turn, const char *call);
void turn_answer_call(struct turn *turn, const char *call);

/*
 * Free every allocation of the call at once. Refuse it new ones for an hour, or
 * until some ten thousand other calls have ended, because its credentials may
 * live that long.
 */
void turn_end_call(struct turn *turn, const char *call);

struct turn_call {
	unsigned allocations;		/* held now */
	uint64_t packets, bytes;	/* relayed, all directions */
	uint64_t last_media_ns;		/* monotonic; 0: none yet */
};

/* Sum the statistics of all parties, as turn_callstats does. */
int turn_call(const struct turn *turn, const char *call,
    struct turn_call *out);

/*
 * Read the call's statistics by party. They stay for ten minutes after its last
 * allocation went, except after turn_end_call. Return -ENOENT if there are
 * none.
 */
int turn_callstats(const struct turn *turn, const char *call,
    struct callstats *out);

#endif
