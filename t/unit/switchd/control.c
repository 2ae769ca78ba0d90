/*
 * The control socket from both ends: drains and events. Bad requests, bad
 * clients and stale sockets do no harm.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "control_client/control_client.h"
#include "ops/control.h"
#include "ops/drain.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "unit.h"

static struct event_base *loop;
static struct metrics *metrics;
static struct gate *gate;
static struct drain *drain;
static struct control *control;
static char dir[64], path[80];

/* The switch, as control sees it. */
static int64_t calls;
static int forced, stopped, drained, reload_err;

static uint64_t
count_calls(void *arg)
{
	(void)arg;
	return (uint64_t)calls;
}

static void
on_force(void *arg)
{
	(void)arg;
	forced++;
	calls = 0;
	drain_call_ended(drain);
	control_calls_changed(control);
}

static void
on_drained(void *arg)
{
	(void)arg;
	drained++;
	control_drained(control);
}

static void
on_stop(void *arg)
{
	(void)arg;
	stopped++;
}

static void
counts(int64_t *n, int64_t *oldest_ms, int64_t *connections, void *arg)
{
	(void)arg;
	*n = calls;
	*oldest_ms = 5;
	*connections = 6;
}

static json_t *
each_call(void *arg)
{
	(void)arg;
	return json_pack("[{ss}]", "session", "abc");
}

/* Of 250 calls, numbered from 1, those behind. */
static json_t *
each_session(int64_t after, int64_t *next, void *arg)
{
	json_t *array = json_array();
	int64_t i;

	(void)arg;
	for (i = after + 1; i <= 250; i++) {
		if (json_array_size(array) == CTLMSG_PAGE)
			break;
		json_array_append_new(array, json_pack("{sI}", "number",
		    (json_int_t)i));
	}
	*next = i <= 250 ? i - 1 : 0;
	return array;
}

static const char *
push_state_now(void *arg)
{
	(void)arg;
	return "up";
}

static void
directory(char why[static WHY_TEXT], void *arg)
{
	(void)arg;
	strcpy(why, "cannot be read: empty");
}

static int
reload(char why[static WHY_TEXT], char note[static WHY_TEXT], void *arg)
{
	(void)arg;
	strcpy(note, reload_err < 0 ? "" : "what else there is to know");
	strcpy(why, reload_err < 0 ? "rp.conf:1: wrong" : "user");
	return reload_err;
}

static void
on_gate(bool open, void *arg)
{
	(void)open;
	(void)arg;
	control_gate_changed(control);
}

static void
kernel_now(char text[static WHY_TEXT], void *arg)
{
	(void)arg;
	strcpy(text, "eth0 tc; 1 packets relayed, 0 passed up");
}

static int
open_control(struct control **out)
{
	static const struct control_source source = {
		counts, each_call, each_session, directory, reload,
		push_state_now, kernel_now
	};
	struct control_options options = {
		.path = path, .name = "test", .gate = gate, .drain = drain,
		.metrics = metrics, .source = &source,
	};

	return control_new(out, loop, &options);
}

static void
set_up(void)
{
	static const struct drain_handlers handlers = {
		count_calls, on_force, on_drained, on_stop
	};

	signal(SIGPIPE, SIG_IGN);
	strcpy(dir, "/tmp/rp-unit-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
	loop = event_base_new();
	metrics = metrics_new();
	gate = gate_new(metrics);
	gate_set(gate, GATE_STARTING, false);
	ck_assert_int_eq(drain_new(&drain, loop, gate, &handlers, NULL), 0);
	ck_assert_int_eq(open_control(&control), 0);
	gate_on_change(gate, on_gate, NULL);
}

static void
tear_down(void)
{
	control_free(control);
	drain_free(drain);
	gate_free(gate);
	metrics_free(metrics);
	event_base_free(loop);
	ck_assert_int_eq(access(path, F_OK), -1);
	rmdir(dir);
}

/* A client and the last of what it was told. */
struct peer {
	struct control_client *client;
	struct ctlmsg_answer last;
	char events[256];
	int answers, closed;
	int sessions;		/* told so far */
	int64_t after;		/* asked for */
};

static void
on_answer(const struct ctlmsg_answer *answer, void *arg)
{
	struct peer *p = arg;

	p->last = *answer;
	p->last.calls = NULL;
	p->last.sessions = NULL;
	p->sessions += (int)json_array_size(answer->sessions);
	if (answer->event[0] == '\0')
		p->answers++;
	else if (strlen(p->events) + 32 < sizeof(p->events))
		strcat(strcat(p->events, answer->event), " ");
}

static void
on_closed(int err, void *arg)
{
	((struct peer *)arg)->closed = err;
}

static void
peer_open(struct peer *p)
{
	static const struct control_client_handlers handlers = {
		on_answer, on_closed
	};

	memset(p, 0, sizeof(*p));
	ck_assert_int_eq(control_client_new(&p->client, loop, path, &handlers,
	    p), 0);
}

static void
ask(struct peer *p, enum ctlmsg_command command, int64_t force, bool stop)
{
	struct ctlmsg_request request = {
		command, 4, force, stop, p->after, false
	};
	int before = p->answers;

	ck_assert_int_eq(control_client_send(p->client, &request), 0);
	while (p->answers == before && p->closed == 0)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(p->closed, 0);
	ck_assert_int_eq(p->last.id, 4);
}

START_TEST(drains)
{
	struct peer p, q;
	int64_t before;

	set_up();
	peer_open(&p);
	peer_open(&q);
	ask(&q, CTLMSG_SUBSCRIBE, -1, false);
	ask(&p, CTLMSG_STATUS, -1, false);
	ck_assert(p.last.status.open);
	ck_assert_int_eq(p.last.status.draining_ms, -1);
	ck_assert_int_eq(p.last.status.connections, 6);
	ck_assert_str_eq(p.last.status.directory, "cannot be read: empty");
	calls = 2;
	ask(&p, CTLMSG_DRAIN, -1, false);
	ck_assert(!p.last.status.open);
	ck_assert(!gate_is_open(gate));
	ck_assert_str_eq(p.last.status.reasons[0], "draining");
	ck_assert_int_ge(p.last.status.draining_ms, 0);
	usleep(20000);
	ask(&p, CTLMSG_DRAIN, -1, false);
	before = p.last.status.draining_ms;
	ck_assert_int_ge(before, 20);
	ck_assert_int_eq(drained, 0);
	calls = 0;
	control_calls_changed(control);
	drain_call_ended(drain);
	while (strstr(q.events, "calls") == NULL)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_str_eq(q.events, "gate drained calls ");
	ck_assert_int_eq(drained, 1);
	ck_assert_int_eq(stopped, 0);
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	ck_assert(p.last.status.open);
	ck_assert_str_eq(p.events, "");
	control_client_free(p.client);
	control_client_free(q.client);
	tear_down();
}
END_TEST

START_TEST(stops_and_forces)
{
	struct peer p;
	int i;

	set_up();
	peer_open(&p);
	calls = 3;
	ask(&p, CTLMSG_DRAIN, 30, true);
	ck_assert_int_eq(forced, 0);
	while (stopped == 0)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(forced, 1);
	ck_assert_int_eq(drained, 1);
	ck_assert_int_ge(drain_ms(drain), 25);
	/* Taken back, it leaves no timer behind. */
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	calls = 1;
	ask(&p, CTLMSG_DRAIN, 20, false);
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	for (i = 0; i < 3; i++) {
		usleep(20000);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(forced, 1);
	/* Asked for later, the time still counts from the beginning. */
	ask(&p, CTLMSG_DRAIN, -1, false);
	usleep(30000);
	ask(&p, CTLMSG_DRAIN, 10, false);
	while (forced == 1)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(stopped, 1);
	control_client_free(p.client);
	tear_down();
}
END_TEST

/* Drain for good, as a service manager does. */
static void
ask_final(struct peer *p)
{
	struct ctlmsg_request request = {
		CTLMSG_DRAIN, 4, -1, false, 0, true
	};
	int before = p->answers;

	ck_assert_int_eq(control_client_send(p->client, &request), 0);
	while (p->answers == before)
		event_base_loop(loop, EVLOOP_ONCE);
}

START_TEST(refuses_an_undrain)
{
	struct peer p;

	set_up();
	peer_open(&p);
	calls = 1;
	ask(&p, CTLMSG_DRAIN, -1, false);
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	ck_assert_str_eq(p.last.error, "");
	ask_final(&p);
	ck_assert_str_eq(p.last.error, "");
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	ck_assert_str_eq(p.last.error, "stopping");
	ck_assert_uint_gt(strlen(p.last.why), 0);
	ck_assert(!gate_is_open(gate));
	/* A drain that follows does not make it less final. */
	ask(&p, CTLMSG_DRAIN, -1, false);
	ask(&p, CTLMSG_UNDRAIN, -1, false);
	ck_assert_str_eq(p.last.error, "stopping");
	ck_assert(!gate_is_open(gate));
	control_client_free(p.client);
	tear_down();
}
END_TEST

/* SIGTERM keeps the later of its own grace and of the drain's limit. */
START_TEST(a_stop_is_not_sooner)
{
	struct drain_request hour = { .force_after_ms = 3600000 };
	struct drain_request soon = { .force_after_ms = 10 };
	int i;

	set_up();
	calls = 1;
	drain_begin(drain, &hour);
	drain_stop(drain, 10);
	for (i = 0; i < 3; i++) {
		usleep(20000);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(forced, 0);
	/* A request of its own may shorten it. */
	drain_begin(drain, &soon);
	while (stopped == 0)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(forced, 1);
	ck_assert_int_eq(drain_end(drain), -ESHUTDOWN);
	tear_down();
}
END_TEST

/* The grace counts from the stop, not from a drain that began long before. */
START_TEST(a_stop_gives_its_grace)
{
	struct drain_request endless = { .force_after_ms = -1 };
	int64_t before;

	set_up();
	calls = 1;
	drain_begin(drain, &endless);
	usleep(40000);
	before = drain_ms(drain);
	drain_stop(drain, 30);
	while (stopped == 0)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_ge(drain_ms(drain), before + 25);
	tear_down();
}
END_TEST

/* A page an answer, each behind the last, and an end. */
START_TEST(tells_sessions)
{
	struct peer p;

	set_up();
	peer_open(&p);
	ask(&p, CTLMSG_SESSIONS, -1, false);
	ck_assert_int_eq(p.sessions, CTLMSG_PAGE);
	ck_assert_int_eq(p.last.next, CTLMSG_PAGE);
	ck_assert(p.last.has_status);
	p.after = p.last.next;
	ask(&p, CTLMSG_SESSIONS, -1, false);
	p.after = p.last.next;
	ask(&p, CTLMSG_SESSIONS, -1, false);
	ck_assert_int_eq(p.sessions, 250);
	ck_assert_int_eq(p.last.next, 0);
	p.after = INT64_MAX - 1;
	ask(&p, CTLMSG_SESSIONS, -1, false);
	ck_assert_int_eq(p.sessions, 250);
	ck_assert_int_eq(p.last.next, 0);
	control_client_free(p.client);
	tear_down();
}
END_TEST

START_TEST(answers)
{
	struct peer p;

	set_up();
	peer_open(&p);
	ask(&p, CTLMSG_CALLS, -1, false);
	ck_assert_str_eq(p.last.error, "");
	ask(&p, CTLMSG_RELOAD, -1, false);
	ck_assert_str_eq(p.last.error, "");
	ck_assert_str_eq(p.last.why, "what else there is to know");
	ck_assert_str_eq(p.last.restart, "user");
	reload_err = -EINVAL;
	ask(&p, CTLMSG_RELOAD, -1, false);
	ck_assert_str_eq(p.last.error, "failed");
	ck_assert_str_eq(p.last.why, "rp.conf:1: wrong");
	ck_assert_str_eq(p.last.restart, "");
	control_client_free(p.client);
	tear_down();
}
END_TEST

#define SUBSCRIBE "{\"v\":1,\"do\":\"subscribe\"}\n"
#define STATUS "{\"v\":1,\"do\":\"status\"}\n"

/* A connection without manners. */
static int
raw_open(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(at.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static const char *
raw_ask(int fd, const char *text, size_t len)
{
	static char answer[8192];
	size_t got = 0;
	ssize_t n;

	while (len > 0) {
		n = write(fd, text, len);
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	for (;;) {
		event_base_loop(loop, EVLOOP_NONBLOCK);
		n = read(fd, answer + got, sizeof(answer) - 1 - got);
		if (n > 0)
			got += (size_t)n;
		if (n == 0 || (got > 0 && answer[got - 1] == '\n'))
			break;
	}
	answer[got] = '\0';
	return answer;
}

START_TEST(refuses)
{
	static const struct {
		const char *line, *error;
	} cases[] = {
		{ "GET / HTTP/1.1\n", "\"malformed\"" },
		{ "{\"v\":1}\n", "\"malformed\"" },
		{ "{\"v\":9,\"do\":\"drain\"}\n", "\"version\"" },
		{ "{\"v\":1,\"do\":\"dance\"}\n", "\"command\"" },
		{ "{\"v\":1,\"do\":\"drain\",\"stop\":3}\n", "\"malformed\"" },
		{ "\n", "\"malformed\"" },
	};
	char big[3 * CTLMSG_REQUEST_MAX];
	int fd;
	size_t i;

	set_up();
	fd = raw_open();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_ptr_nonnull(strstr(raw_ask(fd, cases[i].line,
		    strlen(cases[i].line)), cases[i].error));
	memset(big, '{', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	ck_assert_ptr_nonnull(strstr(raw_ask(fd, big, sizeof(big)),
	    "\"too-long\""));
	/* And the same connection still does. */
	ck_assert_ptr_nonnull(strstr(raw_ask(fd, STATUS,
	    strlen(STATUS)), "\"open\":true"));
	ck_assert_uint_eq(*metrics_counter(metrics,
	    "rp_control_refused_total", "reason=\"malformed\"", ""), 4);
	ck_assert_uint_eq(*metrics_counter(metrics,
	    "rp_control_refused_total", "reason=\"too-long\"", ""), 1);
	close(fd);
	tear_down();
}
END_TEST

START_TEST(survives_noise)
{
	char noise[512];
	int fd, round;
	size_t i;

	set_up();
	srand(1);
	for (round = 0; round < 2000; round++) {
		fd = raw_open();
		for (i = 0; i < sizeof(noise); i++)
			noise[i] = (char)(rand() % 97 == 0 ? '\n' : rand());
		ck_assert_int_gt(write(fd, noise, sizeof(noise)), 0);
		event_base_loop(loop, EVLOOP_NONBLOCK);
		close(fd);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	ck_assert(gate_is_open(gate));
	tear_down();
}
END_TEST

START_TEST(bounds_its_clients)
{
	int fds[40], i;
	char byte;

	set_up();
	fds[0] = raw_open();
	ck_assert_ptr_nonnull(strstr(raw_ask(fds[0], SUBSCRIBE,
	    strlen(SUBSCRIBE)), "\"open\":true"));
	for (i = 1; i < 40; i++) {
		fds[i] = raw_open();
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	/* The oldest gave way, but for the one that waits for events. */
	for (i = 0; i < 40; i++)
		ck_assert_int_eq(read(fds[i], &byte, 1),
		    i >= 1 && i <= 8 ? 0 : -1);
	ck_assert_uint_eq(*metrics_counter(metrics,
	    "rp_control_turned_away_total", "", ""), 8);
	/* Where all wait for events, the next one is turned away. */
	for (i = 9; i < 40; i++)
		ck_assert_ptr_nonnull(strstr(raw_ask(fds[i], SUBSCRIBE,
		    strlen(SUBSCRIBE)), "\"open\":true"));
	fds[1] = raw_open();
	event_base_loop(loop, EVLOOP_NONBLOCK);
	ck_assert_int_eq(read(fds[1], &byte, 1), 0);
	/* One that subscribes and never reads is cut off, not waited for. */
	for (i = 0; i < 60000; i++)
		control_gate_changed(control);
	event_base_loop(loop, EVLOOP_NONBLOCK);
	for (i = 0; i < 40; i++)
		close(fds[i]);
	event_base_loop(loop, EVLOOP_NONBLOCK);
	fds[0] = raw_open();
	ck_assert_ptr_nonnull(strstr(raw_ask(fds[0], STATUS,
	    strlen(STATUS)), "\"open\":true"));
	close(fds[0]);
	tear_down();
}
END_TEST

START_TEST(owns_its_socket)
{
	struct control *second;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	set_up();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(open_control(&second), -EADDRINUSE);
	ck_assert_int_eq(access(path, F_OK), 0);
	control_free(control);
	/* One that a dead switch left behind is taken over. */
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	ck_assert_int_eq(open_control(&control), 0);
	control_free(control);
	/* A file is not. */
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(open_control(&second), -EEXIST);
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
	ck_assert_int_eq(open_control(&control), 0);
	tear_down();
}
END_TEST

START_TEST(client_knows_its_kind)
{
	static const struct control_client_handlers handlers = {
		on_answer, on_closed
	};
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct control_client *client;
	struct peer p = { 0 };
	char other[96];
	int fd, peer;

	set_up();
	snprintf(other, sizeof(other), "%s/other", dir);
	ck_assert_int_eq(control_client_new(&client, loop, other, &handlers,
	    &p), -ENOENT);
	close(open(other, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(control_client_new(&client, loop, other, &handlers,
	    &p), -ENOTSOCK);
	unlink(other);
	strcpy(at.sun_path, other);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(control_client_new(&client, loop, other, &handlers,
	    &p), -ECONNREFUSED);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(control_client_new(&client, loop, other, &handlers,
	    &p), 0);
	peer = accept(fd, NULL, NULL);
	ck_assert_int_eq(write(peer, "220 ready\n", 10), 10);
	while (p.closed == 0)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(p.closed, -EPROTO);
	control_client_free(client);
	close(peer);
	close(fd);
	unlink(other);
	tear_down();
}
END_TEST

UNIT_SUITE(control, drains, stops_and_forces, refuses_an_undrain,
    a_stop_is_not_sooner, a_stop_gives_its_grace, tells_sessions,
    answers, refuses, survives_noise, bounds_its_clients, owns_its_socket,
    client_knows_its_kind)
