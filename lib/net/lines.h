/*
 * lines: text lines in from one descriptor and out to another, on the loop,
 * with bounded buffers. A dead reader at the other end is an error here, never
 * a signal.
 */
#ifndef RP_NET_LINES_H
#define RP_NET_LINES_H

#include <stddef.h>

struct event_base;
struct lines;

/* Called from the loop only. Within any of them lines_free is allowed. */
struct lines_handlers {
	/*
	 * A line without its newline, NUL-terminated. NULL: one was longer
	 * than line_max and was skipped. What an end leaves unended is no line.
	 */
	void (*line)(const char *line, size_t len, void *arg);
	/* The input has ended, or broke. May be NULL. */
	void (*in_ended)(void *arg);
	/* The output is gone (-EPIPE, ...): all further writes fail. */
	void (*out_ended)(int err, void *arg);
	/* After a write that failed with -ENOBUFS: try again. May be NULL. */
	void (*room)(void *arg);
};

struct lines_options {
	int in, out;		/* -1: none; not closed by lines_free */
	size_t line_max;	/* of a line that comes in */
	size_t out_max;		/* bytes held until they can be written */
};

/* Sets both descriptors non-blocking. -ENOMEM, or what fcntl says. */
int lines_new(struct lines **out, struct event_base *loop,
    const struct lines_options *options,
    const struct lines_handlers *handlers, void *arg);

/* No handler follows. What was not written is lost. NULL is fine. */
void lines_free(struct lines *lines);

/*
 * Queue text, which ends in a newline, whole or not at all. -ENOBUFS: no room
 * (room is called later). -EPIPE: the output is gone.
 */
int lines_write(struct lines *lines, const char *text, size_t len);

#endif
