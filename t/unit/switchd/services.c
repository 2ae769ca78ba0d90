/* The files of relay.services and relay.users, and where a mistake is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/turnusers.h"
#include "conf/settings.h"
#include "unit.h"

#define KEY "23f4d00cbc5757583dfbbcf4a94e32c7"
#define A "name = \"a\"; realm = \"a.example\"; secret = \"sixteen-or-more-a\";"
#define B "name = \"b\"; realm = \"a.example\"; secret = \"sixteen-or-more-b\";"

static char dir[] = "/tmp/rp-unit-services-XXXXXX";
static const char *const files[] = { "rp.conf", "a.conf", "b.conf", "users",
	"secret" };

static void
put(const char *name, const char *text)
{
	char path[64];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	fclose(out);
	chmod(path, 0600);
}

static void
set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	put("users", "alice:rp:" KEY "\nalice:a.example:" KEY "\n");
	put("secret", "sixteen-or-more-c\n");
}

static void
tear_down(void)
{
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

static int
read_relay(struct settings *s, const char *relay, char why[static WHY_TEXT])
{
	static char path[64], text[1024];
	const struct conf_source from = { path, NULL, false };

	snprintf(text, sizeof(text), "relay: { peers = \"clients\"; %s };\n",
	    relay);
	put("rp.conf", text);
	snprintf(path, sizeof(path), "%s/rp.conf", dir);
	why[0] = '\0';
	ck_assert_int_eq(settings_defaults(s), 0);
	return settings_read(s, &from, NULL, why);
}

START_TEST(reads)
{
	struct settings s;
	char why[WHY_TEXT];
	int err;

	set_up();
	put("a.conf", A "tls_names = [ \"t.example.org\" ]; allocations = 5;"
	    "allocations_per_user = 2; kbps_per_user = 100; kbps = 1000;");
	put("b.conf", "name = \"b\"; realm = \"a.example\"; users = \"users\";"
	    "secret_file = \"secret\";");
	err = read_relay(&s, "users = \"users\"; "
	    "services = [ \"a.conf\", \"b.conf\" ];", why);
	ck_assert_msg(err == 0, "%s", why);
	ck_assert_uint_eq(turnusers_count(s.services.users, "rp"), 1);
	ck_assert_uint_eq(s.services.n, 2);
	ck_assert_uint_eq(s.services.item[0].number, 1);
	ck_assert_uint_eq(s.services.item[1].number, 2);
	ck_assert_int_eq(s.services.item[0].per_user, 2);
	ck_assert_str_eq(s.services.item[1].secret.item[0],
	    "sixteen-or-more-c");
	ck_assert_uint_eq(turnusers_count(s.services.item[1].users,
	    "a.example"), 1);
	settings_free(&s);
	tear_down();
}
END_TEST

START_TEST(tells_what_is_wrong)
{
	static const struct {
		const char *a, *b, *why;
	} bad[] = {
		{ "nam = 1;", NULL, "a.conf:1: nam:" },
		{ "realm = \"x\";", NULL, "a.conf: name: wants" },
		{ "name = \"relay\";", NULL, "a.conf:1: name: wants" },
		{ "name = \"a b\";", NULL, "a.conf:1: name: wants" },
		{ "name = \"a\";", NULL, "a.conf: realm: wants" },
		{ "name = \"a\"; realm = \"r\";", NULL,
		    "a.conf: secret: wants a secret" },
		{ "name = \"a\"; realm = \"r\";\nsecret = \"short\";", NULL,
		    "a.conf:2: secret: wants 16" },
		{ A "secret_file = \"secret\";", NULL,
		    "a.conf:1: secret_file: secret is set too" },
		{ A "users = \"none\";", NULL, "a.conf:1: users: " },
		{ A "tls_names = \"a b\";", NULL, "a.conf:1: tls_names: " },
		{ A "kbps = -1;", NULL, "a.conf:1: kbps:" },
		{ "name = \"a\"; realm = \"r:s\"; users = \"users\";", NULL,
		    "a.conf:1: users: wants a realm without a colon" },
		{ A, "name = \"a\"; realm = \"r\"; secret = "
		    "\"sixteen-or-more-b\";", "b.conf:1: name: " },
		{ A "tls_names = \"x.org\";", B "tls_names = \"X.org\";",
		    "b.conf:1: tls_names: " }
	};
	struct settings s;
	char why[WHY_TEXT];
	size_t i;

	set_up();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("a.conf", bad[i].a);
		put("b.conf", bad[i].b != NULL ? bad[i].b : B);
		ck_assert_int_lt(read_relay(&s,
		    "services = [ \"a.conf\", \"b.conf\" ];", why), 0);
		ck_assert_msg(strstr(why, bad[i].why) != NULL, "%zu: %s", i,
		    why);
		settings_free(&s);
	}
	tear_down();
}
END_TEST

/*
 * A service keeps its number over reloads, and nobody else gets it before there are
 * no others and it has no allocations.
 */
START_TEST(numbers)
{
	struct settings first, anew;
	char why[WHY_TEXT], text[128];
	bool idle[SERVICES_MAX + 1] = { false };
	unsigned i;

	set_up();
	put("a.conf", A);
	put("b.conf", B);
	ck_assert_int_eq(read_relay(&first,
	    "services = [ \"a.conf\", \"b.conf\" ];", why), 0);
	ck_assert_int_eq(read_relay(&anew, "services = \"b.conf\";", why), 0);
	ck_assert_uint_eq(anew.services.item[0].number, 1);
	ck_assert_int_eq(services_number(&anew, &first, NULL, why), 0);
	ck_assert_uint_eq(anew.services.item[0].number, 2);
	settings_adopt(&first, &anew);
	settings_free(&anew);
	/* Others get the numbers that are left, and not that of a. */
	for (i = 3; i <= SERVICES_MAX + 1; i++) {
		snprintf(text, sizeof(text), "name = \"n%u\"; realm = \"r\"; "
		    "secret = \"sixteen-or-more-b\";", i);
		put("a.conf", text);
		ck_assert_int_eq(read_relay(&anew, "services = \"a.conf\";",
		    why), 0);
		if (i > SERVICES_MAX)
			break;
		ck_assert_int_eq(services_number(&anew, &first, NULL, why), 0);
		ck_assert_uint_eq(anew.services.item[0].number, i);
		settings_adopt(&first, &anew);
		settings_free(&anew);
	}
	ck_assert_int_lt(services_number(&anew, &first, NULL, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "relay.services: wants 64 names at most"));
	/* That of n64 is served until this reload. */
	idle[SERVICES_MAX] = true;
	ck_assert_int_lt(services_number(&anew, &first, idle, why), 0);
	idle[7] = true;
	ck_assert_int_eq(services_number(&anew, &first, idle, why), 0);
	ck_assert_uint_eq(anew.services.item[0].number, 7);
	ck_assert_uint_eq(anew.services.names.n, SERVICES_MAX);
	settings_free(&anew);
	put("a.conf", A);
	ck_assert_int_eq(read_relay(&anew, "services = \"a.conf\";", why), 0);
	ck_assert_int_eq(services_number(&anew, &first, NULL, why), 0);
	ck_assert_uint_eq(anew.services.item[0].number, 1);
	settings_free(&anew);
	settings_free(&first);
	tear_down();
}
END_TEST

UNIT_SUITE(services, reads, tells_what_is_wrong, numbers)
