/*
 * Races for TLS between real servers on loopback: some hang after TCP, some
 * answer late as behind a proxy that completes TCP for everybody, some are no
 * TLS at all. The ServerHello rule, race = tls, and auto, which learns.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "cert.h"
#include "net/tlsrace.h"
#include "unit.h"

#define SERVERS 8

struct server {
	struct event_base *loop;
	struct tls_config *config;
	struct event *accept, *later;
	struct tls *stream[4];
	size_t n_streams;
	int listener, fd;
	uint32_t late_ms;
	bool rubbish;
	int accepted;
};

struct world {
	struct event_base *loop;
	struct tls_config *server_config, *client_config;
	struct server servers[SERVERS];
	struct addr addrs[SERVERS];
	size_t n;
	struct tlsrace *race;
	struct tls *stream;
	int calls, err, ready;
	size_t entry;
	char why[TLS_WHY];
	uint64_t start_ms;
};

static void
ignore(void *arg)
{
	(void)arg;
}

static void
ignore_data(struct evbuffer *in, void *arg)
{
	(void)arg;
	evbuffer_drain(in, evbuffer_get_length(in));
}

static void
ignore_end(int err, const char *why, void *arg)
{
	(void)err;
	(void)why;
	(void)arg;
}

static void
serve(evutil_socket_t fd, short what, void *arg)
{
	static const struct tls_handlers handlers = {
		NULL, ignore, ignore_data, ignore_end
	};
	static const struct tls_options options;
	struct server *s = arg;

	(void)fd;
	(void)what;
	if (s->rubbish) {
		ck_assert_int_eq(write(s->fd, "SSH-2.0-what\r\n", 14), 14);
		return;
	}
	ck_assert_uint_lt(s->n_streams, 4);
	ck_assert_int_eq(tls_new(&s->stream[s->n_streams++], s->loop, s->fd,
	    s->config, &options, &handlers, s), 0);
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct timeval late = { 0, s->late_ms * 1000 };

	(void)what;
	s->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
	ck_assert_int_ge(s->fd, 0);
	s->accepted++;
	if (s->late_ms == 0)
		serve(-1, 0, s);
	else
		event_add(s->later, &late);
}

static struct server *
add(struct world *w)
{
	struct server *s = &w->servers[w->n];
	struct addr *a = &w->addrs[w->n++];
	socklen_t len;

	ck_assert_int_eq(addr_parse(a, "127.0.0.1:0", 0), 0);
	len = addr_len(a);
	s->loop = w->loop;
	s->config = w->server_config;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(s->listener, &a->sa, len), 0);
	ck_assert_int_eq(listen(s->listener, 16), 0);
	ck_assert_int_eq(getsockname(s->listener, &a->sa, &len), 0);
	s->accept = event_new(w->loop, s->listener, EV_READ | EV_PERSIST,
	    on_accept, s);
	s->later = evtimer_new(w->loop, serve, s);
	event_add(s->accept, NULL);
	return s;
}

/* The kernel completes TCP, and nobody is there. */
static void
add_hung(struct world *w)
{
	event_del(add(w)->accept);
}

static void
setup(struct world *w)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH], why[TLS_WHY];

	memset(w, 0, sizeof(*w));
	cert_make(cert_file, key_file);
	w->loop = event_base_new();
	ck_assert_int_eq(tls_config_server(&w->server_config, cert_file,
	    key_file, why), 0);
	ck_assert_int_eq(tls_config_client(&w->client_config, cert_file, why),
	    0);
	unlink(cert_file);
	unlink(key_file);
}

static void
teardown(struct world *w)
{
	size_t i, k;

	tlsrace_free(w->race);
	tls_free(w->stream);
	for (i = 0; i < w->n; i++) {
		struct server *s = &w->servers[i];

		event_free(s->accept);
		event_free(s->later);
		for (k = 0; k < s->n_streams; k++)
			tls_free(s->stream[k]);
		close(s->listener);
	}
	tls_config_free(w->server_config);
	tls_config_free(w->client_config);
	event_base_free(w->loop);
}

static void
on_ready(void *arg)
{
	struct world *w = arg;

	w->ready++;
	event_base_loopbreak(w->loop);
}

static void
on_done(int err, const char *why, struct tls *stream, size_t entry, void *arg)
{
	static const struct tls_handlers handlers = {
		NULL, on_ready, ignore_data, ignore_end
	};
	struct world *w = arg;

	w->calls++;
	w->err = err;
	w->stream = stream;
	w->entry = entry;
	snprintf(w->why, sizeof(w->why), "%s", why != NULL ? why : "");
	if (err == 0)
		tls_hand_over(stream, &handlers, w);
	else
		event_base_loopbreak(w->loop);
}

static void
run(struct world *w, enum tlsrace_by by, bool smelt, uint32_t deadline_ms)
{
	struct tlsrace_options options = {
		.config = w->client_config,
		.stream = { .server_name = "switch.test" },
		.deadline_ms = deadline_ms, .by = by, .smelt = smelt
	};

	w->start_ms = clock_ms();
	ck_assert_int_eq(tlsrace_start(&w->race, w->loop, w->addrs, w->n,
	    &options, on_done, w), 0);
	ck_assert_int_eq(w->calls, 0);
	event_base_dispatch(w->loop);
	ck_assert_int_eq(w->calls, 1);
}

static void
check_text(struct world *w, size_t i, const char *want)
{
	char text[MULTICONNECT_TEXT];
	size_t n;

	ck_assert_str_eq(multiconnect_outcome_text(
	    &tlsrace_entries(w->race, &n)[i], text), want);
}

START_TEST(a_stream_changes_hands)
{
	struct world w;

	setup(&w);
	add(&w);
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_int_eq(w.ready, 1);
	check_text(&w, 0, "won");
	ck_assert(!tlsrace_smells(w.race));
	teardown(&w);
}
END_TEST

/*
 * Seven hang after TCP and are as near as the live one: whatever TCP chooses,
 * the ServerHello rule is paid once, since then all are asked.
 */
START_TEST(hung_ones_cost_one_wait)
{
	struct world w;

	setup(&w);
	add(&w);
	while (w.n < SERVERS)
		add_hung(&w);
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 0);
	ck_assert_uint_le(clock_ms() - w.start_ms, 250 + 150);
	teardown(&w);
}
END_TEST

/* By TCP each of them costs a wait. */
START_TEST(by_tcp_each_hung_one_costs)
{
	struct world w;

	setup(&w);
	add_hung(&w);
	add_hung(&w);
	run(&w, TLSRACE_TCP, false, 5000);
	ck_assert_int_eq(w.err, -ETIMEDOUT);
	ck_assert_str_eq(w.why, "connected, but no ServerHello came");
	ck_assert_uint_ge(clock_ms() - w.start_ms, 2 * 250 - 5);
	check_text(&w, 0, "struck: no ServerHello");
	teardown(&w);
}
END_TEST

/* All complete TCP at once, as through a proxy; the nearest says hello first. */
START_TEST(the_first_hello_wins)
{
	struct world w;
	size_t i;

	setup(&w);
	for (i = 0; i < 5; i++)
		add(&w)->late_ms = i == 3 ? 20 : 120;
	run(&w, TLSRACE_TLS, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 3);
	ck_assert_int_eq(w.ready, 1);
	check_text(&w, 0, "lost");
	teardown(&w);
}
END_TEST

START_TEST(a_proxy_smells)
{
	struct world w;

	setup(&w);
	add(&w)->late_ms = 150;
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert(tlsrace_smells(w.race));
	teardown(&w);

	/* And what it smelt the last time decides this time. */
	setup(&w);
	add(&w)->late_ms = 150;
	add(&w)->late_ms = 10;
	add(&w)->late_ms = 150;
	run(&w, TLSRACE_AUTO, true, 5000);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert(tlsrace_smells(w.race));
	teardown(&w);
}
END_TEST

START_TEST(what_is_no_tls_is_struck)
{
	struct world w;

	setup(&w);
	add(&w)->rubbish = true;
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, -EPROTO);
	teardown(&w);

	setup(&w);
	add(&w)->rubbish = true;
	add(&w)->late_ms = 50;
	run(&w, TLSRACE_TLS, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	teardown(&w);
}
END_TEST

/* Struck after its hello, as by a 503: the others race, the struck never. */
START_TEST(strikes_after_hello)
{
	struct world w;
	size_t first;

	setup(&w);
	add(&w);
	add(&w);
	run(&w, TLSRACE_TLS, false, 5000);
	first = w.entry;
	tls_free(w.stream);
	w.stream = NULL;
	tlsrace_strike(w.race, first, -EBUSY, "503", "full or draining");
	ck_assert_int_eq(w.calls, 1);
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 2);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_ne(w.entry, first);
	check_text(&w, first, "struck: 503");
	tls_free(w.stream);
	w.stream = NULL;
	tlsrace_strike(w.race, w.entry, -EBUSY, "503", "full or draining");
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.err, -EBUSY);
	ck_assert_str_eq(w.why, "full or draining");
	teardown(&w);
}
END_TEST

START_TEST(the_deadline_holds)
{
	struct world w;

	setup(&w);
	add_hung(&w);
	add_hung(&w);
	run(&w, TLSRACE_TLS, false, 300);
	ck_assert_int_eq(w.err, -ETIMEDOUT);
	ck_assert_uint_ge(clock_ms() - w.start_ms, 295);
	ck_assert_uint_le(clock_ms() - w.start_ms, 500);
	teardown(&w);
}
END_TEST

START_TEST(free_cancels)
{
	struct world w;
	struct tlsrace_options options = { .by = TLSRACE_TLS };
	struct timeval soon = { 0, 50000 };

	setup(&w);
	add(&w)->late_ms = 30;
	add_hung(&w);
	options.config = w.client_config;
	options.stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w.race, w.loop, w.addrs, w.n,
	    &options, on_done, &w), 0);
	event_base_loopexit(w.loop, &soon);
	event_base_loop(w.loop, EVLOOP_ONCE);
	tlsrace_free(w.race);
	w.race = NULL;
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 0);
	teardown(&w);
}
END_TEST

START_TEST(parses)
{
	enum tlsrace_by by;

	ck_assert_int_eq(tlsrace_by_parse(&by, "tls"), 0);
	ck_assert_int_eq(by, TLSRACE_TLS);
	ck_assert_int_eq(tlsrace_by_parse(&by, "udp"), -EINVAL);
}
END_TEST

UNIT_SUITE(tlsrace, a_stream_changes_hands, hung_ones_cost_one_wait,
    by_tcp_each_hung_one_costs, the_first_hello_wins, a_proxy_smells,
    what_is_no_tls_is_struck, strikes_after_hello, the_deadline_holds,
    free_cancels, parses)
