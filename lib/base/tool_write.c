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
/* Files of one name: years of calls, and the search for a free one ends. */
#define NEW_FILE_MAX 9999

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

/* Open whatever exists at `path`. Return a negative errno if that fails. */
static int
open_there(const char *path, int flags)
{
	uint64_t until_ms = clock_ms() + READER_MS;
	int fd;

	flags |= O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	while ((fd = open(path, flags, 0644)) < 0 && errno == ENXIO &&
	    clock_ms() < until_ms)
		usleep(STEP_MS * 1000);
	return fd < 0 ? -errno : fd;
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
 * Open a descriptor. Our own is used directly, because reopening it would lose
 * its offset. Another process's is appended to.
 */
static int
open_descriptor(const char *link)
{
	const char *number = strrchr(link, '/') + 1;
	struct stat st, own;
	int fd;

	if (isdigit((unsigned char)*number) && stat(link, &st) == 0 &&
	    fstat(atoi(number), &own) == 0 && st.st_dev == own.st_dev &&
	    st.st_ino == own.st_ino) {
		fd = fcntl(atoi(number), F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : fd;
	}
	return open_there(link, O_APPEND);
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

/*
 * Begin a file beside the path, to replace it by rename. `old` is the file that
 * is replaced, or NULL.
 */
static int
begin_beside(struct tool_output *out, const struct stat *old, unsigned how)
{
	bool secret = (how & TOOL_OUTPUT_SECRET) != 0;

	if (snprintf(out->beside, sizeof(out->beside), "%s.new.%ld", out->path,
	    (long)getpid()) >= (int)sizeof(out->beside))
		return -ENAMETOOLONG;
	/* Remove whatever is there, which may be a planted link. */
	unlink(out->beside);
	/* Nobody reads it before it has the old one's owner and mode. */
	out->fd = open(out->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    secret || old != NULL || (how & TOOL_OUTPUT_PRIVATE) != 0 ? 0600 :
	    0644);
	if (out->fd < 0)
		return -errno;
	if (old != NULL && !secret)
		take_over(out->fd, old);
	return 0;
}

int
tool_output_open(struct tool_output *out, const char *name, unsigned how)
{
	struct stat st;
	int found;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	out->how = how;
	if (snprintf(out->path, sizeof(out->path), "%s", name) >=
	    (int)sizeof(out->path))
		return -ENAMETOOLONG;
	found = resolve(out->path);
	if (found < 0)
		return found;
	if (found == 1)
		out->fd = open_descriptor(out->path);
	else if (stat(out->path, &st) < 0)
		return errno == ENOENT ? begin_beside(out, NULL, how) : -errno;
	else if (S_ISREG(st.st_mode))
		return begin_beside(out, &st, how);
	else
		out->fd = open_there(out->path, 0);
	return out->fd < 0 ? out->fd : 0;
}

int
tool_output_end(struct tool_output *out, int err)
{
	bool beside = *out->beside != '\0';

	if (err == 0 && beside && (out->how & TOOL_OUTPUT_SYNCED) != 0 &&
	    fsync(out->fd) < 0)
		err = -errno;
	if (close(out->fd) < 0 && err == 0)
		err = -errno;
	out->fd = -1;
	if (err == 0 && beside && rename(out->beside, out->path) < 0)
		err = -errno;
	if (err < 0 && beside)
		unlink(out->beside);
	return err;
}

static int
write_file(const char *name, const char *text, unsigned how)
{
	struct tool_output out;
	int err = tool_output_open(&out, name, how);

	return err < 0 ? err : tool_output_end(&out, write_all(out.fd, text));
}

int
tool_write_file(const char *path, const char *text)
{
	return write_file(path, text, 0);
}

int
tool_write_secret(const char *path, const char *text)
{
	return write_file(path, text, TOOL_OUTPUT_SECRET);
}

int
tool_write_synced(const char *path, const char *text)
{
	return write_file(path, text, TOOL_OUTPUT_SYNCED);
}

/* Append all of `text` or nothing, as far as it is a regular file. */
static int
append_and_close(int fd, const char *text)
{
	struct stat st;
	bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	int err = write_all(fd, text);

	if (err < 0 && regular && ftruncate(fd, st.st_size) < 0)
		err = -errno;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

int
tool_append_file(const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd, found;

	if (snprintf(path, sizeof(path), "%s", name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	found = resolve(path);
	if (found < 0)
		return found;
	fd = found == 1 ? open_descriptor(path) :
	    open_there(path, O_APPEND | O_CREAT);
	return fd < 0 ? fd : append_and_close(fd, text);
}

int
tool_new_file(char path[static PATH_MAX], mode_t mode)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	char first[PATH_MAX];
	size_t stem = dot != NULL && dot > base ? (size_t)(dot - path) :
	    strlen(path);
	int fd, n;

	strcpy(first, path);
	for (n = 2;; n++) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST || n > NEW_FILE_MAX)
			return fd < 0 ? -errno : fd;
		if (snprintf(path, PATH_MAX, "%.*s-%d%s", (int)stem, first, n,
		    first + stem) >= PATH_MAX)
			return -ENAMETOOLONG;
	}
}

int
tool_write_new(char path[static PATH_MAX], const char *text)
{
	int fd = tool_new_file(path, 0666), err;

	if (fd < 0)
		return fd;
	err = write_all(fd, text);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err < 0)
		unlink(path);
	return err;
}
