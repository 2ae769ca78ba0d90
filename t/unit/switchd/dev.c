/*
 * A switch for trying out: the files that --dev makes, and that it keeps them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "base/tool.h"
#include "dev/dev.h"
#include "unit.h"
#include "wire/addr.h"

static char dir[64];
static char why[WHY_TEXT];

static void
set_up(void)
{
	strcpy(dir, "/tmp/rp-unit-dev-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	strcat(dir, "/d");
}

static void
tear_down(void)
{
	char command[128];

	*strrchr(dir, '/') = '\0';
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static char *
content(const char *name)
{
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_msg(tool_read_file(&text, path, 65536) == 0, "%s", path);
	return text;
}

static void
prepare(const char *listen)
{
	struct settings s;

	ck_assert_int_eq(settings_defaults(&s), 0);
	ck_assert_msg(dev_prepare(&s, dir, listen, why) == 0, "%s", why);
	ck_assert_ptr_nonnull(strstr(s.push_command, "rp-pushsend' --dev"));
	ck_assert_ptr_nonnull(strstr(s.directory, "/d/rp.db"));
	settings_free(&s);
}

static gnutls_x509_crt_t
certificate(const char *name)
{
	char *text = content(name);
	gnutls_datum_t pem = { (unsigned char *)text, strlen(text) };
	gnutls_x509_crt_t cert;

	ck_assert_int_eq(gnutls_x509_crt_init(&cert), 0);
	ck_assert_int_eq(gnutls_x509_crt_import(cert, &pem,
	    GNUTLS_X509_FMT_PEM), 0);
	free(text);
	return cert;
}

START_TEST(makes_a_certificate)
{
	gnutls_x509_crt_t cert, ca;
	unsigned status;

	set_up();
	prepare("127.9.9.9:0");
	cert = certificate("cert.pem");
	ca = certificate("ca.pem");
	ck_assert_int_eq(gnutls_x509_crt_list_verify(&cert, 1, &ca, 1, NULL, 0,
	    0, &status), 0);
	ck_assert_uint_eq(status, 0);
	ck_assert(gnutls_x509_crt_check_hostname(cert, "localhost"));
	ck_assert(gnutls_x509_crt_check_hostname(cert, "127.0.0.1"));
	ck_assert(gnutls_x509_crt_check_hostname(cert, "::1"));
	ck_assert(gnutls_x509_crt_check_hostname(cert, "127.9.9.9"));
	ck_assert(!gnutls_x509_crt_check_hostname(cert, "127.9.9.8"));
	ck_assert(!gnutls_x509_crt_check_hostname(cert, "example.org"));
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_crt_deinit(ca);
	tear_down();
}
END_TEST

START_TEST(keeps_what_is_there)
{
	static const char *const kept[] = {
		"ca.pem", "ca.key", "alice.token", "bob.token", "relay.secret"
	};
	char *before[5], *after;
	struct stat st;
	char path[128];
	size_t i;

	set_up();
	prepare(NULL);
	for (i = 0; i < 5; i++)
		before[i] = content(kept[i]);
	prepare(NULL);
	for (i = 0; i < 5; i++) {
		after = content(kept[i]);
		ck_assert_str_eq(before[i], after);
		free(before[i]);
		free(after);
		snprintf(path, sizeof(path), "%s/%s", dir, kept[i]);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert(i == 0 || (st.st_mode & 077) == 0);
	}
	tear_down();
}
END_TEST

START_TEST(writes_accounts)
{
	struct addr addr;
	char *text, *token;

	set_up();
	prepare(NULL);
	addr_parse(&addr, "127.0.0.1:4711", 0);
	ck_assert_int_eq(dev_accounts(dir, &addr, &addr, why), 0);
	text = content("bob.conf");
	token = content("bob.token");
	ck_assert_ptr_nonnull(strstr(text, "number = \"bob\";"));
	ck_assert_ptr_nonnull(strstr(text, "switch = \"127.0.0.1:4711\";"));
	ck_assert_ptr_nonnull(strstr(text, token));
	free(text);
	free(token);
	tear_down();
}
END_TEST

START_TEST(refuses)
{
	struct settings s;
	char path[128];

	set_up();
	ck_assert_int_eq(settings_defaults(&s), 0);
	ck_assert_int_eq(dev_prepare(&s, dir, "nowhere", why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why,
	    "--listen: invalid address \"nowhere\""));
	ck_assert_int_eq(dev_prepare(&s, "/nonexistent/d", NULL, why),
	    -ENOENT);
	prepare(NULL);
	snprintf(path, sizeof(path), "%s/bob.token", dir);
	ck_assert_int_eq(tool_write_file(path, "mine"), 0);
	ck_assert_int_lt(dev_prepare(&s, dir, NULL, why), 0);
	ck_assert_ptr_nonnull(strstr(why, "bob.token: is not 64"));
	settings_free(&s);
	tear_down();
}
END_TEST

UNIT_SUITE(dev, makes_a_certificate, keeps_what_is_there, writes_accounts,
    refuses)
