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
#include <sys/types.h>

struct event_base;
struct gate;
struct metrics;
struct pushpipe;

/* Called from the loop only. */
struct pushpipe_handlers {
	void (*up)(void *arg);		/* earlier requests may be lost */
	void (*line)(const char *line, size_t len, void *arg);	/* lines.h */
	void (*room)(void *arg);	/* after -ENOBUFS */
	void (*gone)(void *arg);	/* standard output has closed */
};

struct pushpipe_options {
	const char *command;		/* NULL: standard output */
	struct gate *gate;	/* closed while the command does not stay up */
	struct metrics *metrics;
};

int pushpipe_new(struct pushpipe **out, struct event_base *loop,
    const struct pushpipe_options *options,
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

/*
 * Note that the child takes PUSHABOUT_RELOAD, as its line said. Another that is
 * started in its place has to say so again.
 */
void pushpipe_knows_reload(struct pushpipe *pipe);

/*
 * Tell the child to reload. One that waits to be restarted is restarted now.
 * Standard output is nobody to be told.
 *
 *   -ENOTSUP  it has not said that it can
 *   -ENOBUFS  it does not read
 */
int pushpipe_reload(struct pushpipe *pipe);

/* Return the child's process; 0 if none runs. */
pid_t pushpipe_pid(const struct pushpipe *pipe);

/* Does the child run? */
bool pushpipe_is_up(const struct pushpipe *pipe);

/* Will there be results? */
bool pushpipe_answers(const struct pushpipe *pipe);

bool pushpipe_is_gone(const struct pushpipe *pipe);

#endif
