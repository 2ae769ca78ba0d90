/*
 * provider_command: run a command once per request, which is one JSON line on
 * its standard input. Its exit status is the result (sysexits.h).
 */
#include "config.h"
#include "providers/provider_command.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "conf/pushconf.h"
#include "net/loop.h"
#include "wire/why.h"

struct child {
	LIST_ENTRY(child) link;
	struct provider_attempt *attempt; /* NULL: cancelled, to be reaped */
	struct loop_event *timer;
	pid_t pid;
};

struct command {
	struct event_base *loop;
	const struct pushconf *settings;
	char **argv;
	struct loop_event *reaper;
	LIST_HEAD(, child) children;
};

static void
child_forget(struct child *child)
{
	LIST_REMOVE(child, link);
	loop_event_free(child->timer);
	free(child);
}

/* Kill the whole group, so that a shell's children end too. */
static void
child_kill(struct child *child)
{
	child->attempt = NULL;
	loop_event_stop(child->timer);
	kill(-child->pid, SIGKILL);
}

static void
child_ended(struct child *child, int status)
{
	struct provider_attempt *attempt = child->attempt;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	child_forget(child);
	if (attempt == NULL)
		return;
	if (code == 0)
		provider_finish(attempt, PUSHMSG_SENT, "exit 0");
	else if (code == EX_NOUSER)
		provider_finish(attempt, PUSHMSG_GONE, "exit %d", code);
	else if (code == EX_TEMPFAIL)
		provider_finish_retry(attempt, 0, false, "exit %d", code);
	else if (code >= 0)
		provider_finish(attempt, PUSHMSG_FAILED, "exit %d", code);
	else
		provider_finish(attempt, PUSHMSG_FAILED, "ended by signal %d",
		    WTERMSIG(status));
}

/* Reap one child at a time, because the end of an attempt may start another. */
static void
on_child(void *arg)
{
	struct command *c = arg;
	struct child *child;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		LIST_FOREACH(child, &c->children, link)
			if (child->pid == pid)
				break;
		if (child != NULL)
			child_ended(child, status);
	}
}

/* A killed program may have done its work already, so it is not repeated. */
static void
on_timeout(void *arg)
{
	struct child *child = arg;
	struct provider_attempt *attempt = child->attempt;
	struct provider_outcome outcome = {
		.status = PUSHMSG_RETRY, .may_be_taken = true
	};

	child_kill(child);
	provider_finish_as(attempt, &outcome, "the command took too long");
}

static void
command_close(void *self)
{
	struct command *c = self;
	struct child *child;

	if (c == NULL)
		return;
	while ((child = LIST_FIRST(&c->children)) != NULL) {
		child_kill(child);
		waitpid(child->pid, NULL, 0);
		child_forget(child);
	}
	loop_event_free(c->reaper);
	free(c->argv);
	free(c);
}

static int
command_open(void **self, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	const struct conf_strings *run = &env->settings->command_run;
	struct command *c;

	if (run->n == 0)
		return -ENOENT;
	if (access(run->item[0], X_OK) < 0) {
		int err = -errno;

		why_set(why, "command.run: %.80s: %s",
		    run->item[0], strerror(-err));
		return err == -ENOENT ? -EINVAL : err;
	}
	c = calloc(1, sizeof(*c));
	if (c != NULL) {
		c->loop = env->loop;
		c->settings = env->settings;
		LIST_INIT(&c->children);
		c->argv = calloc(run->n + 1, sizeof(*c->argv));
		c->reaper = loop_signal_new(env->loop, SIGCHLD, on_child, c);
	}
	if (c == NULL || c->argv == NULL || c->reaper == NULL ||
	    loop_event_start(c->reaper) < 0) {
		why_set(why, "out of memory");
		command_close(c);
		return -ENOMEM;
	}
	memcpy(c->argv, run->item, run->n * sizeof(*c->argv));
	*self = c;
	return 0;
}

static int
command_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	(void)self, (void)request, (void)why;
	strcpy(name, "command");
	return 0;
}

static unsigned
command_rate(void *self)
{
	(void)self;
	return 0;
}

static unsigned
command_in_flight(void *self)
{
	return (unsigned)((struct command *)self)->settings->command_in_flight;
}

static unsigned
command_attempt_ms(void *self)
{
	const struct pushconf *s = ((struct command *)self)->settings;

	return (unsigned)(s->command_attempt_ms > 0 ? s->command_attempt_ms :
	    s->attempt_ms);
}

/*
 * Write the line to its own file, so that there is no pipe to fill or to break.
 */
static int
line_file(const struct pushmsg_request *request)
{
	char *line = pushmsg_request_line(request);
	int fd = -1;

	if (line != NULL)
		fd = memfd_create("request", MFD_CLOEXEC);
	if (fd >= 0 && (write(fd, line, strlen(line)) !=
	    (ssize_t)strlen(line) || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	free(line);
	return fd;
}

/*
 * Start the command in its own group. Its output must not mix with our results.
 */
static int
spawn(pid_t *pid, char *const argv[], int in)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_init(&actions);
	err = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&actions, in, 0);
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&actions, 2, 1);
	if (err == 0)
		err = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	if (err == 0)
		err = posix_spawn(pid, argv[0], &actions, &attributes, argv,
		    environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -err;
}

static void
command_start(void *self, struct provider_attempt *attempt)
{
	struct command *c = self;
	struct child *child = calloc(1, sizeof(*child));
	int in = line_file(attempt->request);
	int err = child != NULL && in >= 0 ? 0 : -ENOMEM;

	if (err == 0) {
		child->timer = loop_timer_new(c->loop, on_timeout, child);
		err = child->timer != NULL ? 0 : -ENOMEM;
	}
	if (err == 0)
		err = spawn(&child->pid, c->argv, in);
	if (in >= 0)
		close(in);
	if (err < 0) {
		if (child != NULL)
			loop_event_free(child->timer);
		free(child);
		if (err == -EAGAIN || err == -ENOMEM)
			provider_finish_retry(attempt, 0, false, "%s",
			    strerror(-err));
		else
			provider_finish(attempt, PUSHMSG_FAILED, "%s: %s",
			    c->argv[0], strerror(-err));
		return;
	}
	child->attempt = attempt;
	attempt->state = child;
	loop_timer_set_ms(child->timer, attempt->timeout_ms);
	LIST_INSERT_HEAD(&c->children, child, link);
}

static void
command_cancel(void *self, struct provider_attempt *attempt)
{
	(void)self;
	child_kill(attempt->state);
	attempt->state = NULL;
}

const struct provider provider_command = {
	.type = "command",
	.open = command_open,
	.close = command_close,
	.service = command_service,
	.rate = command_rate,
	.in_flight = command_in_flight,
	.attempt_ms = command_attempt_ms,
	.start = command_start,
	.cancel = command_cancel
};
