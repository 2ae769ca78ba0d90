/*
 * template: replace ${name} in a text, quoted for a form or for JSON. Pure.
 * See template.h.
 */
#include "providers/template.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "wire/why.h"

struct filled {
	char text[TEMPLATE_MAX];
	size_t len;
};

static bool
add_text(struct filled *out, const char *text, size_t len)
{
	if (len >= sizeof(out->text) - out->len)
		return false;
	memcpy(out->text + out->len, text, len);
	out->len += len;
	return true;
}

/* Escape all but the unreserved characters (RFC 3986 2.3). */
static bool
add_form(struct filled *out, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~";
	char hex[4];

	for (; *value != '\0'; value++) {
		snprintf(hex, sizeof(hex), "%%%02X", (unsigned char)*value);
		if (strchr(plain, *value) != NULL ? !add_text(out, value, 1) :
		    !add_text(out, hex, 3))
			return false;
	}
	return true;
}

static bool
add_json(struct filled *out, const char *value)
{
	json_t *string = json_string(value);
	char *text = NULL;
	bool ok;

	if (string != NULL)
		text = json_dumps(string, JSON_ENCODE_ANY);
	json_decref(string);
	if (text == NULL)
		return false;
	ok = add_text(out, text + 1, strlen(text) - 2);
	free(text);
	return ok;
}

static bool
add_value(struct filled *out, const char *value, enum template_escape escape)
{
	switch (escape) {
	case TEMPLATE_FORM:
		return add_form(out, value);
	case TEMPLATE_JSON:
		return add_json(out, value);
	case TEMPLATE_PLAIN:
		break;
	}
	return add_text(out, value, strlen(value));
}

/*
 * Add the value of the name at `text`, which starts with "${". Return the text
 * after "}", or NULL with `why`.
 */
static const char *
add_named(struct filled *out, const char *text, enum template_escape escape,
    template_lookup *lookup, void *arg, char why[static WHY_TEXT])
{
	const char *end = strchr(text, '}'), *value;
	char name[TEMPLATE_NAME], env[TEMPLATE_NAME];

	if (end == NULL || (size_t)(end - text - 2) >= sizeof(name)) {
		why_set(why, "${ without }");
		return NULL;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(end - text - 2), text + 2);
	value = lookup(name, env, arg);
	if (value == NULL) {
		why_set(why, "${%s}: no such value", name);
		return NULL;
	}
	if (!add_value(out, value, escape)) {
		why_set(why, "${%s}: too long, or no text", name);
		return NULL;
	}
	return end + 1;
}

char *
template_fill(const char *text, enum template_escape escape,
    template_lookup *lookup, void *arg, char why[static WHY_TEXT])
{
	struct filled out = { .len = 0 };
	char *copy;

	while (*text != '\0') {
		const char *dollar = strstr(text, "${");
		size_t plain = dollar != NULL ? (size_t)(dollar - text) :
		    strlen(text);

		if (!add_text(&out, text, plain)) {
			why_set(why, "too long");
			return NULL;
		}
		text += plain;
		if (*text != '\0')
			text = add_named(&out, text, escape, lookup, arg,
			    why);
		if (text == NULL)
			return NULL;
	}
	out.text[out.len] = '\0';
	copy = strdup(out.text);
	if (copy == NULL)
		why_set(why, "out of memory");
	return copy;
}
