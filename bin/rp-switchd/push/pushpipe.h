/*
 * pushpipe: where push requests are written and results come from: a child that
 * is kept running, or standard output. In the second case results are read from
 * standard input if that is a pipe or a socket; a terminal or a file is left
 * alone, since nothing that a person types is a result.
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
	void (*up)(void *arg);		/* what was written before may be lost */
	void (*line)(const char *line, size_t len, void *arg);	/* lines.h */
	void (*room)(void *arg);	/* after -ENOBUFS */
	void (*gone)(void *arg);	/* standard output, for good */
};

/* command NULL: standard output. */
int pushpipe_new(struct pushpipe **out, struct event_base *loop,
    const char *command, struct metrics *metrics,
    const struct pushpipe_handlers *handlers, void *arg);
void pushpipe_free(struct pushpipe *pipe);

/* -EAGAIN: no child runs; up follows. -ENOBUFS: room follows. -EPIPE. */
int pushpipe_write(struct pushpipe *pipe, const char *text, size_t len);

/* Are there results to be waited for? */
bool pushpipe_answers(const struct pushpipe *pipe);

bool pushpipe_is_gone(const struct pushpipe *pipe);

#endif
