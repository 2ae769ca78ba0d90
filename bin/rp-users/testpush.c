/*
 * testpush: send a test push through push.command, and wait for its results.
 * See testpush.h and rp-push(7).
 */
#include "testpush.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/crypto.h"
#include "base/tool.h"
#include "deviceid.h"
#include "directory/directory.h"
#include "net/child.h"
#include "net/loop.h"
#include "record.h"
#include "users.h"
#include "where.h"
#include "wire/pushmsg.h"

#define RUN_BYTES 8		/* of a name of this run, among all requests */
/* A result that says "deadline passed" comes a moment after the deadline. */
#define TIMEOUT_MS 15000	/* a call's device has about as long to wake */
#define LATE_MS 2000
#define OUT_MAX (DIRECTORY_DEVICES * PUSHMSG_LINE_MAX)
#define RESTART_MS 60000	/* it is not: the first end is the end */

struct wakeup {
	char id[PUSHMSG_ID];
	char device[DEVICEID_TEXT], type[RECORD_TYPE];
	uint8_t hash[CRYPTO_SHA256];
	char *line;		/* the request; NULL: it has been answered */
	char result[DIRECTORY_RESULT];	/* "": none came */
};

struct testpush {
	struct users *users;
	const char *number, *id;	/* `id` NULL: each device */
	int64_t timeout_ms;
	char run[HEX_TEXT(RUN_BYTES)];
	struct wakeup wakeups[DIRECTORY_DEVICES];
	size_t n, left, sent;
	int find_err;		/* of deviceid_find */
	int status;
	struct child *child;
	bool over;		/* nothing more will come */
};

/* Make the request, as a call's is made but for its payload. */
static char *
request_line(const struct testpush *t, const struct directory_device *d,
    const char *id)
{
	struct pushmsg_request request = { .urgency = PUSHMSG_HIGH };
	json_t *push = json_loads(d->push, 0, NULL);
	char *line;

	snprintf(request.id, sizeof(request.id), "%s", id);
	record_push_type(d, request.type);
	request.to = json_incref(json_object_get(push, "to"));
	request.payload = json_pack("{s:s}", "kind", "test");
	request.deadline_ms = (long)t->timeout_ms;
	request.ttl_s = (long)((t->timeout_ms + 999) / 1000);
	request.registered_s = d->push_s;
	line = json_is_object(request.to) ? pushmsg_request_line(&request) :
	    NULL;
	pushmsg_request_clear(&request);
	json_decref(push);
	return line;
}

/* Note a device that is to be woken. */
static void
add_wakeup(struct testpush *t, const struct directory_subscriber *s,
    size_t index)
{
	const struct directory_device *d = &s->devices[index];
	struct wakeup *w = &t->wakeups[t->n++];

	deviceid_format(w->device, s, index);
	record_push_type(d, w->type);
	memcpy(w->hash, d->token_hash, sizeof(w->hash));
	snprintf(w->id, sizeof(w->id), "test.%s.%zu", t->run, index);
	w->line = request_line(t, d, w->id);
	t->left += w->line != NULL;
}

static void
on_found(int err, const struct directory_subscriber *found, void *arg)
{
	struct testpush *t = arg;
	size_t i = 0;

	users_answered(t->users, err);
	if (found == NULL)
		return;
	if (t->id != NULL) {
		t->find_err = deviceid_find(&i, found, t->id);
		if (t->find_err == 0)
			add_wakeup(t, found, i);
		return;
	}
	for (i = 0; i < found->n_devices; i++)
		add_wakeup(t, found, i);
}

/* The handlers of the child. */

static void
on_up(void *arg)
{
	struct testpush *t = arg;
	size_t i;
	int err;

	for (i = 0; i < t->n; i++) {
		if (t->wakeups[i].line == NULL)
			continue;
		err = child_write(t->child, t->wakeups[i].line,
		    strlen(t->wakeups[i].line));
		/* A child that does not read has ended, and on_down follows. */
		if (err < 0 && err != -EPIPE)
			t->over = true;
	}
}

static struct wakeup *
waiting_for(struct testpush *t, const char *id)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->wakeups[i].line != NULL &&
		    strcmp(t->wakeups[i].id, id) == 0)
			return &t->wakeups[i];
	return NULL;
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct testpush *t = arg;
	struct pushmsg_result result;
	struct wakeup *w;

	if (line == NULL || pushmsg_result_parse(&result, line, len) < 0 ||
	    (w = waiting_for(t, result.id)) == NULL)
		return;
	snprintf(w->result, sizeof(w->result), "%s%s%.*s",
	    pushmsg_status_name(result.status),
	    result.reason[0] != '\0' ? " " : "", PUSHMSG_REASON,
	    result.reason);
	free(w->line);
	w->line = NULL;
	t->left--;
	t->sent += result.status == PUSHMSG_SENT;
}

static void
on_down(int status, uint32_t retry_ms, void *arg)
{
	struct testpush *t = arg;

	(void)retry_ms;
	t->over = true;
	if (WIFEXITED(status))
		tool_warn("push command", "ended with status %d",
		    WEXITSTATUS(status));
	else
		tool_warn("push command", "ended or did not start");
}

static void
on_room(void *arg)
{
	(void)arg;
}

static void
on_late(void *arg)
{
	struct testpush *t = arg;

	t->over = true;
}

/* Run the command until each request has its result, or none can come. */
static int
send_all(struct testpush *t, const char *command)
{
	static const struct child_handlers handlers = {
		on_up, on_line, on_down, on_room
	};
	struct child_options options = {
		.command = command, .line_max = PUSHMSG_LINE_MAX,
		.out_max = OUT_MAX, .first_ms = RESTART_MS,
		.most_ms = RESTART_MS, .steady_ms = RESTART_MS
	};
	struct event_base *loop = t->users->loop;
	struct loop_event *late = loop_timer_new(loop, on_late, t);

	if (late == NULL ||
	    loop_timer_set_ms(late, (uint64_t)t->timeout_ms + LATE_MS) < 0 ||
	    child_new(&t->child, loop, &options, &handlers, t) < 0) {
		loop_event_free(late);
		tool_warn("push command", "out of memory");
		return COMMAND_USAGE;
	}
	while (t->left > 0 && !t->over)
		loop_run_once(loop);
	child_free(t->child);
	loop_event_free(late);
	return COMMAND_DONE;
}

/* Keep the result with the device, which may be gone meanwhile. */
static int
keep_result(struct testpush *t, const struct wakeup *w)
{
	int err = users_wait(t->users, directory_set_result(
	    t->users->directory, t->number, w->hash, w->result,
	    users_on_done, t->users));

	return err == -ENOENT ? COMMAND_DONE :
	    users_status(t->users, err, t->number, true);
}

/* Print what became of each. */
static int
report_all(struct testpush *t)
{
	int status = t->sent > 0 ? COMMAND_DONE : COMMAND_UNSENT, kept;
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct wakeup *w = &t->wakeups[i];

		if (w->result[0] == '\0') {
			printf("%s\t%s\t%s\n", w->device, w->type,
			    w->line == NULL ? "no push registration" :
			    "no result");
			continue;
		}
		printf("%s\t%s\t%s\n", w->device, w->type, w->result);
		kept = keep_result(t, w);
		if (kept != COMMAND_DONE)
			status = kept;
	}
	return status;
}

static int
find_devices(struct testpush *t)
{
	int status = users_status(t->users, users_wait(t->users,
	    directory_show(t->users->directory, t->number, on_found, t)),
	    t->number, false);

	if (status != COMMAND_DONE || t->find_err == 0)
		return status;
	return deviceid_complain(t->number, t->id, t->find_err);
}

int
testpush_run(struct users *users, const struct where *where,
    const struct command_line *line)
{
	struct testpush t = { .users = users, .number = line->operand[0],
	    .id = line->operand[1], .timeout_ms = line->timeout_ms > 0 ?
	    line->timeout_ms : TIMEOUT_MS };
	const char *command = line->push_command != NULL ?
	    line->push_command : where->push_command;
	size_t i;
	int status;

	if (command == NULL || command[0] == '\0') {
		tool_warn("push", "wants --push-command, or a --config "
		    "with push.command");
		return COMMAND_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);	/* the command may end at any time */
	if (crypto_random_hex(t.run, RUN_BYTES) < 0)
		return COMMAND_USAGE;
	status = find_devices(&t);
	if (status == COMMAND_DONE && t.left > 0)
		status = send_all(&t, command);
	if (status == COMMAND_DONE)
		status = report_all(&t);
	for (i = 0; i < t.n; i++)
		free(t.wakeups[i].line);
	return status;
}
