/* datetime: RFC 3339 in one form. See datetime.h. */
#include "datetime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_10000_S 253402300800

bool
datetime_ok(int64_t wall_s)
{
	return wall_s > 0 && wall_s < YEAR_10000_S;
}

static const char *
format_time(char text[static DATETIME_TEXT], const char *format,
    int64_t wall_s)
{
	time_t then = (time_t)wall_s;
	struct tm utc;

	strcpy(text, "-");
	if (datetime_ok(wall_s) && gmtime_r(&then, &utc) != NULL)
		strftime(text, DATETIME_TEXT, format, &utc);
	return text;
}

const char *
datetime_format(char text[static DATETIME_TEXT], int64_t wall_s)
{
	return format_time(text, "%Y-%m-%dT%H:%M:%SZ", wall_s);
}

const char *
datetime_format_day(char text[static DATETIME_TEXT], int64_t wall_s)
{
	return format_time(text, "%Y-%m-%d", wall_s);
}

int
datetime_parse(int64_t *wall_s, const char *text)
{
	char again[DATETIME_TEXT];
	struct tm utc;
	int64_t then;

	memset(&utc, 0, sizeof(utc));
	if (strlen(text) != DATETIME_TEXT - 1 ||
	    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ", &utc.tm_year, &utc.tm_mon,
	    &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec) != 6)
		return -EINVAL;
	utc.tm_year -= 1900;
	utc.tm_mon -= 1;
	then = timegm(&utc);
	/* 30 February is written differently, so it was not a time. */
	if (strcmp(datetime_format(again, then), text) != 0)
		return -EINVAL;
	*wall_s = then;
	return 0;
}
