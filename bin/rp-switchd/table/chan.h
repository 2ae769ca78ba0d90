/*
 * chan: the channels of one allocation (RFC 8656 12): a number that stands for
 * a peer's transport address. Sets are copied to grow, so that relay threads
 * read them without a lock; whoever changes one holds the table's mutex.
 */
#ifndef RP_SWITCHD_CHAN_H
#define RP_SWITCHD_CHAN_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct alloc;
struct chan_set;
struct reclaim;

#define CHAN_LIFETIME_S 600
#define CHAN_MAX 32		/* an allocation's */

struct chan {
	uint64_t expires_ns;	/* renewed in place */
	struct alloc *to;	/* whose relayed address peer is, or NULL */
	struct addr peer;
	uint16_t number;
};

/* For readers: the channel, if it is bound now, else NULL. */
const struct chan *chan_find(struct chan_set *const *set, uint16_t number,
    uint64_t now_ns);
/* The allocation behind a channel; NULL if there is none (any more). */
struct alloc *chan_to(const struct chan *chan);
/* The number bound to that allocation's address of that family, or 0. */
uint16_t chan_number(struct chan_set *const *set, const struct alloc *to,
    sa_family_t family, uint64_t now_ns);

/* The number bound to that peer, or 0. */
uint16_t chan_number_of(struct chan_set *const *set, const struct addr *peer,
    uint64_t now_ns);

/*
 * Bind or renew. -EEXIST if the number is bound to another peer, or the peer
 * to another number; -ENOSPC beyond CHAN_MAX, -ENOMEM.
 */
int chan_bind(struct chan_set **set, struct reclaim *reclaim, uint16_t number,
    const struct addr *peer, struct alloc *to, uint64_t now_ns);

/* An allocation came or went: channels to its address lead to it, or don't. */
void chan_link(struct chan_set *set, const struct addr *peer,
    struct alloc *to);
void chan_unlink(struct chan_set *set, const struct alloc *to);

void chan_bury(struct chan_set **set, struct reclaim *reclaim);

#endif
