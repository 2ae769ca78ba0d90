/*
 * input: lines in from a descriptor of any kind, paused while the engine is
 * full. The reading half of stream.h.
 */
#include "io/stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/pollable.h"
#include "net/loop.h"

#define BUFFER 65536

struct input {
	struct input_handlers handlers;
	void *arg;
	int fd;
	size_t line_max;
	bool pollable;
	bool paused;
	bool ended;			/* no more to read */
	bool closed;			/* by us: a partial line is dropped */
	bool told;			/* and reported */
	bool skipping; /* the rest of a line that is too long */
	int err;
	struct loop_event *readable;		/* or, for a file, "continue" */
	struct loop_event *again;		/* deliver buffered lines */
	size_t len;
	char buffer[BUFFER];
};

static void
take_away(struct input *input, size_t n)
{
	input->len -= n;
	memmove(input->buffer, input->buffer + n, input->len);
}

/*
 * Deliver the line that ends `n` bytes after `start`. A line that is too long
 * was delivered before and is only skipped.
 */
static void
give(struct input *input, const char *start, size_t n)
{
	if (!input->skipping)
		input->handlers.line(start, n < input->line_max ? n :
		    input->line_max, input->arg);
	input->skipping = false;
}

/* Deliver whole lines, until paused. */
static void
give_lines(struct input *input)
{
	size_t used = 0;
	char *newline;

	while (!input->paused && (newline = memchr(input->buffer + used, '\n',
	    input->len - used)) != NULL) {
		char *start = input->buffer + used;

		used = (size_t)(newline - input->buffer) + 1;
		give(input, start, (size_t)(newline - start));
	}
	take_away(input, used);
}

/* Deliver the start of an incomplete line that is too long already. */
static void
cut_long(struct input *input)
{
	if (input->paused || input->len < input->line_max ||
	    memchr(input->buffer, '\n', input->len) != NULL)
		return;
	give(input, input->buffer, input->len);
	input->skipping = true;
	input->len = 0;
}

static void
finish_input(struct input *input)
{
	if (input->paused || input->told || !input->ended ||
	    memchr(input->buffer, '\n', input->len) != NULL)
		return;
	if (input->len > 0 && input->err == 0 && !input->closed)
		give(input, input->buffer, input->len);
	input->len = 0;
	input->told = true;
	input->handlers.ended(input->err, input->arg);
}

static void
watch(struct input *input)
{
	bool want = !input->paused && !input->ended;

	if (!want)
		loop_event_stop(input->readable);
	else if (input->pollable)
		loop_event_start(input->readable);
	else
		loop_event_soon(input->readable);
}

static void
go_on(struct input *input)
{
	give_lines(input);
	cut_long(input);
	watch(input);
	finish_input(input);
}

static void
on_again(void *arg)
{
	go_on(arg);
}

/*
 * Read once per turn of the loop, from a file as well. The read does not block
 * once poll has reported the descriptor ready.
 */
static void
on_readable(void *arg)
{
	struct input *input = arg;
	ssize_t n;

	if (input->paused || input->ended)
		return;
	n = read(input->fd, input->buffer + input->len,
	    sizeof(input->buffer) - input->len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
		watch(input);
		return;
	}
	if (n < 0)
		input->err = -errno;
	if (n <= 0)
		input->ended = true;
	else
		input->len += (size_t)n;
	go_on(input);
}

int
input_new(struct input **out, struct event_base *loop, int fd,
    size_t line_max, const struct input_handlers *handlers, void *arg)
{
	struct input *input = calloc(1, sizeof(*input));
	int pollable = pollable_fd(fd);

	if (input == NULL || pollable < 0 || line_max > BUFFER) {
		free(input);
		return pollable < 0 ? pollable : -ENOMEM;
	}
	input->handlers = *handlers;
	input->arg = arg;
	input->fd = fd;
	input->line_max = line_max;
	input->pollable = pollable;
	input->readable = pollable ?
	    loop_reader_new(loop, fd, on_readable, input) :
	    loop_timer_new(loop, on_readable, input);
	input->again = loop_timer_new(loop, on_again, input);
	if (input->readable == NULL || input->again == NULL) {
		input_free(input);
		return -ENOMEM;
	}
	watch(input);
	*out = input;
	return 0;
}

void
input_free(struct input *input)
{
	if (input == NULL)
		return;
	loop_event_free(input->readable);
	loop_event_free(input->again);
	free(input);
}

void
input_pause(struct input *input)
{
	input->paused = true;
	loop_event_stop(input->readable);
}

void
input_resume(struct input *input)
{
	if (!input->paused)
		return;
	input->paused = false;
	loop_event_soon(input->again);
}

void
input_close(struct input *input)
{
	if (input->ended)
		return;
	input->ended = input->closed = true;
	loop_event_stop(input->readable);
	input_pause(input);
	input_resume(input);
}
