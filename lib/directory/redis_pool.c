/*
 * redis_pool: keep the servers' list, and choose among them. Called by
 * directory_redis. See redis_pool.h.
 */
#include "directory/redis_pool_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/redis_sentinel.h"
#include "net/loop.h"
#include "net/tls.h"

#define TICK_MS 250
/* Requests wait for the first attempt no longer than this. */
#define FIRST_MS 5000
/* The same for those that were cut off and are connected again. */
#define AGAIN_MS 1000
/* Until the servers' names are looked up again while none is the master. */
#define CHECK_MS 2000
/* For what has left the list to finish what it was asked. */
#define LEAVE_MS 3000
#define MAKE_MS 1000		/* until a server is made a directory again */

/*
 * Make the master a directory if it is empty and nobody holds one. A master
 * that lost its data beside a replica that did not is nothing to write to.
 */
static void
make_directory(struct redis_pool *pool)
{
	struct redis_server *s, *to = redis_pool_best_writer(pool, true);

	if (!pool->create || to == NULL || (pool->made_ms != 0 &&
	    clock_ms() - pool->made_ms < MAKE_MS))
		return;
	for (s = pool->servers; s != NULL; s = s->next)
		if (s->holds || !s->attempted)
			return;
	pool->made_ms = clock_ms();
	redis_server_make(to);
}

static void
log_choice(const char *event, const struct redis_server *s)
{
	char name[REDIS_SERVER_TEXT], text[LOG_TEXT];

	if (s != NULL)
		redis_server_name(s, name);
	log_info(event, "redis=%s", s != NULL ? log_text(text, name) : "none");
}

static void
choose(struct redis_pool *pool)
{
	struct redis_server *reader = redis_pool_best_reader(pool);
	struct redis_server *writer = redis_pool_best_writer(pool, false);

	if (pool->closing)
		return;
	if (reader != pool->reader)
		log_choice("directory_reads", reader);
	if (writer != pool->writer)
		log_choice("directory_writes", writer);
	if (reader == NULL && pool->reader != NULL)
		pool->read_by_ms = clock_ms() + AGAIN_MS;
	if (writer == NULL && pool->writer != NULL)
		pool->write_by_ms = clock_ms() + AGAIN_MS;
	pool->reader = reader;
	pool->writer = writer;
	/* A directory that was there once is not made again. */
	if (writer != NULL)
		pool->create = false;
	else
		make_directory(pool);
	pool->changed(pool->arg);
}

static void on_changed(struct redis_server *server);

static struct redis_server *
add_server(struct redis_pool *pool, const struct hostport *host, size_t pick)
{
	struct redis_server *s = calloc(1, sizeof(*s)), **last;

	if (s == NULL)
		return NULL;
	s->link.loop = pool->loop;
	s->link.host = *host;
	s->link.pick = pick;
	s->link.tls = pool->tls;
	s->link.login = &pool->url.login;
	s->changed = on_changed;
	s->owner = pool;
	s->quiet = pool->create;
	for (last = &pool->servers; *last != NULL; last = &(*last)->next)
		;
	*last = s;
	return s;
}

static struct redis_server *
find_server(const struct redis_pool *pool, const struct hostport *host,
    size_t pick)
{
	struct redis_server *s;

	for (s = pool->servers; s != NULL; s = s->next)
		if (s->link.pick == pick && 
		    redis_pool_same_host(&s->link.host, host))
			return s;
	return NULL;
}

/* Put a host on the list, with a server for each of its addresses. */
static void
list_host(struct redis_pool *pool, const struct hostport *host, uint32_t rank)
{
	struct redis_server *first = find_server(pool, host, 0), *s;
	size_t pick;

	if (first == NULL)
		first = add_server(pool, host, 0);
	if (first == NULL || first->named)
		return;
	first->named = true;
	first->rank = rank;
	for (pick = 1; pick < first->link.n_addrs; pick++) {
		s = find_server(pool, host, pick);
		if (s == NULL)
			s = add_server(pool, host, pick);
		if (s == NULL)
			return;
		s->named = true;
		s->rank = rank + (uint32_t)pick;
	}
}

static void
unlist_all(struct redis_pool *pool)
{
	struct redis_server *s;

	for (s = pool->servers; s != NULL; s = s->next)
		s->named = false;
	pool->list_ms = clock_ms();
}

static void
list_url(struct redis_pool *pool)
{
	size_t i;

	unlist_all(pool);
	for (i = 0; i < pool->url.n_hosts; i++)
		list_host(pool, &pool->url.hosts[i],
		    (uint32_t)(i * REDIS_LINK_ADDRS));
}

static bool
is_listed(const struct redis_pool *pool, const struct hostport *host,
    size_t pick)
{
	const struct redis_server *s = find_server(pool, host, pick);

	return s != NULL && s->named;
}

/* Return whether a name of the URL has another number of addresses now. */
static bool
is_outgrown(const struct redis_pool *pool)
{
	const struct redis_server *s;

	for (s = pool->servers; s != NULL && pool->sentinel == NULL;
	    s = s->next) {
		const struct redis_link *link = &s->link;
		size_t n = link->n_addrs > 0 ? link->n_addrs : 1;

		if (link->pick == 0 && s->named &&
		    (!is_listed(pool, &link->host, n - 1) ||
		    is_listed(pool, &link->host, n)))
			return true;
	}
	return false;
}

static void
on_changed(struct redis_server *server)
{
	struct redis_pool *pool = server->owner;

	choose(pool);
	if (!pool->closing && (server->cut || is_outgrown(pool)))
		loop_event_soon(pool->soon);
}

/* Sentinel knows the servers now. */
static void
on_found(const struct hostport *master, const struct hostport replicas[],
    size_t n, void *arg)
{
	struct redis_pool *pool = arg;
	size_t i;

	pool->master = *master;
	pool->has_master = true;
	unlist_all(pool);
	list_host(pool, master, 0);
	for (i = 0; i < n; i++)
		list_host(pool, &replicas[i],
		    (uint32_t)((i + 1) * REDIS_LINK_ADDRS));
	loop_event_soon(pool->soon);
}

/* Free the servers that have left the list for long enough. */
static void
sweep(struct redis_pool *pool)
{
	struct redis_server **at = &pool->servers, *s;

	if (clock_ms() - pool->list_ms < LEAVE_MS)
		return;
	while ((s = *at) != NULL) {
		if (s->named || s == pool->reader || s == pool->writer) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		redis_link_close(&s->link);
		free(s);
	}
}

/* While there is no master, a name may have come to mean another server. */
static void
check_names(struct redis_pool *pool)
{
	struct redis_server *s;

	if (pool->writer != NULL || clock_ms() - pool->checked_ms < CHECK_MS)
		return;
	pool->checked_ms = clock_ms();
	for (s = pool->servers; s != NULL; s = s->next)
		if (s->named)
			redis_link_check(&s->link);
}

static void
on_tick(void *arg)
{
	struct redis_pool *pool = arg;
	struct redis_server *s;

	if (pool->sentinel != NULL)
		redis_sentinel_tick(pool->sentinel, pool->writer == NULL ||
		    pool->reader == NULL);
	else if (is_outgrown(pool))
		list_url(pool);
	for (s = pool->servers; s != NULL; s = s->next)
		redis_server_tick(s);
	check_names(pool);
	choose(pool);
	sweep(pool);
}

struct redis_server *
redis_pool_reader(const struct redis_pool *pool)
{
	return pool->reader != NULL && pool->reader->reads &&
	    pool->reader->link.conn != NULL ? pool->reader : NULL;
}

struct redis_server *
redis_pool_writer(const struct redis_pool *pool)
{
	return pool->writer != NULL && pool->writer->link.conn != NULL ?
	    pool->writer : NULL;
}

static bool
all_attempted(const struct redis_pool *pool)
{
	const struct redis_server *s;

	if (is_outgrown(pool) || (pool->sentinel != NULL &&
	    !redis_sentinel_attempted(pool->sentinel)))
		return false;
	for (s = pool->servers; s != NULL; s = s->next)
		if (s->named && !s->attempted)
			return false;
	return true;
}

bool
redis_pool_settled(const struct redis_pool *pool, bool writes)
{
	if ((writes ? pool->writer : pool->reader) != NULL)
		return true;
	if (pool->made_ms != 0 && clock_ms() - pool->made_ms < MAKE_MS)
		return false;
	return all_attempted(pool) || clock_ms() >= (writes ?
	    pool->write_by_ms : pool->read_by_ms);
}

void
redis_pool_doubt(struct redis_pool *pool, struct redis_server *server)
{
	redis_server_doubt(server);
	if (pool->sentinel != NULL && server == pool->writer)
		redis_sentinel_tick(pool->sentinel, true);
}

/* Say why this one is not read, or not written to. */
static const char *
why_not(const struct redis_pool *pool, const struct redis_server *s,
    bool writes)
{
	if (s->why[0] != '\0')
		return s->why;
	if (!s->attempted)
		return "it has not answered yet";
	if (!writes)
		return "it is good, but was lost a moment ago";
	if (s->role == REDIS_REPLICA)
		return "it is a replica";
	return pool->sentinel != NULL ? "Sentinel names another master" :
	    "it is not the master";
}

void
redis_pool_why(const struct redis_pool *pool, bool writes,
    char why[static WHY_TEXT])
{
	const struct redis_server *s;
	char name[REDIS_SERVER_TEXT];
	const char *first;

	why_set(why, "redis");
	for (s = pool->servers; s != NULL; s = s->next) {
		if (!s->named)
			continue;
		first = strchr(why, ':') == NULL ? ":" : ";";
		why_set(why, "%s%s %s: %s", why, first,
		    redis_server_name(s, name), why_not(pool, s, writes));
	}
	if (pool->sentinel != NULL && !pool->has_master)
		why_set(why, "redis: Sentinel: %s",
		    redis_sentinel_why(pool->sentinel));
}

static int
pool_start(struct redis_pool *pool, char why[static WHY_TEXT])
{
	const char *ca = pool->url.ca[0] != '\0' ? pool->url.ca : NULL;
	int err;

	err = pool->url.tls ? tls_config_client(&pool->tls, ca, why) : 0;
	if (err < 0)
		return err;
	pool->tick = loop_ticker_new(pool->loop, on_tick, pool);
	pool->soon = loop_timer_new(pool->loop, on_tick, pool);
	if (pool->url.sentinel)
		pool->sentinel = redis_sentinel_new(pool->loop, &pool->url,
		    pool->tls, on_found, pool);
	why_set(why, "out of memory");
	if (pool->tick == NULL || pool->soon == NULL ||
	    (pool->url.sentinel && pool->sentinel == NULL) ||
	    loop_timer_set_ms(pool->tick, TICK_MS) < 0)
		return -ENOMEM;
	loop_event_soon(pool->soon);
	if (pool->sentinel == NULL)
		list_url(pool);
	return 0;
}

int
redis_pool_new(struct redis_pool **out, struct event_base *loop,
    const struct redis_pool_options *options, char why[static WHY_TEXT])
{
	struct redis_pool *pool = calloc(1, sizeof(*pool));
	int err;

	if (pool == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	pool->loop = loop;
	pool->url = *options->url;
	pool->create = options->create;
	pool->changed = options->changed;
	pool->arg = options->arg;
	pool->read_by_ms = pool->write_by_ms = clock_ms() + FIRST_MS;
	err = pool_start(pool, why);
	if (err < 0) {
		redis_pool_free(pool);
		return err;
	}
	*out = pool;
	return 0;
}

void
redis_pool_free(struct redis_pool *pool)
{
	struct redis_server *s;

	if (pool == NULL)
		return;
	pool->closing = true;
	while ((s = pool->servers) != NULL) {
		pool->servers = s->next;
		redis_link_close(&s->link);
		free(s);
	}
	redis_sentinel_free(pool->sentinel);
	loop_event_free(pool->tick);
	loop_event_free(pool->soon);
	tls_config_free(pool->tls);
	free(pool);
}
