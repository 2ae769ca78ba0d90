/*
 * netwatch: report changes of this host's addresses or routes (rtnetlink), so
 * that a client needs no time-out to notice that it has moved.
 */
#ifndef RP_NET_NETWATCH_H
#define RP_NET_NETWATCH_H

#include <stdbool.h>

#include "wire/addr.h"

struct event_base;
struct netwatch;

/*
 * Start watching. `changed` is called from the loop, once for the many changes
 * that come together, a tenth of a second after the first. Return 0 or the
 * socket's negative errno.
 */
int netwatch_new(struct netwatch **out, struct event_base *loop,
    void (*changed)(void *arg), void *arg);

/* Is the address (its port does not count) one of this host's? */
bool netwatch_has(const struct addr *addr);

/* Has this host lost the address that the connected socket is bound to? */
bool netwatch_is_stranded(int fd);

/*
 * Find the address from which this host would send to `to`. Nothing is sent.
 * Return 0 or a negative errno such as -ENETUNREACH.
 */
int netwatch_source(struct addr *out, const struct addr *to);

/* Stop watching. NULL is fine; allowed within `changed`. */
void netwatch_free(struct netwatch *netwatch);

#endif
