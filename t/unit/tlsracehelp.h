/*
 * tlsracehelp: TLS servers on loopback for races. Some hang after TCP, some
 * answer late, some do not speak TLS at all.
 */
#ifndef RP_T_UNIT_TLSRACEHELP_H
#define RP_T_UNIT_TLSRACEHELP_H

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "cert.h"
#include "net/buffer.h"
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
	int accepted, ready;
	size_t early_bytes;
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
	char why[WHY_TEXT];
	uint64_t start_ms;
};

static inline void
ignore_data(struct buffer *in, void *arg)
{
	(void)arg;
	buffer_drain(in, buffer_len(in));
}

static inline void
ignore_end(int err, const char *why, void *arg)
{
	(void)err;
	(void)why;
	(void)arg;
}

static inline void
server_ready(void *arg)
{
	((struct server *)arg)->ready++;
}

static inline void
server_data(struct buffer *in, void *arg)
{
	struct server *s = arg;

	if (s->ready == 0)
		s->early_bytes += buffer_len(in);
	ignore_data(in, arg);
}

static inline void
serve(evutil_socket_t fd, short what, void *arg)
{
	static const struct tls_handlers handlers = {
		NULL, server_ready, server_data, ignore_end
	};
	static const struct tls_options options;
	struct server *s = arg;

	(void)fd;
	(void)what;
	if (s->rubbish) {
		/* The race may be over for it. */
		(void)send(s->fd, "SSH-2.0-what\r\n", 14, MSG_NOSIGNAL);
		return;
	}
	ck_assert_uint_lt(s->n_streams, 4);
	ck_assert_int_eq(tls_new(&s->stream[s->n_streams++], s->loop, s->fd,
	    s->config, &options, &handlers, s), 0);
}

static inline void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct timeval late = { s->late_ms / 1000, s->late_ms % 1000 * 1000 };

	(void)what;
	s->fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
	ck_assert_int_ge(s->fd, 0);
	s->accepted++;
	if (s->late_ms == 0)
		serve(-1, 0, s);
	else
		event_add(s->later, &late);
}

static inline struct server *
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
static inline void
add_hung(struct world *w)
{
	event_del(add(w)->accept);
}

static inline void
setup(struct world *w)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH], why[WHY_TEXT];

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

static inline void
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

static inline void
on_ready(void *arg)
{
	struct world *w = arg;

	w->ready++;
	event_base_loopbreak(w->loop);
}

static inline void
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
	why_set(w->why, "%s", why != NULL ? why : "");
	if (err == 0)
		tls_hand_over(stream, &handlers, w);
	else
		event_base_loopbreak(w->loop);
}

static inline void
run(struct world *w, enum tlsrace_by by, bool suspects_proxy,
    uint32_t deadline_ms)
{
	struct tlsrace_options options = {
		.config = w->client_config,
		.stream = { .server_name = "switch.test" },
		.deadline_ms = deadline_ms, .by = by, .suspects_proxy =
		    suspects_proxy
	};

	w->start_ms = clock_ms();
	ck_assert_int_eq(tlsrace_start(&w->race, w->loop, w->addrs, w->n,
	    &options, on_done, w), 0);
	ck_assert_int_eq(w->calls, 0);
	event_base_dispatch(w->loop);
	ck_assert_int_eq(w->calls, 1);
}

static inline void
check_text(struct world *w, size_t i, const char *want)
{
	char text[MULTICONNECT_TEXT];
	size_t n;

	ck_assert_str_eq(multiconnect_outcome_text(
	    &tlsrace_entries(w->race, &n)[i], text), want);
}

#endif
