/*
 * format_alias: name the plain record of each region. See format_alias.h.
 */
#include "format/format_alias.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 1035, section 2.3.4: 255 bytes in a message, 253 as text without a dot. */
#define NAME_MOST 253

static const char *
dot_after(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[len - 1] == '.' ? "" : ".";
}

/* Compare two names, with or without their last dots. */
static bool
is_same(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	a_len -= a_len > 0 && a[a_len - 1] == '.';
	b_len -= b_len > 0 && b[b_len - 1] == '.';
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

/*
 * Return the geographic name. If all who were asked are in one region, its plain
 * name was taken for it.
 */
static const char *
find_owner(const struct region_report *r)
{
	char name[FORMAT_ALIAS_NAME];
	size_t i;

	for (i = 0; i < r->regions.n; i++) {
		const struct region *region = r->regions.item[i];

		snprintf(name, sizeof(name), "%s.%s", region->name,
		    r->options->name);
		if (is_same(region->record != NULL ? region->record : name,
		    r->survey.owner))
			return r->options->name;
	}
	return r->survey.owner;
}

const char *
format_alias_owner(char out[static FORMAT_ALIAS_NAME],
    const struct region_report *r)
{
	const char *owner = find_owner(r);

	snprintf(out, FORMAT_ALIAS_NAME, "%s%s", owner, dot_after(owner));
	return out;
}

/* Return the alias that DNS has for the region, or NULL. */
static const char *
find_alias(const struct region_report *r, const struct region *region)
{
	const char *owner = find_owner(r);
	size_t i;

	for (i = 0; i < r->survey.n; i++) {
		const struct survey_asked *a = &r->survey.item[i];

		if (a->region == region && a->alias_of[0] != '\0' &&
		    !is_same(a->alias_of, owner))
			return a->alias_of;
	}
	return NULL;
}

const char *
format_alias_name(char out[static FORMAT_ALIAS_NAME],
    const struct region_report *r, const struct region *region)
{
	const char *owner = find_owner(r);
	const char *name = region->record != NULL ? region->record :
	    find_alias(r, region);

	if (name != NULL)
		snprintf(out, FORMAT_ALIAS_NAME, "%s%s", name, dot_after(name));
	else
		snprintf(out, FORMAT_ALIAS_NAME, "%s.%s%s", region->name,
		    owner, dot_after(owner));
	return out;
}

static int
check_name(const struct region_report *r, size_t at, const char *owner,
    char why[static WHY_TEXT])
{
	const struct region *region = r->change.item[at].region;
	char name[FORMAT_ALIAS_NAME], other[FORMAT_ALIAS_NAME];
	size_t i;

	format_alias_name(name, r, region);
	if (strlen(name) > NAME_MOST + 1 || is_same(name, owner)) {
		why_set(why, "region %s needs a name of its own: write record "
		    "= \"...\" in --regions FILE", region->name);
		return -EINVAL;
	}
	for (i = 0; i < at; i++) {
		format_alias_name(other, r, r->change.item[i].region);
		if (!is_same(name, other))
			continue;
		why_set(why, "regions %s and %s have the same name %.200s",
		    r->change.item[i].region->name, region->name, name);
		return -EINVAL;
	}
	return 0;
}

int
format_alias_check(const struct region_report *r, char why[static WHY_TEXT])
{
	char owner[FORMAT_ALIAS_NAME];
	size_t i;
	int err = 0;

	format_alias_owner(owner, r);
	if (is_same(owner, r->survey.zone)) {
		why_set(why, "%.200s is the top of its zone, where no alias "
		    "may stand", owner);
		return -EINVAL;
	}
	for (i = 0; i < r->change.n && err == 0; i++)
		err = check_name(r, i, owner, why);
	return err;
}
