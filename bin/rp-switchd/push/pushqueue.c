/*
 * pushqueue: keep requests in order until the pipe accepts them, with a bound
 * and a deadline each. Between push and pushpipe.
 */
#include "push/pushqueue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "conf/settings.h"
#include "net/loop.h"
#include "push/pushpipe.h"

struct pushqueue {
	struct pushqueue_options options;
	struct pushqueue_handlers handlers;
	void *arg;
	struct pushpipe *pipe;
	struct loop_event *flush;
	TAILQ_HEAD(, pushqueue_item) items;
	size_t n;
};

/* Write an item with the time that it has left. */
static int
write_item(struct pushqueue *queue, struct pushqueue_item *item)
{
	uint64_t left_ms = item->until_ms - clock_ms();
	char *line;
	int err;

	item->request.ttl_s = (long)((left_ms + 999) / 1000);
	item->request.deadline_ms = (long)left_ms;
	if (item->patience_ms > 0 && left_ms > item->patience_ms)
		item->request.deadline_ms = (long)item->patience_ms;
	line = pushmsg_request_line(&item->request);
	if (line == NULL)
		return -ENOMEM;
	err = pushpipe_write(queue->pipe, line, strlen(line));
	free(line);
	return err;
}

static void
on_flush(void *arg)
{
	struct pushqueue *queue = arg;
	struct pushqueue_item *item;
	int err;

	while ((item = TAILQ_FIRST(&queue->items)) != NULL) {
		if (clock_ms() < item->until_ms)
			err = write_item(queue, item);
		else
			err = -ETIMEDOUT;
		if (err == -EAGAIN || err == -ENOBUFS)
			return;		/* on_up or on_room will continue */
		pushqueue_remove(queue, item);
		item->left(item, err);
	}
}

static void
flush_soon(struct pushqueue *queue)
{
	loop_event_soon(queue->flush);
}

static void
on_up(void *arg)
{
	struct pushqueue *queue = arg;

	queue->handlers.up(queue->arg);
	flush_soon(queue);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct pushqueue *queue = arg;

	queue->handlers.line(line, len, queue->arg);
}

static void
on_room(void *arg)
{
	flush_soon(arg);
}

static void
on_gone(void *arg)
{
	struct pushqueue *queue = arg;

	queue->handlers.gone(queue->arg);
}

int
pushqueue_new(struct pushqueue **out, struct event_base *loop,
    const struct pushqueue_options *options,
    const struct pushqueue_handlers *handlers, void *arg)
{
	static const struct pushpipe_handlers pipe_handlers = {
		on_up, on_line, on_room, on_gone
	};
	const struct pushpipe_options pipe_options = {
		options->command, options->gate, options->metrics
	};
	struct pushqueue *queue = calloc(1, sizeof(*queue));
	int err = -ENOMEM;

	if (queue == NULL)
		return -ENOMEM;
	queue->options = *options;
	queue->handlers = *handlers;
	queue->arg = arg;
	TAILQ_INIT(&queue->items);
	queue->flush = loop_timer_new(loop, on_flush, queue);
	if (queue->flush != NULL)
		err = pushpipe_new(&queue->pipe, loop, &pipe_options,
		    &pipe_handlers, queue);
	if (err < 0) {
		pushqueue_free(queue);
		return err;
	}
	*out = queue;
	return 0;
}

void
pushqueue_free(struct pushqueue *queue)
{
	struct pushqueue_item *item;

	if (queue == NULL)
		return;
	while ((item = TAILQ_FIRST(&queue->items)) != NULL) {
		pushqueue_remove(queue, item);
		item->left(item, -ECANCELED);
	}
	pushpipe_free(queue->pipe);
	loop_event_free(queue->flush);
	free(queue);
}

void
pushqueue_add(struct pushqueue *queue, struct pushqueue_item *item)
{
	if (item->is_queued)
		return;
	item->is_queued = true;
	queue->n++;
	TAILQ_INSERT_TAIL(&queue->items, item, next);
	flush_soon(queue);
}

void
pushqueue_remove(struct pushqueue *queue, struct pushqueue_item *item)
{
	if (!item->is_queued)
		return;
	item->is_queued = false;
	queue->n--;
	TAILQ_REMOVE(&queue->items, item, next);
}

int
pushqueue_room(const struct pushqueue *queue)
{
	if (pushpipe_is_gone(queue->pipe))
		return -EPIPE;
	return queue->n < (size_t)queue->options.settings->push_queue ? 0 :
	    -ENOBUFS;
}

size_t
pushqueue_count(const struct pushqueue *queue)
{
	return queue->n;
}

int
pushqueue_reload(struct pushqueue *queue)
{
	return pushpipe_reload(queue->pipe);
}

void
pushqueue_knows_reload(struct pushqueue *queue)
{
	pushpipe_knows_reload(queue->pipe);
}

pid_t
pushqueue_pid(const struct pushqueue *queue)
{
	return pushpipe_pid(queue->pipe);
}

bool
pushqueue_is_up(const struct pushqueue *queue)
{
	return pushpipe_is_up(queue->pipe);
}

bool
pushqueue_answers(const struct pushqueue *queue)
{
	return pushpipe_answers(queue->pipe);
}
