/*
 * redis_link: a connection that is kept to one server. The server's name is
 * looked up at each connect, we log in, and what is lost or silent is connected
 * again. Its owner finds out what the server is good for.
 */
#ifndef RP_DIRECTORY_REDIS_LINK_H
#define RP_DIRECTORY_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff.h"
#include "directory/redis_conn.h"
#include "directory/redis_url.h"
#include "wire/addr.h"
#include "wire/hostport.h"

struct event_base;
struct resolve;
struct tls_config;

#define REDIS_LINK_ADDRS 8	/* of one name, as of a service's replicas */

/* Embedded: its owner's handlers lead back to the owner. */
struct redis_link {
	/* Set by the owner before anything is called, and kept. */
	struct event_base *loop;
	struct hostport host;		/* a name with "/": a Unix socket */
	size_t pick;			/* which of its addresses, in order */
	struct tls_config *tls;		/* NULL: without TLS */
	const struct redis_login *login;
	/* A connect or login failed, or it is lost. It may not free it. */
	void (*down)(struct redis_link *link, const char *why);

	struct redis_conn *conn;	/* NULL: not connected */
	struct resolve *resolve;
	bool checking;			/* `resolve` is of a connected one */
	struct addr addr;		/* which it has, or tried last */
	size_t n_addrs;			/* of the name, when last looked up */
	struct backoff backoff;
	uint64_t next_ms;		/* when to connect again */
	bool was_good;			/* then at once */
	bool warned;			/* that others can read the file */
};

/*
 * Connect when it is time, or close what is silent. Call it every quarter of a
 * second. Return true if commands may be sent.
 */
bool redis_link_tick(struct redis_link *link);

/* The server is good: after a loss connect again at once. */
void redis_link_good(struct redis_link *link);

/*
 * Look a connected server's name up again. If it has another address now,
 * connect to that. It does nothing for an address.
 */
void redis_link_check(struct redis_link *link);

/* Close it; `down` is not called. */
void redis_link_close(struct redis_link *link);

#endif
