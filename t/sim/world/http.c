/*
 * http: requests go to the world's push services (service.h), without libcurl
 * and without sockets. In place of rp-pushsend's http/http.c, with all that it
 * decides by: what may be sent, how long it waits, what an answer's head says.
 */
#include "http/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <time.h>

#include "base/clock.h"
#include "core/sim.h"
#include "http/head.h"
#include "net/loop.h"
#include "wire/reach.h"
#include "world/service.h"

time_t curl_getdate(const char *text, const time_t *unused);

struct http {
	struct event_base *loop;
	const struct reach *reach;
	LIST_HEAD(, http_call) calls;
};

struct http_call {
	LIST_ENTRY(http_call) next;
	struct http *http;
	struct loop_event *timer;
	struct sim_push_answer answer;
	bool timed_out;
	http_done *done;
	void *arg;
};

/* For head.c; the services of the world send no dates. */
time_t
curl_getdate(const char *text, const time_t *unused)
{
	(void)text;
	(void)unused;
	return (time_t)-1;
}

int
http_new(struct http **out, struct event_base *loop,
    const struct http_options *options)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->loop = loop;
	(*out)->reach = options->reach;
	LIST_INIT(&(*out)->calls);
	return 0;
}

void
http_cancel(struct http_call *call)
{
	LIST_REMOVE(call, next);
	loop_event_free(call->timer);
	free(call);
}

void
http_free(struct http *http)
{
	struct http_call *call;

	if (http == NULL)
		return;
	while ((call = LIST_FIRST(&http->calls)) != NULL)
		http_cancel(call);
	free(http);
}

void
http_leave(struct http_call *call)
{
	(void)call;
}

static void
fill(struct http_answer *answer, struct head *head,
    const struct http_call *call)
{
	char line[64];

	memset(answer, 0, sizeof(*answer));
	head_clear(head);
	answer->head = head;
	if (call->timed_out || call->answer.status == 0) {
		answer->end = call->timed_out ? HTTP_TIMED_OUT :
		    HTTP_UNREACHED;
		answer->may_be_taken = call->timed_out;
		why_set(answer->why, call->timed_out ?
		    "Timeout was reached" : "Could not connect to server");
		return;
	}
	snprintf(line, sizeof(line), "HTTP/2 %d\r\n", call->answer.status);
	head_take(head, line, strlen(line));
	if (call->answer.retry_after_s > 0) {
		snprintf(line, sizeof(line), "Retry-After: %u\r\n",
		    call->answer.retry_after_s);
		head_take(head, line, strlen(line));
	}
	answer->end = HTTP_ANSWERED;
	answer->status = call->answer.status;
	answer->retry_after_ms = head_wait_ms(head, answer->status == 429,
	    clock_wall_s());
}

static void
on_timer(void *arg)
{
	struct http_call *call = arg;
	struct http_answer answer;
	struct head head;

	fill(&answer, &head, call);
	LIST_REMOVE(call, next);
	call->done(&answer, call->arg);
	loop_event_free(call->timer);
	free(call);
}

/* Return the value of a header line of the request, or NULL. */
static const char *
header(const struct http_request *request, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < HTTP_HEADERS && request->headers[i] != NULL; i++)
		if (strncasecmp(request->headers[i], name, len) == 0)
			return request->headers[i] + len;
	return NULL;
}

static void
ask(struct http_call *call, const struct http_request *request)
{
	const char *ttl = header(request, "TTL: ");
	const struct sim_push push = {
		.endpoint = request->url,
		.authorization = header(request, "Authorization: "),
		.topic = header(request, "Topic: "),
		.ttl_s = ttl != NULL ? strtol(ttl, NULL, 10) : 0,
		.body = request->body, .len = request->body_len
	};
	uint64_t most = sim_now() + request->timeout_ms * SIM_MS;

	call->answer.at = SIM_NEVER;
	if (!sim_process_is_ghost(sim_process_self()))
		sim_service_take(&push, &call->answer);
	call->timed_out = call->answer.at > most;
	loop_timer_set_ns(call->timer, (call->timed_out ? most :
	    call->answer.at) - sim_now());
}

int
http_post(struct http_call **out, struct http *http,
    const struct http_request *request, http_done *done, void *arg)
{
	bool tls = strncasecmp(request->url, "https:", 6) == 0;
	struct http_call *call;

	if (!tls && http->reach != NULL && !reach_plain(http->reach))
		return -EPERM;
	call = calloc(1, sizeof(*call));
	if (call == NULL)
		return -ENOMEM;
	call->http = http;
	call->done = done;
	call->arg = arg;
	call->timer = loop_timer_new(http->loop, on_timer, call);
	if (call->timer == NULL) {
		free(call);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&http->calls, call, next);
	ask(call, request);
	*out = call;
	return 0;
}
