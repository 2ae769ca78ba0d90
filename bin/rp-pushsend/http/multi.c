/*
 * multi: drive a libcurl multi handle from the loop. Called by http. See
 * multi.h.
 */
#include "http/multi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "net/loop.h"

#define STREAMS_MAX 256			/* on one connection */
#define CONNECTIONS_MAX 1024
#define CONNECTIONS_PER_HOST 32

struct multi {
	struct event_base *loop;
	CURLM *handle;
	struct loop_event *timer;
	multi_done *done;
	void *arg;
};

/* A socket that libcurl watches. */
struct watch {
	struct loop_event *event;
	struct multi *multi;
};

static void
finish_transfers(struct multi *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->handle, &left)) !=
	    NULL) {
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
	struct multi *multi = watch->multi;
	int running, mask = 0;

	if (ready & LOOP_READ)
		mask |= CURL_CSELECT_IN;
	if (ready & LOOP_WRITE)
		mask |= CURL_CSELECT_OUT;
	curl_multi_socket_action(multi->handle, fd, mask, &running);
	finish_transfers(multi);
}

static void
on_timer(void *arg)
{
	struct multi *multi = arg;
	int running;

	curl_multi_socket_action(multi->handle, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	finish_transfers(multi);
}

static int
set_timer(CURLM *handle, long timeout_ms, void *arg)
{
	struct multi *multi = arg;

	(void)handle;
	if (timeout_ms < 0) {
		loop_event_stop(multi->timer);
		return 0;
	}
	return loop_timer_set_ms(multi->timer, (uint64_t)timeout_ms);
}

static int
set_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct multi *multi = arg;
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
		watch->multi = multi;
		curl_multi_assign(multi->handle, fd, watch);
	} else {
		loop_event_free(watch->event);
	}
	watch->event = loop_watch_new(multi->loop, fd, events, on_socket,
	    watch);
	return watch->event != NULL ? loop_event_start(watch->event) : -1;
}

static bool
prepare_multi(struct multi *multi)
{
	CURLMcode bad = CURLM_OK;

#define SET(option, value)						\
	bad = bad != CURLM_OK ? bad :					\
	    curl_multi_setopt(multi->handle, CURLMOPT_##option, value)
	SET(SOCKETFUNCTION, set_watch);
	SET(SOCKETDATA, multi);
	SET(TIMERFUNCTION, set_timer);
	SET(TIMERDATA, multi);
	SET(PIPELINING, (long)CURLPIPE_MULTIPLEX);
	SET(MAX_CONCURRENT_STREAMS, (long)STREAMS_MAX);
	SET(MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
	SET(MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
	SET(MAXCONNECTS, (long)CONNECTIONS_PER_HOST);
#undef SET
	return bad == CURLM_OK;
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
	multi->timer = loop_timer_new(loop, on_timer, multi);
	multi->handle = curl_multi_init();
	if (multi->timer == NULL || multi->handle == NULL ||
	    !prepare_multi(multi)) {
		multi_free(multi);
		return -ENOMEM;
	}
	*out = multi;
	return 0;
}

void
multi_free(struct multi *multi)
{
	if (multi == NULL)
		return;
	curl_multi_cleanup(multi->handle);
	loop_event_free(multi->timer);
	free(multi);
}

int
multi_add(struct multi *multi, CURL *easy)
{
	return curl_multi_add_handle(multi->handle, easy) == CURLM_OK ? 0 :
	    -ENOMEM;
}

void
multi_remove(struct multi *multi, CURL *easy)
{
	curl_multi_remove_handle(multi->handle, easy);
}
