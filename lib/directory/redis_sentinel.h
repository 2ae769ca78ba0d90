/*
 * redis_sentinel: ask Redis' Sentinels which servers there are and which of
 * them is the master. The answer with the highest configuration epoch counts,
 * because a Sentinel that was cut off names an old master.
 */
#ifndef RP_DIRECTORY_REDIS_SENTINEL_H
#define RP_DIRECTORY_REDIS_SENTINEL_H

#include <stdbool.h>
#include <stddef.h>

#include "directory/redis_url.h"
#include "wire/hostport.h"

struct event_base;
struct redis_sentinel;
struct tls_config;

#define REDIS_SENTINEL_HOSTS 16	/* servers of one master */

/*
 * Called from the loop when something changed: the master and its replicas,
 * without those that Sentinel holds for down.
 */
typedef void redis_sentinel_handler(const struct hostport *master,
    const struct hostport replicas[], size_t n, void *arg);

/* NULL: out of memory. `url` and `tls` must outlive it. */
struct redis_sentinel *redis_sentinel_new(struct event_base *loop,
    const struct redis_url *url, struct tls_config *tls,
    redis_sentinel_handler *found, void *arg);
void redis_sentinel_free(struct redis_sentinel *sentinel);

/*
 * Ask when it is time: each second if it is `urgent`, else every two. Call it
 * every quarter of a second.
 */
void redis_sentinel_tick(struct redis_sentinel *sentinel, bool urgent);

/* Return whether each of them has answered, or could not. */
bool redis_sentinel_attempted(const struct redis_sentinel *sentinel);

/* Return why the first that failed did; "": none did. */
const char *redis_sentinel_why(const struct redis_sentinel *sentinel);

#endif
