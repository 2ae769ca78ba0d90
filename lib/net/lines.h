/*
 * lines: text lines in from one descriptor and out to another, on the loop,
 * with bounded buffers. A reader that is gone is an error here, never a signal.
 */
#ifndef RP_NET_LINES_H
#define RP_NET_LINES_H

#include <stddef.h>

struct event_base;
struct lines;

/* Called from the loop only. Each may call lines_free. */
struct lines_handlers {
	/*
	 * A line without its newline, NUL-terminated. NULL stands for a line
	 * that was longer than `line_max` and was skipped. Text after the last
	 * newline is dropped.
	 */
	void (*line)(const char *line, size_t len, void *arg);
	/* The input has ended or failed. May be NULL. */
	void (*in_ended)(void *arg);
	/* The output is gone (-EPIPE, ...), and all further writes fail. */
	void (*out_ended)(int err, void *arg);
	/* There is room again after -ENOBUFS. May be NULL. */
	void (*room)(void *arg);
};

struct lines_options {
	int in, out;		/* -1: none; not closed by lines_free */
	size_t line_max;	/* of an incoming line */
	size_t out_max;		/* bytes queued for writing */
	unsigned turn_max;	/* lines per turn of the loop; 0: 64 */
};

/*
 * Make it, and set both descriptors non-blocking. Return -ENOMEM or the error
 * of fcntl(2).
 */
int lines_new(struct lines **out, struct event_base *loop,
    const struct lines_options *options,
    const struct lines_handlers *handlers, void *arg);

/*
 * Free it. No handler is called any more, and unwritten text is lost. NULL is
 * fine.
 */
void lines_free(struct lines *lines);

/*
 * Queue `text`, which ends in a newline, whole or not at all.
 *
 *   -ENOBUFS  no room; `room` is called later
 *   -EPIPE    the output is gone
 */
int lines_write(struct lines *lines, const char *text, size_t len);

#endif
