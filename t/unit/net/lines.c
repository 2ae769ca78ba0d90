/*
 * Text lines on a loop. However many arrive at once, other handlers have their
 * turn in between. None is lost or out of order, and the end is reported last.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/lines.h"
#include "unit.h"

#define LINES 1000
#define LINE_MAX 20

struct world {
	struct event_base *loop;
	struct event *turn;
	struct lines *lines;
	int fd[2];
	unsigned heard, too_long, turns, at_once, most;
	bool ended, free_within;
};

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->turns++;
	w->at_once = 0;
	evtimer_add(w->turn, &now);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct world *w = arg;
	char wanted[LINE_MAX];

	ck_assert(!w->ended);
	if (++w->at_once > w->most)
		w->most = w->at_once;
	if (line == NULL) {
		w->too_long++;
		return;
	}
	snprintf(wanted, sizeof(wanted), "%u", w->heard++);
	ck_assert_str_eq(line, wanted);
	ck_assert_uint_eq(len, strlen(wanted));
	if (w->free_within && w->heard == LINES / 2) {
		lines_free(w->lines);
		w->lines = NULL;
		event_base_loopbreak(w->loop);
	}
}

static void
on_in_ended(void *arg)
{
	struct world *w = arg;

	w->ended = true;
	event_base_loopbreak(w->loop);
}

static void
begin_with(struct world *w, unsigned turn_max)
{
	static const struct lines_handlers handlers = {
		.line = on_line, .in_ended = on_in_ended
	};
	struct lines_options options = {
		.out = -1, .line_max = LINE_MAX, .out_max = 1,
		.turn_max = turn_max
	};

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	ck_assert_int_eq(pipe(w->fd), 0);
	options.in = w->fd[0];
	ck_assert_int_eq(lines_new(&w->lines, w->loop, &options, &handlers,
	    w), 0);
	w->turn = evtimer_new(w->loop, on_turn, w);
	on_turn(-1, 0, w);
}

static void
begin(struct world *w)
{
	begin_with(w, 0);
}

static void
end(struct world *w)
{
	lines_free(w->lines);
	event_free(w->turn);
	event_base_free(w->loop);
	close(w->fd[0]);
}

/* All at once, with a line too long among them; then the end. */
static void
write_lines(struct world *w)
{
	char text[16 * LINES] = "";
	size_t n = 0;
	unsigned i;

	for (i = 0; i < LINES; i++) {
		n += (size_t)sprintf(text + n, "%u\n", i);
		if (i == LINES / 4)
			n += (size_t)sprintf(text + n,
			    "0123456789012345678901234567890123456789\n");
	}
	n += (size_t)sprintf(text + n, "half a line");
	ck_assert_int_eq(write(w->fd[1], text, n), (ssize_t)n);
	close(w->fd[1]);
}

START_TEST(takes_turns)
{
	struct world w;

	begin(&w);
	write_lines(&w);
	event_base_dispatch(w.loop);
	ck_assert(w.ended);
	ck_assert_uint_eq(w.heard, LINES);
	ck_assert_uint_eq(w.too_long, 1);
	ck_assert_uint_ge(w.turns, 10);
	ck_assert_uint_le(w.most, LINES / 10);
	end(&w);
}
END_TEST

START_TEST(may_be_freed_within)
{
	struct world w;

	begin(&w);
	w.free_within = true;
	write_lines(&w);
	event_base_dispatch(w.loop);
	ck_assert_uint_eq(w.heard, LINES / 2);
	ck_assert_ptr_null(w.lines);
	end(&w);
}
END_TEST

/* One line per turn, where a line may be a lot of work. */
START_TEST(takes_as_many_as_allowed)
{
	struct world w;

	begin_with(&w, 1);
	write_lines(&w);
	event_base_dispatch(w.loop);
	ck_assert_uint_eq(w.heard, LINES);
	ck_assert_uint_eq(w.most, 1);
	end(&w);
}
END_TEST

UNIT_SUITE(lines, takes_turns, takes_as_many_as_allowed, may_be_freed_within)
