/* users: one request to the directory at a time. See users.h. */
#include "users.h"

#include <errno.h>

#include "base/tool.h"
#include "command.h"
#include "net/loop.h"
#include "wire/why.h"

#define WAITING 1		/* no answer yet */

int
users_open(struct users *users, const char *url, bool create)
{
	char why[WHY_TEXT];

	*users = (struct users){ .loop = loop_new() };
	if (users->loop == NULL) {
		tool_warn("memory", "out of it");
		return COMMAND_USAGE;
	}
	if (directory_open(&users->directory, users->loop, url, create,
	    why) == 0)
		return COMMAND_DONE;
	tool_warn("directory", "%s", why);
	users_close(users);
	return COMMAND_DIRECTORY;
}

void
users_close(struct users *users)
{
	directory_free(users->directory);
	loop_free(users->loop);
}

void
users_answered(struct users *users, int err)
{
	users->err = err;
}

void
users_on_done(int err, void *arg)
{
	users_answered(arg, err);
}

int
users_wait(struct users *users, struct directory_request *request)
{
	users->err = request != NULL ? WAITING : -EIO;
	while (users->err == WAITING)
		loop_run_once(users->loop);
	return users->err;
}

/* Print why the directory could not do it. */
static int
complain_directory(const struct users *users, bool writes)
{
	const char *why = directory_why(users->directory, false);

	if (why[0] == '\0' && writes)
		why = directory_why(users->directory, true);
	if (why[0] == '\0')
		why = directory_why_read(users->directory);
	tool_warn("directory", "%s", why[0] != '\0' ? why :
	    "does not answer");
	return COMMAND_DIRECTORY;
}

int
users_status(const struct users *users, int err, const char *number,
    bool writes)
{
	switch (err) {
	case 0:
		return COMMAND_DONE;
	case -ENOENT:
		tool_warn(number, "no such subscriber");
		return COMMAND_UNKNOWN;
	case -EEXIST:
		tool_warn(number, "has that device already");
		return COMMAND_REFUSED;
	case -ENOSPC:
		tool_warn(number, "has %d devices, the most there can be",
		    DIRECTORY_DEVICES);
		return COMMAND_REFUSED;
	case -EPERM:
		tool_warn(number, "is blocked");
		return COMMAND_REFUSED;
	default:
		return complain_directory(users, writes);
	}
}

int
users_write(struct users *users, struct directory_request *request,
    const char *number)
{
	return users_status(users, users_wait(users, request), number, true);
}
