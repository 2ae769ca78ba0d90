/*
 * The loop's turns. Work for the next turn runs after the sockets and timers,
 * and asking for it again does not delay it. An event that keeps activating
 * itself does not hold up the rest.
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
	struct loop_event *self, *socket, *timer;
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
begin(struct world *w, struct event_base *loop, loop_handler *self,
    loop_handler *readable, loop_handler *timed)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop;
	ck_assert_ptr_nonnull(loop);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    w->fd), 0);
	/* There is always something to read. */
	ck_assert_int_eq(write(w->fd[1], "x", 1), 1);
	w->self = loop_timer_new(loop, self, w);
	w->socket = loop_reader_new(loop, w->fd[0], readable, w);
	w->timer = loop_timer_new(loop, timed, w);
}

static void
run(struct world *w)
{
	loop_stop_in(w->loop, 20000);
	loop_run(w->loop);
}

static void
end(struct world *w)
{
	loop_event_free(w->self);
	loop_event_free(w->socket);
	loop_event_free(w->timer);
	close(w->fd[0]);
	close(w->fd[1]);
	loop_free(w->loop);
}

static void
again(void *arg)
{
	struct world *w = arg;

	note(w, 's');
	if (++w->n < TURNS)
		loop_event_soon(w->self);
	else
		loop_stop(w->loop);
}

static void
readable(void *arg)
{
	note(arg, 'r');
}

static void
stop(void *arg)
{
	struct world *w = arg;

	loop_stop(w->loop);
}

START_TEST(lets_others_come_first)
{
	struct world w;

	begin(&w, loop_new(), again, readable, stop);
	loop_event_start(w.socket);
	loop_event_soon(w.self);
	run(&w);
	ck_assert_str_eq(w.order, "rsrsrsrsrs");
	end(&w);
}
END_TEST

/* A timer that is always over fires in between, too. */
static void
time_again(void *arg)
{
	struct world *w = arg;

	note(w, 't');
	loop_timer_set_ms(w->timer, 0);
}

START_TEST(lets_a_timer_fire)
{
	struct world w;
	unsigned i, fired = 0;

	begin(&w, loop_new(), again, readable, time_again);
	time_again(&w);
	loop_event_soon(w.self);
	run(&w);
	for (i = 0; w.order[i] != '\0'; i++)
		fired += w.order[i] == 't';
	ck_assert_uint_ge(fired, TURNS);
	end(&w);
}
END_TEST

/* Being asked for again before it has run does not put it off. */
static void
ask(void *arg)
{
	struct world *w = arg;

	loop_event_soon(w->self);
	ck_assert(loop_event_is_set(w->self));
	ck_assert_uint_lt(w->n++, TURNS);
}

START_TEST(is_not_put_off)
{
	struct world w;

	begin(&w, loop_new(), stop, ask, stop);
	loop_event_start(w.socket);
	run(&w);
	ck_assert_uint_ge(w.n, 1);
	ck_assert(!loop_event_is_set(w.self));
	end(&w);
}
END_TEST

/* A library that re-arms its own event: without an end the turn has none. */
static void
hold_up(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_active(arg, EV_TIMEOUT, 0);
}

START_TEST(ends_a_turn)
{
	struct event *held;
	struct world w;

	begin(&w, loop_new(), stop, ask, stop);
	held = event_new(w.loop, -1, 0, hold_up, event_self_cbarg());
	loop_timer_set_ms(w.timer, 1);
	event_active(held, EV_TIMEOUT, 0);
	run(&w);
	ck_assert_int_eq(event_base_got_break(w.loop), 1);
	event_free(held);
	end(&w);
}
END_TEST

/* Among what one turn brings, whatever was there before it. */
static void
first(void *arg)
{
	struct world *w = arg;

	note(w, 'f');
	loop_stop_in(w->loop, 0);
}

START_TEST(puts_first)
{
	struct world w;

	begin(&w, loop_new(), stop, readable, first);
	loop_event_first(w.timer);
	loop_event_start(w.socket);
	loop_timer_set_ms(w.timer, 0);
	loop_run_once(w.loop);
	ck_assert_int_eq(w.order[0], 'f');
	end(&w);
}
END_TEST

UNIT_SUITE(loop, lets_others_come_first, lets_a_timer_fire, is_not_put_off,
    ends_a_turn, puts_first)
