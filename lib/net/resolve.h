/*
 * resolve: all addresses of a name, IPv4 and IPv6 together (c-ares on a
 * libevent loop, TCP when an answer is truncated, CNAMEs followed).
 */
#ifndef RP_NET_RESOLVE_H
#define RP_NET_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct resolve;

#define RESOLVE_MAX 512		/* addresses kept of an answer */

/*
 * err 0: n > 0 addresses in DNS order, IPv4 and IPv6 as they came, without
 * duplicates; addrs is valid during the call. -ENOENT: no such name or no
 * address. -EAGAIN: no or a broken answer (SERVFAIL). -ETIMEDOUT. why is one
 * line. Never called before resolve_start returns.
 */
typedef void resolve_handler(int err, const char *why,
    const struct addr addrs[], size_t n, void *arg);

struct resolve_options {
	const char *servers;	/* "192.0.2.53:53,..."; NULL: the system's */
	uint32_t timeout_ms;	/* for the whole look-up; 0: 5,000 */
};

/*
 * Look name up (an address in text form answers itself). Every address gets
 * port. Free it after the handler was called, or before to cancel.
 */
int resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg);

/* Cancels; no handler follows. NULL is fine; allowed within the handler. */
void resolve_free(struct resolve *resolve);

#endif
