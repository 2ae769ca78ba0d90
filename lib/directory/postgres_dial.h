/*
 * postgres_dial: connect to the first host of a URL that serves, without
 * blocking. Names are resolved by c-ares, again for each pass. A host that is
 * silent is given up and left out for a while, so that those behind it are
 * reached soon.
 */
#ifndef RP_DIRECTORY_POSTGRES_DIAL_H
#define RP_DIRECTORY_POSTGRES_DIAL_H

#include <stddef.h>

#include "directory/postgres_url.h"

struct event_base;
struct postgres_dial;

/*
 * A connection, which is now the owner's, or NULL: no host serves, and the pass
 * is over. Called from the loop only.
 */
typedef void postgres_dial_handler(PGconn *conn, void *arg);

/*
 * `target` is as in target_session_attrs. NULL: out of memory. The URL must
 * stay valid.
 */
struct postgres_dial *postgres_dial_new(struct event_base *loop,
    const struct postgres_url *url, const char *target,
    postgres_dial_handler *done, void *arg);
void postgres_dial_free(struct postgres_dial *dial);

/*
 * Try only the first `n_hosts`, and only those of the preferred kind. 0: any,
 * as at the beginning.
 */
void postgres_dial_limit(struct postgres_dial *dial, size_t n_hosts);

/*
 * Return how many hosts were better than the one that was handed over last: all
 * of them, if it is of another kind than preferred.
 */
size_t postgres_dial_better(const struct postgres_dial *dial);

/* Begin a pass over the hosts, in `ms`, instead of one that goes on. */
void postgres_dial_start(struct postgres_dial *dial, uint64_t ms);

/*
 * Go on with the next host or address, because the one that was handed over
 * last does not serve, as `why` says.
 */
void postgres_dial_next(struct postgres_dial *dial, const char *why);

/* Leave the host that was handed over last out for a while: it was silent. */
void postgres_dial_avoid(struct postgres_dial *dial);

/* Return why the hosts of this pass, or of the last one, did not serve. */
const char *postgres_dial_why(const struct postgres_dial *dial);

#endif
