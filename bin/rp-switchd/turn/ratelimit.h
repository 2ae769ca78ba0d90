/*
 * ratelimit: a limit on a relay thread's answers to unauthenticated clients, by
 * source prefix (IPv4 /24, IPv6 /48). It makes the relay useless against the
 * owner of a forged address. A prefix gets a number of answers per second, and
 * in the long run no more bytes than came in. The table has a fixed size, and
 * prefixes that share an entry share its limit.
 */
#ifndef RP_SWITCHD_RATELIMIT_H
#define RP_SWITCHD_RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct ratelimit;

/*
 * Bytes beyond what came in. A challenge is longer than a request can be, so a
 * prefix begins with this much and slowly regains it.
 */
#define RATELIMIT_AHEAD 16384
#define RATELIMIT_AHEAD_PER_S 1024

/* Make one. `per_second` is not 0. -ENOMEM, -EIO. */
int ratelimit_new(struct ratelimit **out, unsigned per_second);
void ratelimit_free(struct ratelimit *limit);

/*
 * May this request be answered with `out_bytes` bytes? If so, they are taken.
 */
bool ratelimit_take(struct ratelimit *limit, const struct addr *client,
    size_t in_bytes, size_t out_bytes, uint64_t now_ns);

/*
 * May a login of this prefix be tried? Each key that was tried in vain is taken
 * from as many per second as it gets answers, times RATELIMIT_KEYS, whether it was
 * answered or not. Only who is heard at an address there can take them.
 */
#define RATELIMIT_KEYS 16
bool ratelimit_may_try(struct ratelimit *limit, const struct addr *client,
    uint64_t now_ns);
void ratelimit_tried(struct ratelimit *limit, const struct addr *client,
    unsigned keys);

#endif
