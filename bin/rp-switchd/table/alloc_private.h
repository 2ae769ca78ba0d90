/*
 * alloc_private: the relay's tables from inside, for alloc.c, which finds and
 * keeps, alloc_add.c, which admits new ones, alloc_port.c, which invents their
 * ports, alloc_change.c, which changes what is there, and alloc_stats.c, which
 * says what it did.
 */
#ifndef RP_SWITCHD_ALLOC_PRIVATE_H
#define RP_SWITCHD_ALLOC_PRIVATE_H

#include <pthread.h>

#include "table/alloc.h"
#include "table/reclaim.h"
#include "table/tombstones.h"
#include "table/tuple.h"
#include "table/wheel.h"

#define BUCKETS 32768		/* one entry each at the size we aim for */
#define SOCKETS 65536		/* descriptors of relay sockets are below */

#define RESERVED_MAX 4		/* ports that a call may hold back */
#define RESERVED_S 30		/* and how long (RFC 8656 7.2) */

/* The port behind an even one, for who shows the token. */
struct alloc_reservation {
	uint64_t token;
	uint64_t expires_ns;		/* 0: free */
	struct addr relayed;
};

/* What a party's allocations that are gone have done. */
struct alloc_gone {
	struct alloc_gone *next;
	struct callstats_party sum;
};

struct alloc_call {
	struct reclaim_item item;
	struct alloc_call *next;	/* in the table of calls */
	struct alloc *allocs;
	unsigned n;
	struct alloc_gone *gone;	/* by party; NULL: nothing to tell */
	struct wheel_entry expiry;	/* set while n is 0 */
	struct alloc_reservation *reserved;	/* RESERVED_MAX, or NULL */
	char name[TURNCRED_CALL];
};

struct alloc_table {
	struct reclaim *reclaim;
	struct alloc_limits limits;
	struct tuple_seed seed;
	pthread_mutex_t mutex;
	unsigned n;
	uint64_t overruns;		/* at relay sockets that are gone */
	struct alloc_call *calls[BUCKETS];
	struct alloc *tuples[BUCKETS];
	struct alloc *sockets[SOCKETS];
	struct wheel wheel;
	struct wheel kept;		/* calls without an allocation */
	struct tombstones ended;
};

/* All under the mutex. NULL: no such call. */
struct alloc_call *alloc_find_call(struct alloc_table *table,
    const char *name);
/* Where the tables begin to look for that 5-tuple, or that call. */
struct alloc **alloc_tuple_bucket(struct alloc_table *table,
    const struct tuple *tuple);
struct alloc_call **alloc_call_bucket(struct alloc_table *table,
    const char *name);
/* The relay socket is a's from now on; NULL: nobody's. fd -1: there is none. */
void alloc_show_socket(struct alloc_table *table, int fd, struct alloc *a);
/* Take it from every table and bury it; its call stays for a while. */
void alloc_remove(struct alloc_table *table, struct alloc *a);
/* The same with all that it holds, and the call. */
void alloc_remove_call(struct alloc_table *table, struct alloc_call *call);
/*
 * If the call holds no allocation it is removed, at once or, since what it did
 * may still be asked for, after a while.
 */
void alloc_settle(struct alloc_table *table, struct alloc_call *call);
/* a goes: keep its numbers. Without memory they are lost, and nothing else. */
void alloc_remember(struct alloc_call *call, const struct alloc *a);
void alloc_forget(struct alloc_call *call);
/* The same of a relay socket, or of none (-1). */
void alloc_remember_socket(struct alloc_table *table, int fd);
/* Put it where the wheel finds it when it expires. */
void alloc_schedule(struct alloc_table *table, struct alloc *a);
/*
 * Ports for the relayed addresses of a, which is not yet in its call, that
 * have no socket, or the one its token stands for. -ENOSPC.
 */
int alloc_choose_ports(struct alloc_call *call, struct alloc *a,
    const struct alloc_new *new, uint64_t now_ns);

/* Is that a relayed address of it, or was it? For readers as well. */
static inline bool
alloc_is_at(const struct alloc *a, const struct addr *relayed)
{
	return addr_equal(&a->relayed, relayed) || (a->second != NULL &&
	    addr_equal(&a->second->relayed, relayed));
}

#endif
