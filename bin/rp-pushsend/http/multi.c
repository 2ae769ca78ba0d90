/*
 * multi: drive a libcurl multi handle from the loop. Called by http. See
 * multi.h.
 */
#include "http/multi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "net/loop.h"

#define STREAMS_MAX 256			/* on one connection */
#define CONNECTIONS_MAX 1024
#define CONNECTIONS_PER_HOST 32

struct multi {
	struct event_base *loop;
	struct multi_pool *now;		/* of transfers that begin */
	LIST_HEAD(, multi_pool) pools;	/* `now`, and those that were left */
	multi_done *done;
	void *arg;
};

struct multi_pool {
	struct multi *multi;
	CURLM *handle;
	struct loop_event *timer;
	struct loop_event *end;		/* frees it, once it was left */
	size_t transfers;
	LIST_ENTRY(multi_pool) link;
};

/* A socket that libcurl watches. */
struct watch {
	struct loop_event *event;
	struct multi_pool *pool;
};

static void
finish_transfers(struct multi_pool *pool)
{
	struct multi *multi = pool->multi;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->handle, &left)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;

		if (message->msg == CURLMSG_DONE)
			multi->done(easy, code, multi->arg);
	}
}

static void
on_socket(int fd, unsigned ready, void *arg)
{
	struct watch *watch = arg;
	struct multi_pool *pool = watch->pool;
	int running, mask = 0;

	if (ready & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (ready & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(pool->handle, fd, mask, &running);
	finish_transfers(pool);
}

static void
on_timer(void *arg)
{
	struct multi_pool *pool = arg;
	int running;

	curl_multi_socket_action(pool->handle, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	finish_transfers(pool);
}

static int
set_timer(CURLM *handle, long timeout_ms, void *arg)
{
	struct multi_pool *pool = arg;

	(void)handle;
	if (timeout_ms < 0) {
		loop_event_stop(pool->timer);
		return 0;
	}
	return loop_timer_set_ms(pool->timer, (uint64_t)timeout_ms);
}

static int
set_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct multi_pool *pool = arg;
	struct watch *watch = assigned;
	unsigned events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL)
			loop_event_free(watch->event);
		free(watch);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= LOOP_READ;
	if (what & CURL_POLL_OUT)
		events |= LOOP_WRITE;
	if (watch == NULL) {
		watch = malloc(sizeof(*watch));
		if (watch == NULL)
			return -1;
		watch->pool = pool;
		curl_multi_assign(pool->handle, fd, watch);
	} else {
		loop_event_free(watch->event);
	}
	watch->event = loop_watch_new(pool->multi->loop, fd, events, on_socket,
	    watch);
	return watch->event != NULL ? loop_event_start(watch->event) : -1;
}

static bool
prepare_pool(struct multi_pool *pool)
{
	CURLMcode bad = CURLM_OK;

#define SET(option, value)						\
	bad = bad != CURLM_OK ? bad :					\
	    curl_multi_setopt(pool->handle, CURLMOPT_##option, value)
	SET(SOCKETFUNCTION, set_watch);
	SET(SOCKETDATA, pool);
	SET(TIMERFUNCTION, set_timer);
	SET(TIMERDATA, pool);
	SET(PIPELINING, (long)CURLPIPE_MULTIPLEX);
	SET(MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	SET(MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
	SET(MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	SET(MAXCONNECTS, (long)CONNECTIONS_PER_HOST);
#undef SET
	return bad == CURLM_OK;
}

static void
pool_free(struct multi_pool *pool)
{
	if (pool == NULL)
		return;
	LIST_REMOVE(pool, link);
	curl_multi_cleanup(pool->handle);
	loop_event_free(pool->timer);
	loop_event_free(pool->end);
	free(pool);
}

static void
on_end(void *arg)
{
	pool_free(arg);
}

static struct multi_pool *
pool_new(struct multi *multi)
{
	struct multi_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	LIST_INSERT_HEAD(&multi->pools, pool, link);
	pool->multi = multi;
	pool->timer = loop_timer_new(multi->loop, on_timer, pool);
	pool->end = loop_timer_new(multi->loop, on_end, pool);
	pool->handle = curl_multi_init();
	if (pool->timer == NULL || pool->end == NULL || pool->handle == NULL ||
	    !prepare_pool(pool)) {
		pool_free(pool);
		return NULL;
	}
	return pool;
}

int
multi_new(struct multi **out, struct event_base *loop, multi_done *done,
    void *arg)
{
	struct multi *multi = calloc(1, sizeof(*multi));

	if (multi == NULL)
		return -ENOMEM;
	multi->loop = loop;
	multi->done = done;
	multi->arg = arg;
	LIST_INIT(&multi->pools);
	multi->now = pool_new(multi);
	if (multi->now == NULL) {
		multi_free(multi);
		return -ENOMEM;
	}
	*out = multi;
	return 0;
}

void
multi_free(struct multi *multi)
{
	struct multi_pool *pool;

	if (multi == NULL)
		return;
	while ((pool = LIST_FIRST(&multi->pools)) != NULL)
		pool_free(pool);
	free(multi);
}

/* Free the pool from the loop if it was left and its last transfer is over. */
static void
end_if_left(struct multi_pool *pool)
{
	if (pool != pool->multi->now && pool->transfers == 0)
		loop_event_soon(pool->end);
}

int
multi_add(struct multi_pool **out, struct multi *multi, CURL *easy)
{
	struct multi_pool *pool = multi->now;

	if (curl_multi_add_handle(pool->handle, easy) != CURLM_OK)
		return -ENOMEM;
	pool->transfers++;
	*out = pool;
	return 0;
}

void
multi_remove(struct multi_pool *pool, CURL *easy)
{
	curl_multi_remove_handle(pool->handle, easy);
	pool->transfers--;
	end_if_left(pool);
}

void
multi_leave(struct multi_pool *pool)
{
	struct multi_pool *fresh;

	if (pool != pool->multi->now)
		return;
	fresh = pool_new(pool->multi);
	if (fresh == NULL)
		return;
	pool->multi->now = fresh;
	end_if_left(pool);
}
