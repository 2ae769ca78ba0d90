/*
 * The identity is made once and kept, and no other user may read it. Known
 * peers are found and pinned, and a changed one is detected.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "base/tool.h"
#include "unit.h"
#include "who/identity.h"
#include "who/pin.h"

static char dir[32], file[64], peers[64];

/* What is known of a peer that has no key. */
static int
check(enum identity_known *out, const char *known_peers, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256], char why[static WHY_TEXT])
{
	struct pin_claim claim = { .number = number };
	struct pin_found found;
	int err;

	memcpy(claim.fingerprint, fingerprint, CRYPTO_SHA256);
	err = pin_check(&found, known_peers, &claim, why);
	if (err == 0)
		*out = found.known;
	return err;
}

static void
make_dir(void)
{
	strcpy(dir, "/tmp/rp-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/identity.pem", dir);
	snprintf(peers, sizeof(peers), "%s/known_peers", dir);
}

static void
remove_dir(void)
{
	unlink(file);
	unlink(peers);
	ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(is_made_once)
{
	struct identity first = { .credentials = NULL }, second = first;
	char why[WHY_TEXT];
	struct stat st;

	make_dir();
	ck_assert_int_eq(identity_load(&first, file, why), 0);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(identity_load(&second, file, why), 0);
	ck_assert_mem_eq(first.fingerprint, second.fingerprint, CRYPTO_SHA256);
	identity_clear(&second);
	unlink(file);
	ck_assert_int_eq(identity_load(&second, file, why), 0);
	ck_assert_mem_ne(first.fingerprint, second.fingerprint, CRYPTO_SHA256);
	identity_clear(&first);
	identity_clear(&second);
	remove_dir();
}
END_TEST

START_TEST(refuses_what_it_cannot_trust)
{
	struct identity identity = { .credentials = NULL };
	char why[WHY_TEXT];

	make_dir();
	ck_assert_int_eq(tool_write_secret(file, "not a certificate"), 0);
	ck_assert_int_eq(identity_load(&identity, file, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, file));
	ck_assert_ptr_null(identity.credentials);
	unlink(file);
	ck_assert_int_eq(identity_load(&identity, file, why), 0);
	identity_clear(&identity);
	ck_assert_int_eq(chmod(file, 0644), 0);
	ck_assert_int_eq(identity_load(&identity, file, why), -EPERM);
	ck_assert_ptr_nonnull(strstr(why, "chmod 600"));
	ck_assert_int_eq(identity_load(&identity, "/nowhere/at/all", why),
	    -ENOENT);
	remove_dir();
}
END_TEST

START_TEST(knows_peers)
{
	uint8_t a[CRYPTO_SHA256], b[CRYPTO_SHA256];
	enum identity_known known;
	char why[WHY_TEXT];

	make_dir();
	memset(a, 0xa1, sizeof(a));
	memset(b, 0xb2, sizeof(b));
	ck_assert_int_eq(check(&known, peers, "bob", b, why), 0);
	ck_assert_int_eq(known, IDENTITY_NEW);
	ck_assert_int_eq(identity_pin(peers, "bob", b, why), 0);
	ck_assert_int_eq(identity_pin(peers, "bobby", a, why), 0);
	ck_assert_int_eq(check(&known, peers, "bob", b, why), 0);
	ck_assert_int_eq(known, IDENTITY_SAME);
	ck_assert_int_eq(check(&known, peers, "bob", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_CHANGED);
	ck_assert_int_eq(check(&known, peers, "bobby", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_SAME);
	ck_assert_int_eq(check(&known, peers, "bo", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_NEW);
	remove_dir();
}
END_TEST

START_TEST(reads_what_people_write)
{
	static const char text[] =
	    "\n"
	    "# my friends\n"
	    "\n"
	    "bob a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
	    "a1a1";
	static const char *const bad[] = {
		"bob\n", "bob a1\n", "bob  a1a1\n", " \n", "b@b a1\n",
		("bob a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
		    "a1a1a1 \n")
	};
	uint8_t a[CRYPTO_SHA256];
	enum identity_known known;
	char why[WHY_TEXT];
	size_t i;

	make_dir();
	memset(a, 0xa1, sizeof(a));
	ck_assert_int_eq(tool_write_file(peers, text), 0);
	ck_assert_int_eq(check(&known, peers, "bob", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_SAME);
	ck_assert(!identity_confirmed(peers, "bob", a));
	/* The last line has no end, and one that is added is not part of it. */
	ck_assert_int_eq(identity_confirm(peers, "bob", a, why), 0);
	ck_assert(identity_confirmed(peers, "bob", a));
	ck_assert_int_eq(check(&known, peers, "bob", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_SAME);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(tool_write_file(peers, bad[i]), 0);
		ck_assert_msg(check(&known, peers, "alice", a, why) ==
		    -EINVAL, "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(why, "known_peers:1:"));
	}
	remove_dir();
}
END_TEST

/* 0.1.0 wrote such a line for a caller without a number: nobody's, not ours. */
START_TEST(reads_past_a_line_without_a_number)
{
	uint8_t a[CRYPTO_SHA256], b[CRYPTO_SHA256];
	enum identity_known known;
	char why[WHY_TEXT];

	make_dir();
	memset(a, 0xa1, sizeof(a));
	memset(b, 0xb2, sizeof(b));
	ck_assert_uint_eq(identity_nameless(peers), 0);
	ck_assert_int_eq(identity_pin(peers, "bob", b, why), 0);
	ck_assert_uint_eq(identity_nameless(peers), 0);
	ck_assert_int_eq(identity_pin(peers, "", a, why), 0);
	ck_assert_int_eq(identity_pin(peers, "eve", a, why), 0);
	ck_assert_uint_eq(identity_nameless(peers), 2);
	ck_assert_int_eq(check(&known, peers, "bob", b, why), 0);
	ck_assert_int_eq(known, IDENTITY_SAME);
	ck_assert_int_eq(check(&known, peers, "eve", b, why), 0);
	ck_assert_int_eq(known, IDENTITY_CHANGED);
	ck_assert_int_eq(check(&known, peers, "", a, why), 0);
	ck_assert_int_eq(known, IDENTITY_NEW);
	remove_dir();
}
END_TEST

/* A write that power ended left zeros: who follows is not new for that. */
START_TEST(misses_nobody)
{
	static const char text[] = "bob a1\0\0\nalice a1\n";
	uint8_t a[CRYPTO_SHA256] = { 0 };
	enum identity_known known;
	char why[WHY_TEXT];
	FILE *out;

	make_dir();
	out = fopen(peers, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(text, 1, sizeof(text) - 1, out),
	    sizeof(text) - 1);
	fclose(out);
	ck_assert_int_eq(check(&known, peers, "alice", a, why),
	    -EILSEQ);
	ck_assert_ptr_nonnull(strstr(why, "known_peers: Holds a NUL byte"));
	remove_dir();
}
END_TEST

START_TEST(writes_fingerprints)
{
	uint8_t a[CRYPTO_SHA256] = { 0x01, 0xab };
	char text[IDENTITY_TEXT];

	identity_text(text, a);
	ck_assert_uint_eq(strlen(text), IDENTITY_TEXT - 1);
	ck_assert_int_eq(strncmp(text, "01:AB:00:", 9), 0);
}
END_TEST

UNIT_SUITE(identity, is_made_once, refuses_what_it_cannot_trust, knows_peers,
    reads_what_people_write,
    reads_past_a_line_without_a_number, misses_nobody, writes_fingerprints)
