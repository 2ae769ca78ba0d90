/*
 * A dropped privilege is gone, in every thread and in commands run later. All
 * that a daemon and its commands need still works.
 */
#include "config.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/privdrop.h"
#include "unit.h"

static int pipe_fds[2];

/* An older thread, which the sandbox must reach as well. */
static void *
in_thread(void *arg)
{
	char byte;

	ck_assert_int_eq(read(pipe_fds[0], &byte, 1), 1);
	*(int *)arg = unshare(CLONE_NEWNS) < 0 ? errno : 0;
	return NULL;
}

static void
is_denied(int result)
{
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(errno, EPERM);
}

START_TEST(sandboxes)
{
	int families[] = { AF_PACKET, AF_VSOCK, AF_ALG, AF_AX25, 44 };
	pthread_t thread;
	int thread_err = 0;
	size_t i;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, in_thread,
	    &thread_err), 0);
	ck_assert_int_eq(privdrop_sandbox(), 0);
	ck_assert_int_eq(write(pipe_fds[1], "", 1), 1);
	pthread_join(thread, NULL);
	ck_assert_int_eq(thread_err, EPERM);

	is_denied(mount("none", "/mnt", "tmpfs", 0, NULL));
#ifndef __SANITIZE_ADDRESS__
	is_denied((int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
#endif
	is_denied(chroot("/"));
	is_denied(unshare(CLONE_NEWUSER));
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		is_denied(socket(families[i], SOCK_RAW, 0));
	is_denied(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
	is_denied(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	ck_assert_int_ge(socket(AF_INET, SOCK_DGRAM, 0), 0);
	ck_assert_int_ge(socket(AF_INET6, SOCK_STREAM, 0), 0);
	ck_assert_int_ge(socket(AF_UNIX, SOCK_STREAM, 0), 0);
	ck_assert_int_ge(socket(AF_NETLINK, SOCK_RAW, 0), 0);
	/* A command: runs, resolves, forks; and is as bound as we are. */
	ck_assert_int_eq(system("getent hosts localhost >/dev/null"), 0);
	ck_assert_int_ne(system("unshare -m true 2>/dev/null"), 0);
}
END_TEST

/* May we bind this port below 1024? */
static int
binds(uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int ok = bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 ||
	    errno == EADDRINUSE;

	close(fd);
	return ok;
}

START_TEST(becomes_a_user)
{
	static const gid_t none = PRIVDROP_NO_GROUP;
	int death = 0;

	ck_assert_int_eq(privdrop_user("no-such-user", none), -ENOENT);
	if (getuid() != 0) {
		ck_assert_int_eq(privdrop_user("nobody", none), -EPERM);
		return;
	}
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	ck_assert_int_eq(privdrop_user("nobody", none), 0);
	/* It stays as private, and as bound to its parent. */
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0);
	ck_assert_int_eq(death, SIGKILL);
	ck_assert_int_eq(privdrop_user("nobody", none), 0);
	ck_assert_uint_ne(getuid(), 0);
	ck_assert_int_eq(binds(1), 1);
	ck_assert_int_eq(privdrop_bound(), 0);
	ck_assert_int_eq(binds(2), 0);
	ck_assert_int_eq(getgroups(0, NULL), 1);
	is_denied(setuid(0));
	is_denied(setgid(0));
	ck_assert_int_eq(open("/etc/shadow", O_RDONLY), -1);
	ck_assert_int_eq(privdrop_user("root", none), -EPERM);
}
END_TEST

static void *
wait_for_byte(void *arg)
{
	char byte;

	return read(pipe_fds[0], &byte, 1) < 0 ? arg : NULL;
}

/* Return our latest thread; a sanitizer has some of its own. */
static int
latest_thread(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	int tid, latest = 0;

	ck_assert_ptr_nonnull(threads);
	while ((entry = readdir(threads)) != NULL) {
		tid = atoi(entry->d_name);
		latest = tid > latest ? tid : latest;
	}
	closedir(threads);
	return latest;
}

/* A thread has nothing left as soon as it was started. */
START_TEST(starts_bare_threads)
{
	static const char zero[] = "CapEff:\t0000000000000000";
	char path[64], line[256];
	pthread_t thread;
	bool found = false;
	FILE *f;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_eq(privdrop_thread(&thread, wait_for_byte, NULL), 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/status",
	    latest_thread());
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		found = found || strncmp(line, zero, strlen(zero)) == 0;
	fclose(f);
	ck_assert(found);
	ck_assert_int_eq(write(pipe_fds[1], "", 1), 1);
	pthread_join(thread, NULL);
}
END_TEST

/* Root keeps what files and commands need, for itself and what it runs. */
START_TEST(bounds_root)
{
	if (getuid() != 0)
		return;
	ck_assert_int_eq(privdrop_bound(), 0);
	ck_assert_int_eq(privdrop_bound(), 0);
	is_denied(mount("none", "/mnt", "tmpfs", 0, NULL));
	is_denied(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	ck_assert_int_ne(system("mount -t tmpfs none /mnt 2>/dev/null"), 0);
	ck_assert_int_eq(system("test -r /etc/shadow"), 0);
	ck_assert_int_eq(setuid(65534), 0);
}
END_TEST

START_TEST(drops_all)
{
	ck_assert_int_eq(privdrop_all(), 0);
	is_denied(chroot("/"));
	/* Of this thread alone; setuid(3) asks all, a sanitizer's too. */
	if (getuid() == 0)
		is_denied((int)syscall(SYS_setuid, 65534));
}
END_TEST

/* In a process of its own, because there is no way back. */
static int
as(const char *who, uid_t uid, gid_t gid)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		int err = privdrop_as(who);

		if (err < 0)
			_exit(-err);
		_exit(getuid() == uid && geteuid() == uid && getgid() == gid &&
		    (uid == 0 || setuid(0) < 0) ? 0 : 255);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(becomes_another)
{
	ck_assert_int_eq(as("", 0, 0), ENOENT);
	ck_assert_int_eq(as("no-such-user", 0, 0), ENOENT);
	ck_assert_int_eq(as("root:no-such-group", 0, 0), ENOENT);
	ck_assert_int_eq(as("4294967295", 0, 0), ENOENT);
	ck_assert_int_eq(as("1x", 0, 0), ENOENT);
	if (geteuid() != 0) {
		ck_assert_int_eq(as("0", 0, 0), EPERM);
		return;
	}
	ck_assert_int_eq(as("root", 0, 0), 0);
	ck_assert_int_eq(as("54321", 54321, 54321), 0);
	ck_assert_int_eq(as("54321:54322", 54321, 54322), 0);
	ck_assert_int_eq(as(":54322", 0, 54322), 0);
	ck_assert_int_eq(as("nobody:0", 65534, 0), 0);
}
END_TEST

START_TEST(keeps_a_group)
{
	gid_t gid, groups[3];

	ck_assert_int_eq(privdrop_group(&gid, "daemon"), 0);
	ck_assert_int_eq(privdrop_group(&gid, "4321"), 0);
	ck_assert_uint_eq(gid, 4321);
	ck_assert_int_eq(privdrop_group(&groups[0], "no-such-group"), -ENOENT);
	ck_assert_int_eq(privdrop_group(&groups[0], "4294967295"), -ENOENT);
	ck_assert_int_eq(privdrop_group(&groups[0], "-1"), -ENOENT);
	ck_assert_int_eq(privdrop_group(&groups[0], "12x"), -ENOENT);
	if (getuid() != 0)
		return;
	ck_assert_int_eq(privdrop_user("nobody", gid), 0);
	ck_assert_int_eq(getgroups(3, groups), 2);
	ck_assert(groups[0] == gid || groups[1] == gid);
}
END_TEST

UNIT_SUITE(privdrop, sandboxes, becomes_a_user, starts_bare_threads,
    becomes_another, keeps_a_group, bounds_root, drops_all)
