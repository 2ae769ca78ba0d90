#include "stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "net/loop.h"
#include "pollable.h"

#define BUFFER 65536

struct input {
	struct input_handlers handlers;
	void *arg;
	int fd;
	size_t line_max;
	bool pollable;
	bool paused;
	bool ended;			/* no more to read */
	bool closed;			/* by us: half a line is none */
	bool told;			/* and said so */
	bool skipping;			/* the rest of a line too long */
	int err;
	struct event readable;		/* or, of a file, "go on" */
	struct event again;		/* hand out what is there */
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
 * Hand out the line that ends n bytes into what is left at start; a line that
 * is too long has been handed out before and is only skipped.
 */
static void
give(struct input *input, const char *start, size_t n)
{
	if (!input->skipping)
		input->handlers.line(start, n < input->line_max ? n :
		    input->line_max, input->arg);
	input->skipping = false;
}

/* Whole lines, until paused. */
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

/* A line that has no end yet and is too long already. */
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
finish(struct input *input)
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
		event_del(&input->readable);
	else if (input->pollable)
		event_add(&input->readable, NULL);
	else
		loop_next(&input->readable);
}

static void
go_on(struct input *input)
{
	give_lines(input);
	cut_long(input);
	watch(input);
	finish(input);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	go_on(arg);
}

/*
 * One read in a turn of the loop, of a file as well: it does not block once poll
 * has said that it can.
 */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct input *input = arg;
	ssize_t n;

	(void)fd, (void)what;
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
	event_assign(&input->readable, loop, pollable ? fd : -1,
	    pollable ? EV_READ : 0, on_readable, input);
	event_assign(&input->again, loop, -1, 0, on_again, input);
	watch(input);
	*out = input;
	return 0;
}

void
input_free(struct input *input)
{
	if (input == NULL)
		return;
	event_del(&input->readable);
	event_del(&input->again);
	free(input);
}

void
input_pause(struct input *input)
{
	input->paused = true;
	event_del(&input->readable);
}

void
input_resume(struct input *input)
{
	if (!input->paused)
		return;
	input->paused = false;
	loop_next(&input->again);
}

void
input_close(struct input *input)
{
	if (input->ended)
		return;
	input->ended = input->closed = true;
	event_del(&input->readable);
	input_pause(input);
	input_resume(input);
}
