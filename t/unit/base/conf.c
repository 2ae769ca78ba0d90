/* A configuration is read whole, or refused with its file and line. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "unit.h"

struct example {
	char *name;
	struct conf_strings list;
	long number;
	bool flag;
};

static const struct conf_key keys[] = {
	{ "name", CONF_STRING, offsetof(struct example, name), 0, 0 },
	{ "group.list", CONF_STRINGS | CONF_RELOAD,
	    offsetof(struct example, list), 0, 0 },
	{ "group.number", CONF_INT | CONF_RELOAD,
	    offsetof(struct example, number), 1, 9 },
	{ "group.flag", CONF_BOOL, offsetof(struct example, flag), 0, 0 },
};

static int
read_text(const char *text, struct example *out, char why[static WHY_TEXT])
{
	char path[] = "/tmp/rp-unit-conf-XXXXXX";
	int fd = mkstemp(path), err;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	err = conf_read(path, keys, 4, out, why);
	unlink(path);
	return err;
}

START_TEST(reads)
{
	struct example e = { .number = 7 };
	char why[WHY_TEXT];

	ck_assert_int_eq(read_text("name = \"x\";\ngroup: { list = [ \"a\", "
	    "\"b\" ]; flag = true; };", &e, why), 0);
	ck_assert_str_eq(e.name, "x");
	ck_assert_uint_eq(e.list.n, 2);
	ck_assert_str_eq(e.list.item[1], "b");
	ck_assert_int_eq(e.number, 7);
	ck_assert(e.flag);
	ck_assert_int_eq(read_text("group.list = \"c\";", &e, why), -EINVAL);
	ck_assert_int_eq(read_text("group: { list = \"c\"; };", &e, why), 0);
	ck_assert_uint_eq(e.list.n, 1);
	conf_free(keys, 4, &e);
	ck_assert_ptr_null(e.name);
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "nam = 1;", ":1: nam: no such key" },
		{ "\nname = 1;", ":2: name: wants a string" },
		{ "group: {\n number = 10; };",
		    ":2: group.number: wants 1 to 9" },
		{ "group: { number = \"1\"; };", "wants a whole number" },
		{ "group: { flag = 1; };", "wants true or false" },
		{ "group: { list = [ 1 ]; };", "wants a list of strings" },
		{ "name = ", ":1: syntax error" },
		{ "groups: { };", ":1: groups: no such group" },
		{ "group: {\n more: { }; };", ":2: group.more: no such group" },
		{ "grou: { };", ":1: grou: no such group" },
	};
	struct example e = { 0 };
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(read_text(cases[i].text, &e, why), -EINVAL);
		ck_assert_msg(strstr(why, cases[i].wrong) != NULL, "%s", why);
	}
	ck_assert_int_eq(conf_read("/nonexistent/x", keys, 4, &e, why),
	    -ENOENT);
	conf_free(keys, 4, &e);
}
END_TEST

START_TEST(beside)
{
	char *field = NULL;

	ck_assert_int_eq(conf_set(&field, "ca.pem"), 0);
	ck_assert_int_eq(conf_beside(&field, "dir/alice.conf"), 0);
	ck_assert_str_eq(field, "dir/ca.pem");
	ck_assert_int_eq(conf_set(&field, "/etc/ca.pem"), 0);
	ck_assert_int_eq(conf_beside(&field, "dir/alice.conf"), 0);
	ck_assert_str_eq(field, "/etc/ca.pem");
	ck_assert_int_eq(conf_set(&field, "sqlite:rp.db"), 0);
	ck_assert_int_eq(conf_beside_url(&field, "sqlite:", "dir/x.conf"), 0);
	ck_assert_str_eq(field, "sqlite:dir/rp.db");
	ck_assert_int_eq(conf_set(&field, "redis://rp.db"), 0);
	ck_assert_int_eq(conf_beside_url(&field, "sqlite:", "dir/x.conf"), 0);
	ck_assert_str_eq(field, "redis://rp.db");
	conf_set(&field, NULL);
}
END_TEST

/* In the query of a URL, a file is beside the configuration as well. */
START_TEST(beside_query)
{
	static const char *const rows[][2] = {
		{ "rediss://h/?ca=ca.pem", "rediss://h/?ca=a%20b/d/ca.pem" },
		{ "rediss://h/?ca=/ca.pem&password_file=p%20q",
		    "rediss://h/?ca=/ca.pem&password_file=a%20b/d/p%20q" },
		{ "rediss://h/?ca=%2fca&db=1&password_file=x&user=ca",
		    "rediss://h/?ca=%2fca&db=1&password_file=a%20b/d/x&user=ca"
		},
		{ "postgresql://h/d?sslrootcert=system&sslcert=c&passfile=",
		    "postgresql://h/d?sslrootcert=system&sslcert=a%20b/d/c"
		    "&passfile=" },
		{ "postgresql://h/d?ca&&=x&", "postgresql://h/d?ca&&=x&" },
		{ "redis://h/1", "redis://h/1" },
		{ "sqlite:x?ca=y", "sqlite:x?ca=y" },
	};
	char *url = NULL;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(conf_set(&url, rows[i][0]), 0);
		ck_assert_int_eq(conf_beside_query(&url, "a b/d/x.conf"), 0);
		ck_assert_str_eq(url, rows[i][1]);
		ck_assert_int_eq(conf_set(&url, rows[i][0]), 0);
		ck_assert_int_eq(conf_beside_query(&url, "x.conf"), 0);
		ck_assert_str_eq(url, rows[i][0]);
	}
	conf_set(&url, NULL);
}
END_TEST

/* Other keys may be there and even wrong, but not those that are wanted. */
START_TEST(picks)
{
	struct example e = { 0 };
	char file[] = "/tmp/unit-conf-XXXXXX", why[WHY_TEXT];
	int fd = mkstemp(file);
	FILE *out = fdopen(fd, "w");

	fputs("other = 1;\ngroup: { number = 3; };\nmore: { x = \"\"; };\n",
	    out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(conf_read(file, keys, 4, &e, why), -EINVAL);
	ck_assert_int_eq(conf_pick(file, keys, 4, &e, why), 0);
	ck_assert_int_eq(e.number, 3);
	ck_assert_int_eq(conf_pick("/nonexistent/x", keys, 4, &e, why),
	    -ENOENT);
	unlink(file);
	conf_free(keys, 4, &e);
}
END_TEST

/* Included files and the place of a complaint are found in the folder. */
START_TEST(reads_for_another_folder)
{
	struct example e = { 0 };
	char dir[] = "/tmp/rp-unit-conf-XXXXXX", part[64], why[WHY_TEXT];
	char file[] = "/tmp/rp-unit-conf-XXXXXX";
	struct conf_source from = { file, NULL, true };
	FILE *out;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(part, sizeof(part), "%s/part", dir);
	out = fopen(part, "w");
	fputs("\nname = \"x\";\n", out);
	ck_assert_int_eq(fclose(out), 0);
	out = fdopen(mkstemp(file), "w");
	fputs("@include \"part\"\n", out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(conf_read_from(&from, keys, 4, &e, why), -ENOENT);
	from.folder = dir;
	ck_assert_msg(conf_read_from(&from, keys, 4, &e, why) == 0, "%s", why);
	ck_assert_str_eq(e.name, "x");
	conf_place(why, &from, "name", "is\nbad");
	ck_assert_msg(strstr(why, "/part:2: name: is?bad") != NULL, "%s", why);
	unlink(part);
	unlink(file);
	rmdir(dir);
	conf_free(keys, 4, &e);
}
END_TEST

/* Only what is marked changes hands, and each string has one owner. */
START_TEST(adopts)
{
	struct example e = { 0 }, anew = { 0 };
	char why[WHY_TEXT], left[WHY_TEXT];

	ck_assert_int_eq(read_text("name = \"x\";\ngroup: { list = [ \"a\", "
	    "\"b\" ]; number = 1; flag = true; };", &e, why), 0);
	ck_assert_int_eq(read_text("name = \"y\";\ngroup: { list = \"c\"; "
	    "number = 2; flag = false; };", &anew, why), 0);
	conf_left(keys, 4, &e, &e, left);
	ck_assert_str_eq(left, "");
	conf_left(keys, 4, &e, &anew, left);
	ck_assert_str_eq(left, "name group.flag");
	conf_adopt(keys, 4, &e, &anew);
	ck_assert_str_eq(e.name, "x");
	ck_assert(e.flag);
	ck_assert_int_eq(e.number, 2);
	ck_assert_uint_eq(e.list.n, 1);
	ck_assert_str_eq(e.list.item[0], "c");
	ck_assert_str_eq(anew.name, "y");
	ck_assert_uint_eq(anew.list.n, 2);
	ck_assert_str_eq(anew.list.item[1], "b");
	conf_free(keys, 4, &anew);
	ck_assert_str_eq(e.list.item[0], "c");
	conf_free(keys, 4, &e);
}
END_TEST

UNIT_SUITE(conf, reads, refuses, beside, beside_query, picks, adopts,
    reads_for_another_folder)
