/*
 * One request to a switch, from its name to the answer: whatever fails on the
 * way (the name, the connect, the certificate, the request itself) is told
 * once, with its error and a reason, never before ask_once_new returns; and who
 * cancels hears nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "dev/dev_tls.h"
#include "net/buffer.h"
#include "net/listener.h"
#include "net/tls.h"
#include "signal_client/ask_once.h"
#include "unit.h"

struct world {
	struct event_base *loop;
	struct tls_config *server, *client;
	struct listener *listener;
	struct tls *tls;
	bool closes;		/* with its answer */
	char heard[512];	/* the latest request */

	struct ask_once *ask;
	bool frees;		/* within `done` */
	int done, err, status;
	bool asked;		/* there was a client */
	char why[WHY_TEXT], body[64], order[64];
};

static void
on_data(struct buffer *in, void *arg)
{
	static const char answer[] = "HTTP/1.1 403 Forbidden\r\n"
	    "Content-Length: 2\r\n\r\nno";
	struct world *w = arg;
	struct sigmsg msg;
	size_t used;
	bool head;

	if (sigmsg_parse(&msg, (char *)buffer_front(in, -1), buffer_len(in),
	    &used, &head) < 0)
		return;
	snprintf(w->heard, sizeof(w->heard), "%s %s %s:%s %.*s",
	    sigmsg_method_name(msg.method), msg.target, msg.user, msg.token,
	    (int)msg.body_len, msg.body);
	buffer_drain(in, used);
	ck_assert_int_eq(tls_write(w->tls, answer, strlen(answer)), 0);
	if (w->closes)
		tls_finish(w->tls);
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
	tls_free(w->tls);
	ck_assert_int_eq(tls_new(&w->tls, w->loop, fd, w->server, &options,
	    &handlers, w), 0);
}

/* Make a server's certificate, and a client's trust in it. */
static void
make_configs(struct tls_config **server, struct tls_config **client)
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
	ck_assert_int_eq(tls_config_server(server, path[2], path[3], why), 0);
	ck_assert_int_eq(tls_config_client(client, path[0], why), 0);
	for (i = 0; i < 4; i++)
		unlink(path[i]);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
open_world(struct world *w)
{
	struct addr any;

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	make_configs(&w->server, &w->client);
	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(listener_new(&w->listener, w->loop, &any, on_accepted,
	    w), 0);
	ck_assert_int_eq(listener_open(w->listener), 0);
}

static void
close_world(struct world *w)
{
	ask_once_free(w->ask);
	tls_free(w->tls);
	listener_free(w->listener);
	tls_config_free(w->server);
	tls_config_free(w->client);
	event_base_free(w->loop);
}

static void
h_found(const struct resolve_answer *found, void *arg)
{
	struct world *w = arg;

	ck_assert_uint_gt(found->n, 0);
	strcat(w->order, " found");
}

static void
h_done(const struct ask_once_result *result, void *arg)
{
	struct world *w = arg;

	ck_assert((result->answer != NULL) == (result->err == 0));
	ck_assert((result->why != NULL) == (result->err != 0));
	strcat(w->order, " done");
	w->done++;
	w->err = result->err;
	w->asked = result->client != NULL;
	if (w->frees) {
		ask_once_free(w->ask);
		w->ask = NULL;
	}
	if (result->err != 0) {
		why_set(w->why, "%s", result->why);
		return;
	}
	/* The message outlives the connection that brought it. */
	w->status = result->answer->status;
	snprintf(w->body, sizeof(w->body), "%.*s",
	    (int)result->answer->body_len, result->answer->body);
}

/* Ask for `target` at `name`, or if that is NULL at the switch's address. */
static int
ask(struct world *w, const char *name, const char *target)
{
	static const struct ask_once_handlers handlers = {
		.found = h_found, .done = h_done
	};
	static const struct resolve_options resolve = { .timeout_ms = 300 };
	const struct addr *addr = listener_addr(w->listener);
	struct ask_once_options options = {
		.name = name != NULL ? name : "localhost",
		.port = addr_port(addr),
		.resolve = &resolve,
		.at = name != NULL ? NULL : addr,
		.client = {
			.tls = w->client, .number = "alice", .token = "secret",
			.deadline_ms = 5000
		}
	};
	struct sigmsg msg = {
		.method = SIGMSG_PUT, .content_type = "application/json",
		.body = "{}", .body_len = 2
	};
	int err;

	strcpy(msg.target, target);
	err = ask_once_new(&w->ask, w->loop, &options, &msg, &handlers, w);
	ck_assert_int_eq(w->done, 0);
	return err;
}

static void
run_for(struct world *w, long ms)
{
	struct timeval most = { 0, ms * 1000 };

	event_base_loopexit(w->loop, &most);
	event_base_dispatch(w->loop);
}

/* Wait for the end, and see that it is the only one. */
static void
run_to_end(struct world *w)
{
	uint64_t end = clock_ms() + 10000;

	while (w->done == 0 && clock_ms() < end)
		run_for(w, 20);
	while (w->closes && w->tls != NULL && clock_ms() < end)
		run_for(w, 20);
	run_for(w, 1);
	ck_assert_int_eq(w->done, 1);
}

START_TEST(is_answered)
{
	struct world w;

	open_world(&w);
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, 0);
	ck_assert_int_eq(w.status, 403);
	ck_assert_str_eq(w.body, "no");
	ck_assert_str_eq(w.heard, "PUT /push alice:secret {}");
	ck_assert_str_eq(w.order, " found done");
	ck_assert(w.asked);
	close_world(&w);
}
END_TEST

START_TEST(is_answered_at_an_address)
{
	struct world w;

	open_world(&w);
	ck_assert_int_eq(ask(&w, NULL, "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.status, 403);
	ck_assert_str_eq(w.order, " done");
	close_world(&w);
}
END_TEST

START_TEST(ends_once)
{
	struct world w;

	open_world(&w);
	w.closes = true;
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.status, 403);
	ck_assert_int_eq(w.err, 0);
	close_world(&w);
}
END_TEST

START_TEST(may_be_freed_at_the_end)
{
	struct world w;

	open_world(&w);
	w.frees = true;
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_str_eq(w.body, "no");
	close_world(&w);

	open_world(&w);
	w.frees = true;
	listener_close(w.listener);
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_lt(w.err, 0);
	close_world(&w);

	open_world(&w);
	w.frees = true;
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/a b"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, -EINVAL);
	close_world(&w);
}
END_TEST

START_TEST(hears_nothing_once_cancelled)
{
	struct world w;

	open_world(&w);
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	ask_once_free(w.ask);
	w.ask = NULL;
	run_for(&w, 50);
	ck_assert_int_eq(w.done, 0);
	ck_assert_str_eq(w.order, "");
	close_world(&w);
}
END_TEST

START_TEST(tells_that_there_is_no_such_name)
{
	struct world w;

	open_world(&w);
	ck_assert_int_eq(ask(&w, "no_such..name", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, -ENOENT);
	ck_assert_str_ne(w.why, "");
	ck_assert_str_eq(w.order, " done");
	ck_assert(!w.asked);
	close_world(&w);
}
END_TEST

START_TEST(tells_that_nobody_listens)
{
	struct world w;

	open_world(&w);
	listener_close(w.listener);
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, -ECONNREFUSED);
	ck_assert_str_ne(w.why, "");
	ck_assert(w.asked);
	close_world(&w);
}
END_TEST

START_TEST(tells_that_it_is_not_trusted)
{
	struct tls_config *other, *trust;
	struct world w;

	open_world(&w);
	make_configs(&other, &trust);
	tls_config_free(w.client);
	tls_config_free(other);
	w.client = trust;
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/push"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, -EACCES);
	ck_assert(w.asked);
	close_world(&w);
}
END_TEST

START_TEST(tells_that_it_cannot_be_written)
{
	struct world w;

	open_world(&w);
	ck_assert_int_eq(ask(&w, "127.0.0.1", "/a b"), 0);
	run_to_end(&w);
	ck_assert_int_eq(w.err, -EINVAL);
	ck_assert(!w.asked);
	close_world(&w);

	/* Without a look-up there is nothing to wait for. */
	open_world(&w);
	ck_assert_int_eq(ask(&w, NULL, "/a b"), -EINVAL);
	run_for(&w, 10);
	ck_assert_int_eq(w.done, 0);
	close_world(&w);
}
END_TEST

UNIT_SUITE(ask_once, is_answered, is_answered_at_an_address, ends_once,
    may_be_freed_at_the_end, hears_nothing_once_cancelled,
    tells_that_there_is_no_such_name, tells_that_nobody_listens,
    tells_that_it_is_not_trusted, tells_that_it_cannot_be_written)
