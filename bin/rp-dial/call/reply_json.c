/* reply_json: values of JSON objects that others wrote. See reply_json.h. */
#include "call/reply_json.h"

#include <errno.h>
#include <string.h>

int
reply_json_complain(char why[static WHY_TEXT], const char *key)
{
	why_set(why, "%s is missing or of the wrong form", key);
	return -EBADMSG;
}

bool
reply_json_is_text(const json_t *value)
{
	return json_is_string(value) &&
	    strlen(json_string_value(value)) == json_string_length(value);
}

int
reply_json_string(const json_t *object, const char *key, char *out,
    size_t out_max)
{
	const json_t *value = json_object_get(object, key);
	const char *text;

	if (value == NULL)
		return 0;
	text = json_string_value(value);
	if (!reply_json_is_text(value) || strlen(text) >= out_max)
		return -EBADMSG;
	strcpy(out, text);
	return 0;
}

int
reply_json_port(const json_t *object, uint16_t *port)
{
	const json_t *value = json_object_get(object, "port");
	json_int_t number = json_integer_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || number < 1 || number > 65535)
		return -EBADMSG;
	*port = (uint16_t)number;
	return 0;
}

bool
reply_json_caller(const json_t *object, char out[static SIGMSG_NUMBER])
{
	if (reply_json_string(object, "caller", out, SIGMSG_NUMBER) < 0 ||
	    !sigmsg_number_ok(out))
		*out = '\0';
	return json_object_get(object, "caller") != NULL;
}

bool
reply_json_session_ok(const char *id)
{
	return strlen(id) == SIGMSG_SESSION - 1 &&
	    strspn(id, "0123456789abcdef") == SIGMSG_SESSION - 1;
}

bool
reply_json_name_ok(const char *name)
{
	return *name != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:")] == '\0';
}

json_t *
reply_json_load(const char *text, size_t len, char why[static WHY_TEXT])
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES |
	    JSON_ALLOW_NUL, NULL);

	if (!json_is_object(root)) {
		why_set(why, "not a JSON object");
		json_decref(root);
		return NULL;
	}
	return root;
}
