/*
 * alloc: allocations (RFC 8656 3.2) and the calls that they belong to, in
 * tables shared by the relay threads. A relayed transport address is an entry
 * here, unique among those that can meet, and not a socket. A user, whose
 * credentials are not of our own signalling, counts as a call here.
 *
 * Look-ups take no lock. A record that they find stays until the calling thread
 * next goes to sleep (see reclaim). Functions that change a table take its
 * mutex and may be called from any thread.
 */
#ifndef RP_SWITCHD_ALLOC_H
#define RP_SWITCHD_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/alloc_limits.h"
#include "table/callstats.h"
#include "table/chan.h"
#include "table/inkernel.h"
#include "table/perm.h"
#include "table/reclaim.h"
#include "table/shared.h"
#include "table/tuple.h"
#include "table/wheel.h"
#include "wire/addr.h"
#include "wire/stun.h"
#include "wire/stunauth.h"
#include "wire/turncred.h"

struct alloc_call;
struct alloc_table;
struct inbox;
struct taught;

/* An entry in the table of relayed addresses (see alloc_reach.c). */
struct alloc_entry {
	struct alloc_entry *next;
	struct alloc *alloc;
};

/*
 * A relayed address of the other family (RFC 8656 7.2). Each of the two expires
 * by itself; the allocation lasts as long as one of them.
 */
struct alloc_second {
	struct alloc_entry entry;
	struct addr relayed;
	int fd;				/* relay socket, or -1 */
	uint64_t expires_ns;
	uint64_t first_expires_ns;	/* of the allocation's first address */
};

/*
 * Fields that change while other threads read are accessed with
 * __atomic_load_n.
 */
struct alloc {
	struct reclaim_item item;
	struct alloc *next;		/* in the 5-tuple table */
	struct alloc *sibling;		/* in its call */
	struct tuple tuple;
	uint64_t expires_ns;
	struct perm_set *perms;
	struct chan_set *chans;
	struct alloc_call *call;
	struct alloc_share *share;	/* its party's; NULL: none is named */
	struct alloc_service *service;	/* of its user; NULL: a call of ours */
	struct addr client, local;	/* local: where it sent its request */
	/* Beside each other, because a look-up reads all three. */
	struct addr relayed;
	uint16_t space;			/* of those it meets; see alloc_peer */
	struct alloc_entry entry;
	/* How to reach the client: by one of our sockets, or as a stream. */
	unsigned listen;
	struct inbox *inbox;		/* NULL: by UDP */
	uint64_t stream;
	bool tls;			/* the stream is TLS */
	uint8_t flow;			/* CALLSTATS_FLOW of the client */

	int fd;				/* relay socket (see peers), or -1 */

	/*
	 * Written by the client's own relay thread only; if it is not `own`,
	 * by the kernel too, under its lock.
	 */
	struct alloc_traffic *traffic;
	struct alloc_traffic own;
	struct shared *shared;		/* NULL: there is no kernel's part */
	struct taught *taught;		/* to the kernel; NULL: it is `own` */

	/* Under the table's mutex. */
	struct alloc **sibling_link;	/* what leads to it in its call */
	struct wheel_entry expiry;
	bool gone;			/* others may read it, too */

	/* Constant from here on. */
	uint64_t made_ns;
	struct alloc_second *second;	/* NULL: only one family */
	uint64_t token;			/* for the next port, or 0 */
	const char *username;		/* behind the struct */
	const char *party;		/* within username, or "" */
	struct stunauth_key key;
	uint8_t transaction[STUN_TRANSACTION];	/* of the request that made
						 * it */
};

/*
 * A restart takes up to a dozen allocations: UDP, TCP and TLS on two networks
 * of two families. The switch grants five restarts in ten seconds.
 */
#define ALLOC_PACE_MS 10000
/* No consent check for so long (RFC 7675 5.1): its path is not in use. */
#define ALLOC_SILENT_S 30

/* Whom an allocation meets. */
enum alloc_reach {
	ALLOC_CALL,			/* the others of its call */
	ALLOC_SERVICE,			/* and, without a call, its service */
	ALLOC_ALL			/* every other one */
};

struct alloc_limits {
	unsigned per_party, per_call, total;	/* 0: none */
	unsigned per_pace;	/* of a party in ALLOC_PACE_MS; 0: no limit */
	unsigned channel_permit_s; /* the permission that a ChannelBind renews,
				    * if that is longer than PERM_LIFETIME_S */
	unsigned per_prefix;	/* of users at one network; 0: no limit */
	unsigned kbps;		/* of all users and calls; 0: no limit */
	const struct inkernel *inkernel;	/* NULL: none. See shared.h */
	enum alloc_reach reach;
};

/*
 * Limits of the clients of one service (see struct turncred) together, and of
 * each of its users. 0: none but those of all.
 */
struct alloc_service_limits {
	unsigned allocations, per_user;
	unsigned kbps_per_user, kbps;
};

/*
 * Set the limits of a service, which has none at first. Allocations that it
 * holds stay.
 */
void alloc_set_service(struct alloc_table *table, unsigned service,
    const struct alloc_service_limits *limits);
/* Count from 0 on what its users are refused: it is another service. */
void alloc_renew_service(struct alloc_table *table, unsigned service);
/* Return what a service has used. Each number is atomic. */
const struct alloc_service_counts *alloc_service_counts(
    const struct alloc_table *table, unsigned service);

int alloc_table_new(struct alloc_table **out,
    const struct alloc_limits *limits);
/* Free the table and every allocation. All readers must be gone. */
void alloc_table_free(struct alloc_table *table);

/*
 * Find the allocation of a 5-tuple. NULL if there is none, or it has expired.
 */
struct alloc *alloc_find(const struct alloc_table *table,
    const struct tuple *tuple, uint64_t now_ns);

/*
 * Return until when the relayed address of this family is valid. The caller must
 * know that the allocation has one.
 */
static inline uint64_t
alloc_until(const struct alloc *a, sa_family_t family)
{
	const struct alloc_second *second = a->second;
	const uint64_t *end = &a->expires_ns;

	if (second != NULL)
		end = a->relayed.sa.sa_family == family ?
		    &second->first_expires_ns : &second->expires_ns;
	return __atomic_load_n(end, __ATOMIC_RELAXED);
}

/* Is it still? */
static inline bool
alloc_lives(const struct alloc *a, sa_family_t family, uint64_t now_ns)
{
	return now_ns < alloc_until(a, family);
}

/* Return its relayed address of that family, or NULL. */
static inline const struct addr *
alloc_relayed(const struct alloc *a, sa_family_t family, uint64_t now_ns)
{
	if (a->second != NULL && !alloc_lives(a, family, now_ns))
		return NULL;
	if (a->relayed.sa.sa_family == family)
		return &a->relayed;
	return a->second != NULL ? &a->second->relayed : NULL;
}

/* Return the relay socket of that relayed address, or -1. */
static inline int
alloc_fd(const struct alloc *a, sa_family_t family, uint64_t now_ns)
{
	const struct addr *relayed = alloc_relayed(a, family, now_ns);

	if (relayed == NULL)
		return -1;
	return relayed == &a->relayed ? a->fd : a->second->fd;
}

/*
 * Return the allocation that has this relay socket, or NULL after it was
 * removed. Its address may have expired (see alloc_lives).
 */
struct alloc *alloc_of_socket(const struct alloc_table *table, int fd);

/* Return the relayed address that this relay socket belongs to. */
static inline const struct addr *
alloc_at_socket(const struct alloc *a, int fd)
{
	return fd == a->fd ? &a->relayed : &a->second->relayed;
}

/*
 * Return the allocation with this relayed address in the call of `a`, or NULL.
 */
struct alloc *alloc_sibling(const struct alloc *a,
    const struct addr *relayed, uint64_t now_ns);

/* `space` of an allocation that meets its siblings only. */
#define ALLOC_SIBLINGS 0

/*
 * Return the allocation with this relayed address among those that `a` meets:
 * its siblings, or all of the same space. NULL if there is none.
 */
struct alloc *alloc_peer(const struct alloc_table *table,
    const struct alloc *a, const struct addr *relayed, uint64_t now_ns);

/*
 * Does any allocation that `a` meets, itself included, have a relayed address
 * with that IP address? Of its space just the one with that port is looked for,
 * because a server's clients share few addresses.
 */
bool alloc_meets_at(const struct alloc_table *table, const struct alloc *a,
    const struct addr *ip, uint64_t now_ns);

/*
 * Is it a relayed address in any space, whether it lives or not? Calls without
 * relay sockets are not looked at.
 */
bool alloc_is_relayed(const struct alloc_table *table,
    const struct addr *relayed);

/* Give no relayed address the port of these addresses: the server's own. */
void alloc_avoid_ports(struct alloc_table *table, const struct addr addrs[],
    size_t n);
bool alloc_avoids_port(const struct alloc_table *table, uint16_t port);

/*
 * Return what all of its call may have relayed. Its `half` says for which rate:
 * 1 for that of two parties, 2 for that of one. 0: the parties' own shares say
 * it all.
 */
struct alloc_share *alloc_call_share(const struct alloc *a);

/* Return the tables' part in the kernel, or NULL. */
const struct inkernel *alloc_inkernel(const struct alloc_table *table);

/*
 * Lock the statistics of what its client sent, for a writer. Just the kernel is
 * kept out: otherwise its own relay thread is alone.
 */
static inline void
alloc_lock_traffic(struct alloc *a)
{
	if (a->traffic != &a->own)
		shared_lock(a->traffic);
}

static inline void
alloc_unlock_traffic(struct alloc *a)
{
	if (a->traffic != &a->own)
		shared_unlock(a->traffic);
}

struct alloc_new {
	const struct addr *client, *local;
	unsigned listen;
	struct inbox *inbox;
	uint64_t stream;
	bool tls;
	const struct addr *relayed;	/* the port is chosen if fd is -1 */
	int fd;				/* a relay socket to take over, or -1 */
	const struct addr *second;	/* NULL: one family only */
	int second_fd;			/* as fd */
	bool even;			/* EVEN-PORT was given */
	bool reserve;			/* reserve the next port too */
	uint64_t token;			/* RESERVATION-TOKEN, 0 if none */
	const char *username;
	const struct turncred *cred;	/* the parsed username */
	const struct stunauth_key *key;
	const uint8_t *transaction;
	uint32_t lifetime_s;
};

/*
 * Add an allocation. If its party, call or user holds too many, the allocation
 * of that party or user that has been silent the longest makes room, if it was
 * so for ALLOC_SILENT_S. A client that crashed has left such ones.
 *
 *   -EEXIST     the 5-tuple has one
 *   -ESTALE     another 5-tuple has one by the same request, of our calls
 *   -EDQUOT     over a limit of the party or call, or of the user
 *   -EUSERS     over the limit of the client's network
 *   -ENOBUFS    over the limit of its service
 *   -ENOSPC     over the limit of the table, or no such port or token
 *   -ECANCELED  the call has ended
 *   -ENOMEM
 */
int alloc_add(struct alloc_table *table, const struct alloc_new *new,
    uint64_t now_ns, struct alloc **out);

/*
 * Refresh one family's relayed address, or with AF_UNSPEC each that still
 * exists. With 0 seconds it ends, and the allocation ends with the last one.
 * This and the functions below return -ENOENT if the allocation is gone by now.
 */
int alloc_refresh(struct alloc_table *table, struct alloc *a,
    sa_family_t family, uint32_t lifetime_s, uint64_t now_ns);
int alloc_permit(struct alloc_table *table, struct alloc *a,
    const struct addr peers[], size_t n, uint64_t now_ns);
int alloc_bind(struct alloc_table *table, struct alloc *a, uint16_t number,
    const struct addr *peer, uint64_t now_ns);

void alloc_delete(struct alloc_table *table, struct alloc *a);

/*
 * Free every allocation of the call. Refuse the call new ones for a while, even
 * though its credentials are still valid.
 */
void alloc_end_call(struct alloc_table *table, const char *call);

/*
 * A call of this switch rings: until it is answered, its parties together get
 * no more than one of them gets later. It must be ended by alloc_end_call. If
 * memory is out, it is not limited.
 */
void alloc_ring_call(struct alloc_table *table, const char *call);
void alloc_answer_call(struct alloc_table *table, const char *call);

struct alloc_sums {
	unsigned allocations;
	uint64_t packets, bytes, last_ns;	/* including allocations that
						 * are gone */
};

/* Sum the statistics of all parties, as alloc_callstats does. */
int alloc_sums(struct alloc_table *table, const char *call,
    struct alloc_sums *out);

/*
 * Read the call's statistics by party. They are kept for ALLOC_KEPT_S after its
 * last allocation went, except after alloc_end_call. Return -ENOENT if there is
 * no such call.
 */
#define ALLOC_KEPT_S 600
int alloc_callstats(struct alloc_table *table, const char *call,
    struct callstats *out);

/*
 * Return how many datagrams the kernel dropped, because the peers' thread was
 * late, at relay sockets that are closed by now.
 */
uint64_t alloc_overruns(const struct alloc_table *table);

/* Counts of allocations at limits. */
struct alloc_limited {
	uint64_t held;			/* refused: too many are held */
	uint64_t paced;			/* refused: too many were made */
	uint64_t evicted;		/* silent ones that made room */
	uint64_t user, user_paced;	/* as held and paced, of users */
	uint64_t prefix, service, total;	/* refused likewise */
};

void alloc_limited(struct alloc_table *table, struct alloc_limited *out);

/* Return the number of allocations. */
unsigned alloc_count(const struct alloc_table *table);

#endif
