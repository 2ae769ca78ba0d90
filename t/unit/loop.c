/*
 * A loop that turns: what is to run in the next turn lets the sockets and timers
 * come first, is not put off by being asked for again, and what makes itself
 * active again and again does not hold up the rest.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/loop.h"
#include "unit.h"

#define TURNS 5

struct world {
	struct event_base *loop;
	struct event *self, *socket, *timer;
	int fd[2];
	char order[64];
	unsigned n;
};

static void
note(struct world *w, char what)
{
	size_t n = strlen(w->order);

	ck_assert_uint_lt(n, sizeof(w->order) - 1);
	w->order[n] = what;
}

static void
begin(struct world *w, struct event_base *loop, event_callback_fn self,
    event_callback_fn readable, event_callback_fn timed)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop;
	ck_assert_ptr_nonnull(loop);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    w->fd), 0);
	/* There is always something to read. */
	ck_assert_int_eq(write(w->fd[1], "x", 1), 1);
	w->self = event_new(loop, -1, 0, self, w);
	w->socket = event_new(loop, w->fd[0], EV_READ | EV_PERSIST, readable,
	    w);
	w->timer = evtimer_new(loop, timed, w);
}

static void
run(struct world *w)
{
	struct timeval most = { 20, 0 };

	event_base_loopexit(w->loop, &most);
	event_base_dispatch(w->loop);
}

static void
end(struct world *w)
{
	event_free(w->self);
	event_free(w->socket);
	event_free(w->timer);
	close(w->fd[0]);
	close(w->fd[1]);
	event_base_free(w->loop);
}

static void
again(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	note(w, 's');
	if (++w->n < TURNS)
		loop_next(w->self);
	else
		event_base_loopbreak(w->loop);
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	note(arg, 'r');
}

static void
stop(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(w->loop);
}

START_TEST(lets_others_come_first)
{
	struct world w;

	begin(&w, event_base_new(), again, readable, stop);
	event_add(w.socket, NULL);
	loop_next(w.self);
	run(&w);
	ck_assert_str_eq(w.order, "rsrsrsrsrs");
	end(&w);
}
END_TEST

/* A timer that is always over fires in between, too. */
static void
time_again(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	note(w, 't');
	evtimer_add(w->timer, &now);
}

START_TEST(lets_a_timer_fire)
{
	struct world w;
	unsigned i, fired = 0;

	begin(&w, event_base_new(), again, readable, time_again);
	time_again(-1, 0, &w);
	loop_next(w.self);
	run(&w);
	for (i = 0; w.order[i] != '\0'; i++)
		fired += w.order[i] == 't';
	ck_assert_uint_ge(fired, TURNS);
	end(&w);
}
END_TEST

/* Being asked for again before it has run does not put it off. */
static void
ask(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	loop_next(w->self);
	ck_assert(loop_is_next(w->self));
	ck_assert_uint_lt(w->n++, TURNS);
}

START_TEST(is_not_put_off)
{
	struct world w;

	begin(&w, event_base_new(), stop, ask, stop);
	event_add(w.socket, NULL);
	run(&w);
	ck_assert_uint_ge(w.n, 1);
	ck_assert(!loop_is_next(w.self));
	end(&w);
}
END_TEST

/* What event_active does: without an end to the turn this has none. */
static void
hold_up(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	event_active(w->self, EV_TIMEOUT, 0);
}

START_TEST(ends_a_turn)
{
	static const struct timeval soon = { 0, 1000 };
	struct world w;

	begin(&w, loop_new(), hold_up, ask, stop);
	evtimer_add(w.timer, &soon);
	event_active(w.self, EV_TIMEOUT, 0);
	run(&w);
	ck_assert_int_eq(event_base_got_break(w.loop), 1);
	end(&w);
}
END_TEST

/* Among what one turn brings, whatever was there before it. */
static void
first(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	note(w, 'f');
	event_base_loopexit(w->loop, &(struct timeval){ 0, 0 });
}

START_TEST(puts_first)
{
	static const struct timeval now = { 0, 0 };
	struct world w;

	begin(&w, loop_new(), stop, readable, first);
	loop_put_first(w.timer);
	event_add(w.socket, NULL);
	evtimer_add(w.timer, &now);
	event_base_loop(w.loop, EVLOOP_ONCE);
	ck_assert_int_eq(w.order[0], 'f');
	end(&w);
}
END_TEST

UNIT_MAIN("loop", lets_others_come_first, lets_a_timer_fire, is_not_put_off,
    ends_a_turn, puts_first)
