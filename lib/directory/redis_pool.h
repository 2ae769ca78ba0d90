/*
 * redis_pool: the servers that the URL or Sentinel names, and which of them is
 * read and which is written.
 *
 * The first good one in the URL's order is read; with Sentinel the nearest. If
 * it is lost the next good one is read, and once it has been good for a while
 * it is read again. The master by ROLE is written. If several say that they are
 * (one was cut off and does not know), Sentinel decides, or else that written
 * so far, the one with more replicas, or the last of the URL. A server that may
 * not be asked for its role is written if none is known to be the master.
 */
#ifndef RP_DIRECTORY_REDIS_POOL_H
#define RP_DIRECTORY_REDIS_POOL_H

#include <stdbool.h>

#include "directory/redis_server.h"
#include "directory/redis_url.h"
#include "wire/why.h"

struct event_base;
struct redis_pool;

struct redis_pool_options {
	const struct redis_url *url;	/* is copied */
	/* Make what is empty a directory, once, if no server holds one. */
	bool create;
	/* The functions below may return something else now. */
	void (*changed)(void *arg);
	void *arg;
};

/*
 * Begin to connect. `changed` is called from the loop only. -EINVAL: the file
 * of authorities cannot be read. -ENOMEM. One line in `why`.
 */
int redis_pool_new(struct redis_pool **out, struct event_base *loop,
    const struct redis_pool_options *options, char why[static WHY_TEXT]);
void redis_pool_free(struct redis_pool *pool);

/* Return the server to read, or to write to, which is connected; or NULL. */
struct redis_server *redis_pool_reader(const struct redis_pool *pool);
struct redis_server *redis_pool_writer(const struct redis_pool *pool);

/*
 * Return whether it is known if there is a reader, or a writer. It is not
 * before the first attempt has ended, nor for a moment after a connection was
 * lost.
 */
bool redis_pool_settled(const struct redis_pool *pool, bool writes);

/* A request failed at this server: look again at once. */
void redis_pool_doubt(struct redis_pool *pool, struct redis_server *server);

/* Say why there is no reader, or no writer. */
void redis_pool_why(const struct redis_pool *pool, bool writes,
    char why[static WHY_TEXT]);

#endif
