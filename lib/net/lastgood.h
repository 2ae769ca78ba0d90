/*
 * lastgood: the last good answer of DNS for each name, kept in a small text
 * file ("NAME SECONDS-SINCE-1970 ADDRESS...", a line a name, the latest
 * first), for when DNS is down; and "NAME SECONDS proxy" for what is said
 * below. Reads and writes a file of some kilobytes
 * where it is called.
 */
#ifndef RP_NET_LASTGOOD_H
#define RP_NET_LASTGOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define LASTGOOD_ADDRS 64	/* kept of an answer */
#define LASTGOOD_NAMES 64	/* kept in a file; the oldest go */
#define LASTGOOD_DAYS 30	/* older than this is good no more */

/*
 * Remember the answer, of which the oldest part came at_s seconds after 1970; 0:
 * now. 0 or a negative errno: then the file is as before.
 */
int lastgood_save(const char *file, const char *name,
    const struct addr addrs[], size_t n, int64_t at_s);

/*
 * The answer of name, each address with port, in addrs (room for
 * LASTGOOD_ADDRS), and when it came, in seconds since 1970. -ENOENT if there is
 * none. Lines that cannot be understood are passed over.
 */
int lastgood_load(const char *file, const char *name, uint16_t port,
    struct addr addrs[static LASTGOOD_ADDRS], size_t *n, int64_t *at_s);

/*
 * Something between this host and the switches of name completes TCP for
 * everybody (net/tlsrace.h), or no longer does. Remembered for an hour from when
 * it was first noticed: people move.
 */
int lastgood_set_proxy(const char *file, const char *name, bool is_there);
bool lastgood_proxy(const char *file, const char *name);

#endif
