/*
 * child: a command that is kept running, with text lines to its standard input
 * and from its standard output; its standard error is ours. When it ends it is
 * started again, with backoff. See lines.h for the buffers.
 */
#ifndef RP_NET_CHILD_H
#define RP_NET_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct child;

/* Called from the loop only. child_free is not allowed within them. */
struct child_handlers {
	/* It runs (again). What was written to the one before may be lost. */
	void (*up)(void *arg);
	/* As in lines.h; NULL stands for a line that was too long. */
	void (*line)(const char *line, size_t len, void *arg);
	/* It ended, with a status as of waitpid(2), or could not be run (-1). */
	void (*down)(int status, uint32_t retry_ms, void *arg);
	/* After -ENOBUFS there is room again. */
	void (*room)(void *arg);
};

struct child_options {
	const char *command;	/* for sh -c */
	size_t line_max, out_max;
	uint32_t first_ms, most_ms;	/* before it is started again */
	uint32_t steady_ms;	/* having run that long, backoff starts over */
};

/* Starts it from the loop, not before this returns. -ENOMEM. */
int child_new(struct child **out, struct event_base *loop,
    const struct child_options *options,
    const struct child_handlers *handlers, void *arg);

/* -EAGAIN while it does not run; else as lines_write. */
int child_write(struct child *child, const char *text, size_t len);

/*
 * End it: close its input, SIGTERM to its process group, SIGKILL after half a
 * second; waits for it. NULL is fine.
 */
void child_free(struct child *child);

#endif
