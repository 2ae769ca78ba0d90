/*
 * leg: the signalling connection of a call, which resumes until its session is
 * given up. See leg.h.
 */
#include "call/leg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "net/netwatch.h"
#include "net/resolve.h"

#define WAITING_MAX 24		/* requests not answered yet */
#define KEEPALIVE_MS 10000
#define RESUME_MS 4000		/* one attempt of RESUME */
#define FINISH_MS 1000		/* to say goodbye */
#define STOOD_NS (2 * CLOCK_S)	/* shorter: something keeps breaking them */

struct waiting {
	struct sigmsg msg;	/* its body is ours */
	struct waiting *next;
};

struct leg {
	struct event_base *loop;
	struct leg_options options;
	struct leg_handlers handlers;
	void *arg;

	struct signal_client *client;
	struct resolve *resolve;	/* of server_name, for RESUME; NULL */
	bool open;		/* the first request of client is answered */
	uint64_t open_ns;	/* open since then */
	struct addr resume_at;
	char session[SIGMSG_SESSION];
	char server_name[256];
	struct waiting *waiting;	/* in order; sent if open */
	size_t n_waiting;
	struct loop_event *timer;		/* next RESUME */
	struct backoff backoff;
	struct loop_event *finish;		/* the time for goodbye is over */
	bool again;		/* goodbye may take another connection */
	void (*done)(void *arg);	/* finishing */
};

static void
set_timer(struct leg *leg, uint32_t ms)
{
	loop_timer_set_ms(leg->timer, ms);
}

static void
drop_client(struct leg *leg)
{
	resolve_free(leg->resolve);
	leg->resolve = NULL;
	signal_client_free(leg->client);
	leg->client = NULL;
}

static void
finished(struct leg *leg)
{
	void (*done)(void *arg) = leg->done;

	loop_event_stop(leg->timer);
	loop_event_stop(leg->finish);
	drop_client(leg);
	leg->open = false;
	done(leg->arg);
}

static void
waiting_free(struct waiting *w)
{
	free((char *)w->msg.body);
	free(w);
}

static struct waiting *
take_waiting(struct leg *leg, struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	leg->n_waiting--;
	return w;
}

/* Return whether the status concerns the moment rather than the call. */
static bool
is_moment(int status)
{
	return status == 429 || status >= 500;
}

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;
	enum sigmsg_method asked = leg->waiting->msg.method;

	waiting_free(take_waiting(leg, &leg->waiting));
	if (leg->done != NULL) {
		if (leg->waiting == NULL)
			finished(leg);
		return;
	}
	if (msg->status >= 300 && !(asked == SIGMSG_RESUME &&
	    is_moment(msg->status)))
		leg->handlers.refused(asked, msg, leg->arg);
	else if (asked == SIGMSG_RESUME)
		leg->handlers.back(msg, leg->arg);
}

static void
set_target(const struct leg *leg, struct waiting *w)
{
	snprintf(w->msg.target, sizeof(w->msg.target), "/session/%s",
	    leg->session);
}

static void
send_waiting(struct leg *leg, const struct waiting *w)
{
	int err = signal_client_request(leg->client, &w->msg, on_answer, leg);

	/*
	 * The queue has space and the request is valid, so the connection is
	 * gone.
	 */
	if (err < 0)
		log_debug("request_not_sent", "method=%s error=\"%s\"",
		    sigmsg_method_name(w->msg.method), strerror(-err));
}

static void
on_asked(void *arg)
{
	struct leg *leg = arg;

	if (*leg->session == '\0' && leg->handlers.asked != NULL)
		leg->handlers.asked(leg->arg);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;

	if (leg->done == NULL)
		leg->handlers.request(msg, leg->arg);
}

static uint32_t
pause_ms(struct leg *leg, bool was_open)
{
	if (!was_open || clock_ns() - leg->open_ns < STOOD_NS)
		return backoff_next_ms(&leg->backoff);
	backoff_reset(&leg->backoff);
	return 0;
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct leg *leg = arg;
	bool was_open = leg->open;

	leg->open = false;
	if (leg->done != NULL && (!leg->again || err == -ECONNREFUSED)) {
		finished(leg);
		return;
	}
	if (*leg->session == '\0') {
		leg->handlers.failed(err, why, leg->arg);
		return;
	}
	drop_client(leg);
	set_timer(leg, pause_ms(leg, was_open));
	if (leg->done != NULL)
		return;
	if (was_open)
		leg->handlers.away(leg->arg);
	else
		leg->handlers.missed(err, leg->arg);
}

static void
set_open(struct leg *leg)
{
	leg->open = true;
	leg->open_ns = clock_ns();
}

static void
on_first(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;

	set_open(leg);
	leg->handlers.first(msg, leg->arg);
}

/* Remove waiting RESUMEs, because the reconnection itself sent one. */
static void
drop_resumes(struct leg *leg)
{
	struct waiting **at = &leg->waiting;

	while (*at != NULL)
		if ((*at)->msg.method == SIGMSG_RESUME)
			waiting_free(take_waiting(leg, at));
		else
			at = &(*at)->next;
}

static void
on_resumed(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;
	struct waiting *w;

	if (msg->status >= 300 && !is_moment(msg->status)) {
		if (leg->done != NULL)
			finished(leg);
		else
			leg->handlers.refused(SIGMSG_RESUME, msg, leg->arg);
		return;
	}
	set_open(leg);
	drop_resumes(leg);
	for (w = leg->waiting; w != NULL; w = w->next)
		send_waiting(leg, w);
	if (leg->done == NULL)
		leg->handlers.back(msg, leg->arg);
}

static int
open_client(struct leg *leg, const struct addr addrs[], size_t n,
    uint32_t deadline_ms, const struct sigmsg *first,
    signal_client_answer *answer)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.asked = on_asked,
		.closed = on_closed
	};
	struct signal_client_options options = {
		.tls = leg->options.tls,
		.server_name = leg->options.certified,
		.number = leg->options.number,
		.token = leg->options.token,
		.key = leg->options.key,
		.deadline_ms = deadline_ms,
		.keepalive_ms = KEEPALIVE_MS,
		.race = leg->options.race,
		.proxy_races = leg->options.proxy_races,
		.tickets = leg->options.tickets,
		.then = leg->options.then,
		.then_answer = on_answer,
		.more = leg->options.more,
		.missing = leg->options.missing
	};

	return signal_client_new(&leg->client, leg->loop, addrs, n, &options,
	    &handlers, leg, first, answer);
}

static void
resume_at(struct leg *leg, const struct addr addrs[], size_t n)
{
	struct sigmsg msg = { .method = SIGMSG_RESUME };
	int err;

	snprintf(msg.target, sizeof(msg.target), "/session/%s", leg->session);
	err = open_client(leg, addrs, n, RESUME_MS, &msg, on_resumed);
	if (err < 0)
		set_timer(leg, backoff_next_ms(&leg->backoff));
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct leg *leg = arg;

	if (leg->client != NULL) {
		/* Out of memory: continue with the present addresses. */
		(void)signal_client_add(leg->client, found->addrs, found->n,
		    found->more, found->missing);
	} else if (found->n > 0) {
		leg->options.more = found->more;
		resume_at(leg, found->addrs, found->n);
		leg->options.more = false;
	} else {
		drop_client(leg);
		set_timer(leg, backoff_next_ms(&leg->backoff));
	}
}

/*
 * Resume at the switch's address. If there is no route to it any more, this
 * network has the other family, or NAT64: the switch is looked up by its name.
 */
static void
resume(struct leg *leg)
{
	struct addr source;

	drop_client(leg);
	if (netwatch_source(&source, &leg->resume_at) < 0 &&
	    resolve_start(&leg->resolve, leg->loop, leg->server_name,
	    addr_port(&leg->resume_at), NULL, on_resolved, leg) == 0)
		return;
	resume_at(leg, &leg->resume_at, 1);
}

static void
on_timer(void *arg)
{
	resume(arg);
}

static void
on_finish(void *arg)
{
	finished(arg);
}

static struct waiting *
waiting_new(const struct leg *leg, enum sigmsg_method method,
    const char *reason, const char *content_type, const char *body, size_t len)
{
	struct waiting *w = calloc(1, sizeof(*w));
	char *copy = malloc(len + 1);

	if (w == NULL || copy == NULL) {
		free(w);
		free(copy);
		return NULL;
	}
	if (len > 0)
		memcpy(copy, body, len);
	w->msg.method = method;
	if (*leg->session != '\0')
		set_target(leg, w);
	snprintf(w->msg.reason, sizeof(w->msg.reason), "%s",
	    reason != NULL ? reason : "");
	snprintf(w->msg.content_type, sizeof(w->msg.content_type), "%s",
	    content_type != NULL ? content_type : "");
	w->msg.body = copy;
	w->msg.body_len = len;
	return w;
}

static void
add_waiting(struct leg *leg, struct waiting *w)
{
	struct waiting **end = &leg->waiting;

	while (*end != NULL)
		end = &(*end)->next;
	*end = w;
	leg->n_waiting++;
}

/* The client sends it behind the first request, and a RESUME repeats it. */
static int
keep_then(struct leg *leg)
{
	const struct sigmsg *then = leg->options.then;
	struct waiting *w;

	if (then == NULL)
		return 0;
	w = waiting_new(leg, then->method, NULL, NULL, NULL, 0);
	if (w == NULL)
		return -ENOMEM;
	strcpy(w->msg.target, then->target);
	add_waiting(leg, w);
	return 0;
}

int
leg_new(struct leg **out, struct event_base *loop, const struct addr addrs[],
    size_t n, const struct leg_options *options,
    const struct leg_handlers *handlers, void *arg, const struct sigmsg *first)
{
	struct leg *leg = calloc(1, sizeof(*leg));
	int err = -ENOMEM;

	if (leg == NULL)
		return -ENOMEM;
	leg->loop = loop;
	leg->options = *options;
	leg->handlers = *handlers;
	leg->arg = arg;
	leg->backoff = (struct backoff){ 200, 4000, 0 };
	leg->timer = loop_timer_new(loop, on_timer, leg);
	leg->finish = loop_timer_new(loop, on_finish, leg);
	if (leg->timer != NULL && leg->finish != NULL)
		err = keep_then(leg);
	if (err == 0)
		err = open_client(leg, addrs, n, options->deadline_ms, first,
		    on_first);
	/* RESUME has a known target. */
	leg->options.more = false;
	leg->options.missing = NULL;
	leg->options.then = NULL;
	if (err < 0) {
		leg_free(leg);
		return err;
	}
	*out = leg;
	return 0;
}

void
leg_add(struct leg *leg, const struct addr addrs[], size_t n, bool more,
    const char *missing)
{
	/* Out of memory: continue with the present addresses. */
	if (leg->client != NULL && *leg->session == '\0')
		(void)signal_client_add(leg->client, addrs, n, more, missing);
}

void
leg_session(struct leg *leg, const char *session, const char *server_name,
    uint16_t port)
{
	const struct addr *addr = signal_client_addr(leg->client);
	struct waiting *w;

	if (addr == NULL)
		return;
	leg->resume_at = *addr;
	if (port != 0)
		addr_set_port(&leg->resume_at, port);
	snprintf(leg->server_name, sizeof(leg->server_name), "%s",
	    *server_name != '\0' ? server_name : leg->options.server_name);
	snprintf(leg->session, sizeof(leg->session), "%s", session);
	for (w = leg->waiting; w != NULL; w = w->next) {
		if (*w->msg.target != '\0')
			continue;
		set_target(leg, w);
		if (leg->open)
			send_waiting(leg, w);
	}
}

int
leg_send(struct leg *leg, enum sigmsg_method method, const char *reason,
    const char *content_type, const char *body, size_t len)
{
	struct waiting *w;

	if (leg->n_waiting == WAITING_MAX)
		return -ENOBUFS;
	w = waiting_new(leg, method, reason, content_type, body, len);
	if (w == NULL)
		return -ENOMEM;
	add_waiting(leg, w);
	if (leg->open && *leg->session != '\0')
		send_waiting(leg, w);
	return 0;
}

void
leg_finish(struct leg *leg, enum sigmsg_method method, const char *reason,
    bool again, void (*done)(void *arg))
{
	bool told = (leg->open || again) &&
	    leg_send(leg, method, reason, NULL, NULL, 0) == 0;

	leg->again = again;
	leg->done = done;
	loop_timer_set_ms(leg->finish, told ? FINISH_MS : 0);
}

bool
leg_moved(struct leg *leg)
{
	if (leg->open)
		return signal_client_moved(leg->client);
	if (*leg->session == '\0' && leg->client != NULL && leg->done == NULL)
		return signal_client_moved(leg->client);
	if (*leg->session == '\0' || (leg->done != NULL && !leg->again))
		return false;
	/* An attempt from the old address is useless; do not wait for it. */
	drop_client(leg);
	backoff_reset(&leg->backoff);
	set_timer(leg, 0);
	return false;
}

const struct signal_client *
leg_client(const struct leg *leg)
{
	return leg->client;
}

void
leg_free(struct leg *leg)
{
	if (leg == NULL)
		return;
	drop_client(leg);
	while (leg->waiting != NULL)
		waiting_free(take_waiting(leg, &leg->waiting));
	loop_event_free(leg->timer);
	loop_event_free(leg->finish);
	free(leg);
}
