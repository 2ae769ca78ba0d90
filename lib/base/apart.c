/* apart: fork a process with nothing of its parent's. See apart.h. */
#include "config.h"
#include "base/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* It writes the rest of its log for a second. */
#define JOIN_NS (2 * CLOCK_S)
#define LOOK_NS (2 * CLOCK_MS)

/*
 * Descriptors at this early time: those of the shell or service manager, which
 * come first.
 */
#define FD_MAX 1024

extern char **environ;

static bool
is_kept(int fd, const int kept[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (kept[i] == fd)
			return true;
	return fd == STDERR_FILENO;
}

static void
close_others(const int kept[], size_t n)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	for (fd = STDERR_FILENO + 1; fd < FD_MAX; fd++)
		if (fd != null && !is_kept(fd, kept, n))
			close(fd);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (null > STDERR_FILENO)
		close(null);
}

/* Is this variable for the log, or for a sanitizer? */
static bool
is_harmless(const char *variable)
{
	return strncmp(variable, "JOURNAL_STREAM=", 15) == 0 ||
	    strncmp(variable, "TZ=", 3) == 0 ||
	    strstr(variable, "SAN_OPTIONS=") != NULL;
}

/* Forget the environment, which may hold passwords: PGPASSWORD of libpq, say. */
static void
forget_environment(void)
{
	char **from, **to = environ;

	for (from = environ; from != NULL && *from != NULL; from++)
		if (is_harmless(*from))
			*to++ = *from;
		else
			memset(*from, 0, strlen(*from));
	if (to != NULL)
		*to = NULL;
}

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* Be the child, and hand over its file. Without one, the end is the answer. */
static void
send_stat(int to)
{
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	union control control = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS
	} };
	struct iovec part = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (fd >= 0)
		(void)!sendmsg(to, &msg, MSG_NOSIGNAL);
}

/* Receive it from the child, or -1. */
static int
receive_stat(int from)
{
	union control control = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control)
	};
	int fd = -1;
	ssize_t n;

	do
		n = recvmsg(from, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == 1 && CMSG_FIRSTHDR(&msg) != NULL)
		memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

static pid_t
be_parent(pid_t pid, const int pair[static 2], int *stat)
{
	if (pid < 0)
		pid = -errno;
	if (pair[1] < 0)
		return pid;
	close(pair[1]);
	if (pid > 0)
		*stat = receive_stat(pair[0]);
	close(pair[0]);
	return pid;
}

pid_t
apart_fork(const int kept[], size_t n, int *stat)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	pid_t parent = getpid(), pid;
	int pair[2] = { -1, -1 };
	size_t i;

	if (stat != NULL) {
		*stat = -1;
		(void)!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		    pair);
	}
	pid = fork();
	if (pid != 0)
		return be_parent(pid, pair, stat);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(0);
	if (pair[1] >= 0)
		send_stat(pair[1]);
	close_others(kept, n);
	forget_environment();
	return 0;
}

/* Has it ended by then? */
static bool
ends_by(pid_t pid, uint64_t until_ns)
{
	const struct timespec look = { 0, LOOK_NS };
	pid_t got;

	while ((got = waitpid(pid, NULL, WNOHANG)) == 0 ||
	    (got < 0 && errno == EINTR)) {
		if (clock_ns() > until_ns)
			return false;
		nanosleep(&look, NULL);
	}
	return true;
}

void
apart_join(pid_t pid)
{
	if (ends_by(pid, clock_ns() + JOIN_NS))
		return;
	/* Another user's cannot be killed, and must not keep us. */
	if (kill(pid, SIGKILL) == 0)
		(void)ends_by(pid, clock_ns() + JOIN_NS);
}

void
apart_title(char *argv[], const char *title, const char *name)
{
	char *end = argv[0];
	size_t i, room;

	/* They lie one behind the other, as the kernel put them there. */
	for (i = 0; argv[i] != NULL && argv[i] == end; i++)
		end = argv[i] + strlen(argv[i]) + 1;
	room = (size_t)(end - argv[0]);
	memset(argv[0], 0, room);
	if (room > 0)
		strncpy(argv[0], title, room - 1);
	prctl(PR_SET_NAME, name, 0, 0, 0);
}
