/*
 * alloc_private: the relay's tables from inside. alloc.c looks up and keeps,
 * alloc_add.c admits new allocations, by the limits of alloc_limits.c too.
 * alloc_port.c chooses their ports, alloc_reach.c knows whom they meet,
 * alloc_change.c changes existing ones, and alloc_stats.c has the statistics.
 * Their slots in the arrays that the kernel sees are in alloc_slots.c.
 */
#ifndef RP_SWITCHD_ALLOC_PRIVATE_H
#define RP_SWITCHD_ALLOC_PRIVATE_H

#include <pthread.h>

#include "table/alloc.h"
#include "table/reclaim.h"
#include "table/tombstones.h"
#include "table/tuple.h"
#include "table/wheel.h"

struct quota;

/*
 * One entry per bucket or fewer with 20,000 allocations, the most that
 * t/bench/relay.sh measures, and 256 KiB per table.
 */
#define BUCKETS 32768
#define SOCKETS 65536		/* relay sockets' descriptors are below this */

#define PORT_WORDS ((UINT16_MAX + 1) / 64)	/* a bit for a port */

#define RESERVED_MAX 4		/* ports that a call may hold back */
#define RESERVED_S 30		/* how long (RFC 8656 7.2) */

/* A reserved port, next to an even one, for the client that shows the token. */
struct alloc_reservation {
	uint64_t token;
	uint64_t expires_ns;		/* 0: free */
	struct addr relayed;
};

/*
 * Shares that a call has: of the caller and 16 devices. Any further party uses
 * the last one, so that made-up names gain nothing.
 */
#define ALLOC_PARTIES CALLSTATS_PARTIES

/* A party of a call. It stays with the call, as what it used of its share. */
struct alloc_party {
	struct alloc_party *next;
	char name[TURNCRED_PARTY];
	struct alloc_share *share;	/* `own`, or shared with the kernel */
	struct alloc_share own;
};

/* The sums of a party's allocations that are gone. */
struct alloc_gone {
	struct alloc_gone *next;
	struct callstats_party sum;
};

struct alloc_call {
	struct reclaim_item item;
	struct alloc_call *next;	/* in the table of calls */
	struct alloc *allocs;
	unsigned n;
	struct alloc_gone *gone;	/* by party; NULL: none */
	struct wheel_entry expiry;	/* set while n is 0 */
	uint64_t silent_ns;		/* no user's is silent before */
	struct alloc_reservation *reserved;	/* RESERVED_MAX, or NULL */
	char name[TURNCRED_CALL];
	bool ringing;
	bool nameless;			/* some allocation has no party */
	struct alloc_party *parties;
	unsigned n_parties;
	struct shared *shared;		/* NULL: nothing is */
	struct alloc_share *share;	/* as a party's; a user's is here */
	char apart[64];			/* separates the cache lines */
	struct alloc_share own;
};

/*
 * Ports of clients that are gone, of this time and of the one before. Channels
 * may still lead there, so that others get them last.
 */
struct alloc_left {
	uint64_t since_ns;
	uint64_t now[PORT_WORDS], before[PORT_WORDS];
};

struct alloc_table {
	struct reclaim *reclaim;
	struct alloc_limits limits;
	struct tuple_seed seed;
	pthread_mutex_t mutex;
	unsigned n;
	uint64_t overruns;		/* at closed relay sockets */
	struct alloc_limited limited;
	struct quota *pace;		/* of parties; see limits.per_pace */
	struct shared *shared;		/* NULL: nothing is */
	struct alloc_users users;
	struct alloc_call *calls[BUCKETS];
	struct alloc *tuples[BUCKETS];
	struct alloc *sockets[SOCKETS];
	struct alloc_entry *relayed[BUCKETS];	/* see alloc_show_relayed */
	uint64_t avoided[PORT_WORDS];
	struct alloc_left left;
	struct wheel wheel;
	struct wheel kept;		/* calls without an allocation */
	struct tombstones ended;
};

/* Find a call. NULL if there is none. All of these functions need the mutex. */
struct alloc_call *alloc_find_call(struct alloc_table *table,
    const char *name);
/* Find or make a call. NULL if out of memory. */
struct alloc_call *alloc_get_call(struct alloc_table *table, const char *name);
/* Decide anew what all of a call may have relayed together. */
void alloc_settle_share(struct alloc_call *call);
/* Return the hash bucket of that 5-tuple, or of that call. */
struct alloc **alloc_tuple_bucket(struct alloc_table *table,
    const struct tuple *tuple);
struct alloc_call **alloc_call_bucket(struct alloc_table *table,
    const char *name);
/*
 * Give the relay socket to `a` from now on, or to nobody (NULL). Nothing
 * happens if `fd` is -1.
 */
void alloc_show_socket(struct alloc_table *table, int fd, struct alloc *a);
/*
 * Put the relayed addresses of `a` into their table, or remove them. Siblings
 * without a relay socket are not in it, and have their calls.
 */
void alloc_show_relayed(struct alloc_table *table, struct alloc *a);
void alloc_hide_relayed(struct alloc_table *table, struct alloc *a);
/* Return the space of a new allocation with that credential. */
uint16_t alloc_space(const struct alloc_table *table,
    const struct turncred *cred);
/* Find an allocation of that space, even if it has expired. NULL: none. */
struct alloc *alloc_in_space(const struct alloc_table *table, uint16_t space,
    const struct addr *relayed);
/*
 * Remove it from every table, and free it when no reader can see it. Its call
 * stays for a while.
 */
void alloc_remove(struct alloc_table *table, struct alloc *a);
/* Return a share that the kernel sees, or else `own`. */
struct alloc_share *alloc_take_share(struct shared *shared,
    struct alloc_share *own);
/* Have a slot of what the kernel sees, if there is one. NULL: not for it. */
void alloc_enter_kernel(struct alloc *a, struct shared *shared,
    uint64_t now_ns);
/*
 * Return its slot, and have its ways forgotten, when no relay thread can be
 * teaching them any more.
 */
void alloc_leave_kernel(struct alloc *a);
/*
 * Revoke what the kernel was taught of ways from and to it. The change must be
 * visible before.
 */
void alloc_revoke(struct alloc *a);
/* Remove the call likewise, with all its allocations. */
void alloc_remove_call(struct alloc_table *table, struct alloc_call *call);
/*
 * Remove the call if it has no allocation: at once, or after a while if its
 * statistics may still be read, or what it used of its shares may still matter.
 */
void alloc_settle(struct alloc_table *table, struct alloc_call *call);
/*
 * Add the statistics of `a`, which is leaving, to its party. If memory is out
 * just they are lost.
 */
void alloc_remember(struct alloc_call *call, const struct alloc *a);
void alloc_forget(struct alloc_call *call);
/*
 * Keep the statistics of a relay socket likewise; -1 means that there is none.
 */
void alloc_remember_socket(struct alloc_table *table, int fd);
/* Schedule its expiry. */
void alloc_schedule(struct alloc_table *table, struct alloc *a);
/*
 * Choose ports for those relayed addresses of `a` that have no socket, or the
 * port of its token. `a` is in no table yet. Return -ENOSPC if there is none,
 * or if a socket has the address of another one, as behind a 1:1 NAT.
 */
int alloc_choose_ports(struct alloc_table *table, struct alloc *a,
    const struct alloc_new *new, uint64_t now_ns);
/* Note the ports of `a`, which is leaving, if others may get them. */
void alloc_leave_ports(struct alloc_table *table, const struct alloc *a);

/*
 * Is that a relayed address of it, or was it once? Readers may call this too.
 */
static inline bool
alloc_is_at(const struct alloc *a, const struct addr *relayed)
{
	return addr_equal(&a->relayed, relayed) || (a->second != NULL &&
	    addr_equal(&a->second->relayed, relayed));
}

#endif
