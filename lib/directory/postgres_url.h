/*
 * postgres_url: a URL of PostgreSQL, as libpq reads it, and its hosts one by
 * one. libpq would resolve names itself, which blocks, and would never leave a
 * host that hangs. So its own list of hosts is taken apart here.
 */
#ifndef RP_DIRECTORY_POSTGRES_URL_H
#define RP_DIRECTORY_POSTGRES_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "wire/why.h"

#define POSTGRES_HOSTS 8	/* in a URL; a cluster rarely has five */

/* NULL: not given, which for the host means the default Unix socket. */
struct postgres_host {
	const char *host, *hostaddr, *port;
};

struct postgres_url {
	PQconninfoOption *given, *defaults;	/* libpq's */
	bool secret;			/* it may hold a password */
	char *texts[3];			/* which the hosts point into */
	struct postgres_host hosts[POSTGRES_HOSTS];
	size_t n_hosts;
	uint64_t connect_ms;		/* the limit for each host */
	const char *target;		/* target_session_attrs */
};

/*
 * Parse "postgresql://..." or "postgres://...". The environment sets the rest,
 * as libpq has it. Return -EINVAL with libpq's reason in `why`, which holds no
 * password, or -ENOMEM.
 */
int postgres_url_parse(struct postgres_url **out, const char *text,
    char why[static WHY_TEXT]);
void postgres_url_free(struct postgres_url *url);

/*
 * Start to connect to one host, at the address `ip` (NULL: the host's own).
 * The connection's state may be CONNECTION_BAD already; NULL: out of memory.
 */
PGconn *postgres_url_connect(const struct postgres_url *url,
    const struct postgres_host *host, const char *ip, const char *target);

/*
 * Write the first line of a message of libpq or of the server. Control
 * characters are replaced, because people read it at a terminal.
 */
void postgres_url_reason(char why[static WHY_TEXT], const char *message);

#endif
