/*
 * A command line: where each value goes, and which errors end the program with
 * which status.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/args.h"
#include "base/tool.h"
#include "unit.h"

#include <getopt.h>

#define WORDS 8
#define MISTAKE 7

struct taken {
	const char *file, *in;
	bool test, dev;
	int64_t wait_ms;
	int what;
};

static const struct args_option options[] = {
	{ "config", 'c', ARGS_TEXT, offsetof(struct taken, file), 0 },
	{ NULL, 't', ARGS_FLAG, offsetof(struct taken, test), 0 },
	{ "dev", '\0', ARGS_FLAG, offsetof(struct taken, dev), 0 },
	{ "in", '\0', ARGS_TEXT, offsetof(struct taken, in), 0 },
	{ "wait", 'w', ARGS_SECONDS, offsetof(struct taken, wait_ms), 0 },
	{ "add", '\0', ARGS_CHOICE, offsetof(struct taken, what), 1 },
	{ "remove", '\0', ARGS_CHOICE, offsetof(struct taken, what), 2 },
};

/* argv is "args" and the words of line. */
static int
run(struct taken *taken, const char *line, bool operands)
{
	static char copy[128];
	const struct args args = {
		options, sizeof(options) / sizeof(options[0]), "usage\n",
		operands, MISTAKE
	};
	char name[] = "args", *argv[WORDS] = { name }, *save;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (argv[argc] = strtok_r(copy, " ", &save); argv[argc] != NULL;
	    argv[argc] = strtok_r(NULL, " ", &save))
		ck_assert_int_lt(++argc, WORDS);
	*taken = (struct taken) { .in = "-", .wait_ms = -1 };
	optind = 1;
	return argc - args_read(&args, argc, argv, taken);
}

START_TEST(takes)
{
	struct taken t;

	ck_assert_int_eq(run(&t, "", false), 0);
	ck_assert_ptr_null(t.file);
	ck_assert_str_eq(t.in, "-");
	ck_assert_int_eq(t.wait_ms, -1);
	ck_assert(!t.test && !t.dev);
	ck_assert_int_eq(run(&t, "-tcx --dev --in=y -w 1.5", false), 0);
	ck_assert_str_eq(t.file, "x");
	ck_assert_str_eq(t.in, "y");
	ck_assert_int_eq(t.wait_ms, 1500);
	ck_assert(t.test && t.dev);
	ck_assert_int_eq(run(&t, "--config z --remove --remove a b", true), 2);
	ck_assert_str_eq(t.file, "z");
	ck_assert_int_eq(t.what, 2);
}
END_TEST

/* Read the line in a child, and return how it ended. */
static int
status_of(const char *line, const char *output)
{
	struct taken t;
	pid_t pid;
	int fd, status;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fd = open(output, O_WRONLY);
		dup2(fd, STDOUT_FILENO);
		close(STDERR_FILENO);
		run(&t, line, false);
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "\"%s\": %#x", line,
	    (unsigned)status);
	return WEXITSTATUS(status);
}

START_TEST(ends)
{
	static const struct {
		const char *line;
		int status;
	} cases[] = {
		{ "--help", 0 }, { "-h", 0 }, { "-th", 0 }, { "--version", 0 }, { "--helpless", MISTAKE },
		{ "-x", MISTAKE }, { "-c", MISTAKE }, { "a", MISTAKE },
		{ "--wait soon", MISTAKE }, { "--wait -1", MISTAKE },
		{ "--wait nan", MISTAKE }, { "--wait 1s", MISTAKE },
		{ "--wait 1e99", MISTAKE }, { "--add --remove", MISTAKE },
	};
	size_t i;

	tool_name("args");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(status_of(cases[i].line, "/dev/null") ==
		    cases[i].status, "\"%s\"", cases[i].line);
}
END_TEST

/* Whoever reads a summary into a file must hear that it is not there. */
START_TEST(says_so_if_it_cannot_write)
{
	tool_name("args");
	ck_assert_int_eq(status_of("--help", "/dev/full"), MISTAKE);
	ck_assert_int_eq(status_of("--version", "/dev/full"), MISTAKE);
}
END_TEST

UNIT_SUITE(args, takes, ends, says_so_if_it_cannot_write)
