/* export: write the directory to a file. See export.h. */
#include "export.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tool.h"
#include "directory/directory.h"
#include "record.h"
#include "users.h"
#include "wire/why.h"

struct export {
	struct users *users;
	FILE *out;
	bool faulty;
	char why[WHY_TEXT];
};

static void
on_each(int err, const struct directory_subscriber *found, void *arg)
{
	struct export *e = arg;

	(void)err;
	if (!e->faulty)
		e->faulty = record_write(e->out, found, e->why) < 0;
}

static void
on_listed(int err, void *arg)
{
	struct export *e = arg;

	users_answered(e->users, err);
}

static int
write_all(struct users *users, FILE *out)
{
	struct export e = { .users = users, .out = out };
	int err = users_wait(users, directory_list(users->directory, on_each,
	    on_listed, &e));

	if (err < 0)
		return users_status(users, err, "export", false);
	if (!e.faulty)
		return COMMAND_DONE;
	tool_warn("export", "%s", e.why);
	return COMMAND_USAGE;
}

/*
 * Close it, and have a file's bytes on the disk. A write that failed in the
 * middle shows in ferror alone, because the last one may succeed. Set errno.
 */
static int
close_safely(FILE *out, bool is_file)
{
	int err = fflush(out) != 0 ? errno : ferror(out) ? EIO : 0;

	if (err == 0 && is_file && fsync(fileno(out)) != 0)
		err = errno;
	if (fclose(out) != 0 && err == 0)
		err = errno;
	errno = err;
	return -err;
}

static int
complain_file(const char *file)
{
	tool_warn(file, "%s", strerror(errno));
	return COMMAND_USAGE;
}

/* Write to a new file beside `file`, which it replaces if all went well. */
static int
replace_file(struct users *users, const char *file)
{
	char beside[PATH_MAX];
	FILE *out;
	int fd, status;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", file) >=
	    (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return complain_file(file);
	}
	fd = mkstemp(beside);
	if (fd < 0 || (out = fdopen(fd, "w")) == NULL)
		return complain_file(file);
	status = write_all(users, out);
	if (close_safely(out, true) < 0)
		status = complain_file(file);
	if (status == COMMAND_DONE && rename(beside, file) < 0)
		status = complain_file(file);
	if (status != COMMAND_DONE)
		unlink(beside);
	return status;
}

/* Write into a device, a FIFO or the like. */
static int
write_into(struct users *users, const char *file)
{
	FILE *out = fopen(file, "we");
	int status;

	if (out == NULL)
		return complain_file(file);
	status = write_all(users, out);
	if (close_safely(out, false) < 0)
		status = complain_file(file);
	return status;
}

int
export_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *file = line->operand[0];
	struct stat st;

	(void)where;
	if (file == NULL || strcmp(file, "-") == 0)
		return write_all(users, stdout);
	if (stat(file, &st) == 0 && !S_ISREG(st.st_mode))
		return write_into(users, file);
	return replace_file(users, file);
}
