/*
 * A process with a list of allowed calls can do what is on it, and nothing else
 * that somebody would try who runs code of his own there. Nor can a thread that
 * it had before.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/allowlist.h"
#include "base/privdrop.h"
#include "tries.h"
#include "unit.h"

static int pipe_fds[2];

static void
load(const char *const names[], size_t n)
{
	int err = allowlist_load(names, n);

	ck_assert_msg(err == 0, "%s", strerror(-err));
}

/* Tries are made in a process that ends without a word, as open(2) is denied. */
START_TEST(denies_all_else)
{
	size_t i, n = 0;
	int err;

	load(NULL, 0);
	for (i = 0; i < TRIES; i++) {
		err = tries_run(&tries[i]);
		if (err != EPERM) {
			dprintf(2, "%s: %s\n", tries[i].name, strerror(err));
			n++;
		}
	}
	_exit(n == 0 ? 0 : 1);
}
END_TEST

/* The main process runs any push command, so that less is denied to it. */
START_TEST(denies_some_in_the_main_process)
{
	size_t i;

	ck_assert_int_eq(privdrop_sandbox(), 0);
	for (i = 0; i < TRIES; i++) {
		if (!tries[i].everywhere)
			continue;
		ck_assert_msg(tries_run(&tries[i]) == EPERM, "%s",
		    tries[i].name);
	}
	/* A filter sees no flags of this one, so that libc takes the other. */
	ck_assert_int_eq(syscall(SYS_clone3, NULL, 0), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

static void *
in_thread(void *arg)
{
	char byte;

	*(int *)arg = read(pipe_fds[0], &byte, 1) == 1 &&
	    open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
	return NULL;
}

START_TEST(reaches_older_threads)
{
	pthread_t thread;
	int err = 0;

	if (pipe(pipe_fds) < 0 ||
	    pthread_create(&thread, NULL, in_thread, &err) != 0)
		_exit(2);
	load(NULL, 0);
	if (write(pipe_fds[1], "", 1) != 1)
		_exit(3);
	pthread_join(thread, NULL);
	_exit(err == EPERM ? 0 : 1);
}
END_TEST

/* Sockets for datagrams, and the requests that make one non-blocking. */
START_TEST(allows_what_is_named)
{
	static const char *const names[] = { "socket", "ioctl", "no-such-call" };
	int fds[2], yes = 1;

	if (pipe(fds) < 0)
		_exit(9);
	load(names, 3);
	if (socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
		_exit(1);
	if (socket(AF_INET6, SOCK_DGRAM, 0) < 0)
		_exit(2);
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		_exit(3);
	if (socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 || errno != EPERM)
		_exit(4);
	if (ioctl(fds[0], FIONBIO, &yes) < 0)
		_exit(5);
	if (ioctl(fds[0], TIOCSTI, "x") >= 0 || errno != EPERM)
		_exit(6);
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		_exit(7);
	if (poll(NULL, 0, 1) != 0)
		_exit(8);
	_exit(0);
}
END_TEST

static int
bpf_fails(int command)
{
	return syscall(SYS_bpf, command, NULL, 0) < 0 ? errno : 0;
}

/* Without an attribute each fails, but not all with EPERM. */
START_TEST(allows_changes_of_a_map_only)
{
	static const char *const names[] = { "bpf" };
	int update = bpf_fails(BPF_MAP_UPDATE_ELEM), command;

	load(names, 1);
	for (command = BPF_MAP_CREATE; command <= BPF_MAP_DELETE_BATCH;
	    command++)
		if (command != BPF_MAP_UPDATE_ELEM &&
		    command != BPF_MAP_DELETE_ELEM &&
		    bpf_fails(command) != EPERM)
			_exit(1 + command);
	_exit(bpf_fails(BPF_MAP_UPDATE_ELEM) == update &&
	    bpf_fails(BPF_MAP_DELETE_ELEM) == update ? 0 : 255);
}
END_TEST

UNIT_SUITE(allowlist, denies_all_else, denies_some_in_the_main_process,
    reaches_older_threads, allows_what_is_named,
    allows_changes_of_a_map_only)
