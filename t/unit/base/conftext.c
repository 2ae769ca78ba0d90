/*
 * A configuration with its includes. Exactly libconfig's includes are
 * recognized, each setting keeps its own file and line, and an unreadable file
 * is reported with the line that names it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conftext.h"
#include "unit.h"

static char dir[] = "/tmp/rp-unit-conftext-XXXXXX";
static const char *const names[] = { "m", "a", "d/b" };
static struct conftext_options options = { 1 << 20, true, NULL };

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("d", 0700), 0);
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < 3; i++)
		unlink(names[i]);
	unlink("fifo");
	ck_assert_int_eq(rmdir("d"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
have(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

/* "name@file:line" of each setting, or "!" and why there is none. */
static const char *
read_it(const char *file)
{
	static char out[WHY_TEXT + 1];
	char place[CONFTEXT_PLACE];
	struct conftext *text;
	const config_setting_t *s;
	unsigned i;

	strcpy(out, "!");
	if (conftext_read(&text, file, &options, out + 1) < 0)
		return out;
	out[0] = '\0';
	for (i = 0; (s = config_setting_get_elem(conftext_root(text),
	    i)) != NULL; i++)
		snprintf(out + strlen(out), sizeof(out) - strlen(out),
		    "%s%s@%s", i > 0 ? " " : "", config_setting_name(s),
		    conftext_place(place, text, s));
	conftext_free(text);
	return out;
}

START_TEST(includes)
{
	static const struct {
		const char *text[3];	/* of m, a and d/b */
		const char *result;
	} cases[] = {
		/* Where each stands, and what follows. */
		{ { "x=1\n@include \"a\"\ny=2", "a=1\nb=2" },
		    "x@m:1 a@a:1 b@a:2 y@m:3" },
		{ { "@include \"a\"\n \t@include\t \"a2\"", "" },
		    "!m:2: @include \"a2\": No such file or directory" },
		{ { "@include \"a\" y=2\nz=3", "a=1" }, "a@a:1 y@m:1 z@m:2" },
		{ { "x=1;\n  @include \"a\"\ny=2;\n", "" }, "x@m:1 y@m:3" },
		{ { "@include \"a\"", "\n\n# only a comment" }, "" },
		{ { "", NULL }, "" },
		{ { "\r\n@include \"a\"\r\ny=2;\r\n", "a=1;\r\n\r\nb=2;" },
		    "a@a:1 b@a:3 y@m:3" },
		{ { "\xef\xbb\xbf@include \"a\"\n", "\xef\xbb\xbf" "a=1" },
		    "a@a:1" },
		/* Beside the file that says it. */
		{ { "@include \"d/b\"\ny=1", "a=1",
		    "x=1\n@include \"../a\"\nz=1" },
		    "x@d/b:1 a@d/../a:1 z@d/b:3 y@m:2" },
		/* In the middle of things. */
		{ { "g: {\n@include \"a\"\n};\nl = (\n@include \"d/b\"\n);",
		    "x=1;", "1,2" }, "g@m:1 l@m:4" },
		{ { "x =\n@include \"a\"\n;y=1", "5" }, "x@m:1 y@m:3" },
		{ { "x=1\n@include \"a\"\n;", "" }, "x@m:1" },
		/* Not for including. */
		{ { "x=\"\n@include \\\"none\\\"\n\";y=1" }, "x@m:1 y@m:3" },
		{ { "x=\"\\\\\";\n@include \"a\"", "a=1" }, "x@m:1 a@a:1" },
		{ { "/*\n@include \"none\"\n**/y=1" }, "y@m:3" },
		{ { "#\\\n#@include \"none\"\n// @include \"none\"\ny=1#@" },
		    "y@m:4" },
		{ { "/*/\n@include \"none\"\n*/y=1//\"/*" }, "y@m:3" },
		{ { "x=1 @include \"a\"", "" },
		    "!m:1: @ is for @include at the beginning of a line" },
		{ { "/**/@include \"a\"", "" },
		    "!m:1: @ is for @include at the beginning of a line" },
		{ { "@include \"a\"@include \"a\"", "" },
		    "!m:1: @ is for @include at the beginning of a line" },
		{ { "x=\"\n\" @include \"a\"", "" },
		    "!m:2: @ is for @include at the beginning of a line" },
		{ { "@include\n\"a\"" }, "!m:1: @ is for @include \"FILE\"" },
		{ { "@included \"a\"" }, "!m:1: @ is for @include \"FILE\"" },
		{ { "x=1;\n@" }, "!m:2: @ is for @include \"FILE\"" },
		{ { "@include \"a" }, "!m:1: @include: wants a file's name in "
		    "quotes" },
		{ { "@include \"a\n\"" }, "!m:1: @include: wants a file's name "
		    "in quotes" },
		{ { "@include \"\"" }, "!m:1: @include: wants a file's name in "
		    "quotes" },
		{ { "@include \"a\\b\"" }, "!m:1: @include: wants \\\\ for a "
		    "backslash" },
		{ { "@include \"\\\"\\\\\"" }, "!m:1: @include \"\"\\\": No "
		    "such file or directory" },
		/* What cannot be. */
		{ { "\n@include \"m\"" },
		    "!m:2: @include: the file includes itself" },
		{ { "@include \"a\"", "\n\n@include \"d/../m\"" },
		    "!a:3: @include: the file includes itself" },
		{ { "x=1;\n@include \"d\"" }, "!m:2: @include \"d\": Is a "
		    "directory" },
		{ { "@include \"/dev/null\"" }, "!m:1: @include \"/dev/null\": "
		    "Not a regular file" },
		{ { "@include \"fifo\"" }, "!m:1: @include \"fifo\": Not a "
		    "regular file" },
		/* Mistakes, where they are. */
		{ { "x=1;\n@include \"a\"", "\na=;" }, "!a:2: syntax error" },
		{ { "@include \"a\"\nx=1", "x=1" }, "!m:2: duplicate setting "
		    "name" },
		{ { "@include \"a\"\nx=", "a=1" }, "!m:2: syntax error" },
		{ { "g: {\n@include \"a\"", "x=1\n" }, "!m:2: syntax error" },
		{ { "x=1\n/* a\nb" }, "!m:2: unterminated comment" },
		{ { "\nx=\"a\nb\n" }, "!m:2: unterminated string" },
		{ { "@include \"a\"\n*/\"", "/* a" }, "!a:1: unterminated "
		    "comment" },
	};
	size_t i, k;

	set_up();
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (k = 0; k < 3; k++)
			if (cases[i].text[k] != NULL)
				have(names[k], cases[i].text[k],
				    strlen(cases[i].text[k]));
		ck_assert_str_eq(read_it("m"), cases[i].result);
	}
	ck_assert_str_eq(read_it("d"), "!d: Is a directory");
	ck_assert_str_eq(read_it("none"), "!none: No such file or directory");
	have("m", "x=1;\ny=\"\0\";", 11);
	ck_assert_str_eq(read_it("m"),
	    "!m:2: holds a NUL byte, so it is not text");
	tear_down();
}
END_TEST

START_TEST(bounds)
{
	enum { LONG = 200000 };
	char *much = malloc(LONG + 1), line[64];
	size_t len, i;

	ck_assert_ptr_nonnull(much);
	set_up();
	/* Bytes, of all files together. */
	have("a", "a=1;", 4);
	have("m", "@include \"a\"", 12);
	options.max_bytes = 16;
	ck_assert_str_eq(read_it("m"), "a@a:1");
	options.max_bytes = 15;
	ck_assert_str_eq(read_it("m"), "!m:1: @include \"a\": File too large: "
	    "15 bytes at most in all");
	options.max_bytes = 11;
	ck_assert_str_eq(read_it("m"), "!m: File too large: 11 bytes at most");
	options.max_bytes = 1 << 20;
	/* Files: none of them large, and none in itself. */
	for (len = i = 0; i < 300; i++)
		len += (size_t)sprintf(much + len, "@include \"d/b\"\n");
	have("a", "", 0);
	have("d/b", "@include \"../a\"\n", 16);
	have("m", much, len);
	ck_assert_str_eq(read_it("m"), "!d/b:1: @include: too many files");
	/* Settings, because libconfig compares each with all. */
	for (len = i = 0; i < 5000; i++)
		len += (size_t)sprintf(much + len, "x%zu=1;%s", i,
		    i % 10 == 9 ? "\n" : "");
	have("m", much, len);
	ck_assert_str_eq(read_it("m"), "!m:410: too many settings");
	/* Brackets. */
	memset(much, '(', LONG);
	memcpy(much, "x=", 2);
	have("m", much, LONG);
	ck_assert_str_eq(read_it("m"), "!m:1: too many brackets open");
	/* A long line is nothing special. */
	memset(much, '#', LONG);
	memcpy(much + LONG - 5, "\ny=1;", 5);
	have("m", much, LONG);
	ck_assert_str_eq(read_it("m"), "y@m:2");
	/* Depth, by names that differ. */
	for (i = 0; i <= 12; i++) {
		snprintf(line, sizeof(line), "d/%zu", i);
		len = (size_t)sprintf(much, "@include \"%zu\"", i + 1);
		have(line, much, len);
	}
	ck_assert_str_eq(read_it("d/0"), "!d/10:1: @include: too deep");
	for (i = 0; i <= 12; i++) {
		snprintf(line, sizeof(line), "d/%zu", i);
		unlink(line);
	}
	tear_down();
	free(much);
}
END_TEST

/* A command line may name a pipe; a switch that runs does not wait for one. */
START_TEST(pipes)
{
	char name[32];
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "x=1;", 4), 4);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	ck_assert_ptr_nonnull(strstr(read_it(name), ": Not a regular file"));
	close(fds[1]);
	options.regular = false;
	ck_assert_int_eq(strncmp(read_it(name), "x@/dev/fd/", 10), 0);
	options.regular = true;
}
END_TEST

UNIT_SUITE(conftext, includes, bounds, pipes)
