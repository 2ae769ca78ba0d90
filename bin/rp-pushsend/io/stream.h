/*
 * stream: lines in on one descriptor, lines out on another, be they pipes,
 * files, terminals or sockets. Descriptors stay blocking, since they are
 * shared with others (a shell); yet nothing here blocks.
 */
#ifndef RP_PUSHSEND_STREAM_H
#define RP_PUSHSEND_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct input;
struct output;

struct input_handlers {
	/*
	 * One line, without its newline; a last one without newline counts.
	 * Of a line of line_max or more, so many bytes and no more.
	 */
	void (*line)(const char *line, size_t len, void *arg);
	/* The end (0) or an error; nothing follows. */
	void (*ended)(int err, void *arg);
};

/* -ENOMEM or the descriptor's error. */
int input_new(struct input **out, struct event_base *loop, int fd,
    size_t line_max, const struct input_handlers *handlers, void *arg);
void input_free(struct input *input);

/* No more lines until input_resume. From a line handler, too. */
void input_pause(struct input *input);

/* Lines come again, not before this returns. */
void input_resume(struct input *input);

/* Read no more; whole lines that are read already are still handed out. */
void input_close(struct input *input);

struct output_handlers {
	/* All is written that was put. */
	void (*empty)(void *arg);
	/* It cannot be written; nothing follows. */
	void (*failed)(int err, void *arg);
};

int output_new(struct output **out, struct event_base *loop, int fd,
    const struct output_handlers *handlers, void *arg);
void output_free(struct output *output);

/* Write it before long, with what else is put in this turn. -ENOMEM. */
int output_put(struct output *output, const char *text, size_t len);

/* Bytes not written yet. */
size_t output_pending(const struct output *output);

#endif
