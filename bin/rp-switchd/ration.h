/*
 * ration: how much a relay thread answers to those it does not know, by source
 * prefix (IPv4 /24, IPv6 /48), so that it is of no use against the owner of a
 * forged address: so many answers a second, and in the long run no more bytes
 * than came in. A table of fixed size; who shares an entry shares its ration.
 */
#ifndef RP_SWITCHD_RATION_H
#define RP_SWITCHD_RATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct ration;

/*
 * Bytes beyond what came in: a challenge is longer than a request can be, so
 * a prefix has this much to begin with, and slowly again.
 */
#define RATION_AHEAD 16384
#define RATION_AHEAD_PER_S 1024

/* -ENOMEM, -EIO. per_second is not 0. */
int ration_new(struct ration **out, unsigned per_second);
void ration_free(struct ration *ration);

/* May this request be answered with so many bytes? Takes them if so. */
bool ration_take(struct ration *ration, const struct addr *client,
    size_t in_bytes, size_t out_bytes, uint64_t now_ns);

#endif
