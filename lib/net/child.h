/*
 * child: a command that is kept running. Text lines go to its standard input
 * and come from its standard output; its standard error is ours. When it ends
 * it is restarted, with backoff. See lines.h for the buffers.
 */
#ifndef RP_NET_CHILD_H
#define RP_NET_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct event_base;
struct child;

/* Called from the loop only. A handler must not call child_free. */
struct child_handlers {
	/*
	 * It runs (again). Lines written to the previous process may be lost.
	 */
	void (*up)(void *arg);
	/* A line, as in lines.h; NULL stands for a line that was too long. */
	void (*line)(const char *line, size_t len, void *arg);
	/*
	 * It ended, with a status as of waitpid(2), or could not be started
	 * (-1).
	 */
	void (*down)(int status, uint32_t retry_ms, void *arg);
	/* There is room again after -ENOBUFS. */
	void (*room)(void *arg);
};

struct child_options {
	const char *command;	/* for sh -c */
	const char *variable;	/* "NAME=VALUE" in its environment; or NULL */
	size_t line_max, out_max;
	uint32_t first_ms, most_ms;	/* wait before a restart */
	uint32_t steady_ms;	/* a run this long resets the backoff */
};

/* Start the command, from the loop and not before this returns. -ENOMEM. */
int child_new(struct child **out, struct event_base *loop,
    const struct child_options *options,
    const struct child_handlers *handlers, void *arg);

/*
 * Write a line. Return -EAGAIN while the command is not running; other errors
 * are those of lines_write.
 */
int child_write(struct child *child, const char *text, size_t len);

/* Return its process, or 0 while it does not run. */
pid_t child_pid(const struct child *child);

/* If the command waits to be restarted, restart it now. */
void child_hurry(struct child *child);

/*
 * Stop the command and wait for it: close its input, send SIGTERM to its
 * process group, and after half a second SIGKILL. NULL is fine.
 */
void child_free(struct child *child);

#endif
