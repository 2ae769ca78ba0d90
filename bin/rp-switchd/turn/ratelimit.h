/*
 * ratelimit: how much a relay thread answers to those it does not know, by source
 * prefix (IPv4 /24, IPv6 /48), so that it is of no use against the owner of a
 * forged address: so many answers a second, and in the long run no more bytes
 * than came in. A table of fixed size; who shares an entry shares its ration.
 */
#ifndef RP_SWITCHD_RATELIMIT_H
#define RP_SWITCHD_RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct ratelimit;

/*
 * Bytes beyond what came in: a challenge is longer than a request can be, so
 * a prefix has this much to begin with, and slowly again.
 */
#define RATELIMIT_AHEAD 16384
#define RATELIMIT_AHEAD_PER_S 1024

/* -ENOMEM, -EIO. per_second is not 0. */
int ratelimit_new(struct ratelimit **out, unsigned per_second);
void ratelimit_free(struct ratelimit *ration);

/* May this request be answered with so many bytes? Takes them if so. */
bool ratelimit_take(struct ratelimit *ration, const struct addr *client,
    size_t in_bytes, size_t out_bytes, uint64_t now_ns);

#endif
