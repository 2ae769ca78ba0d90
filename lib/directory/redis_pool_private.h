/*
 * redis_pool_private: the state of a redis_pool, for its two files.
 */
#ifndef RP_DIRECTORY_REDIS_POOL_PRIVATE_H
#define RP_DIRECTORY_REDIS_POOL_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/redis_pool.h"
#include "directory/redis_sentinel.h"

struct loop_event;
struct tls_config;

struct redis_pool {
	struct event_base *loop;
	struct redis_url url;
	struct tls_config *tls;
	void (*changed)(void *arg);
	void *arg;
	struct loop_event *tick, *soon;
	struct redis_sentinel *sentinel;	/* NULL: the URL has all */
	bool has_master;			/* Sentinel names one: */
	struct hostport master;
	struct redis_server *servers, *reader, *writer;
	bool create;
	uint64_t made_ms, checked_ms, list_ms;
	uint64_t read_by_ms, write_by_ms;	/* attempts have ended */
	bool closing;
};

bool redis_pool_same_host(const struct hostport *a, const struct hostport *b);

/* Return the server to read now, or NULL. It may be the same as before. */
struct redis_server *redis_pool_best_reader(const struct redis_pool *pool);

/*
 * Return the server to write to now, or NULL, among those that hold a
 * directory; with `empty`, among those that are empty.
 */
struct redis_server *redis_pool_best_writer(const struct redis_pool *pool,
    bool empty);

#endif
