/* A switch's configuration: its defaults, and the place of each refusal. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "conf/settings.h"
#include "conf/settings_files.h"
#include "unit.h"

static char dir[] = "/tmp/rp-unit-settings-XXXXXX";

static int
read_text(const char *text, struct settings *s, char why[static WHY_TEXT])
{
	static char path[64];
	const struct conf_source from = { path, NULL, false };
	FILE *out;
	int err;

	snprintf(path, sizeof(path), "%s/rp.conf", dir);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	fclose(out);
	why[0] = '\0';
	ck_assert_int_eq(settings_defaults(s), 0);
	err = settings_read(s, &from, NULL, why);
	return err < 0 ? err : settings_files_check(s, true, why);
}

static void
set_up(void)
{
	char path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/c.pem", dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
}

static void
tear_down(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/c.pem", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/rp.conf", dir);
	unlink(path);
	rmdir(dir);
}

#define TLS "tls: { certificate = \"c.pem\"; key = \"c.pem\"; };\n"

START_TEST(reads)
{
	struct settings s;
	char why[WHY_TEXT], path[128];
	int err;

	set_up();
	err = read_text(TLS "call: { listen = [ \"127.0.0.1:0\", \"[::1]:0\" ];"
	    " };\nrelay: { secret = [ \"0123456789abcdef\" ]; };\n"
	    "directory = \"sqlite:rp.db\"; control = \"\"; max_calls = 3;\n",
	    &s, why);
	ck_assert_msg(err == 0, "%s", why);
	ck_assert_uint_eq(s.listen.n, 2);
	ck_assert_str_eq(s.answer_listen.item[0], "0.0.0.0:31338");
	ck_assert_str_eq(s.relay_secret.item[0], "0123456789abcdef");
	ck_assert_ptr_null(s.control);
	ck_assert_int_eq(s.max_calls, 3);
	snprintf(path, sizeof(path), "sqlite:%s/rp.db", dir);
	ck_assert_str_eq(s.directory, path);
	snprintf(path, sizeof(path), "%s/c.pem", dir);
	ck_assert_str_eq(s.keys.item[0], path);
	settings_free(&s);
	tear_down();
}
END_TEST

START_TEST(makes_a_secret)
{
	struct settings a, b;
	char why[WHY_TEXT];

	set_up();
	ck_assert_int_eq(read_text(TLS, &a, why), 0);
	ck_assert_int_eq(read_text(TLS, &b, why), 0);
	ck_assert_uint_eq(a.relay_secret.n, 1);
	ck_assert_uint_eq(strlen(a.relay_secret.item[0]), 64);
	ck_assert_str_ne(a.relay_secret.item[0], b.relay_secret.item[0]);
	settings_free(&a);
	settings_free(&b);
	tear_down();
}
END_TEST

/* Reload a file with `text` into `s`, as the switch does. */
static void
reload(struct settings *s, const char *text)
{
	struct settings anew;
	char why[WHY_TEXT];

	ck_assert_int_eq(read_text(text, &anew, why), 0);
	settings_adopt(s, &anew);
	settings_free(&anew);
}

START_TEST(adopts)
{
	struct settings s;
	char why[WHY_TEXT], made[128];

	set_up();
	ck_assert_int_eq(read_text(TLS, &s, why), 0);
	snprintf(made, sizeof(made), "%s", s.relay_secret.item[0]);
	reload(&s, TLS "max_calls = 7; name = \"other\"; "
	    "log: { level = \"debug\"; }; relay: { threads = 2; };");
	ck_assert_int_eq(s.max_calls, 7);
	ck_assert_str_eq(s.log_level, "debug");
	ck_assert_str_ne(s.name, "other");
	ck_assert_int_eq(s.relay_threads, 1);
	/* A random secret outlives only a reload that sets none. */
	ck_assert_str_eq(s.relay_secret.item[0], made);
	ck_assert(s.relay_secret_made);
	reload(&s, TLS "relay: { secret = \"sixteen-or-more-characters\"; };");
	ck_assert_str_eq(s.relay_secret.item[0], "sixteen-or-more-characters");
	ck_assert(!s.relay_secret_made);
	ck_assert_int_eq(s.max_calls, 1000);
	reload(&s, TLS);
	ck_assert_str_eq(s.relay_secret.item[0], "sixteen-or-more-characters");
	settings_free(&s);
	tear_down();
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *text, *wrong;
	} cases[] = {
		{ "\nmax_cals = 1;", "rp.conf:2: max_cals: no such key" },
		{ TLS "call: {\nlisten = \"here\"; };",
		    "rp.conf:3: call.listen: invalid address \"here\"" },
		{ TLS "relay: { listen = [ ]; };",
		    "rp.conf:2: relay.listen: wants an address" },
		{ TLS "relay: { external_address = \"x\"; };",
		    "rp.conf:2: relay.external_address: invalid address" },
		{ TLS "metrics: { listen = \"x\"; };",
		    "rp.conf:2: metrics.listen: invalid address" },
		{ TLS "relay: { secret = \"short\"; };",
		    "rp.conf:2: relay.secret: wants 16 characters" },
		{ TLS "log: { level = \"loud\"; };",
		    "rp.conf:2: log.level: wants error" },
		{ TLS "name = \"\";", "rp.conf:2: name: wants a host name" },
		{ TLS "name = \"a b\";", "rp.conf:2: name: wants a host" },
		{ TLS "relay: { realm = \"\"; };", "rp.conf:2: relay.realm: " },
		{ TLS "switches = ( \"za1.example.org:0\" );",
		    "rp.conf:2: switches: wants names" },
		{ TLS "switches = ( \"0\", \"1\", \"2\", \"3\", \"4\", "
		    "\"5\", \"6\", \"7\", \"8\", \"9\", \"10\", \"11\", "
		    "\"12\", \"13\", \"14\", \"15\", \"16\", \"17\", "
		    "\"18\", \"19\", \"20\", \"21\", \"22\", \"23\", "
		    "\"24\" );", "rp.conf:2: switches: wants 24 at most" },
		{ TLS "call: { push_ms = 50000; };",
		    "rp.conf:2: call.push_ms: is longer" },
		{ TLS "connections: { max = 5; };",
		    "connections.max_per_address: is more than" },
		{ TLS "numbers: { country_code = \"+27\"; };",
		    "rp.conf:2: numbers.country_code: wants at most 5 digits" },
		{ TLS "numbers: { country_code = \"027\"; };",
		    "rp.conf:2: numbers.country_code: wants 1 to 3 digits" },
		{ TLS "numbers: {\nnational_prefix = \"x\"; };",
		    "rp.conf:3: numbers.national_prefix: wants at most" },
		{ TLS "registration: { prefixes = ( \"+27\", \"27\" ); };",
		    "rp.conf:2: registration.prefixes: wants prefixes such" },
		{ TLS "registration: { prefixes = \"+\"; };",
		    "rp.conf:2: registration.prefixes: wants prefixes such" },
		{ TLS "sms: { per_hour = -1; };", "rp.conf:2: sms.per_hour: " },
		{ "tls: { certificate = \"none.pem\"; };",
		    "rp.conf:1: tls.certificate: " },
		{ "tls: { certificate = \"c.pem\"; };",
		    "rp.conf: tls.key: /etc/rp/tls/key.pem: No such file" },
	};
	const struct conf_source none = { "/nonexistent", NULL, false };
	struct settings s;
	char why[WHY_TEXT];
	size_t i;

	set_up();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(read_text(cases[i].text, &s, why), -EINVAL);
		ck_assert_msg(strstr(why, cases[i].wrong) != NULL,
		    "case %zu: \"%s\"", i, why);
		settings_free(&s);
	}
	tear_down();
	ck_assert_int_eq(settings_defaults(&s), 0);
	ck_assert_int_eq(settings_read(&s, &none, NULL, why), -ENOENT);
	settings_free(&s);
}
END_TEST

UNIT_SUITE(settings, reads, makes_a_secret, adopts, refuses)
