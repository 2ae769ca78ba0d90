/* export: write the directory to a file. See export.h. */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "directory/directory.h"
#include "guestline.h"
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

/* A link by which a device joins is left out: it is good for minutes. */
static void
on_link(int err, const struct directory_link *link, void *arg)
{
	struct export *e = arg;

	(void)err;
	if (e->faulty || !guestline_is_link(link) ||
	    link->expires_s <= clock_wall_s())
		return;
	e->faulty = guestline_write(e->out, link) < 0;
	if (e->faulty)
		why_set(e->why, "%s: a guest's name is not UTF-8",
		    link->number);
}

static int
write_all(struct users *users, FILE *out)
{
	struct export e = { .users = users, .out = out };
	int err = users_wait(users, directory_list(users->directory, on_each,
	    on_listed, &e));

	if (err == 0)
		err = users_wait(users, directory_list_links(users->directory,
		    NULL, on_link, on_listed, &e));
	if (err < 0)
		return users_status(users, err, "export", false);
	if (!e.faulty)
		return COMMAND_DONE;
	tool_warn("export", "%s", e.why);
	return COMMAND_USAGE;
}

static int
complain_file(const char *file, int err)
{
	tool_warn(file, "%s", strerror(-err));
	return COMMAND_USAGE;
}

/*
 * Write into the open output. A write that failed in the middle shows in ferror
 * alone, because the last one may succeed. Return a status, and in `err` the
 * negative errno of the output.
 */
static int
write_output(struct users *users, struct tool_output *output, int *err)
{
	int fd = fcntl(output->fd, F_DUPFD_CLOEXEC, 0), status;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out == NULL) {
		*err = -errno;
		return COMMAND_USAGE;
	}
	/* We may wait for a reader. */
	(void)fcntl(fd, F_SETFL, 0);
	status = write_all(users, out);
	*err = fflush(out) != 0 ? -errno : ferror(out) ? -EIO : 0;
	if (fclose(out) != 0 && *err == 0)
		*err = -errno;
	return status;
}

/* Write to `file`, which is replaced if all went well. */
static int
write_file(struct users *users, const char *file)
{
	struct tool_output output;
	int status, err = tool_output_open(&output, file,
	    TOOL_OUTPUT_PRIVATE | TOOL_OUTPUT_SYNCED), done;

	if (err < 0)
		return complain_file(file, err);
	status = write_output(users, &output, &err);
	done = tool_output_end(&output, err < 0 ? err :
	    status == COMMAND_DONE ? 0 : -ECANCELED);
	if (err == 0 && done != -ECANCELED)
		err = done;
	return err < 0 ? complain_file(file, err) : status;
}

int
export_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	const char *file = line->operand[0];

	(void)where;
	if (file == NULL || strcmp(file, "-") == 0)
		return write_all(users, stdout);
	return write_file(users, file);
}
