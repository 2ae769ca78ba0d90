/* conf: read a libconfig file into a struct by a table of keys. See conf.h. */
#include "base/conf.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conftext.h"
#include "wire/why.h"

/*
 * A switch's file with all its keys and a comment for each has some 20,000
 * bytes, and the longest list of networks needs no more than this.
 */
#define BYTES_MAX (1 << 20)

struct reader {
	const struct conftext *text;
	const struct conf_key *keys;
	size_t n_keys;
	char *out;
	char *why;
	bool picks;		/* others' keys are skipped */
};

static enum conf_type
type_of(const struct conf_key *key)
{
	return (enum conf_type)(key->type & ~(unsigned)CONF_RELOAD);
}

static int
complain_setting(struct reader *r, const config_setting_t *s, const char *path,
    const char *wrong)
{
	char place[CONFTEXT_PLACE];

	why_set(r->why, "%s: %s: %s", conftext_place(place, r->text,
	    s), path, wrong);
	return -EINVAL;
}

static int
read_strings(struct reader *r, const config_setting_t *s, const char *path,
    struct conf_strings *list)
{
	int i, err;

	conf_strings_clear(list);
	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		return conf_strings_add(list, config_setting_get_string(s));
	if (!config_setting_is_aggregate(s) || config_setting_is_group(s))
		return complain_setting(r, s, path, "wants a list of strings");
	for (i = 0; i < config_setting_length(s); i++) {
		const char *text = config_setting_get_string_elem(s, i);

		if (text == NULL)
			return complain_setting(r, s, path,
			    "wants a list of strings");
		err = conf_strings_add(list, text);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
read_int(struct reader *r, const config_setting_t *s,
    const struct conf_key *key, long *out)
{
	char wrong[WHY_TEXT];
	long long value;
	int type = config_setting_type(s);

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		return complain_setting(r, s, key->path,
		    "wants a whole number");
	value = type == CONFIG_TYPE_INT ? config_setting_get_int(s) :
	    config_setting_get_int64(s);
	if (value < key->min || value > key->max) {
		why_set(wrong, "wants %ld to %ld", key->min, key->max);
		return complain_setting(r, s, key->path, wrong);
	}
	*out = (long)value;
	return 0;
}

static int
read_key(struct reader *r, const config_setting_t *s,
    const struct conf_key *key)
{
	void *field = r->out + key->offset;

	switch (type_of(key)) {
	case CONF_STRINGS:
		return read_strings(r, s, key->path, field);
	case CONF_INT:
		return read_int(r, s, key, field);
	case CONF_BOOL:
		if (config_setting_type(s) != CONFIG_TYPE_BOOL)
			return complain_setting(r, s, key->path,
			    "wants true or false");
		*(bool *)field = config_setting_get_bool(s);
		return 0;
	case CONF_STRING:
		break;
	}
	if (config_setting_type(s) != CONFIG_TYPE_STRING)
		return complain_setting(r, s, key->path, "wants a string");
	return conf_set(field, config_setting_get_string(s));
}

/* Is there a key in a group of this path? */
static bool
is_group(const struct reader *r, const char *path)
{
	size_t k, len = strlen(path);

	for (k = 0; k < r->n_keys; k++)
		if (strncmp(r->keys[k].path, path, len) == 0 &&
		    r->keys[k].path[len] == '.')
			return true;
	return false;
}

static int
read_group(struct reader *r, const config_setting_t *group,
    const char *prefix)
{
	int i, err;

	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s =
		    config_setting_get_elem(group, (unsigned)i);
		char path[256];
		size_t k;

		snprintf(path, sizeof(path), "%s%s%s", prefix,
		    *prefix != '\0' ? "." : "", config_setting_name(s));
		for (k = 0; k < r->n_keys; k++)
			if (strcmp(r->keys[k].path, path) == 0)
				break;
		if (k < r->n_keys)
			err = read_key(r, s, &r->keys[k]);
		else if (config_setting_is_group(s) && is_group(r, path))
			err = read_group(r, s, path);
		else if (r->picks)
			err = 0;
		else
			err = complain_setting(r, s, path,
			    config_setting_is_group(s) ? "no such group" :
			    "no such key");
		if (err < 0)
			return err;
	}
	return 0;
}

static int
read_file(const struct conf_source *from, struct reader *r)
{
	struct conftext_options options = {
		BYTES_MAX, from->regular, from->folder
	};
	struct conftext *text;
	int err;

	err = conftext_read(&text, from->file, &options, r->why);
	if (err < 0)
		return err;
	r->text = text;
	err = read_group(r, conftext_root(text), "");
	if (err == -ENOMEM)
		why_set(r->why, "%.400s: out of memory", from->file);
	conftext_free(text);
	return err;
}

int
conf_read_from(const struct conf_source *from, const struct conf_key keys[],
    size_t n_keys, void *out, char why[static WHY_TEXT])
{
	struct reader r = { NULL, keys, n_keys, out, why, false };

	return read_file(from, &r);
}

int
conf_read(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static WHY_TEXT])
{
	struct conf_source from = { file, NULL, false };

	return conf_read_from(&from, keys, n_keys, out, why);
}

int
conf_pick(const char *file, const struct conf_key keys[], size_t n_keys,
    void *out, char why[static WHY_TEXT])
{
	struct conf_source from = { file, NULL, false };
	struct reader r = { NULL, keys, n_keys, out, why, true };

	return read_file(&from, &r);
}

static size_t
size_of_field(enum conf_type type)
{
	switch (type) {
	case CONF_STRINGS:
		return sizeof(struct conf_strings);
	case CONF_INT:
		return sizeof(long);
	case CONF_BOOL:
		return sizeof(bool);
	case CONF_STRING:
		break;
	}
	return sizeof(char *);
}

void
conf_adopt(const struct conf_key keys[], size_t n_keys, void *out, void *anew)
{
	char kept[sizeof(struct conf_strings)];	/* no field is larger */
	size_t i, size;

	for (i = 0; i < n_keys; i++) {
		char *ours = (char *)out + keys[i].offset;
		char *theirs = (char *)anew + keys[i].offset;

		if ((keys[i].type & CONF_RELOAD) == 0)
			continue;
		size = size_of_field(type_of(&keys[i]));
		memcpy(kept, ours, size);
		memcpy(ours, theirs, size);
		memcpy(theirs, kept, size);
	}
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_list(const struct conf_strings *a, const struct conf_strings *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->item[i], b->item[i]) != 0)
			return false;
	return true;
}

static bool
same_value(enum conf_type type, const void *a, const void *b)
{
	switch (type) {
	case CONF_STRING:
		return same_text(*(char *const *)a, *(char *const *)b);
	case CONF_STRINGS:
		return same_list(a, b);
	case CONF_INT:
		return *(const long *)a == *(const long *)b;
	default:
		return *(const bool *)a == *(const bool *)b;
	}
}

void
conf_left(const struct conf_key keys[], size_t n_keys, const void *out,
    const void *anew, char paths[static WHY_TEXT])
{
	size_t i, n = 0;

	paths[0] = '\0';
	for (i = 0; i < n_keys && n < WHY_TEXT; i++) {
		const char *ours = (const char *)out + keys[i].offset;
		const char *theirs = (const char *)anew + keys[i].offset;

		if ((keys[i].type & CONF_RELOAD) != 0 ||
		    same_value(type_of(&keys[i]), ours, theirs))
			continue;
		n += (size_t)snprintf(paths + n, WHY_TEXT - n, "%s%s",
		    n > 0 ? " " : "", keys[i].path);
	}
}

/*
 * Find the file and line that set `path`; only the file if none does, or if it
 * cannot be read again.
 */
static void
find_path(char place[static CONFTEXT_PLACE], const struct conf_source *from,
    const char *path)
{
	struct conftext_options options = { BYTES_MAX, true, from->folder };
	char why[WHY_TEXT];
	const config_setting_t *s = NULL;
	struct conftext *text;

	snprintf(place, CONFTEXT_PLACE, "%.200s", from->file);
	if (conftext_read(&text, from->file, &options, why) < 0)
		return;
	s = config_setting_lookup(conftext_root(text), path);
	if (s != NULL)
		conftext_place(place, text, s);
	conftext_free(text);
}

int
conf_check_again(const struct conf_source *from, char why[static WHY_TEXT])
{
	struct conftext_options options = { BYTES_MAX, true, from->folder };
	struct conftext *text;
	int err = conftext_read(&text, from->file, &options, why);

	if (err == 0)
		conftext_free(text);
	return err;
}

void
conf_place(char why[static WHY_TEXT], const struct conf_source *from,
    const char *path, const char *wrong)
{
	char place[CONFTEXT_PLACE], *p;

	find_path(place, from, path);
	why_set(why, "%s: %s: %s", place, path, wrong);
	for (p = why; *p != '\0'; p++)		/* it is one line */
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

int
conf_complain(char why[static WHY_TEXT], const char *file, const char *path,
    const char *format, ...)
{
	struct conf_source from = { file, NULL, true };
	char wrong[WHY_TEXT / 2];
	va_list ap;

	va_start(ap, format);
	vsnprintf(wrong, sizeof(wrong), format, ap);
	va_end(ap);
	conf_place(why, &from, path, wrong);
	return -EINVAL;
}

void
conf_free(const struct conf_key keys[], size_t n_keys, void *out)
{
	size_t i;

	for (i = 0; i < n_keys; i++) {
		void *field = (char *)out + keys[i].offset;

		if (type_of(&keys[i]) == CONF_STRINGS)
			conf_strings_clear(field);
		if (type_of(&keys[i]) == CONF_STRING)
			conf_set(field, NULL);
	}
}
