/*
 * hole: code of somebody else's in a running process. It makes system calls in
 * the place of the process's own thread, by ptrace(2), so that they are bound
 * as the process is; and it looks into the process's memory, as that code
 * could.
 *
 *	hole PID tries [PARENT]	make each call of tries.h that must be denied
 *				there; print those that are not
 *	hole PID finds HEX	print how often its memory has these bytes
 *
 * Exit status 77: this machine or user cannot do it.
 */
#include "config.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>

#include "base/tool.h"
#include "tries.h"

#define CANNOT 77
#define BELOW_STACK 1024	/* where a string is put; a leaf has 128 */
#define PART (1 << 20)		/* of memory, at once */
#define WANTED_MAX 256
#define SHADOW (1UL << 32)	/* a sanitizer's own memory has more */

/* Wait until the thread has stopped, or return false. */
static bool
has_stopped(pid_t pid)
{
	int status;

	return waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

#ifdef __x86_64__

static bool
is_text(unsigned long arg)
{
	return arg >> 32 != 0 && arg >> 32 != 0xffffffff;
}

/* Copy a string below its stack, and return where. */
static unsigned long
lend(pid_t pid, unsigned long stack, unsigned long text, size_t i)
{
	unsigned long at = (stack - BELOW_STACK - 64 * i) & ~15UL;
	struct iovec from = { (void *)text, strlen((char *)text) + 1 };
	struct iovec to = { (void *)at, from.iov_len };

	return process_vm_writev(pid, &from, 1, &to, 1, 0) < 0 ? 0 : at;
}

/* Make one call there, and return its result. */
static long
call(pid_t pid, const struct try *try, pid_t parent)
{
	struct user_regs_struct before, regs;
	unsigned long args[4];
	size_t i;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 ||
	    !has_stopped(pid) ||
	    ptrace(PTRACE_GETREGS, pid, NULL, &before) < 0)
		exit(CANNOT);
	/* It waits in a system call; the instruction is just behind it. */
	if ((ptrace(PTRACE_PEEKTEXT, pid, before.rip - 2, NULL) & 0xffff) !=
	    0x050f)
		exit(CANNOT);
	for (i = 0; i < 4; i++) {
		args[i] = try->args[i];
		if (args[i] == TRIES_SELF)
			args[i] = (unsigned long)parent;
		else if (is_text(args[i]))
			args[i] = lend(pid, before.rsp, args[i], i);
	}
	regs = before;
	regs.rip -= 2;
	regs.orig_rax = (unsigned long)-1;
	regs.rax = (unsigned long)try->number;
	regs.rdi = args[0];
	regs.rsi = args[1];
	regs.rdx = args[2];
	regs.r10 = args[3];
	regs.r8 = regs.r9 = 0;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) < 0 ||
	    ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 ||
	    !has_stopped(pid) ||
	    ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0 ||
	    ptrace(PTRACE_SETREGS, pid, NULL, &before) < 0 ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0)
		exit(CANNOT);
	return (long)regs.rax;
}

#else

static long
call(pid_t pid, const struct try *try, pid_t parent)
{
	(void)try;
	(void)parent;
	exit(has_stopped(pid) ? 1 : CANNOT);
}

#endif

/* Make all tries, and print each that the kernel looked at. */
static int
try_all(pid_t pid, pid_t parent)
{
	size_t i, n = 0;
	long result;

	for (i = 0; i < TRIES; i++) {
		result = call(pid, &tries[i], parent);
		if (result == -EPERM)
			continue;
		printf("%s: %s\n", tries[i].name, result < 0 ?
		    strerror((int)-result) : "done");
		n++;
		if (result > 0 && tries[i].number == SYS_clone)
			kill((pid_t)result, SIGKILL);
	}
	printf("%zu of %zu tries denied\n", TRIES - n, TRIES);
	return n == 0 ? 0 : 1;
}

/* Count the bytes in a part of its memory, which is read piece by piece. */
static size_t
count_in(int mem, unsigned long from, unsigned long to,
    const unsigned char *wanted, size_t len, unsigned char *part)
{
	unsigned long at = from;
	const unsigned char *p;
	size_t found = 0;
	ssize_t n;

	while (at < to) {
		size_t want = to - at < PART ? to - at : PART;

		n = pread(mem, part, want, (off_t)at);
		if (n < (ssize_t)len)
			return found;
		for (p = part; (p = memmem(p, (size_t)(part + n - p), wanted,
		    len)) != NULL; p++)
			found++;
		/* What lies across the end is found by the next. */
		at += (size_t)n == want && at + want < to ?
		    want - len + 1 : (size_t)n;
	}
	return found;
}

static int
find(pid_t pid, const unsigned char *wanted, size_t len)
{
	unsigned char *part = malloc(PART);
	char path[64], line[512];
	unsigned long from, to;
	size_t found = 0;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	if (mem < 0 || maps == NULL || part == NULL)
		return CANNOT;
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%lx rw", &from, &to) == 2 &&
		    strstr(line, " rw") != NULL && to - from < SHADOW)
			found += count_in(mem, from, to, wanted, len, part);
	printf("%zu\n", found);
	fclose(maps);
	close(mem);
	free(part);
	return 0;
}

int
main(int argc, char *argv[])
{
	unsigned char wanted[WANTED_MAX];
	pid_t pid = argc > 1 ? (pid_t)atoi(argv[1]) : 0;
	size_t i, len;

	tool_name("hole");
	if (argc == 3 && strcmp(argv[2], "tries") == 0)
		return try_all(pid, getppid());
	if (argc == 4 && strcmp(argv[2], "tries") == 0)
		return try_all(pid, (pid_t)atoi(argv[3]));
	if (argc != 4 || strcmp(argv[2], "finds") != 0)
		tool_fail(1, "usage", "hole PID tries [PARENT] | finds HEX");
	len = strlen(argv[3]) / 2;
	for (i = 0; i < len && i < sizeof(wanted); i++)
		if (sscanf(argv[3] + 2 * i, "%2hhx", &wanted[i]) != 1)
			tool_fail(1, "usage", "HEX");
	return find(pid, wanted, i);
}
