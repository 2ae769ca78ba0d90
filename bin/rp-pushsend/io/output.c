/*
 * output: lines out to a descriptor that must stay blocking. The writing half
 * of stream.h.
 */
#include "io/stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/pollable.h"
#include "net/buffer.h"
#include "net/loop.h"

struct output {
	struct output_handlers handlers;
	void *arg;
	int fd;
	bool pollable;
	bool failed;
	struct buffer *buffer;
	struct loop_event *writable;
	struct loop_event *flush;
};

static void
fail_output(struct output *output, int err)
{
	output->failed = true;
	buffer_drain(output->buffer, buffer_len(output->buffer));
	loop_event_stop(output->writable);
	output->handlers.failed(err, output->arg);
}

/*
 * Return whether PIPE_BUF bytes can be written without blocking, as pipe(7)
 * promises.
 */
static bool
ready(const struct output *output)
{
	struct pollfd p = { .fd = output->fd, .events = POLLOUT };

	return !output->pollable || poll(&p, 1, 0) > 0;
}

static void
on_writable(void *arg)
{
	struct output *output = arg;
	size_t left;

	while ((left = buffer_len(output->buffer)) > 0) {
		size_t n = left < PIPE_BUF ? left : PIPE_BUF;
		ssize_t done;

		if (!ready(output)) {
			loop_event_start(output->writable);
			return;
		}
		done = write(output->fd, buffer_front(output->buffer,
		    (ssize_t)n), n);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0) {
			fail_output(output, -errno);
			return;
		}
		buffer_drain(output->buffer, (size_t)done);
	}
	if (!output->failed)
		output->handlers.empty(output->arg);
}

int
output_new(struct output **out, struct event_base *loop, int fd,
    const struct output_handlers *handlers, void *arg)
{
	struct output *output = calloc(1, sizeof(*output));
	int pollable = pollable_fd(fd);

	if (output != NULL)
		output->buffer = buffer_new();
	if (output == NULL || output->buffer == NULL || pollable < 0) {
		free(output);
		return pollable < 0 ? pollable : -ENOMEM;
	}
	output->handlers = *handlers;
	output->arg = arg;
	output->fd = fd;
	output->pollable = pollable;
	output->writable = pollable ?
	    loop_writer_new(loop, fd, on_writable, output) :
	    loop_timer_new(loop, on_writable, output);
	output->flush = loop_timer_new(loop, on_writable, output);
	if (output->writable == NULL || output->flush == NULL) {
		output_free(output);
		return -ENOMEM;
	}
	*out = output;
	return 0;
}

void
output_free(struct output *output)
{
	if (output == NULL)
		return;
	loop_event_free(output->writable);
	loop_event_free(output->flush);
	buffer_free(output->buffer);
	free(output);
}

int
output_put(struct output *output, const char *text, size_t len)
{
	if (output->failed)
		return 0;
	if (buffer_add(output->buffer, text, len) < 0)
		return -ENOMEM;
	loop_event_soon(output->flush);
	return 0;
}

size_t
output_pending(const struct output *output)
{
	return buffer_len(output->buffer);
}
