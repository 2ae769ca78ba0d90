/*
 * spawn: children of processes, by POSIX' names. A program is a function that
 * was registered; what is not is not found. Only its two standard streams reach
 * it, and each command of sh(1) is one program with words.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix/wrap.h"
#include "stand/stand.h"

#define PROGRAMS 8
#define WORDS 16

struct program {
	const char *name;
	sim_program *run;
};
static struct program programs[PROGRAMS];

struct pidfd;

/* A child, until its parent knows that it is over. */
struct child {
	LIST_ENTRY(child) next;
	struct sim_process *process;	/* NULL: over */
	int pid, parent;
	int status;			/* as of waitpid(2) */
	sim_program *run;
	char *command;
	int fds[2];
	struct pidfd *watched;		/* NULL: no pidfd */
	struct sim_task *waits;		/* for its end */
};

struct pidfd {
	struct sim_file file;
	struct child *child;		/* NULL: known to be over */
};

static LIST_HEAD(, child) children = LIST_HEAD_INITIALIZER(children);
static int duped[2];			/* by the file actions at hand */

void
sim_program_register(const char *name, sim_program *run)
{
	size_t i;

	for (i = 0; i < PROGRAMS && programs[i].name != NULL; i++)
		if (strcmp(programs[i].name, name) == 0)
			break;
	if (i == PROGRAMS)
		abort();
	programs[i] = (struct program){ name, run };
}

static sim_program *
program_of(const char *command)
{
	size_t len = strcspn(command, " "), i;

	for (i = 0; i < PROGRAMS && programs[i].name != NULL; i++)
		if (strlen(programs[i].name) == len &&
		    strncmp(programs[i].name, command, len) == 0)
			return programs[i].run;
	return NULL;
}

static struct child *
child_of(pid_t pid)
{
	struct child *child;

	LIST_FOREACH(child, &children, next)
		if (child->pid == pid)
			return child;
	return NULL;
}

struct sim_process *
sim_process_parent(const struct sim_process *process)
{
	const struct child *child = child_of(sim_process_pid(process));

	return child != NULL ? sim_process_of_pid(child->parent) : NULL;
}

static void
forget(struct child *child)
{
	if (child->watched != NULL)
		child->watched->child = NULL;
	LIST_REMOVE(child, next);
	free(child->command);
	free(child);
}

void
sim_spawn_reset(void)
{
	struct child *child;

	while ((child = LIST_FIRST(&children)) != NULL)
		forget(child);
}

/* It is over for its parent, if that is still there. */
static void
end(struct child *child, int status)
{
	const struct sim_process *parent = sim_process_of_pid(child->parent);

	child->process = NULL;
	child->status = status;
	if (parent == NULL || sim_process_is_ghost(parent)) {
		forget(child);
		return;
	}
	if (child->watched != NULL)
		sim_file_changed(&child->watched->file);
	if (child->waits != NULL)
		sim_task_wake(child->waits);
}

static void
on_over(struct sim_process *process, int status)
{
	struct child *child = child_of(sim_process_pid(process));

	if (child != NULL && child->process == process)
		end(child, W_EXITCODE(status, 0));
}

static int
run_program(void *arg)
{
	const struct child *child = arg;
	char *argv[WORDS + 1], *left, *word, *text;
	int argc = 0, fds[2] = { child->fds[0], child->fds[1] };
	sim_program *run = child->run;

	/* Its parent may forget it meanwhile; a kill frees the stack. */
	text = strdupa(child->command);
	for (word = strtok_r(text, " ", &left); word != NULL && argc < WORDS;
	    word = strtok_r(NULL, " ", &left))
		argv[argc++] = word;
	argv[argc] = NULL;
	return run(argc, argv, fds[0], fds[1]);
}

WRAP(int, posix_spawn_file_actions_adddup2,
    (posix_spawn_file_actions_t *actions, int fd, int as))
{
	(void)actions;
	if (as == STDIN_FILENO || as == STDOUT_FILENO)
		duped[as] = fd;
	return 0;
}

WRAP(int, posix_spawn, (pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
    char *const argv[], char *const env[]))
{
	struct sim_process *self = sim_process_self();
	struct child *child;
	sim_program *run;
	char name[32];
	int i;

	(void)actions;
	(void)attr;
	(void)env;
	run = strcmp(path, "/bin/sh") == 0 ? program_of(argv[2]) : NULL;
	if (run == NULL || sim_process_is_ghost(self))
		return ENOENT;
	child = calloc(1, sizeof(*child));
	if (child == NULL)
		return ENOMEM;
	child->run = run;
	child->command = strdup(argv[2]);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(argv[2], " "),
	    argv[2]);
	child->process = sim_process_new(sim_process_machine(self), name,
	    run_program, child, on_over);
	child->pid = sim_process_pid(child->process);
	child->parent = sim_process_pid(self);
	for (i = 0; i < 2; i++)
		child->fds[i] = sim_file_share(duped[i], child->process);
	LIST_INSERT_HEAD(&children, child, next);
	*pid = child->pid;
	return 0;
}

/* As kill(2) of a group, too, whose only process it is. */
WRAP(int, kill, (pid_t pid, int number))
{
	struct child *child = child_of(pid < 0 ? -pid : pid);
	struct sim_process *process = child != NULL ? child->process : NULL;

	if (sim_process_self() == NULL)
		return __real_kill(pid, number);
	if (child == NULL) {
		errno = ESRCH;
		return -1;
	}
	if (process == NULL || sim_process_is_ghost(sim_process_self()) ||
	    number == 0)
		return 0;
	if (number != SIGKILL && sim_event_signal(process, number))
		return 0;
	sim_process_kill(process);
	end(child, W_EXITCODE(0, number));
	return 0;
}

WRAP(pid_t, waitpid, (pid_t pid, int *status, int options))
{
	struct sim_process *self = sim_process_self();
	struct child *child = child_of(pid);

	if (child == NULL || child->parent != sim_process_pid(self)) {
		errno = ECHILD;
		return -1;
	}
	while (child->process != NULL && (options & WNOHANG) == 0 &&
	    !sim_process_is_ghost(self)) {
		child->waits = sim_task_self();
		sim_task_wait(SIM_NEVER);
		child->waits = NULL;
	}
	if (child->process != NULL)
		return 0;
	if (status != NULL)
		*status = child->status;
	forget(child);
	return pid;
}

static unsigned
pidfd_ready(struct sim_file *file)
{
	const struct child *child = ((struct pidfd *)file)->child;

	return child == NULL || child->process == NULL ? SIM_IN : 0;
}

static void
pidfd_close(struct sim_file *file)
{
	struct pidfd *pidfd = (struct pidfd *)file;

	if (pidfd->child != NULL)
		pidfd->child->watched = NULL;
	free(pidfd);
}

static const struct sim_file_type pidfd_type = {
	"pidfd", pidfd_ready, NULL, NULL, pidfd_close, NULL
};

static int
pidfd_open(pid_t pid)
{
	struct child *child = child_of(pid);
	struct pidfd *pidfd;

	if (child == NULL) {
		errno = ESRCH;
		return -1;
	}
	pidfd = calloc(1, sizeof(*pidfd));
	if (pidfd == NULL)
		abort();
	sim_file_init(&pidfd->file, &pidfd_type, false);
	pidfd->child = child;
	child->watched = pidfd;
	return sim_file_open(&pidfd->file);
}

WRAP(long, syscall, (long number, ...))
{
	va_list ap;
	pid_t pid;

	va_start(ap, number);
	pid = va_arg(ap, pid_t);
	va_end(ap);
	if (number == SYS_pidfd_open)
		return pidfd_open(pid);
	errno = ENOSYS;
	return -1;
}
