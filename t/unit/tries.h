/*
 * tries: what somebody would try who runs code of his own in one of our
 * processes. Each is one system call, made without libc, which may give up
 * before it asks the kernel.
 */
#ifndef RP_T_UNIT_TRIES_H
#define RP_T_UNIT_TRIES_H

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct try {
	const char *name;
	/*
	 * Must the sandbox of the switch's main process deny it, too? That has
	 * to open files and run a push command.
	 */
	bool everywhere;
	long number;
	unsigned long args[4];
};

#define TRIES_TEXT(text) ((unsigned long)(text))
#define TRIES_SELF 0xfffffff1UL		/* stands for our parent's number */

static const struct try tries[] = {
	{ "open a file", false, SYS_openat,
	    { (unsigned long)AT_FDCWD, TRIES_TEXT("/etc/passwd"), O_RDONLY } },
	{ "make a file", false, SYS_openat,
	    { (unsigned long)AT_FDCWD, TRIES_TEXT("/tmp/rp-unit-try"),
	    O_WRONLY | O_CREAT, 0600 } },
	{ "link", false, SYS_linkat,
	    { (unsigned long)AT_FDCWD, TRIES_TEXT("/etc/passwd"),
	    (unsigned long)AT_FDCWD, TRIES_TEXT("/no/such/link") } },
	{ "remove", false, SYS_unlinkat,
	    { (unsigned long)AT_FDCWD, TRIES_TEXT("/no/such/file"), 0 } },
	{ "run a program", false, SYS_execve,
	    { TRIES_TEXT("/bin/true"), 0, 0 } },
	{ "fork", false, SYS_clone, { SIGCHLD, 0, 0, 0 } },
	{ "a stream socket", false, SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
	{ "a socket to processes", false, SYS_socket,
	    { AF_UNIX, SOCK_STREAM, 0 } },
	{ "a socket pair", false, SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "a socket to the kernel", false, SYS_socket,
	    { AF_NETLINK, SOCK_RAW, 0 } },
	{ "connect", false, SYS_connect, { 0, 0, 0 } },
	{ "signal the parent", false, SYS_kill, { TRIES_SELF, 0 } },
	{ "a file in memory", false, SYS_memfd_create, { TRIES_TEXT("x"), 0 } },
	{ "code in memory", false, SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS } },
	{ "become root", false, SYS_setuid, { 0 } },
	{ "limits", false, SYS_prlimit64, { 0, 0, 0, 0 } },
	{ "a raw socket", true, SYS_socket, { AF_INET, SOCK_RAW, 1 } },
	{ "a raw socket of IPv6", true, SYS_socket,
	    { AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 58 } },
	{ "a packet socket", true, SYS_socket, { AF_PACKET, SOCK_RAW, 0 } },
	{ "an old packet socket", true, SYS_socket,
	    { AF_INET, SOCK_PACKET | SOCK_NONBLOCK, 0 } },
	{ "a crypto socket", true, SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 } },
	{ "unshare", true, SYS_unshare, { CLONE_NEWUSER } },
	{ "a user namespace", true, SYS_clone, { CLONE_NEWUSER | SIGCHLD } },
	{ "a mount namespace", true, SYS_clone, { CLONE_NEWNS | SIGCHLD } },
	{ "a network namespace", true, SYS_clone, { CLONE_NEWNET | SIGCHLD } },
	{ "a pid namespace", true, SYS_clone, { CLONE_NEWPID | SIGCHLD } },
	{ "enter a namespace", true, SYS_setns, { 0, 0 } },
#ifndef __SANITIZE_ADDRESS__
	{ "trace the parent", true, SYS_ptrace, { PTRACE_ATTACH, TRIES_SELF } },
#endif
	{ "read the parent's memory", true, SYS_process_vm_readv,
	    { TRIES_SELF, 0, 0, 0 } },
	{ "take the parent's descriptor", true, SYS_pidfd_getfd, { 0, 0, 0 } },
	{ "mount", true, SYS_mount,
	    { TRIES_TEXT("none"), TRIES_TEXT("/mnt"), TRIES_TEXT("tmpfs") } },
	{ "chroot", true, SYS_chroot, { TRIES_TEXT("/") } },
	{ "open by handle", true, SYS_open_by_handle_at, { 0, 0, 0 } },
	{ "bpf", true, SYS_bpf, { 0, 0, 0 } },
	{ "io_uring", true, SYS_io_uring_setup, { 1, 0 } },
	{ "keys of the kernel", true, SYS_keyctl, { 0, 0 } },
	{ "performance counters", true, SYS_perf_event_open, { 0, 0, 0, 0 } },
	{ "page faults", true, SYS_userfaultfd, { 0 } },
	{ "load a module", true, SYS_finit_module, { 0, TRIES_TEXT(""), 0 } },
	{ "set the clock", true, SYS_clock_settime, { 0, 0 } },
};

#define TRIES (sizeof(tries) / sizeof(tries[0]))

/* Make one call. Return 0 if it succeeded, otherwise its errno. */
static inline int
tries_run(const struct try *try)
{
	unsigned long args[4];
	long result;
	size_t i;

	for (i = 0; i < 4; i++)
		args[i] = try->args[i] == TRIES_SELF ?
		    (unsigned long)getppid() : try->args[i];
	result = syscall(try->number, args[0], args[1], args[2], args[3], 0);
	if (result == 0 && try->number == SYS_clone)
		_exit(0);	/* we are a process that must not be */
	return result < 0 ? errno : 0;
}

#endif
