/*
 * names: patterns of file names, and the alphabet for what strangers choose.
 * See names.h.
 */
#include "conf/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789+_"
#define NOBODY "unknown"
#define TIME_TEXT 32

bool
names_is_pattern(const char *name)
{
	return name != NULL && strchr(name, '%') != NULL;
}

/* Return whether one can write into the folder of `pattern`. */
static int
check_folder(const char *pattern, char why[static WHY_TEXT])
{
	const char *slash = strrchr(pattern, '/');
	char folder[PATH_MAX] = ".";

	if (slash != NULL && strchr(pattern, '%') < slash) {
		why_set(why, "wants %% in the name alone, not in its folder");
		return -EINVAL;
	}
	if (slash != NULL)
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash + 1 - pattern), pattern);
	if (access(folder, W_OK | X_OK) == 0)
		return 0;
	why_set(why, "%.200s: %s", folder, strerror(errno));
	return -errno;
}

int
names_check(const char *pattern, char why[static WHY_TEXT])
{
	const char *at = pattern;

	while ((at = strchr(at, '%')) != NULL) {
		if (at[1] == '\0' || strchr("spt%", at[1]) == NULL) {
			why_set(why, "wants %%s, %%p, %%t or %%%%");
			return -EINVAL;
		}
		at += 2;
	}
	return check_folder(pattern, why);
}

/* Write the time in UTC as 20260129T101500Z. */
static void
write_time(char out[static TIME_TEXT], int64_t wall_s)
{
	time_t when = (time_t)wall_s;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(out, TIME_TEXT, "%Y%m%dT%H%M%SZ", &tm) == 0)
		strcpy(out, NOBODY);
}

/* Append a value in the alphabet. Return false if there is no space for it. */
static bool
append_value(char out[static PATH_MAX], size_t *len, const char *value)
{
	if (*value == '\0')
		value = NOBODY;
	for (; *value != '\0'; value++) {
		if (*len + 1 >= PATH_MAX)
			return false;
		out[(*len)++] = strchr(ALPHABET, *value) != NULL ? *value :
		    '_';
	}
	return true;
}

int
names_make(char out[static PATH_MAX], const char *pattern,
    const struct names_call *call)
{
	char when[TIME_TEXT];
	size_t len = 0;
	bool fits = true;

	write_time(when, call->wall_s);
	for (; *pattern != '\0' && fits; pattern++) {
		char kind = *pattern == '%' ? *++pattern : '\0';

		if (kind == 's')
			fits = append_value(out, &len, call->session);
		else if (kind == 'p')
			fits = append_value(out, &len, call->peer);
		else if (kind == 't')
			fits = append_value(out, &len, when);
		else if (len + 1 < PATH_MAX)
			out[len++] = *pattern;
		else
			fits = false;
		if (*pattern == '\0')
			break;	/* a lone %, which names_check refuses */
	}
	out[len] = '\0';
	return fits ? 0 : -ENAMETOOLONG;
}
