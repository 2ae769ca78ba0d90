/*
 * stream: read lines from one descriptor and write lines to another. They may
 * be pipes, files, terminals or sockets. Descriptors stay blocking, because
 * they are shared with other programs (a shell). Yet nothing here blocks.
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
	 * One line, without its newline. A last line without newline counts. A
	 * longer line is truncated to `line_max` bytes.
	 */
	void (*line)(const char *line, size_t len, void *arg);
	/* The end (0) or an error. No handler follows. */
	void (*ended)(int err, void *arg);
};

/* Start to read. Return -ENOMEM or the descriptor's error. */
int input_new(struct input **out, struct event_base *loop, int fd,
    size_t line_max, const struct input_handlers *handlers, void *arg);
void input_free(struct input *input);

/* Stop delivering lines until input_resume. Allowed within a line handler. */
void input_pause(struct input *input);

/* Deliver lines again, but not before this returns. */
void input_resume(struct input *input);

/* Stop reading. Whole lines that were read already are still delivered. */
void input_close(struct input *input);

struct output_handlers {
	/* All output is written. */
	void (*empty)(void *arg);
	/* Writing failed. No handler follows. */
	void (*failed)(int err, void *arg);
};

int output_new(struct output **out, struct event_base *loop, int fd,
    const struct output_handlers *handlers, void *arg);
void output_free(struct output *output);

/*
 * Write `text` soon, together with the other output of this turn of the loop.
 *
 *  -ENOMEM  out of memory
 */
int output_put(struct output *output, const char *text, size_t len);

/* Return the number of bytes not written yet. */
size_t output_pending(const struct output *output);

#endif
