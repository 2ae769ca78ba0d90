/*
 * disk: files are the real ones, in the folder of the run. But a ghost changes
 * none, because it was killed before it could, and nobody waits for a disk. A
 * handler of signals would be the simulator's, so that none is set.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "posix/wrap.h"

static bool
is_ghost(void)
{
	const struct sim_process *process = sim_process_self();

	return process != NULL && sim_process_is_ghost(process);
}

static bool
may_not(int flags)
{
	if ((flags & O_ACCMODE) == O_RDONLY || !is_ghost())
		return false;
	errno = EROFS;
	return true;
}

WRAP(int, open, (const char *path, int flags, ...))
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return may_not(flags) ? -1 : __real_open(path, flags, mode);
}

WRAP(int, __open_2, (const char *path, int flags))
{
	return may_not(flags) ? -1 : __real___open_2(path, flags);
}

WRAP(int, openat, (int dir, const char *path, int flags, ...))
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return may_not(flags) ? -1 : __real_openat(dir, path, flags, mode);
}

WRAP(FILE *, fopen, (const char *path, const char *mode))
{
	if (is_ghost() && strpbrk(mode, "wa+") != NULL) {
		errno = EROFS;
		return NULL;
	}
	return __real_fopen(path, mode);
}

WRAP(int, rename, (const char *from, const char *to))
{
	return is_ghost() ? 0 : __real_rename(from, to);
}

WRAP(int, unlink, (const char *path))
{
	return is_ghost() ? 0 : __real_unlink(path);
}

WRAP(int, fsync, (int fd))
{
	(void)fd;
	return 0;
}

WRAP(int, sigaction, (int number, const struct sigaction *to,
    struct sigaction *old))
{
	if (sim_process_self() == NULL)
		return __real_sigaction(number, to, old);
	if (old != NULL)
		memset(old, 0, sizeof(*old));
	return 0;
}
