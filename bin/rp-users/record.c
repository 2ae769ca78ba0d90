/* record: devices and blocks as lines of JSON. See record.h. */
#include "record.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "datetime.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

/* The members that are times, in an entry and in a device. */
static const struct {
	const char *name;
	size_t entry;
} times[] = {
	{ "added", offsetof(struct directory_entry, added_s) },
	{ "blocked", offsetof(struct directory_entry, blocked_s) },
	{ "push_time", offsetof(struct directory_entry, push_s) },
	{ "result_time", offsetof(struct directory_entry, result_s) },
	{ "seen", offsetof(struct directory_entry, seen_s) },
};

const char *
record_new_number(const char *number)
{
	if (!sigmsg_number_ok(number))
		return "invalid number";
	if (strcmp(number, ".") == 0 || strcmp(number, "..") == 0)
		return "a number of dots only is lost in URLs";
	if (number[0] == '-')
		return "a number must not begin with -";
	if (strncmp(number, DIRECTORY_GUEST_NUMBER,
	    strlen(DIRECTORY_GUEST_NUMBER)) == 0)
		return "a number that begins with guest. is a guest's";
	return NULL;
}

void
record_clear(struct directory_entry *entry)
{
	free((char *)entry->push);
	free((char *)entry->result);
	entry->push = entry->result = NULL;
}

/* Reading. */

static int
take_time(struct directory_entry *entry, const char *name,
    const json_t *value, char why[static WHY_TEXT])
{
	const char *text = json_string_value(value);
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(times[i].name, name) == 0)
			break;
	if (i == sizeof(times) / sizeof(times[0])) {
		why_set(why, "has an unknown member \"%.40s\"", name);
		return -EINVAL;
	}
	if (text != NULL && datetime_parse((int64_t *)((char *)entry +
	    times[i].entry), text) == 0)
		return 0;
	why_set(why, "\"%s\" wants a time as \"2026-11-28T22:05:23Z\"", name);
	return -EINVAL;
}

/* Take a registration, as text or as an object. */
static int
take_push(struct directory_entry *entry, const json_t *value,
    char why[static WHY_TEXT])
{
	const char *text = json_string_value(value);
	json_t *parsed = text != NULL ? json_loads(text, 0, NULL) : NULL;
	bool good = json_is_object(text != NULL ? parsed : value);

	json_decref(parsed);
	if (good)
		entry->push = text != NULL ? strdup(text) :
		    json_dumps(value, JSON_COMPACT);
	if (good && entry->push != NULL &&
	    strlen(entry->push) < DIRECTORY_PUSH)
		return 0;
	why_set(why, "\"push\" wants a registration of at most %d bytes",
	    DIRECTORY_PUSH - 1);
	return -EINVAL;
}

static int
take_result(struct directory_entry *entry, const json_t *value,
    char why[static WHY_TEXT])
{
	const char *text = json_string_value(value);

	if (text != NULL && strlen(text) < DIRECTORY_RESULT)
		entry->result = strdup(text);
	if (entry->result != NULL)
		return 0;
	why_set(why, "\"result\" wants at most %d bytes",
	    DIRECTORY_RESULT - 1);
	return -EINVAL;
}

/* Take the members that each line or each device has. */
static int
take_names(struct directory_entry *entry, const json_t *object,
    char why[static WHY_TEXT])
{
	const char *number = json_string_value(json_object_get(object,
	    "number"));
	const char *hash = json_string_value(json_object_get(object,
	    "token_sha256"));

	const char *caller = json_string_value(json_object_get(object,
	    "blocks"));

	entry->device = json_object_get(object, "blocked") == NULL &&
	    json_object_get(object, "blocks") == NULL;
	if (number == NULL || (entry->device && hash == NULL))
		why_set(why, "wants \"number\" and \"token_sha256\"");
	else if (!entry->device && json_object_size(object) != 2)
		why_set(why, "\"%s\" stands alone with \"number\"",
		    json_object_get(object, "blocks") != NULL ? "blocks" :
		    "blocked");
	else if (json_object_get(object, "blocks") != NULL &&
	    (caller == NULL || !sigmsg_number_ok(caller)))
		why_set(why, "\"blocks\" wants a number");
	else if (!sigmsg_number_ok(number))
		why_set(why, "invalid number");
	else if (entry->device && hex_decode(entry->token_hash,
	    sizeof(entry->token_hash), hash) < 0)
		why_set(why, "wants the 64 hexadecimal digits of a SHA-256");
	else {
		strcpy(entry->number, number);
		strcpy(entry->refused, caller != NULL ? caller : "");
		return 0;
	}
	return -EINVAL;
}

static int
take_members(struct directory_entry *entry, json_t *object,
    char why[static WHY_TEXT])
{
	const char *name, *wrong;
	json_t *value;
	int err = take_names(entry, object, why);

	json_object_foreach(object, name, value) {
		if (err < 0)
			return err;
		if (strcmp(name, "push") == 0)
			err = take_push(entry, value, why);
		else if (strcmp(name, "result") == 0)
			err = take_result(entry, value, why);
		else if (strcmp(name, "number") != 0 &&
		    strcmp(name, "token_sha256") != 0 &&
		    strcmp(name, "blocks") != 0)
			err = take_time(entry, name, value, why);
	}
	if (err < 0)
		return err;
	/* An exported number is in use already, whatever it is. */
	wrong = entry->device && entry->added_s == 0 ?
	    record_new_number(entry->number) : NULL;
	if (wrong == NULL)
		return 0;
	why_set(why, "%s", wrong);
	return -EINVAL;
}

int
record_parse(struct directory_entry *entry, const char *line,
    char why[static WHY_TEXT])
{
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	int err = -EINVAL;

	memset(entry, 0, sizeof(*entry));
	if (json_is_object(object))
		err = take_members(entry, object, why);
	else
		why_set(why, "is not JSON");
	json_decref(object);
	if (err < 0)
		record_clear(entry);
	return err;
}

/* Writing. */

static int
add_text(json_t *object, const char *name, const char *text)
{
	if (text[0] == '\0')
		return 0;
	return json_object_set_new(object, name, json_string(text)) < 0 ?
	    -EINVAL : 0;
}

static int
add_time(json_t *object, const char *name, int64_t wall_s)
{
	char text[DATETIME_TEXT];

	if (!datetime_ok(wall_s))
		return 0;
	return add_text(object, name, datetime_format(text, wall_s));
}

/* Add a registration as an object; as text if it is not one. */
static int
add_push(json_t *object, const char *push, bool parsed)
{
	json_t *value = parsed ? json_loads(push, 0, NULL) : NULL;

	if (value == NULL)
		return add_text(object, "push", push);
	return json_object_set_new(object, "push", value);
}

/* Add a result, of which a byte that is not printable becomes '?'. */
static int
add_result(json_t *object, const char *result)
{
	char text[DIRECTORY_RESULT];
	size_t i;

	snprintf(text, sizeof(text), "%s", result);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return add_text(object, "result", text);
}

int
record_add_device(json_t *object, const struct directory_device *d,
    bool parsed)
{
	char hash[HEX_TEXT(CRYPTO_SHA256)];

	hex_encode(hash, d->token_hash, CRYPTO_SHA256);
	if (add_text(object, "token_sha256", hash) < 0 ||
	    add_time(object, "added", d->added_s) < 0 ||
	    add_push(object, d->push, parsed) < 0 ||
	    add_time(object, "push_time", d->push_s) < 0 ||
	    add_time(object, "seen", d->seen_s) < 0 ||
	    add_result(object, d->result) < 0 ||
	    add_time(object, "result_time", d->result_s) < 0)
		return -EINVAL;
	return 0;
}

/* Write an object as a line, and release it. */
static int
write_line(FILE *out, json_t *object)
{
	int err = json_dumpf(object, out, 0);

	json_decref(object);
	/* A failed write is noticed when the file is closed. */
	if (err == 0)
		putc('\n', out);
	return 0;
}

static int
write_device(FILE *out, const char *number, const struct directory_device *d,
    char why[static WHY_TEXT])
{
	json_t *object = json_pack("{s:s}", "number", number);

	if (object != NULL && record_add_device(object, d, false) == 0)
		return write_line(out, object);
	json_decref(object);
	why_set(why, "%s: its push registration is not UTF-8", number);
	return -EINVAL;
}

static int
write_refused(FILE *out, const struct directory_subscriber *s)
{
	const char *at = s->refused;
	json_t *object;
	size_t n;
	int err = 0;

	for (; err == 0 && *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		object = json_pack("{s:s, s:s%}", "number", s->number,
		    "blocks", at, n);
		err = object != NULL ? write_line(out, object) : -ENOMEM;
	}
	return err;
}

int
record_write(FILE *out, const struct directory_subscriber *s,
    char why[static WHY_TEXT])
{
	json_t *object;
	size_t i;
	int err = 0;

	if (s->blocked_s != 0) {
		object = json_pack("{s:s}", "number", s->number);
		if (object == NULL ||
		    add_time(object, "blocked",
		    directory_blocked_since(s)) < 0) {
			json_decref(object);
			why_set(why, "%s: out of memory", s->number);
			return -ENOMEM;
		}
		err = write_line(out, object);
	}
	for (i = 0; err == 0 && i < s->n_devices; i++)
		err = write_device(out, s->number, &s->devices[i], why);
	if (err == 0 && write_refused(out, s) < 0) {
		why_set(why, "%s: out of memory", s->number);
		return -ENOMEM;
	}
	return err;
}

void
record_push_type(const struct directory_device *device,
    char type[static RECORD_TYPE])
{
	json_t *push = json_loads(device->push, 0, NULL);
	const char *text = json_string_value(json_object_get(push, "type"));

	snprintf(type, RECORD_TYPE, "%s", text != NULL ? text : "-");
	json_decref(push);
}
