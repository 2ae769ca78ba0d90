#include "stream.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "net/loop.h"
#include "pollable.h"

struct output {
	struct output_handlers handlers;
	void *arg;
	int fd;
	bool pollable;
	bool failed;
	struct evbuffer *buffer;
	struct event writable;
	struct event flush;
};

static void
fail(struct output *output, int err)
{
	output->failed = true;
	evbuffer_drain(output->buffer, evbuffer_get_length(output->buffer));
	event_del(&output->writable);
	output->handlers.failed(err, output->arg);
}

/* May PIPE_BUF bytes be written without blocking? pipe(7) promises it. */
static bool
ready(const struct output *output)
{
	struct pollfd p = { .fd = output->fd, .events = POLLOUT };

	return !output->pollable || poll(&p, 1, 0) > 0;
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct output *output = arg;
	size_t left;

	(void)fd, (void)what;
	while ((left = evbuffer_get_length(output->buffer)) > 0) {
		size_t n = left < PIPE_BUF ? left : PIPE_BUF;
		ssize_t done;

		if (!ready(output)) {
			event_add(&output->writable, NULL);
			return;
		}
		done = write(output->fd, evbuffer_pullup(output->buffer,
		    (ssize_t)n), n);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0) {
			fail(output, -errno);
			return;
		}
		evbuffer_drain(output->buffer, (size_t)done);
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
		output->buffer = evbuffer_new();
	if (output == NULL || output->buffer == NULL || pollable < 0) {
		free(output);
		return pollable < 0 ? pollable : -ENOMEM;
	}
	output->handlers = *handlers;
	output->arg = arg;
	output->fd = fd;
	output->pollable = pollable;
	event_assign(&output->writable, loop, pollable ? fd : -1,
	    pollable ? EV_WRITE : 0, on_writable, output);
	event_assign(&output->flush, loop, -1, 0, on_writable, output);
	*out = output;
	return 0;
}

void
output_free(struct output *output)
{
	if (output == NULL)
		return;
	event_del(&output->writable);
	event_del(&output->flush);
	evbuffer_free(output->buffer);
	free(output);
}

int
output_put(struct output *output, const char *text, size_t len)
{
	if (output->failed)
		return 0;
	if (evbuffer_add(output->buffer, text, len) < 0)
		return -ENOMEM;
	loop_next(&output->flush);
	return 0;
}

size_t
output_pending(const struct output *output)
{
	return evbuffer_get_length(output->buffer);
}
