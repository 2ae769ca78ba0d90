/* The account file: its paths, its defaults, and the errors in bad ones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "base/jwt.h"
#include "unit.h"
#include "who/account.h"

static char file[64];

static int
read_text(struct account *account, const char *text, char why[static WHY_TEXT])
{
	strcpy(file, "/tmp/rp-unit-account-XXXXXX");
	close(mkstemp(file));
	ck_assert_int_eq(tool_write_file(file, text), 0);
	*why = '\0';
	return account_read(account, file, why);
}

START_TEST(reads)
{
	struct account account;
	char why[WHY_TEXT];

	ck_assert_int_eq(read_text(&account, "number = \"bob\";\n"
	    "token = \"t0\";\nswitch = \"rp.example.org:1\";\n"
	    "ca = \"ca.pem\";\nidentity = \"/x/id.pem\";\n", why), 0);
	ck_assert_str_eq(account.number, "bob");
	ck_assert_str_eq(account.token, "t0");
	ck_assert_str_eq(account.switch_name, "rp.example.org:1");
	ck_assert_str_eq(account.ca, "/tmp/ca.pem");
	ck_assert_str_eq(account.identity, "/x/id.pem");
	ck_assert_str_eq(account.known_peers, "/tmp/bob.known_peers");
	account_clear(&account);
	ck_assert_int_eq(read_text(&account,
	    "number = \"bob\"; token = \"t0\";", why), 0);
	ck_assert_ptr_null(account.ca);
	ck_assert_ptr_null(account.switch_name);
	ck_assert_str_eq(account.identity, "/tmp/bob.identity.pem");
	account_clear(&account);
	unlink(file);
}
END_TEST

START_TEST(reads_a_token_file)
{
	struct account account;
	char why[WHY_TEXT];

	ck_assert_int_eq(tool_write_file("/tmp/rp-unit-account.token",
	    "t0\n"), 0);
	ck_assert_int_eq(read_text(&account, "number = \"bob\";\n"
	    "token_file = \"rp-unit-account.token\";\n", why), 0);
	ck_assert_str_eq(account.token, "t0");
	account_clear(&account);
	unlink(file);
	ck_assert_int_eq(read_text(&account, "number = \"bob\";\n"
	    "token_file = \"rp-unit-account.token\"; token = \"t\";", why),
	    -EINVAL);
	ck_assert_msg(strstr(why, ":2: token_file: token is set too") != NULL,
	    "%s", why);
	unlink(file);
	unlink("/tmp/rp-unit-account.token");
	ck_assert_int_eq(read_text(&account, "number = \"bob\";\n"
	    "token_file = \"rp-unit-account.token\";\n", why), -EINVAL);
	ck_assert_msg(strstr(why, ":2: token_file: /tmp/rp-unit-account.token"
	    ": No such file") != NULL, "%s", why);
	unlink(file);
}
END_TEST

/* What a shell expands, where none was. */
START_TEST(knows_our_home)
{
	struct account account;
	char why[WHY_TEXT];

	setenv("HOME", "/home/bob", 1);
	ck_assert_int_eq(read_text(&account, "number = \"bob\";\n"
	    "token = \"t0\"; ca = \"~/ca.pem\"; identity = \"~ann/id\";\n"
	    "known_peers = \"a/~/b\";\n", why), 0);
	ck_assert_str_eq(account.ca, "/home/bob/ca.pem");
	ck_assert_str_eq(account.identity, "/tmp/~ann/id");
	ck_assert_str_eq(account.known_peers, "/tmp/a/~/b");
	account_clear(&account);
	unlink(file);
	setenv("HOME", "/tmp", 1);
	ck_assert_int_eq(account_read(&account, "~/none/such.conf", why),
	    -ENOENT);
	ck_assert_msg(strstr(why, "/tmp/none/such.conf: No such file") != NULL,
	    "%s", why);
	unsetenv("HOME");
	ck_assert_int_eq(account_read(&account, "~/x.conf", why), -ENOENT);
	ck_assert_str_eq(why, "~/x.conf: HOME is not set");
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "token = \"t\";", "number is missing" },
		{ "number = \"a\";", "token is missing" },
		{ "number = \"a b\"; token = \"t\";", "number: wants" },
		{ "number = \"a/../b\"; token = \"t\";", "number: wants" },
		{ "number = \"a\"; token = \"\";", "token: wants" },
		{ "number = \"a\"; token = \"t\"; switch = \":1\";",
		    "switch: wants" },
		{ "number = 1; token = \"t\";", ":1: number: wants a string" },
		{ "\nnumbr = \"a\";", ":2: numbr: no such key" },
	};
	struct account account;
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(read_text(&account, cases[i].text, why),
		    -EINVAL);
		ck_assert_msg(strstr(why, cases[i].why) != NULL, "%s", why);
		ck_assert_ptr_null(account.number);
		unlink(file);
	}
	ck_assert_int_eq(account_read(&account, "/nowhere/at/all", why),
	    -ENOENT);
}
END_TEST

START_TEST(enrols)
{
	struct account account;
	char why[WHY_TEXT];

	/* A file that says whom to trust, without its last newline. */
	ck_assert_int_eq(read_text(&account, "ca = \"ca.pem\";", why),
	    -EINVAL);
	ck_assert_int_eq(account_draft(&account, file, why), 0);
	ck_assert_str_eq(account.ca, "/tmp/ca.pem");
	ck_assert_int_eq(account_enrol(&account, "bob", "t0", NULL, "s:1"),
	    0);
	account_clear(&account);
	ck_assert_int_eq(account_read(&account, file, why), 0);
	ck_assert_str_eq(account.number, "bob");
	ck_assert_str_eq(account.token, "t0");
	ck_assert_str_eq(account.switch_name, "s:1");
	ck_assert_str_eq(account.ca, "/tmp/ca.pem");
	account_clear(&account);
	ck_assert_int_eq(account_draft(&account, file, why), -EEXIST);
	unlink(file);
	/* None at all. */
	ck_assert_int_eq(account_draft(&account, file, why), 0);
	ck_assert_int_eq(account_enrol(&account, "bob", "t0", NULL, "s:1"),
	    0);
	account_clear(&account);
	ck_assert_int_eq(account_read(&account, file, why), 0);
	account_clear(&account);
	unlink(file);
}
END_TEST

/* Enrol an account file, and return where its key is. */
static char *
enrol(const char *number, const char *pem)
{
	struct account account;
	char why[WHY_TEXT], *path;

	ck_assert_int_eq(read_text(&account, "ca = \"ca.pem\";", why),
	    -EINVAL);
	ck_assert_int_eq(account_draft(&account, file, why), 0);
	ck_assert_int_eq(account_enrol(&account, number, NULL, pem, "s:1"), 0);
	account_clear(&account);
	ck_assert_int_eq(account_read(&account, file, why), 0);
	ck_assert_ptr_null(account.token);
	ck_assert_ptr_nonnull(account.key);
	path = strdup(account.key_file);
	account_clear(&account);
	ck_assert_int_eq(account_draft(&account, file, why), -EEXIST);
	unlink(file);
	return path;
}

static void
check_key(char *path, const char *pem)
{
	char *text;

	ck_assert_int_eq(tool_read_file(&text, path, 4096), 0);
	ck_assert_str_eq(text, pem);
	free(text);
	unlink(path);
	free(path);
}

START_TEST(enrols_with_a_key)
{
	struct account account;
	char why[WHY_TEXT], number[32], wanted[64], *pem, *other, *one, *two;

	snprintf(number, sizeof(number), "bob%d", (int)getpid());
	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_new(&other), 0);
	one = enrol(number, pem);
	snprintf(wanted, sizeof(wanted), "/tmp/%s.device.pem", number);
	ck_assert_str_eq(one, wanted);
	/* Another account of the number is beside it. */
	two = enrol(number, other);
	snprintf(wanted, sizeof(wanted), "/tmp/%s.device-2.pem", number);
	ck_assert_str_eq(two, wanted);
	check_key(one, pem);
	check_key(two, other);
	ck_assert_int_eq(read_text(&account, "number = \"bob\"; token = \"t\";"
	    "key = \"bob.device.pem\";", why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "token is set too"));
	unlink(file);
	ck_assert_int_eq(read_text(&account, "number = \"bob\";"
	    "key = \"missing.device.pem\";", why), -EINVAL);
	unlink(file);
	free(pem);
	free(other);
}
END_TEST

START_TEST(finds_the_default)
{
	struct account account;
	char why[WHY_TEXT];

	setenv("XDG_CONFIG_HOME", "/nowhere/config", 1);
	ck_assert_int_eq(account_read(&account, NULL, why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "/nowhere/config/rp/account.conf"));
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nowhere/home", 1);
	ck_assert_int_eq(account_read(&account, NULL, why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why,
	    "/nowhere/home/.config/rp/account.conf"));
	unsetenv("HOME");
	ck_assert_int_eq(account_read(&account, NULL, why), -ENOENT);
	ck_assert_ptr_nonnull(strstr(why, "--account"));
}
END_TEST

UNIT_SUITE(account, reads, refuses, enrols, enrols_with_a_key,
    finds_the_default, reads_a_token_file, knows_our_home)
