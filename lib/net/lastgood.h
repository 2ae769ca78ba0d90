/*
 * lastgood: the last good DNS answer for each name, for use when DNS is down.
 * It is kept in a small text file with one line per name, "NAME
 * SECONDS-SINCE-1970 ADDRESS...", the latest first. "NAME SECONDS proxy"
 * records a proxy, and "NAME SECONDS proxy?" that one race spoke for it; see
 * lastgood_set_proxy. A line of unknown words is an answer without addresses.
 * The functions read and write a file of a few kilobytes and block for that.
 */
#ifndef RP_NET_LASTGOOD_H
#define RP_NET_LASTGOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define LASTGOOD_ADDRS 64	/* kept per answer */
#define LASTGOOD_NAMES 64	/* kept per file; the oldest are dropped */
#define LASTGOOD_DAYS 30	/* the longest age of a usable answer */

/*
 * Remember the answer, whose oldest part is from `at_s` seconds after 1970 (0
 * for now). Return 0 or a negative errno; the file is then unchanged.
 */
int lastgood_save(const char *file, const char *name,
    const struct addr addrs[], size_t n, int64_t at_s);

/*
 * Load the answer for `name` into `addrs` (room for LASTGOOD_ADDRS), each
 * address with `port`. `*at_s` becomes when it came, in seconds since 1970.
 * Malformed lines are skipped. Return -ENOENT if there is no answer.
 */
int lastgood_load(const char *file, const char *name, uint16_t port,
    struct addr addrs[static LASTGOOD_ADDRS], size_t *n, int64_t *at_s);

/*
 * Record how many races in a row for the switches of `name` spoke for a proxy
 * between them and this host (net/tlsrace.h): 0, 1, or 2 for more. It is
 * remembered for ten minutes from when it was first noticed, because people
 * move, and a busy region looks like a proxy to those who are near it.
 */
int lastgood_set_proxy(const char *file, const char *name, unsigned races);
unsigned lastgood_proxy(const char *file, const char *name);

#endif
