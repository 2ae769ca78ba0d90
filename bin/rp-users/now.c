/* now: mark devices whose calls are to end, and wait. See now.h. */
#include "now.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "net/loop.h"

/* connections.recheck_ms is 30 s, and may take half as much again. */
#define WAIT_MS 60000

struct marks {
	struct users *users;
	const uint8_t *only;	/* NULL: all */
	uint8_t hash[DIRECTORY_DEVICES][CRYPTO_SHA256];
	size_t n;
};

static void
on_devices(int err, const struct directory_subscriber *found, void *arg)
{
	struct marks *m = arg;
	size_t i;

	for (i = 0; found != NULL && i < found->n_devices; i++)
		if (m->only == NULL || memcmp(m->only,
		    found->devices[i].token_hash, CRYPTO_SHA256) == 0)
			memcpy(m->hash[m->n++], found->devices[i].token_hash,
			    CRYPTO_SHA256);
	users_answered(m->users, err);
}

static void
on_waited(void *arg)
{
	*(bool *)arg = true;
}

static int
wait_ms(struct users *users, int64_t ms)
{
	bool waited = false;
	struct loop_event *timer = loop_timer_new(users->loop, on_waited,
	    &waited);

	if (timer == NULL || loop_timer_set_ms(timer, (uint64_t)ms) < 0) {
		loop_event_free(timer);
		tool_warn("memory", "out of it");
		return COMMAND_USAGE;
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "rp-users: waiting %" PRId64 " s until every "
		    "switch has ended the calls\n", ms / 1000);
	while (!waited)
		loop_run_once(users->loop);
	loop_event_free(timer);
	return COMMAND_DONE;
}

int
now_end_calls(struct users *users, const char *number, const uint8_t *hash,
    const struct command_line *line)
{
	struct marks m = { .users = users, .only = hash };
	int status;
	size_t i;

	status = users_status(users, users_wait(users, directory_show(
	    users->directory, number, on_devices, &m)), number, false);
	for (i = 0; status == COMMAND_DONE && i < m.n; i++)
		status = users_write(users, directory_set_push(
		    users->directory, number, m.hash[i], DIRECTORY_REVOKED,
		    users_on_done, users), number);
	if (status != COMMAND_DONE || m.n == 0)
		return status;
	return wait_ms(users, line->timeout_ms > 0 ? line->timeout_ms :
	    WAIT_MS);
}
