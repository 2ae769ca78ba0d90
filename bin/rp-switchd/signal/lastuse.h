/*
 * lastuse: the devices that were used today, so that the directory is told once
 * per day and device. It has room for some 800,000 devices, in 8 MB. The use of
 * others is not noted.
 */
#ifndef RP_SWITCHD_LASTUSE_H
#define RP_SWITCHD_LASTUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"

struct lastuse;

/* NULL: out of memory. */
struct lastuse *lastuse_new(void);
void lastuse_free(struct lastuse *lastuse);

/*
 * Note that a device was used at `wall_s`. Return true if that is the first
 * time on this day (UTC).
 */
bool lastuse_first(struct lastuse *lastuse,
    const uint8_t token_hash[static CRYPTO_SHA256], int64_t wall_s);

#endif
