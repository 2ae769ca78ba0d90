/*
 * lines: read and write bounded lines on the loop, a limited number per turn.
 * See lines.h.
 */
#include "net/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "net/loop_private.h"

#define CHUNK 16384
#define TURN_MAX 64		/* lines passed on per turn of the loop */

struct lines {
	int in_fd, out_fd;
	struct event *readable, *writable, *soon;
	struct event *next;	/* calls for more lines */
	struct evbuffer *in, *out;
	size_t line_max, out_max;
	unsigned turn_max;
	bool skipping;		/* the rest of a line that was too long */
	bool full;		/* a caller waits for room */
	int broken;		/* the output's errno, reported from the loop */
	struct lines_handlers handlers;
	void *arg;
	bool *freed;		/* on the stack of a handler's caller */
};

/* Pass one line on. Return false if the handler freed us. */
static bool
tell_line(struct lines *lines, const char *line, size_t len)
{
	bool freed = false;

	lines->freed = &freed;
	lines->handlers.line(line, len, lines->arg);
	if (!freed)
		lines->freed = NULL;
	return !freed;
}

/* Skip the rest of a line that is too long. Return false as tell_line does. */
static bool
skip_line(struct lines *lines, size_t len, bool ends)
{
	bool told = lines->skipping;

	evbuffer_drain(lines->in, len + ends);
	lines->skipping = !ends;
	return told || tell_line(lines, NULL, 0);
}

/*
 * Take one line. Return 1, 0 if there is none, or -ECANCELED if a handler freed
 * us.
 */
static int
take_line(struct lines *lines)
{
	struct evbuffer_ptr end = evbuffer_search(lines->in, "\n", 1, NULL);
	bool ends = end.pos >= 0, alive;
	size_t len = ends ? (size_t)end.pos : evbuffer_get_length(lines->in);
	char *line;

	if (lines->skipping || len > lines->line_max) {
		alive = skip_line(lines, len, ends);
		return alive ? ends : -ECANCELED;
	}
	if (!ends)
		return 0;
	line = evbuffer_readln(lines->in, &len, EVBUFFER_EOL_LF);
	if (line == NULL)
		return 0;
	alive = tell_line(lines, line, len);
	free(line);
	return alive ? 1 : -ECANCELED;
}

/*
 * Take as many lines as a turn allows. Nothing more is read until the rest has
 * had its turn.
 */
static void
take_lines(struct lines *lines)
{
	unsigned left;
	int more = 1;

	for (left = lines->turn_max; left > 0 && more > 0; left--)
		more = take_line(lines);
	if (more > 0) {
		event_del(lines->readable);
		loop_next(lines->next);
	} else if (more == 0) {
		event_add(lines->readable, NULL);
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lines *lines = arg;
	int n = evbuffer_read(lines->in, fd, CHUNK);

	(void)what;
	if (n > 0) {
		take_lines(lines);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	event_del(lines->readable);
	if (lines->handlers.in_ended != NULL)
		lines->handlers.in_ended(lines->arg);
}

/*
 * Write what is queued. EPIPE must be returned as an errno. Every program of
 * ours ignores the signal, because GnuTLS and libcurl need that too.
 */
static void
flush_lines(struct lines *lines)
{
	while (evbuffer_get_length(lines->out) > 0) {
		int n = evbuffer_write_atmost(lines->out, lines->out_fd, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			lines->broken = -errno;
			loop_next(lines->soon);
			return;
		}
	}
	if (evbuffer_get_length(lines->out) > 0) {
		event_add(lines->writable, NULL);
		return;
	}
	event_del(lines->writable);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct lines *lines = arg;

	(void)fd;
	(void)what;
	flush_lines(lines);
	if (lines->broken != 0 || !lines->full ||
	    evbuffer_get_length(lines->out) > lines->out_max / 2)
		return;
	lines->full = false;
	if (lines->handlers.room != NULL)
		lines->handlers.room(lines->arg);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
	struct lines *lines = arg;

	(void)fd;
	(void)what;
	event_del(lines->writable);
	lines->handlers.out_ended(lines->broken, lines->arg);
}

static void
on_next(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	take_lines(arg);
}

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

static int
set_up(struct lines *lines, struct event_base *loop)
{
	int err;

	lines->in = evbuffer_new();
	lines->out = evbuffer_new();
	lines->soon = event_new(loop, -1, 0, on_soon, lines);
	lines->next = event_new(loop, -1, 0, on_next, lines);
	if (lines->in == NULL || lines->out == NULL || lines->soon == NULL ||
	    lines->next == NULL)
		return -ENOMEM;
	if (lines->in_fd >= 0) {
		err = set_nonblocking(lines->in_fd);
		if (err < 0)
			return err;
		lines->readable = event_new(loop, lines->in_fd,
		    EV_READ | EV_PERSIST, on_readable, lines);
		if (lines->readable == NULL)
			return -ENOMEM;
		if (event_add(lines->readable, NULL) < 0)
			return -EBADF;
	}
	if (lines->out_fd >= 0) {
		err = set_nonblocking(lines->out_fd);
		if (err < 0)
			return err;
		lines->writable = event_new(loop, lines->out_fd,
		    EV_WRITE | EV_PERSIST, on_writable, lines);
		if (lines->writable == NULL)
			return -ENOMEM;
	}
	return 0;
}

int
lines_new(struct lines **out, struct event_base *loop,
    const struct lines_options *options,
    const struct lines_handlers *handlers, void *arg)
{
	struct lines *lines = calloc(1, sizeof(*lines));
	int err;

	if (lines == NULL)
		return -ENOMEM;
	lines->in_fd = options->in;
	lines->out_fd = options->out;
	lines->line_max = options->line_max;
	lines->out_max = options->out_max;
	lines->turn_max = options->turn_max > 0 ? options->turn_max :
	    TURN_MAX;
	lines->handlers = *handlers;
	lines->arg = arg;
	err = set_up(lines, loop);
	if (err < 0) {
		lines_free(lines);
		return err;
	}
	*out = lines;
	return 0;
}

void
lines_free(struct lines *lines)
{
	if (lines == NULL)
		return;
	if (lines->freed != NULL)
		*lines->freed = true;
	if (lines->readable != NULL)
		event_free(lines->readable);
	if (lines->writable != NULL)
		event_free(lines->writable);
	if (lines->soon != NULL)
		event_free(lines->soon);
	if (lines->next != NULL)
		event_free(lines->next);
	if (lines->in != NULL)
		evbuffer_free(lines->in);
	if (lines->out != NULL)
		evbuffer_free(lines->out);
	free(lines);
}

int
lines_write(struct lines *lines, const char *text, size_t len)
{
	if (lines->out_fd < 0 || lines->broken != 0)
		return -EPIPE;
	if (evbuffer_get_length(lines->out) + len > lines->out_max) {
		lines->full = true;
		return -ENOBUFS;
	}
	if (evbuffer_add(lines->out, text, len) < 0)
		return -ENOMEM;
	flush_lines(lines);
	return lines->broken != 0 ? -EPIPE : 0;
}
