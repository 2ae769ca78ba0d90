/*
 * pushpipe: the connection to the sender of pushes: a child that is kept
 * running, or standard output. With standard output, results are read from
 * standard input if it is a pipe or a socket. A terminal or a file is not read,
 * because nothing that a person types is a result.
 */
#ifndef RP_SWITCHD_PUSHPIPE_H
#define RP_SWITCHD_PUSHPIPE_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct metrics;
struct pushpipe;

/* Called from the loop only. */
struct pushpipe_handlers {
	void (*up)(void *arg);		/* earlier requests may be lost */
	void (*line)(const char *line, size_t len, void *arg);	/* lines.h */
	void (*room)(void *arg);	/* after -ENOBUFS */
	void (*gone)(void *arg);	/* standard output has closed */
};

/* Make one; `command` NULL means standard output. */
int pushpipe_new(struct pushpipe **out, struct event_base *loop,
    const char *command, struct metrics *metrics,
    const struct pushpipe_handlers *handlers, void *arg);
void pushpipe_free(struct pushpipe *pipe);

/*
 * Write a request.
 *
 *   -EAGAIN   no child runs; `up` follows
 *   -ENOBUFS  no room; `room` follows
 *   -EPIPE    standard output is gone
 */
int pushpipe_write(struct pushpipe *pipe, const char *text, size_t len);

/* Will there be results? */
bool pushpipe_answers(const struct pushpipe *pipe);

bool pushpipe_is_gone(const struct pushpipe *pipe);

#endif
