/*
 * rp-pushsend's input. From a file, which is always readable, it reads as
 * little per turn of the loop as from a pipe. All lines come in order, followed
 * by the end.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "io/stream.h"
#include "unit.h"

#define LINES 100000
#define LINE_MAX 64

struct world {
	struct event_base *loop;
	struct event *turn;
	struct input *input;
	FILE *file;
	unsigned lines, turns;
	bool ended, pauses;
};

/* With pauses: it is read on only from here. */
static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->turns++;
	if (w->pauses)
		input_resume(w->input);
	evtimer_add(w->turn, &now);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct world *w = arg;
	char wanted[LINE_MAX];

	(void)len;
	ck_assert(!w->ended);
	sprintf(wanted, "%u\n", w->lines++);
	ck_assert(strncmp(line, wanted, strlen(wanted)) == 0);
	if (w->pauses && w->lines % 1000 == 0)
		input_pause(w->input);
}

static void
on_ended(int err, void *arg)
{
	struct world *w = arg;

	ck_assert_int_eq(err, 0);
	w->ended = true;
	event_base_loopbreak(w->loop);
}

static void
read_all(struct world *w)
{
	static const struct input_handlers handlers = { on_line, on_ended };
	unsigned i;

	w->loop = event_base_new();
	w->file = tmpfile();
	ck_assert_ptr_nonnull(w->file);
	for (i = 0; i < LINES; i++)
		fprintf(w->file, "%u\n", i);
	fflush(w->file);
	ck_assert_int_eq(lseek(fileno(w->file), 0, SEEK_SET), 0);
	ck_assert_int_eq(input_new(&w->input, w->loop, fileno(w->file),
	    LINE_MAX, &handlers, w), 0);
	w->turn = evtimer_new(w->loop, on_turn, w);
	on_turn(-1, 0, w);
	event_base_dispatch(w->loop);
	ck_assert(w->ended);
	ck_assert_uint_eq(w->lines, LINES);
	input_free(w->input);
	event_free(w->turn);
	event_base_free(w->loop);
	fclose(w->file);
}

/* Some 590 kB, 64 KiB at once. */
START_TEST(takes_turns)
{
	struct world w = { .pauses = false };

	read_all(&w);
	ck_assert_uint_ge(w.turns, 9);
}
END_TEST

START_TEST(pauses)
{
	struct world w = { .pauses = true };

	read_all(&w);
	ck_assert_uint_ge(w.turns, LINES / 1000);
}
END_TEST

UNIT_SUITE(input, takes_turns, pauses)
