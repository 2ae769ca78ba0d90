/* allowlist: a seccomp filter of allowed calls. See allowlist.h. */
#include "config.h"
#include "base/allowlist.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

/* The calls with which any process computes, waits, logs and ends. */
static const char *const always[] = {
	"brk", "clock_getres", "clock_gettime", "clock_gettime64",
	"clock_nanosleep", "clock_nanosleep_time64", "close", "exit",
	"exit_group", "fstat", "futex", "futex_time64", "getpid", "getrandom",
	"gettid", "gettimeofday", "madvise", "membarrier", "mremap", "munmap",
	"nanosleep", "poll", "ppoll", "ppoll_time64", "read", "readv",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "sched_getaffinity", "sched_yield", "set_robust_list",
	"sigaltstack", "write", "writev",
};

/* Memory that can be executed could hold a program. */
static const char *const memory[] = { "mmap", "mmap2", "mprotect" };

#define TYPE_MASK 0xf		/* SOCK_TYPE_MASK of the kernel */

static int
allow_name(scmp_filter_ctx filter, const char *name, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int call = seccomp_syscall_resolve_name(name);

	/* Some calls exist on other machines only. */
	if (call == __NR_SCMP_ERROR || call < 0)
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, args);
}

static int
allow_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp data[] = {
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < sizeof(memory) / sizeof(memory[0]); i++)
		err = allow_name(filter, memory[i], 1, data);
	return err;
}

/* A process that crashes signals itself, and no other. */
static int
allow_raise(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp own[] = {
		SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)
	};

	return allow_name(filter, "tgkill", 1, own);
}

static int
allow_sockets(scmp_filter_ctx filter)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < 2; i++) {
		const struct scmp_arg_cmp datagrams[] = {
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0),
			SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK, SOCK_DGRAM)
		};

		err = allow_name(filter, "socket", 2, datagrams);
	}
	return err;
}

static int
allow_ioctls(scmp_filter_ctx filter)
{
	static const unsigned long requests[] = { FIONBIO, FIONREAD };
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < 2; i++) {
		const struct scmp_arg_cmp one[] = {
			SCMP_A1(SCMP_CMP_EQ, requests[i], 0)
		};

		err = allow_name(filter, "ioctl", 1, one);
	}
	return err;
}

/* Of bpf(2), what changes the entries of a map that is open already. */
static int
allow_bpf(scmp_filter_ctx filter)
{
	static const int commands[] = {
		BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < 2; i++) {
		const struct scmp_arg_cmp one[] = {
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0)
		};

		err = allow_name(filter, "bpf", 1, one);
	}
	return err;
}

static int
allow_named(scmp_filter_ctx filter, const char *name)
{
	if (strcmp(name, "socket") == 0)
		return allow_sockets(filter);
	if (strcmp(name, "ioctl") == 0)
		return allow_ioctls(filter);
	if (strcmp(name, "bpf") == 0)
		return allow_bpf(filter);
	return allow_name(filter, name, 0, NULL);
}

static int
allow_list(scmp_filter_ctx filter, const char *const names[], size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < n; i++)
		err = allow_named(filter, names[i]);
	return err;
}

int
allowlist_load(const char *const names[], size_t n)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (filter == NULL)
		return -ENOMEM;
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (err == 0)
		err = allow_list(filter, always,
		    sizeof(always) / sizeof(always[0]));
	if (err == 0)
		err = allow_memory(filter);
	if (err == 0)
		err = allow_raise(filter);
	if (err == 0)
		err = allow_list(filter, names, n);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
