/* The program of a push command is found, or said to be missing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/shellword.h"
#include "unit.h"

static void
check_good(void)
{
	static const char *const cases[] = {
		"tool", "tool -c x", "  exec tool", "A=1 B_2= exec tool x",
		"'tool' --dev", "\"tool\" --dev", "exec '/bin/sh' -c 'a b'",
		"/bin/sh", "cd /x && ./y", "if true; then x; fi", ". /x/y",
		/* What only the shell can tell. */
		"$HOME/none", "\"$HOME/none\" x", "none*", "(none)", "n\\one",
		"`none`", "{ none; }", "none|cat", "no'ne'", "'no'ne",
		"A='b c' none", "none;tool", "# nothing",
		/* Quotes that are closed, in their way. */
		"tool \"it's\"", "tool 'say \"x\"'", "tool \\'", "tool # it's",
		"tool \"\\\"\"", "tool '\\'",
	};
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(shellword_check(cases[i], why) == 0, "%s: %s",
		    cases[i], why);
}

static void
check_bad(void)
{
	static const struct {
		const char *command;
		int err;
		const char *why;
	} cases[] = {
		{ "none", -ENOENT, "none: not found in PATH" },
		{ "  exec none -c x", -ENOENT, "none: not found in PATH" },
		{ "A=1 none", -ENOENT, "none: not found in PATH" },
		{ "'none' x", -ENOENT, "none: not found in PATH" },
		{ "/none/none x", -ENOENT, "/none/none: No such file" },
		{ "plain x", -EACCES, "plain: Permission denied" },
		{ "/ x", -EACCES, "/: Permission denied" },
		{ " ", -EINVAL, "names no program" },
		{ "exec", -EINVAL, "names no program" },
		{ "tool 'x", -EINVAL, "a quote (') is not closed" },
		{ "tool \"x\\\"", -EINVAL, "a quote (\") is not closed" },
		{ "tool it's", -EINVAL, "a quote (') is not closed" },
	};
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(shellword_check(cases[i].command, why) ==
		    cases[i].err, "%s", cases[i].command);
		ck_assert_msg(strncmp(why, cases[i].why,
		    strlen(cases[i].why)) == 0, "%s: %s", cases[i].command,
		    why);
	}
}

static char dir[] = "/tmp/rp-unit-shellword-XXXXXX", *old_path;

static void
set_up(void)
{
	old_path = strdup(getenv("PATH"));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	close(open("tool", O_CREAT | O_WRONLY, 0755));
	close(open("plain", O_CREAT | O_WRONLY, 0644));
	/* An empty entry is the working directory. */
	ck_assert_int_eq(setenv("PATH", "/none:/:", 1), 0);
}

static void
tear_down(void)
{
	setenv("PATH", old_path, 1);
	free(old_path);
	unlink("tool");
	unlink("plain");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(dir);
}

START_TEST(finds)
{
	set_up();
	check_good();
	check_bad();
	tear_down();
}
END_TEST

UNIT_SUITE(shellword, finds)
