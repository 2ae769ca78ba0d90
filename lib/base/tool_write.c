/*
 * tool_write: write an output file: follow links, replace regular files by
 * rename, wait for a FIFO's reader. The other half of tool.h.
 */
#include "config.h"
#include "base/tool.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"

#define LINKS_MAX 40		/* the kernel's own limit */
/*
 * Time for a reader to open a FIFO, or to take what is in it. The reader was
 * started just before or after us. A longer wait would hold up a loop.
 */
#define READER_MS 1000
#define STEP_MS 10

/* How a file is written. */
enum {
	SECRET = 1,		/* readable by us alone */
	SYNCED = 2		/* on the disk before it replaces the old one */
};

static int
write_all(int fd, const char *text)
{
	uint64_t until_ms = clock_ms() + READER_MS;
	size_t left = strlen(text);

	while (left > 0) {
		struct pollfd room = { fd, POLLOUT, 0 };
		ssize_t n;

		/*
		 * We may not make every descriptor non-blocking, so poll first.
		 */
		if (poll(&room, 1, STEP_MS) <= 0) {
			if (clock_ms() >= until_ms)
				return -EAGAIN;
			continue;
		}
		/* A pipe that polls writable accepts PIPE_BUF bytes. */
		n = write(fd, text, left < PIPE_BUF ? left : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			continue;
		text += n;
		left -= (size_t)n;
		until_ms = clock_ms() + READER_MS;
	}
	return 0;
}

static int
write_and_close(int fd, const char *text, unsigned how)
{
	int err = write_all(fd, text);

	if (err == 0 && (how & SYNCED) != 0 && fsync(fd) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

/* Write to whatever exists at `path`. */
static int
write_to(const char *path, int flags, const char *text)
{
	uint64_t until_ms = clock_ms() + READER_MS;
	int fd;

	flags |= O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	while ((fd = open(path, flags)) < 0 && errno == ENXIO &&
	    clock_ms() < until_ms)
		usleep(STEP_MS * 1000);
	return fd < 0 ? -errno : write_and_close(fd, text, 0);
}

/*
 * Is it /proc/self/fd/N, where /dev/stdout leads? Its target is not a file's
 * name, whatever it looks like.
 */
static bool
is_descriptor(const char *link)
{
	int fd = open(link, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	bool is = fd >= 0 && fstatfs(fd, &fs) == 0 &&
	    fs.f_type == PROC_SUPER_MAGIC;

	if (fd >= 0)
		close(fd);
	return is;
}

/*
 * Write to a descriptor. Our own is used directly, because reopening it would
 * lose its offset. Another process's is appended to.
 */
static int
write_descriptor(const char *link, const char *text)
{
	const char *number = strrchr(link, '/') + 1;
	struct stat st, own;
	int fd;

	if (isdigit((unsigned char)*number) && stat(link, &st) == 0 &&
	    fstat(atoi(number), &own) == 0 && st.st_dev == own.st_dev &&
	    st.st_ino == own.st_ino) {
		fd = fcntl(atoi(number), F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : write_and_close(fd, text, 0);
	}
	return write_to(link, O_APPEND, text);
}

/*
 * Is the link trusted? In a folder that all may write, such as /tmp, anybody
 * may have planted it. Only links of the folder's owner and our own are
 * trusted, as with the kernel's protected_symlinks (proc(5)).
 */
static bool
is_trusted(const char *folder, const struct stat *link)
{
	struct stat st;

	if (link->st_uid == geteuid())
		return true;
	if (stat(folder, &st) < 0)
		return false;
	return (st.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) ||
	    st.st_uid == link->st_uid;
}

/* Replace `path`, a link, by its target. */
static int
follow(char path[static PATH_MAX], const struct stat *link)
{
	char target[PATH_MAX], folder[PATH_MAX] = ".", *slash;
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash + 1 - path), path);
	if (!is_trusted(folder, link))
		return -EACCES;
	if (slash == NULL || target[0] == '/') {
		strcpy(path, target);
		return 0;
	}
	if ((size_t)(slash + 1 - path) + strlen(target) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(slash + 1, target);
	return 0;
}

/*
 * Follow links from `path` to the file itself. Return 1 if `path` is now a
 * descriptor.
 */
static int
resolve(char path[static PATH_MAX])
{
	struct stat st;
	int i, err;

	for (i = 0; i < LINKS_MAX; i++) {
		if (lstat(path, &st) < 0)
			return errno == ENOENT ? 0 : -errno;
		if (!S_ISLNK(st.st_mode))
			return 0;
		if (is_descriptor(path))
			return 1;
		err = follow(path, &st);
		if (err < 0)
			return err;
	}
	return -ELOOP;
}

/*
 * Give the new file the owner and mode of the old one, as far as we may. A
 * secret stays ours, because anybody who created a file there beforehand would
 * own it.
 */
static void
take_over(int fd, const struct stat *old)
{
	int err = fchown(fd, old->st_uid, old->st_gid);

	if (err < 0)
		err = fchown(fd, (uid_t)-1, old->st_gid);
	(void)err;
	(void)fchmod(fd, old->st_mode & 0777);
}

/* Replace a file by rename. `old` is the file that is replaced, or NULL. */
static int
replace(const char *path, const char *text, const struct stat *old,
    unsigned how)
{
	bool secret = (how & SECRET) != 0;
	char temporary[PATH_MAX];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.new.%ld", path,
	    (long)getpid()) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	/* Remove whatever is there, which may be a planted link. */
	unlink(temporary);
	/* Nobody reads it before it has the old one's owner and mode. */
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    secret || old != NULL ? 0600 : 0644);
	if (fd < 0)
		return -errno;
	if (old != NULL && !secret)
		take_over(fd, old);
	err = write_and_close(fd, text, how);
	if (err == 0 && rename(temporary, path) < 0)
		err = -errno;
	if (err < 0)
		unlink(temporary);
	return err;
}

static int
write_file(const char *name, const char *text, unsigned how)
{
	char path[PATH_MAX];
	struct stat st;
	int found;

	if (snprintf(path, sizeof(path), "%s", name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	found = resolve(path);
	if (found < 0)
		return found;
	if (found == 1)
		return write_descriptor(path, text);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? replace(path, text, NULL, how) :
		    -errno;
	return S_ISREG(st.st_mode) ? replace(path, text, &st, how) :
	    write_to(path, 0, text);
}

int
tool_write_file(const char *path, const char *text)
{
	return write_file(path, text, 0);
}

int
tool_write_secret(const char *path, const char *text)
{
	return write_file(path, text, SECRET);
}

int
tool_write_synced(const char *path, const char *text)
{
	return write_file(path, text, SYNCED);
}
