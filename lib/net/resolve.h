/*
 * resolve: all addresses of a name, IPv4 and IPv6 together (c-ares on a
 * libevent loop, TCP when an answer is truncated, CNAMEs followed).
 */
#ifndef RP_NET_RESOLVE_H
#define RP_NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct resolve;

#define RESOLVE_MAX 512		/* addresses kept of an answer */

/*
 * err 0: n > 0 addresses in the order of the answers, an IPv6 and an IPv4 one
 * in turn, without duplicates; addrs is valid during the call. -ENOENT: no
 * such name or no address. -EAGAIN: no answer, a broken one (SERVFAIL), or
 * one that a public name can't have. -ETIMEDOUT. why is one line; with err 0 it
 * is NULL, or says that DNS failed and how old this last good answer is.
 * Never called before resolve_start returns.
 */
typedef void resolve_handler(int err, const char *why,
    const struct addr addrs[], size_t n, void *arg);

struct resolve_options {
	const char *servers;	/* "192.0.2.53:53,[2001:db8::53]:53"; NULL:
				   the system's, and its hosts file */
	uint32_t timeout_ms;	/* for the whole look-up; 0: 5,000; at most
				   2,000 where a last good answer is at hand */
	bool allow_loopback;	/* keep loopback that DNS answers, for tests */
	const char *cache_file;	/* of net/lastgood.h, for when DNS fails; or
				   NULL. Must stay valid */
};

/*
 * Look name up (an address in text form answers itself). Every address gets
 * port. From DNS, addresses that mean "this host" or nobody in particular
 * (0.0.0.0, multicast, loopback unless the name is localhost) are dropped: a
 * connect to them would win every race. When one family has answered, the
 * other may take as long again (at most 250 ms). Free it after the handler
 * was called, or before to cancel.
 */
int resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg);

/* Cancels; no handler follows. NULL is fine; allowed within the handler. */
void resolve_free(struct resolve *resolve);

#endif
