/*
 * redis_pool_best: choose among the servers. Called by redis_pool. See
 * redis_pool.h.
 */
#include <string.h>

#include "directory/redis_pool_private.h"

/* Good probes in a row until one that was lost is read again: no flapping. */
#define GOOD_AGAIN 3

bool
redis_pool_same_host(const struct hostport *a, const struct hostport *b)
{
	return a->port == b->port && strcmp(a->name, b->name) == 0;
}

/* Return whether one that was lost has been good for a while. */
static bool
is_steady(const struct redis_server *s, unsigned again)
{
	return s->reads && s->good >= (s->lost ? again : 1);
}

/* Return whether `a` is to be read rather than `b`, which is read now. */
static bool
is_better(const struct redis_pool *pool, const struct redis_server *a,
    const struct redis_server *b)
{
	if (pool->sentinel == NULL)
		return a->rank < b->rank;
	/* The nearest, if that makes a difference. */
	return 2 * (uint64_t)a->rtt_us + 1000 < b->rtt_us;
}

/*
 * Return one to read at once instead of one that was lost this moment: any that
 * is good now, though it may have been lost as well a moment ago. Another
 * server to read is better than none.
 */
static struct redis_server *
stand_in(const struct redis_pool *pool)
{
	struct redis_server *s;

	for (s = pool->servers; s != NULL; s = s->next)
		if (s->named && s != pool->reader && is_steady(s, 1))
			return s;
	return NULL;
}

struct redis_server *
redis_pool_best_reader(const struct redis_pool *pool)
{
	struct redis_server *s, *best = pool->reader;
	unsigned least;

	if (best != NULL && !best->reads)
		best = NULL;
	for (s = pool->servers; s != NULL; s = s->next) {
		if (!s->named || !is_steady(s, GOOD_AGAIN))
			continue;
		least = best == pool->reader ? REDIS_SERVER_STEADY : 1;
		if (best == NULL || !best->named ||
		    (s->good >= least && is_better(pool, s, best)))
			best = s;
	}
	if (best == NULL && pool->reader != NULL)
		best = stand_in(pool);
	return best;
}

/*
 * Return how good a server is to write to; 0: not at all. Only those that hold
 * a directory are, and with `empty` only those that are empty.
 */
static unsigned
fitness(const struct redis_pool *pool, const struct redis_server *s,
    bool empty)
{
	if (!s->named || s->link.conn == NULL || s->role == REDIS_REPLICA ||
	    (empty ? !s->empty : !s->holds))
		return 0;
	if (pool->sentinel != NULL)
		return pool->has_master &&
		    redis_pool_same_host(&s->link.host, &pool->master) ? 2 : 0;
	if (s->role == REDIS_UNKNOWN)
		return 1;
	return 2 + (s == pool->writer);
}

struct redis_server *
redis_pool_best_writer(const struct redis_pool *pool, bool empty)
{
	struct redis_server *s, *best = NULL;
	unsigned fit, most = 0;

	for (s = pool->servers; s != NULL; s = s->next) {
		fit = fitness(pool, s, empty);
		if (fit == 0 || fit < most || (fit == most &&
		    s->replicas < best->replicas))
			continue;
		if (fit == most && s->replicas == best->replicas &&
		    s->rank < best->rank)
			continue;
		best = s;
		most = fit;
	}
	return best;
}
