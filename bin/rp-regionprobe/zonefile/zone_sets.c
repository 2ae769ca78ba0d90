/* zone_sets: read, compare and change Route 53's sets. See zone_sets.h. */
#include "zonefile/zone_sets.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST "ResourceRecordSets"
/* As Python's json module, which aws uses, indents. */
#define INDENT 4

/* Return where in the text the byte of that line and column is, roughly. */
static size_t
place_of(const struct zone_text *text, const json_error_t *error)
{
	return error->position < 0 ? 0 : (size_t)error->position <= text->len ?
	    (size_t)error->position : text->len;
}

static bool
is_part(const json_t *root)
{
	return json_object_get(root, "NextToken") != NULL ||
	    json_is_true(json_object_get(root, "IsTruncated"));
}

static bool
are_sets(const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_object_get(json_array_get(list, i),
		    "Name")) || !json_is_string(json_object_get(
		    json_array_get(list, i), "Type")))
			return false;
	return json_is_array(list);
}

int
zone_sets_read(const struct zone_text *text, json_t **out,
    char why[static WHY_TEXT])
{
	json_error_t error;
	json_t *root = json_loadb(text->text, text->len,
	    JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_object_get(root, LIST);
	int err = 0;

	if (root == NULL)
		return zone_text_fault(text, place_of(text, &error), why,
		    "not JSON: %s", error.text);
	if (!are_sets(list))
		err = zone_text_fault(text, 0, why, "not what aws route53 "
		    "list-resource-record-sets prints");
	else if (is_part(root))
		err = zone_text_fault(text, 0, why, "only a part of the zone: "
		    "list it without --max-items");
	else
		*out = json_incref(list);
	json_decref(root);
	return err;
}

char *
zone_sets_print(json_t *sets)
{
	json_t *root = json_pack("{s:O}", LIST, sets);
	char *text = root != NULL ? json_dumps(root, JSON_INDENT(INDENT)) :
	    NULL;
	char *line = text != NULL ? realloc(text, strlen(text) + 2) : NULL;

	json_decref(root);
	if (line == NULL)
		free(text);
	else
		strcat(line, "\n");
	return line;
}

const char *
zone_sets_text(const json_t *set, const char *key)
{
	const char *text = json_string_value(json_object_get(set, key));

	return text != NULL ? text : "";
}

int
zone_sets_fault(const struct zone_text *text, const json_t *set,
    char why[static WHY_TEXT], const char *what)
{
	const char *id = zone_sets_text(set, "SetIdentifier");

	why_set(why, "%.150s: set %.120s %.8s%s%.60s: %s", text->file,
	    zone_sets_text(set, "Name"), zone_sets_text(set, "Type"),
	    *id != '\0' ? " " : "", id, what);
	return -EINVAL;
}

/* Take the next byte of a name, which may be an octal escape. */
static int
next_byte(const char **p)
{
	const char *s = *p;

	if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' &&
	    s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
		*p += 4;
		return (s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0';
	}
	*p += *s != '\0';
	return (unsigned char)*s;
}

/* Are both one name of DNS? */
static bool
is_same_name(const char *a, const char *b)
{
	for (;;) {
		int x = tolower(next_byte(&a)), y = tolower(next_byte(&b));

		if (x == '.' && *a == '\0')
			x = '\0';
		if (y == '.' && *b == '\0')
			y = '\0';
		if (x != y)
			return false;
		if (x == '\0')
			return true;
	}
}

bool
zone_sets_is_for(const json_t *set, const char *name, const char *type)
{
	return strcmp(zone_sets_text(set, "Type"), type) == 0 &&
	    is_same_name(zone_sets_text(set, "Name"), name);
}

static bool
take_record(const json_t *record, struct addr *out)
{
	return addr_parse(out, zone_sets_text(record, "Value"), 0) == 0 &&
	    addr_port(out) == 0;
}

int
zone_sets_addrs(const json_t *set, struct set *out)
{
	const json_t *records = json_object_get(set, "ResourceRecords");
	struct addr a;
	size_t i;
	int err = 0;

	for (i = 0; i < json_array_size(records) && err == 0; i++)
		err = take_record(json_array_get(records, i), &a) ?
		    set_add(out, &a) : -EINVAL;
	return err;
}

size_t
zone_sets_change(json_t *set, const struct zone_change *change)
{
	json_t *records = json_object_get(set, "ResourceRecords");
	struct addr a;
	size_t i;

	if (change->add)
		json_array_append_new(records, json_pack("{s:s}", "Value",
		    change->ip));
	for (i = 0; i < json_array_size(records) && !change->add; )
		if (take_record(json_array_get(records, i), &a) &&
		    addr_equal_ip(&a, change->addr))
			json_array_remove(records, i);
		else
			i++;
	return json_array_size(records);
}

int
zone_sets_insert(json_t *sets, json_t *set)
{
	const char *name = zone_sets_text(set, "Name");
	size_t i = json_array_size(sets);

	while (i > 0 && !is_same_name(zone_sets_text(json_array_get(sets,
	    i - 1), "Name"), name))
		i--;
	if (i == 0)
		i = json_array_size(sets);
	return json_array_insert(sets, i, set) < 0 ? -ENOMEM : 0;
}
