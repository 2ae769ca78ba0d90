/*
 * pushqueue: push requests that wait until the pipe (pushpipe.h) takes them, in
 * order, each no longer than it is of use.
 */
#ifndef RP_SWITCHD_PUSHQUEUE_H
#define RP_SWITCHD_PUSHQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "wire/pushmsg.h"

struct event_base;
struct metrics;
struct pushpipe;
struct pushqueue;
struct settings;

/* Embedded in what is waiting. */
struct pushqueue_item {
	TAILQ_ENTRY(pushqueue_item) next;
	bool is_queued;
	struct pushmsg_request request;	/* its times are set when written */
	uint64_t until_ms;		/* of no use after that */
	uint32_t patience_ms;		/* of one delivery; 0: all of it */
	/*
	 * It has left the queue: 0, it is written; -ETIMEDOUT, it was of no use
	 * any more; or it cannot be written. May add or free it.
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
	struct metrics *metrics;
};

int pushqueue_new(struct pushqueue **out, struct event_base *loop,
    const struct pushqueue_options *options,
    const struct pushqueue_handlers *handlers, void *arg);

/* left is called for what is still queued, -ECANCELED. NULL is fine. */
void pushqueue_free(struct pushqueue *queue);

/* To the end; nothing if it is queued already. Written from the loop. */
void pushqueue_add(struct pushqueue *queue, struct pushqueue_item *item);

/* Without a call of left; nothing if it is not queued. */
void pushqueue_remove(struct pushqueue *queue, struct pushqueue_item *item);

/* -ENOBUFS: push.queue of them wait. -EPIPE: standard output is gone. 0. */
int pushqueue_room(const struct pushqueue *queue);

size_t pushqueue_count(const struct pushqueue *queue);

/* Are there results to be waited for? */
bool pushqueue_answers(const struct pushqueue *queue);

#endif
