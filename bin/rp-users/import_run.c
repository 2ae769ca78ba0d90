/* import_run: hand a file of devices to the directory. See import_run.h. */
#include "import_run.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/tool.h"
#include "directory/directory.h"
#include "import.h"
#include "net/loop.h"
#include "users.h"

#define SHOW_MS 200		/* quick enough to look alive */

struct importing {
	struct users *users;
	struct directory_request *request;
	const struct import *import;
	size_t at;		/* the refused entry */
	bool shown;
};

static void
on_imported(int err, size_t at, void *arg)
{
	struct importing *i = arg;

	i->at = at;
	users_answered(i->users, err);
}

static void
on_show(void *arg)
{
	struct importing *i = arg;

	i->shown = true;
	fprintf(stderr, "\rrp-users: %zu of %zu", directory_progress(
	    i->request), i->import->n);
}

/* Wait for the import, and show meanwhile how far it is. */
static int
wait_shown(struct importing *i)
{
	struct loop_event *ticker = NULL;
	int err;

	if (i->request != NULL && isatty(STDERR_FILENO))
		ticker = loop_ticker_new(i->users->loop, on_show, i);
	if (ticker != NULL)
		loop_timer_set_ms(ticker, SHOW_MS);
	err = users_wait(i->users, i->request);
	loop_event_free(ticker);
	if (i->shown)
		fprintf(stderr, "\r\033[K");
	return err;
}

/*
 * Write the links of guests, after the subscribers. One that is there gets the
 * same again, so that an import that broke off here can be repeated.
 */
static int
put_links(struct users *users, const struct import *import)
{
	const struct directory_link *link = import->links;
	int err;

	for (; link < import->links + import->n_links; link++) {
		err = users_wait(users, directory_put_link(users->directory,
		    link, users_on_done, users));
		if (err == -ENOSPC) {
			tool_warn(link->number, "has %d links, the most there "
			    "can be", DIRECTORY_LINKS);
			return COMMAND_REFUSED;
		}
		if (err < 0)
			return users_status(users, err, link->number, true);
	}
	return COMMAND_DONE;
}

static int
import_all(struct users *users, const struct import *import, bool update)
{
	struct importing i = { .users = users, .import = import };
	char place[IMPORT_PLACE];
	int err;

	if (import->n == 0)
		return COMMAND_DONE;
	err = import_check_blocks(import, &i.at);
	if (err == -ENOSPC) {
		import_place(import, i.at, place);
		tool_warn(place, "%s would block more than %d others; nothing "
		    "imported", import->entries[i.at].number,
		    DIRECTORY_REFUSED);
		return COMMAND_REFUSED;
	}
	if (err < 0)
		return users_status(users, err, import->file, true);
	i.request = directory_import(users->directory, import->entries,
	    import->n, update, on_imported, &i);
	err = wait_shown(&i);
	if (err != -EEXIST && err != -ENOSPC && err != -EPERM)
		return users_status(users, err, import->file, true);
	import_place(import, i.at, place);
	tool_warn(place, "%s %s; nothing imported",
	    import->entries[i.at].number, err == -EEXIST ?
	    "has that device already" : err == -EPERM ? "is blocked" :
	    "would have too many devices");
	return COMMAND_REFUSED;
}

int
import_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	struct import import;
	int status = COMMAND_USAGE;

	(void)where;
	if (import_read(&import, line->operand[0]) == 0)
		status = import_all(users, &import, line->update);
	if (status == COMMAND_DONE)
		status = put_links(users, &import);
	import_clear(&import);
	return status;
}
