/*
 * reopen: open another directory, let the parts use it, and free the old one
 * when its last request has ended. See reopen.h.
 */
#include "reopen.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/settings.h"
#include "directory/directory.h"
#include "directory/redis_url.h"
#include "net/loop.h"
#include "ops/dirstats.h"
#include "ops/gate.h"
#include "push/push.h"
#include "setup.h"
#include "signal/signal_server.h"

#define LOOK_MS 1000		/* between looks whether an old one is idle */

static void
ignore_state(bool usable, void *arg)
{
	(void)usable;
	(void)arg;
}

/* Free the old directories on which nothing is pending. */
static void
on_look(void *arg)
{
	struct switchd *sw = arg;
	bool any = false;
	size_t i;

	for (i = 0; i < SETUP_RETIRED; i++) {
		if (sw->retired[i] == NULL)
			continue;
		if (directory_pending(sw->retired[i]) > 0) {
			any = true;
			continue;
		}
		directory_free(sw->retired[i]);
		sw->retired[i] = NULL;
	}
	if (any)
		loop_timer_set_ms(sw->retire, LOOK_MS);
}

static size_t
count_retired(const struct switchd *sw)
{
	size_t i, n = 0;

	for (i = 0; i < SETUP_RETIRED; i++)
		n += sw->retired[i] != NULL;
	return n;
}

/* Keep a directory that is used no more until its requests have ended. */
static void
retire(struct switchd *sw, struct directory *old)
{
	size_t i = 0;

	directory_on_state(old, ignore_state, NULL);
	while (sw->retired[i] != NULL)
		i++;		/* reopen_directory has seen to it */
	sw->retired[i] = old;
	/* From the loop, because a handler of it may be running. */
	loop_timer_set_ms(sw->retire, 0);
}

static void on_state(bool usable, void *arg);

/* Let the next one take over. */
static void
take_over(struct switchd *sw)
{
	struct directory *old = sw->directory;

	sw->directory = sw->next;
	sw->next = NULL;
	retire(sw, old);
	signal_server_set_directory(sw->server, sw->directory);
	push_set_directory(sw->push, sw->directory);
	log_info("directory", "replaced=1");
	gate_set(sw->gate, GATE_NO_DIRECTORY, !sw->next_usable);
	directory_on_state(sw->directory, on_state, sw);
}

/* The directory in use was lost, or is back. */
static void
on_state(bool usable, void *arg)
{
	struct switchd *sw = arg;

	if (!usable && sw->next != NULL)
		take_over(sw);
	else
		gate_set(sw->gate, GATE_NO_DIRECTORY, !usable);
}

static void
on_next(bool usable, void *arg)
{
	struct switchd *sw = arg;

	sw->next_usable = usable;
	if (usable)
		take_over(sw);
}

int
reopen_directory(struct directory **out, const struct switchd *sw,
    const struct settings *anew, char why[static WHY_TEXT])
{
	const char *url = anew->directory;
	char wrong[WHY_TEXT];

	*out = NULL;
	if (strcmp(url, sw->settings->directory) == 0)
		return 0;
	/* There is room for a next that is given up, and the one in use. */
	if (count_retired(sw) + 2 > SETUP_RETIRED)
		return setup_fail(why, "directory",
		    "earlier ones are still busy: try again in a minute");
	if (directory_open(out, sw->loop, url, false, wrong) < 0)
		return settings_complain(anew, why,
		    settings_directory_key(anew), "%s", wrong);
	return 0;
}

void
reopen_use(struct switchd *sw, struct directory *next)
{
	if (next == NULL)
		return;
	dirstats_watch(sw->dirstats, next);
	if (sw->next != NULL)
		retire(sw, sw->next);
	sw->next = next;
	sw->next_usable = true;
	directory_on_state(next, on_next, sw);
	if (sw->next != NULL && (sw->next_usable ||
	    *directory_why(sw->directory, false) != '\0'))
		take_over(sw);
}

/* Check that a password, which is read at each connect, can be read. */
static int
check_password(const char *file, char why[static WHY_TEXT])
{
	int err = *file == '\0' || access(file, R_OK) == 0 ? 0 : -errno;

	if (err < 0)
		why_set(why, "%.300s: %s", file, strerror(-err));
	return err;
}

static int
check_passwords(const char *url, char why[static WHY_TEXT])
{
	struct redis_url redis;
	char unused[WHY_TEXT];
	int err;

	if (redis_url_parse(&redis, url, unused) < 0)
		return 0;	/* not Redis */
	err = check_password(redis.login.password_file, why);
	return err < 0 ? err :
	    check_password(redis.sentinel_login.password_file, why);
}

int
reopen_check(const struct settings *settings, char why[static WHY_TEXT])
{
	const char *url = settings->directory;
	struct directory *directory;
	struct event_base *loop;
	char wrong[WHY_TEXT];
	int err;

	/* Opening a file would make its log, perhaps as another user. */
	if (strncmp(url, "sqlite:", strlen("sqlite:")) == 0)
		return 0;
	loop = loop_new();
	if (loop == NULL)
		return setup_fail_errno(why, "directory", -ENOMEM);
	err = directory_open(&directory, loop, url, false, wrong);
	if (err == 0) {
		directory_free(directory);
		err = check_passwords(url, wrong);
	}
	if (err < 0)
		err = settings_complain(settings, why,
		    settings_directory_key(settings), "%s", wrong);
	loop_free(loop);
	return err;
}

int
reopen_first(struct switchd *sw, char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];

	sw->retire = loop_timer_new(sw->loop, on_look, sw);
	if (sw->retire == NULL)
		return setup_fail_errno(why, "start", -ENOMEM);
	if (directory_open(&sw->directory, sw->loop, sw->settings->directory,
	    false, wrong) < 0)
		return settings_complain(sw->settings, why,
		    settings_directory_key(sw->settings), "%s", wrong);
	dirstats_watch(sw->dirstats, sw->directory);
	directory_on_state(sw->directory, on_state, sw);
	return 0;
}

void
reopen_free(struct switchd *sw)
{
	size_t i;

	directory_free(sw->next);
	for (i = 0; i < SETUP_RETIRED; i++)
		directory_free(sw->retired[i]);
	loop_event_free(sw->retire);
}
