/* words_known: read the file, and append to it. See words_known.h. */
#include "config.h"
#include "who/words_known.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/tool.h"
#include "who/identity.h"
#include "wire/sigmsg.h"

#define FILE_MAX (1024 * 1024)

static int
name_file(char path[static PATH_MAX], const char *known_peers_file)
{
	int len = snprintf(path, PATH_MAX, "%s" WORDS_KNOWN_SUFFIX,
	    known_peers_file);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* A line that is cut off, or anything else, is just not this number's. */
static bool
has_line(const char *text, const char *number)
{
	size_t len = strlen(number);
	const char *line = text;

	while (*line != '\0') {
		const char *end = strchrnul(line, '\n');

		if ((size_t)(end - line) == len &&
		    memcmp(line, number, len) == 0)
			return true;
		line = *end != '\0' ? end + 1 : end;
	}
	return false;
}

bool
words_known_has(const char *known_peers_file, const char *number)
{
	char path[PATH_MAX], *text;
	bool found;
	int err = name_file(path, known_peers_file);

	if (err == 0)
		err = tool_read_file(&text, path, FILE_MAX);
	if (err < 0) {
		if (err != -ENOENT)
			log_warn("words_not_known", "error=\"%s\"",
			    tool_read_text(err));
		return false;
	}
	found = has_line(text, number);
	free(text);
	return found;
}

int
words_known_add(const char *known_peers_file, const char *number,
    char why[static WHY_TEXT])
{
	char path[PATH_MAX], line[SIGMSG_NUMBER + 3];
	int err = name_file(path, known_peers_file);

	snprintf(line, sizeof(line), "\n%s\n", number);
	if (err == 0)
		err = identity_append(path, line);
	if (err < 0)
		why_set(why, "%.180s" WORDS_KNOWN_SUFFIX ": %s",
		    known_peers_file, strerror(-err));
	return err;
}
