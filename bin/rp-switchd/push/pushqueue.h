/*
 * pushqueue: push requests that wait in order until the pipe (pushpipe.h)
 * accepts them, each only as long as it is useful.
 */
#ifndef RP_SWITCHD_PUSHQUEUE_H
#define RP_SWITCHD_PUSHQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "wire/pushmsg.h"

struct event_base;
struct gate;
struct metrics;
struct pushpipe;
struct pushqueue;
struct settings;

/* Embedded in what waits. */
struct pushqueue_item {
	TAILQ_ENTRY(pushqueue_item) next;
	bool is_queued;
	struct pushmsg_request request;	/* its times are set when written */
	uint64_t until_ms;		/* when it becomes useless */
	uint32_t patience_ms;	/* limit of one delivery; 0: all of it */
	/*
	 * The item has left the queue. It may be added or freed here. `err` is
	 * 0 if it is written, -ETIMEDOUT if it became useless, or why it cannot
	 * be written.
	 */
	void (*left)(struct pushqueue_item *item, int err);
};

struct pushqueue_handlers {
	void (*up)(void *arg);		/* pushpipe.h */
	void (*line)(const char *line, size_t len, void *arg);
	void (*gone)(void *arg);
};

struct pushqueue_options {
	const char *command;		/* NULL: standard output */
	const struct settings *settings;	/* push.queue */
	struct gate *gate;
	struct metrics *metrics;
};

int pushqueue_new(struct pushqueue **out, struct event_base *loop,
    const struct pushqueue_options *options,
    const struct pushqueue_handlers *handlers, void *arg);

/* Free the queue; `left` gets -ECANCELED for queued items. NULL is fine. */
void pushqueue_free(struct pushqueue *queue);

/*
 * Add an item at the end, unless it is queued already. It is written from the
 * loop.
 */
void pushqueue_add(struct pushqueue *queue, struct pushqueue_item *item);

/* Remove an item without calling `left`, if it is queued. */
void pushqueue_remove(struct pushqueue *queue, struct pushqueue_item *item);

/*
 * Is there room?
 *
 *   0
 *   -ENOBUFS  push.queue items wait
 *   -EPIPE    standard output is gone
 */
int pushqueue_room(const struct pushqueue *queue);

size_t pushqueue_count(const struct pushqueue *queue);

/* See pushpipe.h. */
int pushqueue_reload(struct pushqueue *queue);
void pushqueue_knows_reload(struct pushqueue *queue);
pid_t pushqueue_pid(const struct pushqueue *queue);
bool pushqueue_is_up(const struct pushqueue *queue);

/* Will there be results? */
bool pushqueue_answers(const struct pushqueue *queue);

#endif
