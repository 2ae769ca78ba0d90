/*
 * chan: the channels of one allocation (RFC 8656 12): a channel number stands
 * for a peer's transport address. Sets are copied to grow, so that relay
 * threads read them without a lock. A writer holds the table's mutex.
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
#define CHAN_MAX 32		/* per allocation */

struct chan {
	uint64_t expires_ns;	/* renewed in place */
	struct alloc *to;	/* the owner of that address, or NULL */
	struct addr peer;
	uint16_t number;
};

/* Return the channel if it is bound now, else NULL. For readers. */
const struct chan *chan_find(struct chan_set *const *set, uint16_t number,
    uint64_t now_ns);
/* Return until when it is bound. */
uint64_t chan_until(const struct chan *chan);
/*
 * Return the allocation behind a channel, or NULL if there is none (any more).
 */
struct alloc *chan_to(const struct chan *chan);
/* Return the number bound to that allocation's address of that family, or 0. */
uint16_t chan_number(struct chan_set *const *set, const struct alloc *to,
    sa_family_t family, uint64_t now_ns);

/* Return the number bound to that peer, or 0. */
uint16_t chan_number_of(struct chan_set *const *set, const struct addr *peer,
    uint64_t now_ns);

/*
 * Bind or renew a channel.
 *
 *   -EEXIST  the number is bound to another peer, or the peer to another number
 *   -ENOSPC  more than CHAN_MAX
 *   -ENOMEM
 */
int chan_bind(struct chan_set **set, struct reclaim *reclaim, uint16_t number,
    const struct addr *peer, struct alloc *to, uint64_t now_ns);

/* Update the channels to an address whose allocation came or went. */
void chan_link(struct chan_set *set, const struct addr *peer,
    struct alloc *to);
void chan_unlink(struct chan_set *set, const struct alloc *to);

void chan_free_later(struct chan_set **set, struct reclaim *reclaim);

#endif
