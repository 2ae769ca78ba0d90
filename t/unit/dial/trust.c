/*
 * What a call remembers of its peer. A caller without a number leaves nothing
 * behind, and words are remembered only once both nonces came and DTLS has
 * proven the certificate. Whoever had words and has none now is reported.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/jwt.h"
#include "base/tool.h"
#include "call/trust.h"
#include "unit.h"
#include "wire/base64.h"
#include "who/identity_proof.h"
#include "who/words_known.h"

static char dir[32], peers[64], words[80];

struct side {
	struct identity own;
	struct account account;
	struct report report;
	struct trust trust;
	uint8_t theirs[CRYPTO_SHA256];
};

static void
make_dir(void)
{
	strcpy(dir, "/tmp/rp-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(peers, sizeof(peers), "%s/known_peers", dir);
	snprintf(words, sizeof(words), "%s" WORDS_KNOWN_SUFFIX, peers);
}

static void
remove_dir(void)
{
	unlink(peers);
	unlink(words);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
begin(struct side *s, bool caller)
{
	memset(s, 0, sizeof(*s));
	memset(s->own.fingerprint, 0x01, sizeof(s->own.fingerprint));
	memset(s->theirs, 0x02, sizeof(s->theirs));
	s->account.known_peers = peers;
	report_init(&s->report);
	ck_assert_int_eq(trust_init(&s->trust, caller, &s->own, &s->account,
	    &s->report), 0);
}

/* The callee's side of a call from `caller`, who commits to `nonce` or not. */
static void
described(struct side *s, const char *caller, const uint8_t *nonce)
{
	struct sdp offer = { .has_fingerprint = true };
	char why[WHY_TEXT];

	memcpy(offer.fingerprint, s->theirs, CRYPTO_SHA256);
	if (nonce != NULL) {
		offer.has_commit = true;
		crypto_sha256(offer.commit, nonce, SDP_NONCE);
	}
	ck_assert_int_eq(trust_described(&s->trust, caller, &offer, why), 0);
}

static void
talk(struct side *s, const char *caller)
{
	char why[WHY_TEXT];

	ck_assert_int_eq(trust_proven(&s->trust, caller, s->theirs, 0,
	    why), 0);
	trust_talking(&s->trust, caller);
}

static void
reveal(struct side *s, const char *caller, const uint8_t *nonce)
{
	char text[VERIFY_REVEAL], why[WHY_TEXT];

	base64_encode(text, nonce, SDP_NONCE);
	ck_assert_int_eq(trust_revealed(&s->trust, caller, text, strlen(text),
	    why), 0);
}

START_TEST(remembers_nothing_of_the_anonymous)
{
	const uint8_t nonce[SDP_NONCE] = { 1 };
	char why[WHY_TEXT];
	struct side s;

	make_dir();
	begin(&s, false);
	described(&s, "", nonce);
	talk(&s, "");
	reveal(&s, "", nonce);
	ck_assert(s.report.anonymous && s.report.has_words);
	ck_assert_int_lt(trust_confirm(&s.trust, "", why), 0);
	ck_assert_int_ne(access(peers, F_OK), 0);
	ck_assert_int_ne(access(words, F_OK), 0);
	remove_dir();
}
END_TEST

START_TEST(remembers_words_once_proven)
{
	const uint8_t nonce[SDP_NONCE] = { 1 };
	struct side s;

	make_dir();
	begin(&s, false);
	described(&s, "alice", nonce);
	reveal(&s, "alice", nonce);
	ck_assert(!s.report.has_words);
	ck_assert(!words_known_has(peers, "alice"));
	talk(&s, "alice");
	ck_assert(s.report.has_words && !s.report.anonymous);
	ck_assert(words_known_has(peers, "alice"));
	ck_assert(!words_known_has(peers, "ali"));
	ck_assert(!words_known_has(peers, "alicea"));
	remove_dir();
}
END_TEST

START_TEST(reports_words_that_are_missing)
{
	const uint8_t nonce[SDP_NONCE] = { 1 };
	char why[WHY_TEXT];
	struct side s;

	make_dir();
	/* never any: nothing to say, but of a caller who keeps its own */
	begin(&s, false);
	described(&s, "alice", NULL);
	talk(&s, "alice");
	ck_assert_int_eq(trust_no_words(&s.trust, 9000), REPORT_WORDS_FINE);
	begin(&s, false);
	described(&s, "alice", nonce);
	talk(&s, "alice");
	ck_assert_int_eq(trust_no_words(&s.trust, 1000), REPORT_WORDS_FINE);
	ck_assert_int_eq(trust_no_words(&s.trust, 9000),
	    REPORT_WORDS_UNREVEALED);
	/* there were: at once if none can come, else after a while */
	ck_assert_int_eq(words_known_add(peers, "alice", why), 0);
	begin(&s, false);
	described(&s, "alice", NULL);
	talk(&s, "alice");
	ck_assert_int_eq(trust_no_words(&s.trust, 0), REPORT_WORDS_LOST);
	begin(&s, false);
	described(&s, "alice", nonce);
	talk(&s, "alice");
	ck_assert_int_eq(trust_no_words(&s.trust, 1000), REPORT_WORDS_FINE);
	ck_assert_int_eq(trust_no_words(&s.trust, 9000), REPORT_WORDS_LOST);
	reveal(&s, "alice", nonce);
	ck_assert_int_eq(trust_no_words(&s.trust, 9000), REPORT_WORDS_FINE);
	remove_dir();
}
END_TEST

/* An offer of that certificate, signed for alice by `key` unless it is NULL. */
static int
offered(struct side *s, uint8_t certificate, const struct jwt_key *key)
{
	struct sdp offer = { .has_fingerprint = true };
	char text[IDENTITY_PROOF_TEXT], why[WHY_TEXT];

	memset(offer.fingerprint, certificate, CRYPTO_SHA256);
	if (key != NULL) {
		offer.has_identity = true;
		ck_assert_int_eq(jwt_key_public(key, offer.identity_key), 0);
		ck_assert_int_eq(jwt_sign_bytes(key, text,
		    identity_proof_text(text, "alice", offer.fingerprint),
		    offer.identity_signature), 0);
	}
	return trust_described(&s->trust, "alice", &offer, why);
}

static bool
file_has(const char *what)
{
	char *text;
	bool found;

	ck_assert_int_eq(tool_read_file(&text, peers, 4096), 0);
	found = strstr(text, what) != NULL;
	free(text);
	return found;
}

static struct jwt_key *
make_key(void)
{
	char *pem, why[WHY_TEXT];
	struct jwt_key *key;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	free(pem);
	return key;
}

/* A key counts only beside the certificate that it has signed and DTLS proves. */
START_TEST(keeps_keys_of_proven_certificates)
{
	struct jwt_key *key = make_key();
	char why[WHY_TEXT];
	struct side s;
	int i;

	for (i = 0; i < 3; i++) {
		make_dir();
		begin(&s, false);
		ck_assert_int_eq(offered(&s, 2, key), 0);
		if (i == 1)
			memset(s.theirs, 3, sizeof(s.theirs));
		if (i == 2)
			trust_forget(&s.trust);
		ck_assert_int_eq(trust_proven(&s.trust, "alice", s.theirs,
		    (int64_t)time(NULL) + 9000, why), 0);
		trust_talking(&s.trust, "alice");
		ck_assert_int_eq(s.report.known, IDENTITY_NEW);
		ck_assert(s.report.has_peer);
		ck_assert_int_eq(file_has(i == 1 ? "alice 03" : "alice 02"), 1);
		ck_assert_int_eq(file_has("# key alice"), i == 0);
		ck_assert(file_has("# until alice"));
		remove_dir();
	}
	jwt_key_free(key);
}
END_TEST

START_TEST(reports_who_it_is)
{
	struct jwt_key *key = make_key();
	char why[WHY_TEXT];
	struct side s;

	make_dir();
	begin(&s, false);
	ck_assert_int_eq(offered(&s, 2, key), 0);
	talk(&s, "alice");
	begin(&s, false);
	ck_assert_int_eq(offered(&s, 2, NULL), 0);
	ck_assert_int_eq(s.report.known, IDENTITY_SAME);
	ck_assert(s.report.unsigned_now);
	begin(&s, false);
	ck_assert_int_eq(offered(&s, 3, NULL), -EACCES);
	ck_assert_int_eq(s.report.known, IDENTITY_CHANGED);
	ck_assert(s.report.has_peer);
	begin(&s, false);
	ck_assert_int_eq(offered(&s, 3, key), 0);
	ck_assert_int_eq(s.report.known, IDENTITY_ROLLED);
	/* DTLS shows another one than was described. */
	memset(s.theirs, 4, sizeof(s.theirs));
	ck_assert_int_eq(trust_proven(&s.trust, "alice", s.theirs, 0, why),
	    -EACCES);
	remove_dir();
	jwt_key_free(key);
}
END_TEST

UNIT_SUITE(trust, keeps_keys_of_proven_certificates, reports_who_it_is,
    remembers_nothing_of_the_anonymous,
    remembers_words_once_proven, reports_words_that_are_missing)
