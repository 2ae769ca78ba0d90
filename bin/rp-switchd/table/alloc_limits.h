/*
 * alloc_limits: what users of other applications may take of the relay: each
 * user, the clients of one network, a service, and all of them together. Calls
 * of our own signalling have limits of their own, by call and party.
 *
 * A user is one alloc_call whose credentials are not `ours`. Numbers are kept
 * under the table's mutex. Rates are meters, from which relay threads take
 * without a lock.
 */
#ifndef RP_SWITCHD_ALLOC_LIMITS_H
#define RP_SWITCHD_ALLOC_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/draw.h"
#include "table/inkernel.h"
#include "table/tuple.h"
#include "wire/addr.h"

/* The relay's own service, and as many as relay.services may name. */
#define ALLOC_SERVICES 65
#define ALLOC_RATE_LIMITS (1 + ALLOC_SERVICES)

/* The use of a service, in numbers. Each field is atomic. */
struct alloc_service_counts {
	uint64_t allocations;		/* held by its users */
	uint64_t over_user, over_service;	/* refused allocations */
	uint64_t dropped[ALLOC_RATES];	/* datagrams */
};

/* One service. Its rates are apart, because all threads take from the meter. */
struct alloc_service {
	struct alloc_users *users;
	struct alloc_rate_limit *rate;
	unsigned allocations, per_user;	/* under the mutex; 0: no limit */
	struct alloc_service_counts counts;
	char apart[64];
};

/* The clients of one network that hold allocations. */
struct alloc_prefix {
	struct alloc_prefix *next;
	uint64_t bits;			/* the address's, and its family */
	unsigned n;
};

#define ALLOC_PREFIXES 4096		/* buckets: 32 KiB */

/* All that this file is about. It is part of the table. */
struct alloc_users {
	/* The total, and each service's: `own`, or shared with the kernel. */
	struct alloc_rate_limit *rates;
	struct alloc_rate_limit own[ALLOC_RATE_LIMITS];
	char apart[64];
	unsigned per_prefix;		/* 0: no limit */
	struct alloc_prefix *prefixes[ALLOC_PREFIXES];
	struct alloc_service services[ALLOC_SERVICES];
};

struct alloc;
struct alloc_service_limits;
struct alloc_table;

/* `rates` are ALLOC_RATE_LIMITS, all zero, that stay valid. NULL: its own. */
void alloc_users_init(struct alloc_users *users, unsigned per_prefix,
    unsigned kbps, struct alloc_rate_limit *rates);
void alloc_users_free(struct alloc_users *users);

/* Set a service's limits, under the mutex. Allocations that it holds stay. */
void alloc_users_limit(struct alloc_users *users, unsigned service,
    const struct alloc_service_limits *limits);

/* Set a service's counters to 0, but for its allocations. */
void alloc_users_renew(struct alloc_users *users, unsigned service);

/*
 * May the service and the network of `client` have one more? Under the mutex.
 *
 *   -ENOBUFS  the service holds too many
 *   -EUSERS   the network's clients hold too many
 */
int alloc_users_admit(const struct alloc_users *users,
    const struct tuple_seed *seed, unsigned service,
    const struct addr *client);

/*
 * Count an allocation, which is then of its service. -ENOMEM. It leaves by
 * alloc_users_leave; nothing happens if it is of no service.
 */
int alloc_users_enter(struct alloc_users *users, const struct tuple_seed *seed,
    unsigned service, struct alloc *a);
void alloc_users_leave(struct alloc_users *users,
    const struct tuple_seed *seed, struct alloc *a);

/* Count a refused allocation in its service. */
static inline void
alloc_users_refused(uint64_t *count)
{
	__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
}

/*
 * Take a datagram of a user, sent or heard, from the rates of the user, the
 * service and the whole, or from none of them. Return whose rate it would
 * exceed, or ALLOC_RATES. A refused one is counted in the service. It counts as
 * ALLOC_DATAGRAM_MIN bytes at least.
 */
enum alloc_rate alloc_users_take(const struct alloc *a, bool sent,
    size_t len, uint64_t now_ns);

/*
 * Count a datagram of our own calls in the whole, which never refuses one: they
 * are bounded by call and party.
 */
void alloc_users_note(const struct alloc_table *table, size_t len,
    uint64_t now_ns);

#endif
