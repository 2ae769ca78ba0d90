/* store_log: which log belongs to which file. See store_log.h. */
#include "config.h"
#include "directory/store_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define PATH_BYTES 4096

struct store_log {
	pthread_mutex_t lock;
	char path[PATH_BYTES], log[PATH_BYTES], memory[PATH_BYTES];
	/*
	 * Descriptors of what is remembered, so that no other file gets its
	 * inode's number; -1: nothing. With O_PATH, closing one drops none of
	 * the locks that SQLite holds.
	 */
	int file_fd, log_fd;
};

struct store_log *
store_log_new(const char *path)
{
	struct store_log *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	snprintf(l->path, sizeof(l->path), "%s", path);
	snprintf(l->log, sizeof(l->log), "%s-wal", path);
	snprintf(l->memory, sizeof(l->memory), "%s-shm", path);
	l->file_fd = l->log_fd = -1;
	return l;
}

static void
forget_both(struct store_log *l)
{
	if (l->file_fd >= 0)
		close(l->file_fd);
	if (l->log_fd >= 0)
		close(l->log_fd);
	l->file_fd = l->log_fd = -1;
}

void
store_log_free(struct store_log *log)
{
	if (log == NULL)
		return;
	forget_both(log);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

/* Is the open file the one that is at this path? */
static bool
is_at(int fd, const char *path)
{
	struct stat open_one, there;

	return fd >= 0 && fstat(fd, &open_one) == 0 &&
	    stat(path, &there) == 0 && open_one.st_dev == there.st_dev &&
	    open_one.st_ino == there.st_ino;
}

void
store_log_note(struct store_log *log, dev_t dev, ino_t ino)
{
	struct stat st;

	pthread_mutex_lock(&log->lock);
	forget_both(log);
	/* In this order: a log that is opened first is not the next file's. */
	log->log_fd = open(log->log, O_PATH | O_CLOEXEC);
	log->file_fd = open(log->path, O_PATH | O_CLOEXEC);
	if (log->file_fd < 0 || fstat(log->file_fd, &st) < 0 ||
	    st.st_dev != dev || st.st_ino != ino)
		forget_both(log);
	pthread_mutex_unlock(&log->lock);
}

void
store_log_clean(struct store_log *log)
{
	pthread_mutex_lock(&log->lock);
	if (is_at(log->log_fd, log->log) &&
	    access(log->path, F_OK) == 0 && !is_at(log->file_fd, log->path)) {
		unlink(log->log);
		unlink(log->memory);
		log_warn("directory_log_removed", "file=%s", log->path);
	}
	pthread_mutex_unlock(&log->lock);
}

int
store_log_check(struct store_log *log, char why[static WHY_TEXT])
{
	bool gone;

	pthread_mutex_lock(&log->lock);
	gone = log->log_fd >= 0 && is_at(log->file_fd, log->path) &&
	    !is_at(log->log_fd, log->log);
	pthread_mutex_unlock(&log->lock);
	if (!gone)
		return 0;
	why_set(why, "%.150s: its log was removed, so restart whatever has it "
	    "open", log->log);
	return -EIO;
}
