/*
 * A TLS stream over a socket pair. Bytes arrive whole both ways, a wrong name
 * is refused, and a silent peer times out. The end is reported once and last, a
 * handler may free the stream, a session is resumed, and one stream leaves
 * others their turn. All of that holds where threads compute the server's
 * handshake, too.
 */
#include <errno.h>
#include <stdio.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "cert.h"
#include "net/buffer.h"
#include "net/tls.h"
#include "net/workers.h"
#include "unit.h"

static char cert_file[CERT_PATH], key_file[CERT_PATH];
static bool threads;	/* set before a test, for all of it */

struct end {
	struct event_base *loop;
	struct tls *tls;
	const char *say;	/* on ready */
	size_t say_bytes;
	size_t got;
	size_t stop_at;		/* bytes got that end the loop */
	bool echo, finish_when_ready, free_when_ready, free_on_data;
	bool finish_on_data;
	bool bite;		/* take a byte, and ask for the rest */
	bool hold;		/* take nothing, and ask again */
	bool again_early;	/* before it is ready, ask again in vain */
	unsigned told;		/* how often there was data */
	int ready, hello, closed, err;
	char why[WHY_TEXT];
	void *session;
	size_t session_bytes;
	bool data_before_ready;
	const char *early;	/* a client's; NULL: nothing */
};

static void
hello(void *arg)
{
	((struct end *)arg)->hello++;
}

static void
ready(void *arg)
{
	struct end *e = arg;

	e->ready++;
	if (e->say != NULL)
		ck_assert_int_eq(tls_write(e->tls, e->say, e->say_bytes), 0);
	if (e->finish_when_ready)
		tls_finish(e->tls);
	if (e->free_when_ready) {
		tls_free(e->tls);
		e->tls = NULL;
	}
}

static void
data(struct buffer *in, void *arg)
{
	struct end *e = arg;
	size_t n = buffer_len(in);

	e->told++;
	if (e->hold || (e->bite && n > 1) ||
	    (e->again_early && e->ready == 0))
		tls_again(e->tls);
	if (e->hold)
		return;
	if (e->bite && n > 1)
		n = 1;
	e->got += n;
	if (e->ready == 0)
		e->data_before_ready = true;
	if (e->echo)
		ck_assert_int_eq(tls_write(e->tls, buffer_front(in, -1), n),
		    0);
	buffer_drain(in, n);
	if (e->finish_on_data)
		tls_finish(e->tls);
	if (e->free_on_data) {
		tls_free(e->tls);
		e->tls = NULL;
		return;
	}
	if (e->stop_at > 0 && e->got >= e->stop_at) {
		tls_session(e->tls, &e->session, &e->session_bytes);
		event_base_loopbreak(e->loop);
	}
}

static void
closed(int err, const char *why, void *arg)
{
	struct end *e = arg;

	ck_assert_ptr_nonnull(why);
	why_set(e->why, "%s", why);
	e->closed++;
	e->err = err;
	tls_free(e->tls);
	e->tls = NULL;
	event_base_loopbreak(e->loop);
}

static const struct tls_handlers handlers = { hello, ready, data, closed };

struct pair {
	struct event_base *loop;
	struct tls_config *server_config, *client_config;
	struct end server, client;
	struct workers *workers;
	struct workers_lane *lane;	/* NULL: without threads */
	/* It keeps a thread, so that the loop computes no handshake itself. */
	struct workers_job busy;
	sem_t go;
};

static void
run_busy(void *arg)
{
	struct pair *p = arg;

	sem_wait(&p->go);
}

static void
forget(void *arg)
{
	(void)arg;
}

static void
pair_open_for(struct pair *p, const char *san)
{
	char why[WHY_TEXT];

	cert_make_for(cert_file, key_file, "switch.test", san);
	p->loop = event_base_new();
	ck_assert_int_eq(tls_config_server(&p->server_config, cert_file,
	    key_file, why), 0);
	ck_assert_int_eq(tls_config_client(&p->client_config, cert_file, why),
	    0);
	unlink(cert_file);
	unlink(key_file);
	p->server.loop = p->client.loop = p->loop;
	if (!threads)
		return;
	ck_assert_int_eq(workers_new(&p->workers, 3), 0);
	ck_assert_int_eq(workers_lane_new(&p->lane, p->workers, p->loop), 0);
	sem_init(&p->go, 0, 0);
	p->busy = (struct workers_job){
		.run = run_busy, .done = forget, .arg = p
	};
	workers_give(p->lane, &p->busy);
}

static void
pair_open(struct pair *p)
{
	pair_open_for(p, "switch.test");
}

static void
pair_connect(struct pair *p, const char *name)
{
	struct tls_options options = {
		.in_max = 1 << 20, .out_max = 4 << 20, .lane = p->lane
	};
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd), 0);
	ck_assert_int_eq(tls_new(&p->server.tls, p->loop, fd[0],
	    p->server_config, &options, &handlers, &p->server), 0);
	p->client.ready = 0;
	options.lane = NULL;
	options.server_name = name;
	options.session = p->client.session;
	options.session_bytes = p->client.session_bytes;
	options.early = p->client.early;
	options.early_bytes = p->client.early != NULL ?
	    strlen(p->client.early) : 0;
	ck_assert_int_eq(tls_new(&p->client.tls, p->loop, fd[1],
	    p->client_config, &options, &handlers, &p->client), 0);
	ck_assert_int_eq(p->client.ready, 0);
}

static void
pair_run(struct pair *p)
{
	struct timeval most = { 20, 0 };

	event_base_loopexit(p->loop, &most);
	event_base_dispatch(p->loop);
}

static void
pair_close(struct pair *p)
{
	tls_free(p->server.tls);
	tls_free(p->client.tls);
	if (p->lane != NULL)
		sem_post(&p->go);
	workers_lane_free(p->lane);
	workers_free(p->workers);
	tls_config_free(p->server_config);
	tls_config_free(p->client_config);
	free(p->client.session);
	event_base_free(p->loop);
}

START_TEST(echoes_a_lot)
{
	static char much[2000000];
	struct pair p = { 0 };

	pair_open(&p);
	p.server.echo = true;
	p.client.say = much;
	p.client.say_bytes = p.client.stop_at = sizeof(much);
	pair_connect(&p, "switch.test");
	pair_run(&p);
	ck_assert_uint_eq(p.client.got, sizeof(much));
	ck_assert_int_eq(p.client.hello, 1);
	ck_assert_int_eq(p.client.ready, 1);
	ck_assert_int_eq(p.client.closed, 0);
	pair_close(&p);
}
END_TEST

START_TEST(refuses_a_wrong_name)
{
	struct pair p = { 0 };

	pair_open(&p);
	pair_connect(&p, "elsewhere.test");
	while (p.client.closed == 0)
		pair_run(&p);
	ck_assert_int_eq(p.client.err, -EACCES);
	ck_assert_int_eq(p.client.ready, 0);
	pair_close(&p);
}
END_TEST

/* A common name is no host's name: browsers refuse such a certificate too. */
START_TEST(refuses_a_common_name_alone)
{
	struct pair p = { 0 };

	pair_open_for(&p, NULL);
	pair_connect(&p, "switch.test");
	while (p.client.closed == 0)
		pair_run(&p);
	ck_assert_int_eq(p.client.err, -EACCES);
	ck_assert_ptr_nonnull(strstr(p.client.why, "alternative name"));
	ck_assert_int_eq(p.client.ready, 0);
	pair_close(&p);
}
END_TEST

START_TEST(gives_up_on_silence)
{
	struct pair p = { 0 };
	struct tls_options options = {
		.server_name = "switch.test", .handshake_ms = 50
	};
	int fd[2];

	pair_open(&p);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_int_eq(tls_new(&p.client.tls, p.loop, fd[1],
	    p.client_config, &options, &handlers, &p.client), 0);
	pair_run(&p);
	ck_assert_int_eq(p.client.closed, 1);
	ck_assert_int_eq(p.client.err, -ETIMEDOUT);
	ck_assert_int_eq(p.client.hello, 0);
	close(fd[0]);
	pair_close(&p);
}
END_TEST

START_TEST(survives_rubbish)
{
	struct pair p = { 0 };
	struct tls_options options = { 0 };
	static const char rubbish[] = "GET / HTTP/1.0\r\n\r\n";
	int fd[2];

	pair_open(&p);
	options.lane = p.lane;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_int_gt(write(fd[1], rubbish, sizeof(rubbish) - 1), 0);
	ck_assert_int_eq(tls_new(&p.server.tls, p.loop, fd[0],
	    p.server_config, &options, &handlers, &p.server), 0);
	pair_run(&p);
	ck_assert_int_eq(p.server.closed, 1);
	ck_assert_int_eq(p.server.err, -EPROTO);
	close(fd[1]);
	pair_close(&p);
}
END_TEST

START_TEST(finishes_in_order)
{
	struct pair p = { 0 };

	pair_open(&p);
	p.server.say = "bye";
	p.server.say_bytes = 3;
	p.server.finish_when_ready = true;
	pair_connect(&p, "switch.test");
	while (p.client.closed == 0 || p.server.closed == 0)
		pair_run(&p);
	ck_assert_uint_eq(p.client.got, 3);
	ck_assert_int_eq(p.client.err, 0);
	ck_assert_int_eq(p.server.err, 0);
	pair_close(&p);
}
END_TEST

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	unsigned *turns = arg;

	(void)fd;
	(void)what;
	++*turns;
}

/* There is always more to do, and timers fire all the same. */
START_TEST(leaves_the_loop_to_others)
{
	static const struct timeval often = { 0, 1000 };
	struct pair p = { 0 };
	struct event *timer;
	unsigned turns = 0;

	pair_open(&p);
	p.server.hold = true;
	p.client.say = "x";
	p.client.say_bytes = 1;
	timer = event_new(p.loop, -1, EV_PERSIST, on_turn, &turns);
	event_add(timer, &often);
	pair_connect(&p, "switch.test");
	while (turns < 10 || p.server.told < 100)
		event_base_loop(p.loop, EVLOOP_ONCE);
	ck_assert_uint_eq(p.server.got, 0);
	event_free(timer);
	pair_close(&p);
}
END_TEST

/* Once per turn, however much has come and however often it is asked for. */
START_TEST(has_data_once_in_a_turn)
{
	static char much[100000];
	struct pair p = { 0 };
	unsigned before;

	pair_open(&p);
	p.server.bite = true;
	p.client.say = much;
	p.client.say_bytes = sizeof(much);
	pair_connect(&p, "switch.test");
	while (p.server.told < 100) {
		before = p.server.told;
		event_base_loop(p.loop, EVLOOP_ONCE);
		ck_assert_uint_le(p.server.told, before + 1);
		if (p.server.tls != NULL)
			tls_again(p.server.tls);
	}
	pair_close(&p);
}
END_TEST

/* What came before the end is taken before it, a bit in each turn. */
START_TEST(tells_the_end_last)
{
	static char some[500];
	struct pair p = { 0 };

	pair_open(&p);
	p.server.bite = true;
	p.client.say = some;
	p.client.say_bytes = sizeof(some);
	p.client.finish_when_ready = true;
	pair_connect(&p, "switch.test");
	while (p.client.closed == 0 || p.server.closed == 0)
		pair_run(&p);
	ck_assert_uint_eq(p.server.got, sizeof(some));
	ck_assert_int_eq(p.server.err, 0);
	pair_close(&p);
}
END_TEST

START_TEST(may_be_freed_by_handlers)
{
	struct pair p = { 0 };

	pair_open(&p);
	p.client.free_when_ready = true;
	pair_connect(&p, "switch.test");
	while (p.server.closed == 0)
		pair_run(&p);
	ck_assert_int_eq(p.client.closed, 0);
	p.client.free_when_ready = false;
	p.client.say = "x";
	p.client.say_bytes = 1;
	p.server.free_on_data = true;
	p.server.closed = 0;
	pair_connect(&p, "switch.test");
	while (p.client.closed == 0)
		pair_run(&p);
	ck_assert_int_eq(p.server.closed, 0);
	pair_close(&p);
}
END_TEST

START_TEST(bounds_what_it_holds)
{
	static char much[300000];
	struct pair p = { 0 };
	struct tls_options options = {
		.server_name = "switch.test", .out_max = 1000
	};
	int fd[2];

	pair_open(&p);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_int_eq(tls_new(&p.client.tls, p.loop, fd[1],
	    p.client_config, &options, &handlers, &p.client), 0);
	ck_assert_int_eq(tls_write(p.client.tls, much, sizeof(much)),
	    -ENOBUFS);
	ck_assert_int_eq(tls_write(p.client.tls, much, 1000), 0);
	ck_assert_int_eq(tls_write(p.client.tls, much, 1), -ENOBUFS);
	ck_assert_uint_eq(tls_unsent(p.client.tls), 1000);
	close(fd[0]);
	pair_close(&p);
}
END_TEST

START_TEST(resumes)
{
	struct pair p = { 0 };

	pair_open(&p);
	p.server.echo = true;
	p.client.say = "x";
	p.client.say_bytes = p.client.stop_at = 1;
	pair_connect(&p, "switch.test");
	pair_run(&p);
	ck_assert_ptr_nonnull(p.client.session);
	ck_assert(!tls_resumed(p.client.tls));
	tls_free(p.client.tls);
	tls_free(p.server.tls);
	p.client.got = 0;
	p.client.stop_at = 0;
	pair_connect(&p, "switch.test");
	while (p.client.got == 0)
		event_base_loop(p.loop, EVLOOP_ONCE);
	ck_assert(tls_resumed(p.client.tls));
	pair_close(&p);
}
END_TEST

/* The first connection, for a session. */
static void
pair_get_session(struct pair *p)
{
	p->server.echo = true;
	p->client.say = "x";
	p->client.say_bytes = p->client.stop_at = 1;
	pair_connect(p, "switch.test");
	pair_run(p);
	ck_assert_ptr_nonnull(p->client.session);
	tls_free(p->client.tls);
	tls_free(p->server.tls);
	p->client.say = NULL;
	p->client.got = p->server.got = 0;
	p->server.ready = 0;
	p->client.stop_at = 0;
}

/* Early data is there before the handshake is done; its answer right after. */
START_TEST(takes_early_data)
{
	struct pair p = { 0 };

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	p.client.early = "early";
	pair_connect(&p, "switch.test");
	while (p.client.got < 5 && p.client.closed == 0)
		event_base_loop(p.loop, EVLOOP_ONCE);
	ck_assert_uint_eq(p.server.got, 5);
	ck_assert(p.server.data_before_ready);
	ck_assert(tls_resumed(p.server.tls) && tls_early(p.server.tls));
	ck_assert(tls_resumed(p.client.tls) && tls_early(p.client.tls));
	ck_assert_uint_eq(tls_config_early_refused(p.server_config), 0);
	pair_close(&p);
}
END_TEST

/* What a client's first flight makes of a server: it is given to it as it is. */
static void
replay(struct pair *p, const char *flight, size_t bytes, struct end *server)
{
	struct tls_options options = { .lane = p->lane };
	uint64_t refused = tls_config_early_refused(p->server_config);
	int fd[2];

	server->loop = p->loop;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ck_assert_int_eq(tls_new(&server->tls, p->loop, fd[0],
	    p->server_config, &options, &handlers, server), 0);
	ck_assert_int_eq(write(fd[1], flight, bytes), bytes);
	while (server->got == 0 &&
	    tls_config_early_refused(p->server_config) == refused)
		event_base_loop(p->loop, EVLOOP_NONBLOCK);
	event_base_loop(p->loop, EVLOOP_NONBLOCK);
	tls_free(server->tls);
	server->tls = NULL;
	close(fd[1]);
}

/* The same ClientHello again is one, but what is early in it is not taken. */
START_TEST(takes_early_data_once)
{
	struct tls_options options = {
		.server_name = "switch.test", .early = "early",
		.early_bytes = 5
	};
	struct end first = { .got = 0 }, again = { .got = 0 };
	struct pair p = { 0 };
	char flight[8192];
	ssize_t n;
	int fd[2];

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	options.session = p.client.session;
	options.session_bytes = p.client.session_bytes;
	ck_assert_int_eq(tls_new(&p.client.tls, p.loop, fd[0],
	    p.client_config, &options, &handlers, &p.client), 0);
	event_base_loop(p.loop, EVLOOP_NONBLOCK);
	n = read(fd[1], flight, sizeof(flight));
	ck_assert_int_gt(n, 0);
	replay(&p, flight, (size_t)n, &first);
	ck_assert_uint_eq(first.got, 5);
	replay(&p, flight, (size_t)n, &again);
	ck_assert_uint_eq(again.got, 0);
	ck_assert_uint_eq(tls_config_early_refused(p.server_config), 1);
	p.server.tls = NULL;
	close(fd[1]);
	pair_close(&p);
}
END_TEST

/* Nor is it lost where the server wants to end the stream by then. */
START_TEST(finishes_after_early_data)
{
	struct pair p = { 0 };

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	p.client.early = "early";
	p.server.finish_on_data = true;
	pair_connect(&p, "switch.test");
	pair_run(&p);
	ck_assert_uint_eq(p.client.got, 5);
	ck_assert_int_eq(p.client.closed, 1);
	ck_assert_int_eq(p.client.err, 0);
	pair_close(&p);
}
END_TEST

/*
 * One that has asked for a turn in the handshake, as a request does that is
 * answered then, sees the end, though nothing comes before it.
 */
START_TEST(sees_the_end_after_early_data)
{
	struct pair p = { 0 };

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	p.client.early = "early";
	p.client.free_on_data = true;
	p.server.again_early = true;
	pair_connect(&p, "switch.test");
	pair_run(&p);
	ck_assert_uint_eq(p.client.got, 5);
	ck_assert_int_eq(p.server.ready, 1);
	ck_assert_int_eq(p.server.closed, 1);
	pair_close(&p);
}
END_TEST

/* A server that takes none resumes, and the client is told. */
START_TEST(early_data_refused)
{
	struct pair p = { 0 };
	struct tls_config *takes;
	char why[WHY_TEXT];

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	/* The keys of another server: its successor, say. */
	cert_make(cert_file, key_file);
	takes = p.server_config;
	ck_assert_int_eq(tls_config_server(&p.server_config, cert_file,
	    key_file, why), 0);
	tls_config_free(p.client_config);
	ck_assert_int_eq(tls_config_client(&p.client_config, cert_file, why),
	    0);
	unlink(cert_file);
	unlink(key_file);
	p.client.early = "early";
	pair_connect(&p, "switch.test");
	while (p.client.ready == 0 && p.client.closed == 0)
		event_base_loop(p.loop, EVLOOP_ONCE);
	ck_assert(!tls_resumed(p.client.tls) && !tls_early(p.client.tls));
	ck_assert_int_eq(tls_write(p.client.tls, "again", 5), 0);
	while (p.client.got < 5 && p.client.closed == 0)
		event_base_loop(p.loop, EVLOOP_ONCE);
	ck_assert_uint_eq(p.server.got, 5);
	tls_config_free(takes);
	pair_close(&p);
}
END_TEST

/* A stream that is freed at any time is gone, and its thread touches nothing. */
START_TEST(is_freed_in_mid_handshake)
{
	struct pair p = { 0 };
	int turns, i;

	pair_open(&p);
	for (turns = 0; turns < 12; turns++) {
		pair_connect(&p, "switch.test");
		for (i = 0; i < turns && p.client.closed == 0; i++)
			event_base_loop(p.loop, EVLOOP_NONBLOCK);
		tls_free(p.server.tls);
		p.server.tls = NULL;
		tls_free(p.client.tls);
		p.client.tls = NULL;
	}
	ck_assert_int_eq(p.server.closed, 0);
	pair_close(&p);
}
END_TEST

/* Many at a time share a configuration, its ticket key and its memory. */
START_TEST(shakes_many_hands_at_once)
{
	enum { MANY = 24 };
	struct pair p = { 0 };
	struct end *servers = calloc(MANY, sizeof(*servers));
	struct end *clients = calloc(MANY, sizeof(*clients));
	int i, ready = 0;

	pair_open(&p);
	ck_assert_int_eq(tls_config_take_early(p.server_config), 0);
	pair_get_session(&p);
	p.client.tls = p.server.tls = NULL;
	for (i = 0; i < MANY; i++) {
		struct tls_options options = { .lane = p.lane };
		struct tls_options client = {
			.server_name = "switch.test",
			.session = p.client.session,
			.session_bytes = p.client.session_bytes,
			.early = "early", .early_bytes = 5
		};
		int fd[2];

		servers[i].loop = clients[i].loop = p.loop;
		servers[i].echo = true;
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM |
		    SOCK_NONBLOCK, 0, fd), 0);
		ck_assert_int_eq(tls_new(&servers[i].tls, p.loop, fd[0],
		    p.server_config, &options, &handlers, &servers[i]), 0);
		ck_assert_int_eq(tls_new(&clients[i].tls, p.loop, fd[1],
		    p.client_config, &client, &handlers, &clients[i]), 0);
	}
	while (ready < MANY) {
		event_base_loop(p.loop, EVLOOP_ONCE);
		for (i = ready = 0; i < MANY; i++)
			ready += clients[i].got == 5;
	}
	for (i = 0; i < MANY; i++) {
		ck_assert(servers[i].data_before_ready);
		tls_free(servers[i].tls);
		tls_free(clients[i].tls);
	}
	free(servers);
	free(clients);
	pair_close(&p);
}
END_TEST

static void
use_threads(void)
{
	threads = true;
}

UNIT_SUITE(tls, echoes_a_lot, refuses_a_wrong_name,
    refuses_a_common_name_alone, gives_up_on_silence,
    survives_rubbish, finishes_in_order, may_be_freed_by_handlers,
    bounds_what_it_holds, resumes, takes_early_data,
    takes_early_data_once, finishes_after_early_data,
    sees_the_end_after_early_data, early_data_refused,
    leaves_the_loop_to_others, has_data_once_in_a_turn, tells_the_end_last,
    is_freed_in_mid_handshake, shakes_many_hands_at_once)

UNIT_SUITE_WITH(tls_workers, use_threads, NULL, echoes_a_lot,
    refuses_a_wrong_name,
    refuses_a_common_name_alone, gives_up_on_silence,
    survives_rubbish, finishes_in_order, may_be_freed_by_handlers,
    bounds_what_it_holds, resumes, takes_early_data,
    takes_early_data_once, finishes_after_early_data,
    sees_the_end_after_early_data, early_data_refused,
    leaves_the_loop_to_others, has_data_once_in_a_turn, tells_the_end_last,
    is_freed_in_mid_handshake, shakes_many_hands_at_once)
