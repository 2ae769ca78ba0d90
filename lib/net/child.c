/*
 * child: spawn a command, write lines to it, and restart it when it ends. See
 * child.h.
 */
#include "config.h"
#include "net/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "net/lines.h"

#define GRACE_MS 500		/* until SIGKILL; its caller is blocked */

extern char **environ;

struct child {
	struct event_base *loop;
	struct child_options options;
	char *command, *variable;
	struct child_handlers handlers;
	void *arg;
	struct backoff backoff;
	struct event *start;
	struct event *ended;	/* on the pidfd */
	struct lines *lines;
	pid_t pid;		/* 0: not running */
	int pidfd;
	int to, from;		/* our ends of its pipes, -1: closed */
	uint64_t started_ms;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
start_after(struct child *child, uint32_t ms)
{
	struct timeval after = { ms / 1000, (ms % 1000) * 1000 };

	evtimer_add(child->start, &after);
}

/* Clear the state of a process that ended, or that could not be started. */
static void
clear(struct child *child)
{
	lines_free(child->lines);
	child->lines = NULL;
	if (child->ended != NULL)
		event_free(child->ended);
	child->ended = NULL;
	close_fd(&child->pidfd);
	close_fd(&child->to);
	close_fd(&child->from);
	child->pid = 0;
}

static void
went_down(struct child *child, int status)
{
	uint32_t retry_ms;

	if (child->pid > 0 &&
	    clock_ms() - child->started_ms >= child->options.steady_ms)
		backoff_reset(&child->backoff);
	retry_ms = backoff_next_ms(&child->backoff);
	clear(child);
	start_after(child, retry_ms);
	child->handlers.down(status, retry_ms, child->arg);
}

static void
on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int status = 0;

	(void)fd;
	(void)what;
	/* It is not reaped yet, so the group's number is still its own. */
	kill(-child->pid, SIGTERM);
	if (waitpid(child->pid, &status, WNOHANG) == child->pid)
		went_down(child, status);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct child *child = arg;

	child->handlers.line(line, len, child->arg);
}

/*
 * Stop a process that closed its input but runs on, because it is useless now.
 */
static void
on_out_ended(int err, void *arg)
{
	struct child *child = arg;

	(void)err;
	kill(-child->pid, SIGTERM);
}

static void
on_room(void *arg)
{
	struct child *child = arg;

	child->handlers.room(child->arg);
}

/*
 * Return our environment and the one variable more, for the caller to free; the
 * strings stay where they are. NULL if out of memory.
 */
static char **
environment_of(const struct child *child)
{
	size_t n = 0;
	char **all;

	while (environ[n] != NULL)
		n++;
	all = calloc(n + 2, sizeof(*all));
	if (all == NULL)
		return NULL;
	memcpy(all, environ, n * sizeof(*all));
	all[n] = child->variable;
	return all;
}

/*
 * Spawn the command, with signals in their default state whatever we ignore or
 * block.
 */
static int
spawn(struct child *child, int in, int out)
{
	char *const argv[] = { "sh", "-c", child->command, NULL };
	posix_spawn_file_actions_t actions;
	char **variables = environment_of(child);
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	if (variables == NULL)
		return -ENOMEM;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	err = posix_spawn(&child->pid, "/bin/sh", &actions, &attr, argv,
	    variables);
	free(variables);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (err != 0)
		child->pid = 0;
	return -err;
}

static int
spawn_with_pipes(struct child *child)
{
	int in[2], out[2], err;

	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		err = -errno;
		close(in[0]);
		close(in[1]);
		return err;
	}
	child->to = in[1];
	child->from = out[0];
	err = spawn(child, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	return err;
}

static int
watch(struct child *child)
{
	static const struct lines_handlers handlers = {
		.line = on_line, .out_ended = on_out_ended, .room = on_room
	};
	struct lines_options options = {
		.in = child->from,
		.out = child->to,
		.line_max = child->options.line_max,
		.out_max = child->options.out_max
	};

	/* <sys/pidfd.h> came with glibc 2.36, and musl has none. */
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		return -errno;
	child->ended = event_new(child->loop, child->pidfd, EV_READ,
	    on_ended, child);
	if (child->ended == NULL || event_add(child->ended, NULL) < 0)
		return -ENOMEM;
	return lines_new(&child->lines, child->loop, &options, &handlers,
	    child);
}

/* Kill its process group, because the shell may have started more processes. */
static void
kill_and_wait(struct child *child)
{
	struct pollfd ended = { .fd = child->pidfd, .events = POLLIN };

	if (child->pid <= 0)
		return;
	close_fd(&child->to);
	kill(-child->pid, SIGTERM);
	if (child->pidfd < 0 || poll(&ended, 1, GRACE_MS) != 1)
		kill(-child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

static void
on_start(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	int err;

	(void)fd;
	(void)what;
	child->started_ms = clock_ms();
	err = spawn_with_pipes(child);
	if (err == 0)
		err = watch(child);
	if (err < 0) {
		kill_and_wait(child);
		went_down(child, -1);
		return;
	}
	child->handlers.up(child->arg);
}

int
child_new(struct child **out, struct event_base *loop,
    const struct child_options *options,
    const struct child_handlers *handlers, void *arg)
{
	struct child *child = calloc(1, sizeof(*child));

	if (child == NULL)
		return -ENOMEM;
	child->loop = loop;
	child->options = *options;
	child->handlers = *handlers;
	child->arg = arg;
	child->pidfd = child->to = child->from = -1;
	child->backoff.first_ms = options->first_ms;
	child->backoff.most_ms = options->most_ms;
	child->command = strdup(options->command);
	child->start = evtimer_new(loop, on_start, child);
	if (options->variable != NULL)
		child->variable = strdup(options->variable);
	if (child->command == NULL || child->start == NULL ||
	    (options->variable != NULL && child->variable == NULL)) {
		child_free(child);
		return -ENOMEM;
	}
	start_after(child, 0);
	*out = child;
	return 0;
}

int
child_write(struct child *child, const char *text, size_t len)
{
	if (child->lines == NULL)
		return -EAGAIN;
	return lines_write(child->lines, text, len);
}

pid_t
child_pid(const struct child *child)
{
	return child->pid;
}

void
child_hurry(struct child *child)
{
	if (child->pid == 0)
		start_after(child, 0);
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	kill_and_wait(child);
	clear(child);
	if (child->start != NULL)
		event_free(child->start);
	free(child->command);
	free(child->variable);
	free(child);
}
