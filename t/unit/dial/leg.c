/*
 * A call's signalling leg, against a switch in the same loop that breaks
 * connections. The leg returns with RESUME, repeats unanswered requests once
 * and in order, reports that once, and says goodbye within its time. It does
 * not return faster and faster, and keeps the call at a switch that has no time
 * for a RESUME.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "call/leg.h"
#include "dev/dev_tls.h"
#include "net/buffer.h"
#include "net/listener.h"
#include "net/tls.h"
#include "unit.h"

struct world {
	struct event_base *loop;
	struct tls_config *server, *client;
	struct listener *listener;
	struct tls *tls;	/* the latest connection */
	int accepted;
	bool mute;		/* answers the first request only */
	int resume_status;
	char heard[512];	/* methods, and where each connection began */

	struct leg *leg;
	int first, asked, requests, away, back, nobody, answered, refused, failed,
	    done, status;
};

static void
say(struct world *w, int status)
{
	char text[128];

	snprintf(text, sizeof(text), "HTTP/1.1 %d X\r\n"
	    "Content-Length: 0\r\n\r\n", status);
	ck_assert_int_eq(tls_write(w->tls, text, strlen(text)), 0);
}

static void
take(struct world *w, const struct sigmsg *msg)
{
	size_t n = strlen(w->heard);

	if (msg->method == SIGMSG_RESPONSE)
		return;
	snprintf(w->heard + n, sizeof(w->heard) - n, " %s%.*s",
	    sigmsg_method_name(msg->method), (int)msg->body_len, msg->body);
	if (msg->method == SIGMSG_RESUME)
		say(w, w->resume_status);
	else if (!w->mute || msg->method == SIGMSG_INITIATE)
		say(w, 200);
}

static void
on_data(struct buffer *in, void *arg)
{
	struct sigmsg msg;
	size_t used;
	bool head;

	while (buffer_len(in) > 0 && sigmsg_parse(&msg,
	    (char *)buffer_front(in, -1), buffer_len(in), &used,
	    &head) == 0) {
		take(arg, &msg);
		buffer_drain(in, used);
	}
}

static void
on_ready(void *arg)
{
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct world *w = arg;

	(void)err;
	(void)why;
	tls_free(w->tls);
	w->tls = NULL;
}

static void
on_accepted(int fd, const struct addr *peer, void *arg)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	struct tls_options options = { .in_max = 65536, .out_max = 65536 };
	struct world *w = arg;

	(void)peer;
	w->accepted++;
	strcat(w->heard, w->accepted > 1 ? " |" : "");
	ck_assert_int_eq(tls_new(&w->tls, w->loop, fd, w->server, &options,
	    &handlers, w), 0);
}

static void
make_configs(struct world *w)
{
	static const char *const files[] = {
		"ca.pem", "ca.key", "cert.pem", "key.pem"
	};
	char dir[] = "/tmp/rp-unit-XXXXXX", path[4][64], why[WHY_TEXT];
	struct addr addr;
	size_t i;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1", 0), 0);
	ck_assert_int_eq(dev_tls_make(dir, &addr), 0);
	for (i = 0; i < 4; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%s", dir, files[i]);
	ck_assert_int_eq(tls_config_server(&w->server, path[2], path[3], why),
	    0);
	ck_assert_int_eq(tls_config_client(&w->client, path[0], why), 0);
	for (i = 0; i < 4; i++)
		unlink(path[i]);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
h_first(const struct sigmsg *msg, void *arg)
{
	struct world *w = arg;

	w->first++;
	w->status = msg->status;
}

static void
h_asked(void *arg)
{
	((struct world *)arg)->asked++;
}

static void
h_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;
	((struct world *)arg)->requests++;
}

static void
h_away(void *arg)
{
	((struct world *)arg)->away++;
}

static void
h_back(const struct sigmsg *msg, void *arg)
{
	struct world *w = arg;

	w->back++;
	w->status = msg->status;
}

static void
h_missed(int err, void *arg)
{
	struct world *w = arg;

	w->nobody += err == -ECONNREFUSED;
	w->answered += err == -EBUSY;
}

static void
h_refused(enum sigmsg_method asked, const struct sigmsg *msg, void *arg)
{
	struct world *w = arg;

	(void)asked;
	w->refused++;
	w->status = msg->status;
}

static void
h_failed(int err, const char *why, void *arg)
{
	(void)err;
	(void)why;
	((struct world *)arg)->failed++;
}

static void
h_done(void *arg)
{
	((struct world *)arg)->done++;
}

static void
run_until(struct world *w, const int *count, int n)
{
	uint64_t end = clock_ms() + 10000;
	struct timeval most = { 0, 20000 };

	while (*count < n && clock_ms() < end) {
		event_base_loopexit(w->loop, &most);
		event_base_dispatch(w->loop);
	}
	ck_assert_int_eq(*count, n);
}

static void
heard(struct world *w, const char *text)
{
	uint64_t end = clock_ms() + 10000;
	struct timeval most = { 0, 20000 };

	while (strcmp(w->heard, text) != 0 && clock_ms() < end) {
		event_base_loopexit(w->loop, &most);
		event_base_dispatch(w->loop);
	}
	ck_assert_str_eq(w->heard, text);
}

/* Connect; `then` may be NULL. */
static void
begin_world(struct world *w, const struct sigmsg *then)
{
	static const struct leg_handlers handlers = {
		h_first, h_asked, h_request, h_away, h_back, h_missed, h_refused,
		    h_failed
	};
	struct leg_options options = {
		.server_name = "localhost", .certified = "localhost",
		.number = "alice", .token = "t",
		.deadline_ms = 5000,
		.then = then
	};
	struct sigmsg first = {
		.method = SIGMSG_INITIATE, .target = "/session/bob"
	};
	struct addr addr;

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	w->resume_status = 200;
	make_configs(w);
	options.tls = w->client;
	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(listener_new(&w->listener, w->loop, &addr,
	    on_accepted, w), 0);
	ck_assert_int_eq(listener_open(w->listener), 0);
	ck_assert_int_eq(leg_new(&w->leg, w->loop, listener_addr(w->listener),
	    1, &options, &handlers, w, &first), 0);
}

static void
open_world(struct world *w)
{
	begin_world(w, NULL);
	run_until(w, &w->first, 1);
	leg_session(w->leg, "0123456789abcdef0123456789abcdef", "", 0);
}

static void
close_world(struct world *w)
{
	leg_free(w->leg);
	tls_free(w->tls);
	listener_free(w->listener);
	tls_config_free(w->server);
	tls_config_free(w->client);
	event_base_free(w->loop);
}

static void
break_off(struct world *w)
{
	tls_free(w->tls);
	w->tls = NULL;
	run_until(w, &w->away, 1);
}

static void
info(struct world *w, const char *body)
{
	ck_assert_int_eq(leg_send(w->leg, SIGMSG_INFO, NULL, NULL, body,
	    strlen(body)), 0);
}

START_TEST(says_again_what_was_not_answered)
{
	struct world w;

	open_world(&w);
	info(&w, "1");
	heard(&w, " INITIATE INFO1");
	/* The answer to 1 arrives before 2 and 3 are sent and not answered. */
	event_base_loop(w.loop, EVLOOP_NONBLOCK);
	w.mute = true;
	info(&w, "2");
	info(&w, "3");
	heard(&w, " INITIATE INFO1 INFO2 INFO3");
	break_off(&w);
	w.mute = false;
	info(&w, "4");	/* while away */
	run_until(&w, &w.back, 1);
	heard(&w, " INITIATE INFO1 INFO2 INFO3 | RESUME INFO2 INFO3 INFO4");
	info(&w, "5");
	heard(&w, " INITIATE INFO1 INFO2 INFO3 | RESUME INFO2 INFO3 INFO4 "
	    "INFO5");
	ck_assert_int_eq(w.away, 1);
	ck_assert_int_eq(w.back, 1);
	close_world(&w);
}
END_TEST

START_TEST(hears_that_it_is_over)
{
	struct world w;

	open_world(&w);
	w.resume_status = 410;
	break_off(&w);
	run_until(&w, &w.refused, 1);
	ck_assert_int_eq(w.status, 410);
	ck_assert_int_eq(w.back, 0);
	close_world(&w);
}
END_TEST

START_TEST(goes_on_trying)
{
	struct world w;

	open_world(&w);
	listener_close(w.listener);
	break_off(&w);
	info(&w, "1");
	run_until(&w, &w.nobody, 1);
	ck_assert_int_eq(w.away, 1);
	ck_assert_int_eq(listener_open(w.listener), 0);
	run_until(&w, &w.back, 1);
	heard(&w, " INITIATE | RESUME INFO1");
	close_world(&w);
}
END_TEST

START_TEST(bounds_what_waits)
{
	struct world w;
	int n = 0;

	open_world(&w);
	listener_close(w.listener);
	break_off(&w);
	while (leg_send(w.leg, SIGMSG_INFO, NULL, NULL, "x", 1) == 0)
		ck_assert_int_lt(++n, 100);
	ck_assert_int_eq(n, 24);
	close_world(&w);
}
END_TEST

START_TEST(says_goodbye)
{
	struct world w;
	uint64_t start;

	open_world(&w);
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", false,
	    h_done);
	ck_assert_int_eq(w.done, 0);
	run_until(&w, &w.done, 1);
	ck_assert_str_eq(w.heard, " INITIATE HANGUP");
	close_world(&w);

	/* To one who does not answer: a second and no more. */
	open_world(&w);
	w.mute = true;
	start = clock_ms();
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", false,
	    h_done);
	run_until(&w, &w.done, 1);
	ck_assert_uint_ge(clock_ms() - start, 900);
	ck_assert_uint_lt(clock_ms() - start, 3000);
	close_world(&w);

	/* While away: to nobody. */
	open_world(&w);
	listener_close(w.listener);
	break_off(&w);
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", false,
	    h_done);
	run_until(&w, &w.done, 1);
	close_world(&w);
}
END_TEST

/* Over another connection, because the person who ends it knows of none. */
START_TEST(says_goodbye_again)
{
	struct world w;
	uint64_t start;

	open_world(&w);
	break_off(&w);
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", true, h_done);
	run_until(&w, &w.done, 1);
	ck_assert_str_eq(w.heard, " INITIATE | RESUME HANGUP");
	ck_assert_int_eq(w.back, 0);
	close_world(&w);

	/* One breaks that has it, and nobody knows whether it arrived. */
	open_world(&w);
	w.mute = true;
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", true, h_done);
	heard(&w, " INITIATE HANGUP");
	w.mute = false;
	tls_free(w.tls);
	w.tls = NULL;
	run_until(&w, &w.done, 1);
	ck_assert_str_eq(w.heard, " INITIATE HANGUP | RESUME HANGUP");
	ck_assert_int_eq(w.away, 0);
	close_world(&w);

	/* The call is over there. */
	open_world(&w);
	w.resume_status = 404;
	break_off(&w);
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", true, h_done);
	run_until(&w, &w.done, 1);
	ck_assert_str_eq(w.heard, " INITIATE | RESUME");
	ck_assert_int_eq(w.refused, 0);
	close_world(&w);

	/* Nobody is there: no need to wait. */
	open_world(&w);
	listener_close(w.listener);
	break_off(&w);
	start = clock_ms();
	leg_finish(w.leg, SIGMSG_HANGUP, "hung-up", true, h_done);
	run_until(&w, &w.done, 1);
	ck_assert_uint_lt(clock_ms() - start, 900);
	close_world(&w);
}
END_TEST

static void
ask(struct world *w)
{
	ck_assert_int_eq(leg_send(w->leg, SIGMSG_RESUME, NULL, NULL, NULL, 0),
	    0);
}

/* Asked for on a connection that broke: coming back has asked for it. */
START_TEST(resumes_once)
{
	struct world w;

	open_world(&w);
	listener_close(w.listener);
	break_off(&w);
	info(&w, "1");
	ask(&w);
	info(&w, "2");
	ask(&w);
	run_until(&w, &w.nobody, 1);
	/* These wait for a connection that there never was. */
	ck_assert_int_eq(listener_open(w.listener), 0);
	run_until(&w, &w.back, 1);
	heard(&w, " INITIATE | RESUME INFO1 INFO2");
	ask(&w);
	run_until(&w, &w.back, 2);
	heard(&w, " INITIATE | RESUME INFO1 INFO2 RESUME");
	close_world(&w);
}
END_TEST

START_TEST(takes_429_as_later)
{
	struct world w;

	open_world(&w);
	w.resume_status = 429;
	ask(&w);
	run_until(&w, &w.back, 1);
	ck_assert_int_eq(w.status, 429);
	break_off(&w);
	info(&w, "1");
	run_until(&w, &w.back, 2);
	ck_assert_int_eq(w.status, 429);
	heard(&w, " INITIATE RESUME | RESUME INFO1");
	ck_assert_int_eq(w.refused, 0);
	close_world(&w);
}
END_TEST

/* A switch that does not know yet who we are: it is asked again. */
START_TEST(takes_503_as_not_yet)
{
	uint64_t start;
	struct world w;

	open_world(&w);
	w.resume_status = 503;
	start = clock_ms();
	break_off(&w);
	info(&w, "1");
	run_until(&w, &w.answered, 3);
	/* At once or after 200 ms, then 400 and 800, with a quarter off. */
	ck_assert_uint_ge(clock_ms() - start, 450);
	ck_assert_int_eq(w.nobody, 0);
	ck_assert_int_eq(w.back, 0);
	ck_assert_int_eq(w.refused, 0);
	w.resume_status = 200;
	run_until(&w, &w.back, 1);
	heard(&w, " INITIATE | RESUME | RESUME | RESUME | RESUME INFO1");
	ck_assert_int_eq(w.away, 1);
	close_world(&w);
}
END_TEST

/* Something on the way breaks each connection as soon as it stands. */
START_TEST(pauses_if_it_breaks_again)
{
	uint64_t start;
	struct world w;
	int i;

	open_world(&w);
	start = clock_ms();
	for (i = 1; i <= 4; i++) {
		tls_free(w.tls);
		w.tls = NULL;
		run_until(&w, &w.away, i);
		run_until(&w, &w.back, i);
	}
	/* 200, 400, 800 and 1600 ms, each with up to a quarter off. */
	ck_assert_uint_ge(clock_ms() - start, 2250);
	close_world(&w);
}
END_TEST

/* A second request leaves with the first one, and a RESUME repeats it. */
START_TEST(says_two_at_once)
{
	struct sigmsg then = {
		.method = SIGMSG_ANSWER, .target = "/session/alice"
	};
	struct world w;

	begin_world(&w, &then);
	w.mute = true;	/* the first is answered, the second is not */
	run_until(&w, &w.first, 1);
	ck_assert_int_eq(w.asked, 1);
	leg_session(w.leg, "0123456789abcdef0123456789abcdef", "", 0);
	heard(&w, " INITIATE ANSWER");
	w.mute = false;
	break_off(&w);
	run_until(&w, &w.back, 1);
	info(&w, "1");
	heard(&w, " INITIATE ANSWER | RESUME ANSWER INFO1");
	ck_assert_int_eq(w.asked, 1);
	ck_assert_int_eq(w.refused, 0);
	close_world(&w);
}
END_TEST

/* A request before there is a session waits for it, behind those that left. */
START_TEST(keeps_what_comes_before_the_session)
{
	struct sigmsg then = {
		.method = SIGMSG_ANSWER, .target = "/session/alice"
	};
	struct world w;

	begin_world(&w, &then);
	info(&w, "1");
	run_until(&w, &w.first, 1);
	info(&w, "2");
	heard(&w, " INITIATE ANSWER");
	leg_session(w.leg, "0123456789abcdef0123456789abcdef", "", 0);
	info(&w, "3");
	heard(&w, " INITIATE ANSWER INFO1 INFO2 INFO3");
	close_world(&w);
}
END_TEST

UNIT_SUITE(leg, says_two_at_once,
    keeps_what_comes_before_the_session, says_again_what_was_not_answered, hears_that_it_is_over,
    goes_on_trying, bounds_what_waits, says_goodbye, says_goodbye_again, resumes_once,
    takes_429_as_later, takes_503_as_not_yet, pauses_if_it_breaks_again)
