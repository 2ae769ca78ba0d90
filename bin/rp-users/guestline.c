/* guestline: a guest's link as a line of JSON. See guestline.h. */
#include "guestline.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "datetime.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

bool
guestline_is_link(const struct directory_link *link)
{
	return strncmp(link->note, DIRECTORY_GUEST " ",
	    strlen(DIRECTORY_GUEST " ")) == 0;
}

/* Does UTF-8 go on with a control character, of C0 or C1? */
static bool
is_control(const unsigned char *at)
{
	return *at < ' ' || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
}

bool
guestline_is_name(const char *name)
{
	const unsigned char *at = (const unsigned char *)name;
	json_t *text = json_string(name);
	bool good = text != NULL && strlen(name) <= GUESTLINE_NAME;

	json_decref(text);
	for (; good && *at != '\0'; at++)
		good = !is_control(at);
	return good;
}

void
guestline_note(char note[static DIRECTORY_NOTE], long per_hour, long at_once,
    const char *name)
{
	snprintf(note, DIRECTORY_NOTE, DIRECTORY_GUEST " %ld %ld %s", per_hour,
	    at_once, name);
}

int
guestline_write(FILE *out, const struct directory_link *link)
{
	char hash[HEX_TEXT(CRYPTO_SHA256)], when[DATETIME_TEXT];
	long per_hour = 0, at_once = 0;
	json_t *line;
	int name = 0, err;

	if (sscanf(link->note, DIRECTORY_GUEST " %ld %ld%n", &per_hour,
	    &at_once, &name) < 2)
		return -EINVAL;
	name += link->note[name] == ' ';
	hex_encode(hash, link->hash, CRYPTO_SHA256);
	line = json_pack("{s:s, s:s, s:s}", "number", link->number, "guest",
	    hash, "expires", datetime_format(when, link->expires_s));
	if (per_hour != 0)
		json_object_set_new(line, "calls_per_hour",
		    json_integer(per_hour));
	if (at_once != 0)
		json_object_set_new(line, "at_once", json_integer(at_once));
	if (link->note[name] != '\0')
		json_object_set_new(line, "name",
		    json_string(link->note + name));
	err = line != NULL ? json_dumpf(line, out, 0) : -1;
	json_decref(line);
	if (err == 0)
		putc('\n', out);
	return err == 0 ? 0 : -EINVAL;
}

/* Read a whole number from 1 to `most`; 0 if it is missing, -1 if it is not. */
static long
number_of(const json_t *object, const char *name, long most)
{
	const json_t *value = json_object_get(object, name);
	json_int_t n = json_integer_value(value);

	if (value == NULL)
		return 0;
	return json_is_integer(value) && n >= 1 && n <= most ? (long)n : -1;
}

/* Does the object have no member but those of a guest's link? */
static bool
is_known(json_t *object)
{
	static const char *const names[] = { "number", "guest", "expires",
	    "calls_per_hour", "at_once", "name" };
	size_t i, known = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		known += json_object_get(object, names[i]) != NULL;
	return known == json_object_size(object);
}

static int
take_link(struct directory_link *link, json_t *object,
    char why[static WHY_TEXT])
{
	const char *number = json_string_value(json_object_get(object,
	    "number"));
	const char *hash = json_string_value(json_object_get(object, "guest"));
	const char *when = json_string_value(json_object_get(object,
	    "expires"));
	const char *name = json_string_value(json_object_get(object, "name"));
	long per_hour = number_of(object, "calls_per_hour",
	    GUESTLINE_PER_HOUR);
	long at_once = number_of(object, "at_once", GUESTLINE_AT_ONCE);

	if (number == NULL || !sigmsg_number_ok(number))
		why_set(why, "invalid number");
	else if (hash == NULL || hex_decode(link->hash, CRYPTO_SHA256,
	    hash) < 0)
		why_set(why, "\"guest\" wants the 64 hexadecimal digits of a "
		    "SHA-256");
	else if (when == NULL || datetime_parse(&link->expires_s, when) < 0)
		why_set(why, "\"expires\" wants a time");
	else if (per_hour < 0 || at_once < 0)
		why_set(why, "a limit of a guest is out of range");
	else if (!is_known(object))
		why_set(why, "has an unknown member");
	else if (name != NULL && !guestline_is_name(name))
		why_set(why, "\"name\" wants at most %d bytes",
		    GUESTLINE_NAME);
	else {
		strcpy(link->number, number);
		guestline_note(link->note, per_hour, at_once,
		    name != NULL ? name : "");
		return 0;
	}
	return -EINVAL;
}

int
guestline_parse(struct directory_link *link, const char *line,
    char why[static WHY_TEXT])
{
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	int err = -ENOENT;

	memset(link, 0, sizeof(*link));
	if (json_object_get(object, "guest") != NULL)
		err = take_link(link, object, why);
	json_decref(object);
	return err;
}
