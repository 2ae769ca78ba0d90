/*
 * ctlmsg: both directions of the control protocol, parsed and written. Pure.
 * See ctlmsg.h.
 */
#include "wire/ctlmsg.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/why.h"

static const char *const commands[] = {
	[CTLMSG_STATUS] = "status",
	[CTLMSG_CALLS] = "calls",
	[CTLMSG_SESSIONS] = "sessions",
	[CTLMSG_DRAIN] = "drain",
	[CTLMSG_UNDRAIN] = "undrain",
	[CTLMSG_SUBSCRIBE] = "subscribe",
	[CTLMSG_RELOAD] = "reload",
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Read a member that, if present, must be a whole number from 0 to `max`. */
static int
read_number(const json_t *object, const char *name, int64_t max, int64_t *out)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_integer_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || number < 0 || number > max)
		return -EBADMSG;
	*out = number;
	return 0;
}

static int
read_version(const json_t *object)
{
	const json_t *version = json_object_get(object, "v");

	if (!json_is_integer(version))
		return -EBADMSG;
	return json_integer_value(version) == CTLMSG_VERSION ? 0 :
	    -EPROTONOSUPPORT;
}

static int
refuse_line(char why[static WHY_TEXT], int err, const char *text)
{
	why_set(why, "%s", text);
	return err;
}

static int
read_command(struct ctlmsg_request *out, const json_t *object,
    char why[static WHY_TEXT])
{
	const char *name = json_string_value(json_object_get(object, "do"));
	size_t i;

	if (name == NULL)
		return refuse_line(why, -EBADMSG, "wants \"do\"");
	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(name, commands[i]) == 0)
			break;
	if (i == N_COMMANDS)
		return refuse_line(why, -EOPNOTSUPP, "no such command");
	out->command = (enum ctlmsg_command)i;
	return 0;
}

/*
 * Read the members. An unknown member is an error, because ignoring it could
 * change the meaning.
 */
static int
read_members(struct ctlmsg_request *out, json_t *object,
    char why[static WHY_TEXT])
{
	const json_t *stop = json_object_get(object, "stop");
	const json_t *final = json_object_get(object, "final");
	bool drain = out->command == CTLMSG_DRAIN;
	bool sessions = out->command == CTLMSG_SESSIONS;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		if (strcmp(name, "v") == 0 || strcmp(name, "id") == 0 ||
		    strcmp(name, "do") == 0)
			continue;
		if (drain && (strcmp(name, "force_after_ms") == 0 ||
		    strcmp(name, "stop") == 0 || strcmp(name, "final") == 0))
			continue;
		if (sessions && strcmp(name, "after") == 0)
			continue;
		return refuse_line(why, -EBADMSG,
		    "has an unknown member");
	}
	if (read_number(object, "force_after_ms", INT_MAX,
	    &out->force_after_ms) < 0)
		return refuse_line(why, -EBADMSG,
		    "\"force_after_ms\" wants a whole number");
	if (read_number(object, "after", INT64_MAX, &out->after) < 0)
		return refuse_line(why, -EBADMSG,
		    "\"after\" wants a whole number");
	if (stop != NULL && !json_is_boolean(stop))
		return refuse_line(why, -EBADMSG,
		    "\"stop\" wants true or false");
	if (final != NULL && !json_is_boolean(final))
		return refuse_line(why, -EBADMSG,
		    "\"final\" wants true or false");
	out->stop = json_is_true(stop);
	out->final = json_is_true(final);
	return 0;
}

static int
read_request(struct ctlmsg_request *out, json_t *object,
    char why[static WHY_TEXT])
{
	int64_t id = 0;
	int err;

	if (read_number(object, "id", INT_MAX, &id) < 0)
		return refuse_line(why, -EBADMSG,
		    "\"id\" wants a whole number");
	out->id = (long)id;
	err = read_version(object);
	if (err == -EBADMSG)
		return refuse_line(why, err, "wants \"v\", the version");
	if (err < 0)
		return refuse_line(why, err, "wants version 1");
	err = read_command(out, object, why);
	return err < 0 ? err : read_members(out, object, why);
}

int
ctlmsg_request_parse(struct ctlmsg_request *out, const char *line,
    size_t len, char why[static WHY_TEXT])
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	int err;

	memset(out, 0, sizeof(*out));
	out->force_after_ms = -1;
	if (json_is_object(object))
		err = read_request(out, object, why);
	else
		err = refuse_line(why, -EBADMSG, "is not a JSON object");
	json_decref(object);
	return err;
}

/* Serialise `object` and release it; NULL stays NULL. */
static char *
line_of(json_t *object)
{
	char *text, *line;
	size_t len;

	if (object == NULL)
		return NULL;
	text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(object);
	if (text == NULL)
		return NULL;
	len = strlen(text);
	line = realloc(text, len + 2);
	if (line == NULL) {
		free(text);
		return NULL;
	}
	strcpy(line + len, "\n");
	return line;
}

char *
ctlmsg_request_line(const struct ctlmsg_request *request)
{
	json_t *object = json_pack("{si si ss}", "v", CTLMSG_VERSION, "id",
	    (int)request->id, "do", commands[request->command]);

	if (request->force_after_ms >= 0)
		json_object_set_new(object, "force_after_ms",
		    json_integer(request->force_after_ms));
	if (request->stop)
		json_object_set_new(object, "stop", json_true());
	if (request->final)
		json_object_set_new(object, "final", json_true());
	if (request->after > 0)
		json_object_set_new(object, "after",
		    json_integer(request->after));
	return line_of(object);
}

json_t *
ctlmsg_status_json(const struct ctlmsg_status *status)
{
	const struct ctlmsg_status *s = status;
	json_t *reasons = json_array();
	size_t i;

	for (i = 0; i < s->n_reasons; i++)
		json_array_append_new(reasons, json_string(s->reasons[i]));
	return json_pack("{ss ss ss* sI sI sb so so sI sI sI ss* ss* ss*}",
	    "name", s->name, "version", s->version,
	    "build", s->build[0] != '\0' ? s->build : NULL,
	    "pid", (json_int_t)s->pid,
	    "uptime_ms", (json_int_t)s->uptime_ms,
	    "open", s->open, "reasons", reasons,
	    "draining_ms", s->draining_ms < 0 ? json_null() :
	    json_integer(s->draining_ms),
	    "calls", (json_int_t)s->calls,
	    "oldest_ms", (json_int_t)s->oldest_ms,
	    "connections", (json_int_t)s->connections,
	    "push", s->push[0] != '\0' ? s->push : NULL,
	    "relay_kernel", s->relay_kernel[0] != '\0' ? s->relay_kernel : NULL,
	    "directory", s->directory[0] != '\0' ? s->directory : NULL);
}

char *
ctlmsg_answer_line(const struct ctlmsg_answer *answer)
{
	const struct ctlmsg_answer *a = answer;
	json_t *object = json_pack("{si}", "v", CTLMSG_VERSION);

	if (a->event[0] != '\0')
		json_object_set_new(object, "event", json_string(a->event));
	else
		json_object_set_new(object, "id", json_integer(a->id));
	if (a->error[0] != '\0')
		json_object_set_new(object, "error", json_string(a->error));
	if (a->error[0] != '\0' || a->why[0] != '\0')
		json_object_set_new(object, "why", json_string(a->why));
	if (a->restart[0] != '\0')
		json_object_set_new(object, "restart",
		    json_string(a->restart));
	if (a->has_status)
		json_object_set_new(object, "status",
		    ctlmsg_status_json(&a->status));
	if (a->calls != NULL)
		json_object_set(object, "calls", a->calls);
	if (a->sessions != NULL)
		json_object_set(object, "sessions", a->sessions);
	if (a->next > 0)
		json_object_set_new(object, "next", json_integer(a->next));
	return line_of(object);
}

static int
read_text(const json_t *object, const char *name, char *out, size_t max)
{
	const json_t *value = json_object_get(object, name);

	if (value == NULL)
		return 0;
	if (!json_is_string(value) || json_string_length(value) >= max)
		return -EBADMSG;
	strcpy(out, json_string_value(value));
	return 0;
}

static int
read_reasons(struct ctlmsg_status *out, const json_t *reasons)
{
	size_t i, n = json_array_size(reasons);

	if (!json_is_array(reasons) || n > CTLMSG_REASONS)
		return -EBADMSG;
	for (i = 0; i < n; i++) {
		const json_t *reason = json_array_get(reasons, i);

		if (!json_is_string(reason) ||
		    json_string_length(reason) >= CTLMSG_WORD)
			return -EBADMSG;
		strcpy(out->reasons[i], json_string_value(reason));
	}
	out->n_reasons = n;
	return 0;
}

/*
 * Read the status. All members but "directory" must be present; those of later
 * versions are skipped.
 */
static int
read_status(struct ctlmsg_status *out, json_t *object)
{
	json_t *reasons, *draining;
	int open;
	json_int_t pid, uptime, calls, oldest, connections;
	const char *name, *version;

	if (json_unpack(object, "{ss ss sI sI sb so so sI sI sI}",
	    "name", &name, "version", &version, "pid", &pid,
	    "uptime_ms", &uptime, "open", &open, "reasons", &reasons,
	    "draining_ms", &draining, "calls", &calls, "oldest_ms", &oldest,
	    "connections", &connections) < 0)
		return -EBADMSG;
	if (read_text(object, "name", out->name, sizeof(out->name)) < 0 ||
	    read_text(object, "version", out->version,
	    sizeof(out->version)) < 0 ||
	    read_text(object, "build", out->build, sizeof(out->build)) < 0 ||
	    read_text(object, "push", out->push, sizeof(out->push)) < 0 ||
	    read_text(object, "relay_kernel", out->relay_kernel,
	    sizeof(out->relay_kernel)) < 0 ||
	    read_text(object, "directory", out->directory,
	    sizeof(out->directory)) < 0 ||
	    !(json_is_null(draining) || json_is_integer(draining)) ||
	    json_integer_value(draining) < 0)
		return -EBADMSG;
	out->pid = pid;
	out->uptime_ms = uptime;
	out->open = open;
	out->draining_ms = json_is_null(draining) ? -1 :
	    json_integer_value(draining);
	out->calls = calls;
	out->oldest_ms = oldest;
	out->connections = connections;
	return read_reasons(out, reasons);
}

static int
read_answer(struct ctlmsg_answer *out, json_t *object)
{
	json_t *status = json_object_get(object, "status");
	json_t *calls = json_object_get(object, "calls");
	json_t *sessions = json_object_get(object, "sessions");
	int64_t id = 0;
	int err = read_version(object);

	if (err < 0)
		return err;
	if (read_number(object, "id", INT_MAX, &id) < 0 ||
	    read_number(object, "next", INT64_MAX, &out->next) < 0 ||
	    read_text(object, "event", out->event, sizeof(out->event)) < 0 ||
	    read_text(object, "error", out->error, sizeof(out->error)) < 0 ||
	    read_text(object, "why", out->why, sizeof(out->why)) < 0 ||
	    read_text(object, "restart", out->restart,
	    sizeof(out->restart)) < 0)
		return -EBADMSG;
	out->id = (long)id;
	if (status != NULL && read_status(&out->status, status) < 0)
		return -EBADMSG;
	if ((calls != NULL && !json_is_array(calls)) ||
	    (sessions != NULL && !json_is_array(sessions)))
		return -EBADMSG;
	out->has_status = status != NULL;
	out->calls = json_incref(calls);
	out->sessions = json_incref(sessions);
	return 0;
}

int
ctlmsg_answer_parse(struct ctlmsg_answer *out, const char *line, size_t len)
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	int err = -EBADMSG;

	memset(out, 0, sizeof(*out));
	if (json_is_object(object))
		err = read_answer(out, object);
	json_decref(object);
	return err;
}

void
ctlmsg_answer_clear(struct ctlmsg_answer *answer)
{
	json_decref(answer->calls);
	answer->calls = NULL;
	json_decref(answer->sessions);
	answer->sessions = NULL;
}
