/*
 * taught: the ways from one allocation that the kernel was taught, to teach none
 * twice and to have it forget them all. All is under the lock of the sender's
 * traffic, except where nobody sees the allocation yet or any more.
 */
#ifndef RP_SWITCHD_TAUGHT_H
#define RP_SWITCHD_TAUGHT_H

#include <stdint.h>

#include "table/chan.h"
#include "table/inkernel.h"

struct addr;
struct alloc;
struct inkernel;

/* How long a way is not taught again, whatever came of it. */
#define TAUGHT_PAUSE_NS 1000000000ull

/* One way, by a channel. All zero: none. */
struct taught_way {
	uint64_t expires_ns;		/* 0: it was not learnt */
	uint64_t tried_ns;
	uint32_t from_serial, to_serial;
	uint16_t number;		/* of the channel; 0: none was tried */
};

/*
 * A channel has one place, by its number. One that another holds, which has not
 * expired, is not taught: a client that numbers its channels in a row has none.
 */
struct taught {
	struct taught_way ways[CHAN_MAX];
};

static inline struct taught_way *
taught_way(struct taught *taught, uint16_t number)
{
	return &taught->ways[number % CHAN_MAX];
}

/* Write an address as the maps have it: IPv4 is mapped; network order. */
void taught_addr(uint8_t ip[static 16], uint16_t *port,
    const struct addr *addr);

/* Write what arrives from the client of `a` by that channel. */
void taught_key(struct inkernel_key *key, const struct alloc *a,
    uint16_t number);

/* Forget a way, or all of them. */
void taught_forget(const struct inkernel *inkernel, const struct alloc *a,
    const struct taught_way *way);
void taught_forget_all(const struct inkernel *inkernel, const struct alloc *a);

#endif
