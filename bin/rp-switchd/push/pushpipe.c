/*
 * pushpipe: the child that sends pushes, or standard output in its place.
 * Written by pushqueue; the choice is in pushpipe.h.
 */
#include "push/pushpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "net/child.h"
#include "net/lines.h"
#include "ops/metrics.h"
#include "push/pushwatch.h"
#include "wire/pushabout.h"
#include "wire/pushmsg.h"

#define OUT_MAX (256 * 1024)
/* A call waits half a minute, so a child that dies must be back much sooner. */
#define FIRST_MS 200
#define MOST_MS 5000
#define END_TEXT 24

struct pushpipe {
	struct child *child;
	struct lines *lines;
	int in, out;		/* standard input and output; -1: unused */
	bool owns_out;		/* out is our own, to be closed */
	bool gone;
	uint64_t *restarts;
	struct pushwatch *watch;
	bool knows_reload;
	struct pushpipe_handlers handlers;
	void *arg;
};

static void
on_child_up(void *arg)
{
	struct pushpipe *pipe = arg;

	pipe->knows_reload = false;
	pushwatch_up(pipe->watch);
	pipe->handlers.up(pipe->arg);
}

/* Write how it ended, in words that nobody has to decode. */
static void
tell_end(char text[static END_TEXT], int status)
{
	if (status < 0)
		snprintf(text, END_TEXT, "start=failed");
	else if (WIFSIGNALED(status))
		snprintf(text, END_TEXT, "signal=%d", WTERMSIG(status));
	else
		snprintf(text, END_TEXT, "exit=%d", WEXITSTATUS(status));
}

static void
on_child_down(int status, uint32_t retry_ms, void *arg)
{
	struct pushpipe *pipe = arg;
	char end[END_TEXT];

	++*pipe->restarts;
	tell_end(end, status);
	log_warn("push_child_ended", "%s restart_ms=%u", end, retry_ms);
	pushwatch_down(pipe->watch);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct pushpipe *pipe = arg;

	pipe->handlers.line(line, len, pipe->arg);
}

static void
on_room(void *arg)
{
	struct pushpipe *pipe = arg;

	pipe->handlers.room(pipe->arg);
}

static void
on_in_ended(void *arg)
{
	struct pushpipe *pipe = arg;

	pipe->in = -1;
}

static void
on_out_ended(int err, void *arg)
{
	struct pushpipe *pipe = arg;

	log_error("push_output_gone", "err=%d", -err);
	pipe->gone = true;
	pipe->handlers.gone(pipe->arg);
}

static int
start_child(struct pushpipe *pipe, struct event_base *loop,
    const struct pushpipe_options *given)
{
	static const struct child_handlers handlers = {
		on_child_up, on_line, on_child_down, on_room
	};
	struct child_options options = {
		.command = given->command,
		.variable = PUSHABOUT_VARIABLE "=1",
		.line_max = PUSHMSG_LINE_MAX,
		.out_max = OUT_MAX,
		.first_ms = FIRST_MS,
		.most_ms = MOST_MS,
		.steady_ms = PUSHWATCH_STEADY_MS
	};
	int err = pushwatch_new(&pipe->watch, loop, given->gate);

	return err < 0 ? err : child_new(&pipe->child, loop, &options,
	    &handlers, pipe);
}

/*
 * Choose the descriptors. Others share the terminal or pipe that is our
 * standard output, and O_NONBLOCK would surprise them. It is therefore opened
 * again, if possible. A file stays as it is, because it may be open for
 * appending.
 */
static void
choose_descriptors(struct pushpipe *pipe)
{
	struct stat st;

	pipe->out = STDOUT_FILENO;
	if (fstat(STDOUT_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		int fd = open("/proc/self/fd/1",
		    O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

		pipe->owns_out = fd >= 0;
		if (fd >= 0)
			pipe->out = fd;
	}
	pipe->in = -1;
	if (fstat(STDIN_FILENO, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		pipe->in = STDIN_FILENO;
}

static int
use_stdio(struct pushpipe *pipe, struct event_base *loop)
{
	static const struct lines_handlers handlers = {
		on_line, on_in_ended, on_out_ended, on_room
	};
	struct lines_options options = {
		.line_max = PUSHMSG_LINE_MAX, .out_max = OUT_MAX
	};

	choose_descriptors(pipe);
	options.in = pipe->in;
	options.out = pipe->out;
	return lines_new(&pipe->lines, loop, &options, &handlers, pipe);
}

int
pushpipe_new(struct pushpipe **out, struct event_base *loop,
    const struct pushpipe_options *options,
    const struct pushpipe_handlers *handlers, void *arg)
{
	struct pushpipe *pipe = calloc(1, sizeof(*pipe));
	int err;

	if (pipe == NULL)
		return -ENOMEM;
	pipe->in = pipe->out = -1;
	pipe->handlers = *handlers;
	pipe->arg = arg;
	pipe->restarts = metrics_counter(options->metrics,
	    "rp_push_restarts_total", "",
	    "How often push.command ended and was started again.");
	err = options->command != NULL ? start_child(pipe, loop, options) :
	    use_stdio(pipe, loop);
	if (err < 0) {
		pushpipe_free(pipe);
		return err;
	}
	*out = pipe;
	return 0;
}

void
pushpipe_free(struct pushpipe *pipe)
{
	if (pipe == NULL)
		return;
	child_free(pipe->child);
	pushwatch_free(pipe->watch);
	lines_free(pipe->lines);
	if (pipe->owns_out)
		close(pipe->out);
	free(pipe);
}

int
pushpipe_write(struct pushpipe *pipe, const char *text, size_t len)
{
	int err;

	if (pipe->child == NULL)
		return lines_write(pipe->lines, text, len);
	/* Its input is broken, so it is about to end and be restarted. */
	err = child_write(pipe->child, text, len);
	return err == -EPIPE ? -EAGAIN : err;
}

void
pushpipe_knows_reload(struct pushpipe *pipe)
{
	pipe->knows_reload = true;
}

int
pushpipe_reload(struct pushpipe *pipe)
{
	static const char line[] = PUSHABOUT_RELOAD "\n";

	if (pipe->child == NULL)
		return 0;
	if (!pushwatch_is_up(pipe->watch)) {
		child_hurry(pipe->child);
		return 0;
	}
	if (!pipe->knows_reload)
		return -ENOTSUP;
	return child_write(pipe->child, line, sizeof(line) - 1);
}

pid_t
pushpipe_pid(const struct pushpipe *pipe)
{
	return pipe->child != NULL ? child_pid(pipe->child) : 0;
}

bool
pushpipe_is_up(const struct pushpipe *pipe)
{
	return pipe->watch != NULL && pushwatch_is_up(pipe->watch);
}

bool
pushpipe_answers(const struct pushpipe *pipe)
{
	return pipe->child != NULL || pipe->in >= 0;
}

bool
pushpipe_is_gone(const struct pushpipe *pipe)
{
	return pipe->gone;
}
