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

/* What a look-up has found since it last said something. */
struct resolve_answer {
	/*
	 * 0, or nothing was found: -ENOENT: no such name or no address.
	 * -EAGAIN: no answer, a broken one (SERVFAIL), or one that a public name
	 * can't have. -ETIMEDOUT. Only in a call that is the first and the last.
	 */
	int err;
	/*
	 * One line; with err 0 it is NULL, or says that DNS failed and how old
	 * this last good answer is.
	 */
	const char *why;
	/*
	 * In the order of the answers, an IPv6 and an IPv4 one in turn, without
	 * duplicates, and none that was told before but of a last good answer.
	 */
	const struct addr *addrs;
	size_t n;		/* 0 in the last call of several, perhaps */
	bool first;		/* nothing was told before */
	bool more;		/* the look-up goes on; another call follows */
	const char *missing;	/* in the last call: why a family that may have
				   addresses has none, unless why says so; or
				   NULL */
};

/*
 * found and what it points to are valid during the call. Never called before
 * resolve_start returns.
 */
typedef void resolve_handler(const struct resolve_answer *found, void *arg);

struct resolve_options {
	const char *servers;	/* "192.0.2.53:53,[2001:db8::53]:53"; NULL:
				   the system's, and its hosts file */
	uint32_t timeout_ms;	/* for the whole look-up; 0: 5,000 */
	bool allow_loopback;	/* keep loopback that DNS answers, for tests */
	const char *cache_file;	/* of net/lastgood.h, for when DNS fails or
				   says nothing for 2,000 ms; or NULL. Must
				   stay valid */
};

/*
 * Look name up (an address in text form answers itself). Every address gets
 * port. From DNS, addresses that mean "this host" or nobody in particular
 * (0.0.0.0, multicast, loopback unless the name is localhost) are dropped: a
 * connect to them would win every race. When one family has answered, the
 * other may take as long again (at most 250 ms); if it takes longer it is told
 * when it comes, and so is its last good answer if it does not (RFC 8305 3).
 * Free it after the last call, or before to cancel.
 */
int resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg);

/* Cancels; no handler follows. NULL is fine; allowed within the handler. */
void resolve_free(struct resolve *resolve);

#endif
