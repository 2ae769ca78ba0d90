/*
 * postgres_link: a connection to the first server of a URL that holds a
 * directory, with the requests that wait for it. It is probed, and sought again
 * when it is lost or silent. Requests wait while it is sought first, and for a
 * moment after a loss, so that a server which takes over is not noticed.
 */
#ifndef RP_DIRECTORY_POSTGRES_LINK_H
#define RP_DIRECTORY_POSTGRES_LINK_H

#include <stdbool.h>

#include "directory/directory_engine.h"
#include "directory/postgres_url.h"

struct event_base;
struct postgres_link;

struct postgres_link_options {
	struct event_base *loop;
	const struct postgres_url *url;
	const char *target;		/* as in target_session_attrs */
	bool writes;			/* only a server that can be written */
	bool create;			/* make the tables if there are none */
	size_t limit;			/* see postgres_dial_limit */
	bool quiet;			/* it is on trial: log no failure */
	/* Called from the loop after any of what is below has changed. */
	void (*changed)(struct postgres_link *link, void *arg);
	void *arg;
};

/* NULL: out of memory. */
struct postgres_link *postgres_link_new(
    const struct postgres_link_options *options);
/* Begin to seek a server. Requests may wait already. */
void postgres_link_start(struct postgres_link *link);
/* Release what waits, and free it. NULL is fine. */
void postgres_link_free(struct postgres_link *link);

/* Take a request. It is finished from the loop. */
void postgres_link_submit(struct postgres_link *link,
    struct directory_request *request);

/* Is it connected to a server that holds a directory? */
bool postgres_link_up(const struct postgres_link *link);
/* Do requests still wait, although it is not up? */
bool postgres_link_hopes(const struct postgres_link *link);
/* Return how many of the hosts were better than the one that it found. */
size_t postgres_link_better(const struct postgres_link *link);
/* Does nobody wait for it? */
bool postgres_link_idle(const struct postgres_link *link);
/* Is the server a standby, so that writes go elsewhere? */
bool postgres_link_standby(const struct postgres_link *link);
/*
 * Why it is not up, or why the last write failed; "" if neither. Valid until
 * the loop turns.
 */
const char *postgres_link_why(const struct postgres_link *link);

#endif
