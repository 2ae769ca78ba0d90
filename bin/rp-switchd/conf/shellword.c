/* shellword: find the program of a command. See shellword.h. */
#include "conf/shellword.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLANK " \t\n"
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"	/* sh(1) has as much */
/* These end a word, or give it a meaning that the shell knows. */
#define SPECIAL "$`\\\"'*?[]{}()<>|&;#~!%"

/* Commands that the shell runs itself, and its keywords. */
static const char *const builtins[] = {
	".", ":", "[", "alias", "bg", "break", "case", "cd", "command",
	"continue", "echo", "eval", "exit", "export", "false", "fg", "for",
	"getopts", "hash", "if", "jobs", "kill", "printf", "pwd", "read",
	"readonly", "return", "set", "shift", "test", "times", "trap", "true",
	"type", "ulimit", "umask", "unalias", "unset", "until", "wait",
	"while",
};

static bool
is_builtin(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i], word) == 0)
			return true;
	return false;
}

/* Return the quote that is open at the end, or '\0'. */
static char
open_quote(const char *command)
{
	const char *p;
	char quote = '\0';

	for (p = command; *p != '\0'; p++) {
		if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
		else if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (quote == '\0' && *p == '#' &&
		    (p == command || strchr(BLANK ";", p[-1]) != NULL))
			p += strcspn(p, "\n") - 1;
		else if (*p == quote)
			quote = '\0';
	}
	return quote;
}

/* Is it NAME=VALUE? */
static bool
is_assignment(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return len > 0 && word[len] == '=';
}

/*
 * Read a word at `*command`, which may be 'quoted' as a whole, and step over
 * it. Return 0 if the shell would change it, or if it is too long for us.
 */
static int
next_word(const char **command, char word[static PATH_MAX])
{
	const char *at = *command + strspn(*command, BLANK), *end;
	char quote = *at;
	size_t len;

	if (quote == '\'' || quote == '"') {
		end = strchr(++at, quote);
		len = end != NULL ? (size_t)(end - at) : 0;
		if (end == NULL || (quote == '"' &&
		    strcspn(at, "$`\\") < len))
			return 0;
		*command = end + 1;
		if (*end != '\0' && end[1] != '\0' &&
		    strchr(BLANK, end[1]) == NULL)
			return 0;
	} else {
		len = strcspn(at, BLANK);
		if (strcspn(at, SPECIAL) < len)
			return 0;
		*command = at + len;
	}
	if (len >= PATH_MAX)
		return 0;
	memcpy(word, at, len);
	word[len] = '\0';
	return 1;
}

/* Return 0, -EACCES or another negative errno. */
static int
check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	return !S_ISREG(st.st_mode) || access(path, X_OK) < 0 ? -EACCES : 0;
}

static int
find_in_path(const char *word)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];
	int found = -ENOENT, err;
	size_t len;

	for (at = at != NULL ? at : DEFAULT_PATH; ; at += len + 1) {
		len = strcspn(at, ":");
		if (snprintf(path, sizeof(path), "%.*s%s%s", (int)len, at,
		    len > 0 ? "/" : "", word) < (int)sizeof(path)) {
			err = check_file(path);
			if (err == 0)
				return 0;
			if (err == -EACCES)
				found = err;
		}
		if (at[len] == '\0')
			return found;
	}
}

int
shellword_check(const char *command, char why[static WHY_TEXT])
{
	char word[PATH_MAX];
	int err;

	if (open_quote(command) != '\0') {
		why_set(why, "a quote (%c) is not closed",
		    open_quote(command));
		return -EINVAL;
	}
	do {
		if (next_word(&command, word) == 0)
			return 0;
	} while (is_assignment(word) || strcmp(word, "exec") == 0);
	if (*word == '\0') {
		why_set(why, "names no program");
		return -EINVAL;
	}
	if (is_builtin(word))
		return 0;
	err = strchr(word, '/') != NULL ? check_file(word) :
	    find_in_path(word);
	if (err == 0)
		return 0;
	if (strchr(word, '/') == NULL && err == -ENOENT)
		why_set(why, "%.300s: not found in PATH", word);
	else
		why_set(why, "%.300s: %s", word, strerror(-err));
	return err;
}
