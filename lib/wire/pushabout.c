/*
 * pushabout: write and read the line by which a sender of pushes tells of
 * itself. Pure. See pushabout.h.
 */
#include "wire/pushabout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "wire/pushmsg.h"

#define BEGINNING "{\"about\":"

static json_t *
array_of(char *const text[], size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array != NULL && i < n; i++)
		if (json_array_append_new(array, json_string(text[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static char *
write_about(const struct reach_lists *lists, const char *error)
{
	json_t *object;

	if (lists != NULL)
		object = json_pack("{s:{s:o, s:o, s:s}}", "about",
		    "allow", array_of(lists->allow, lists->n_allow),
		    "deny", array_of(lists->deny, lists->n_deny),
		    "error", error);
	else
		object = json_pack("{s:{s:s}}", "about", "error", error);
	return pushmsg_line_of(object);
}

char *
pushabout_line(const struct reach_lists *lists, const char *error)
{
	char *line = write_about(lists, error);

	if (line == NULL || strlen(line) <= PUSHMSG_LINE_MAX)
		return line;
	free(line);
	return write_about(NULL, error);
}

/* Copy an array of strings, which stay the array's. */
static int
take_list(char ***out, size_t *n, const json_t *array)
{
	const json_t *item;
	size_t i;

	*n = 0;
	if (array == NULL)
		return 0;
	if (!json_is_array(array))
		return -EBADMSG;
	*out = calloc(json_array_size(array) + 1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	json_array_foreach(array, i, item) {
		if (!json_is_string(item))
			return -EBADMSG;
		(*out)[(*n)++] = (char *)json_string_value(item);
	}
	return 0;
}

static int
take_reach(struct reach **out, const json_t *allow, const json_t *deny)
{
	char **allowed = NULL, **denied = NULL, why[WHY_TEXT];
	struct reach_lists lists = { 0 };
	int err;

	err = take_list(&allowed, &lists.n_allow, allow);
	if (err == 0)
		err = take_list(&denied, &lists.n_deny, deny);
	lists.allow = allowed;
	lists.deny = denied;
	if (err == 0)
		err = reach_new(out, &lists, why);
	free(allowed);
	free(denied);
	return err == -EINVAL ? -EBADMSG : err;
}

static int
take_about(struct pushabout *out, const json_t *about)
{
	const json_t *allow = json_object_get(about, "allow");
	const json_t *deny = json_object_get(about, "deny");
	const json_t *error = json_object_get(about, "error");

	if (!json_is_object(about) ||
	    (error != NULL && !json_is_string(error)))
		return -EBADMSG;
	if (error != NULL)
		why_set(out->error, "%s", json_string_value(error));
	if (allow == NULL && deny == NULL)
		return 0;
	return take_reach(&out->reach, allow, deny);
}

int
pushabout_parse(struct pushabout *out, const char *line, size_t len)
{
	json_t *object;
	int err;

	memset(out, 0, sizeof(*out));
	if (len < sizeof(BEGINNING) - 1 ||
	    memcmp(line, BEGINNING, sizeof(BEGINNING) - 1) != 0)
		return -ENOENT;
	object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	if (object == NULL)
		return -EBADMSG;
	err = take_about(out, json_object_get(object, "about"));
	json_decref(object);
	return err;
}

bool
pushabout_is_reload(const char *line, size_t len)
{
	return len == sizeof(PUSHABOUT_RELOAD) - 1 &&
	    memcmp(line, PUSHABOUT_RELOAD, len) == 0;
}
