/*
 * The four words are the same at both ends, and differ when anything differs. A
 * nonce without its commitment is refused.
 */
#include <errno.h>
#include <string.h>

#include "call/verify.h"
#include "unit.h"
#include "wire/base64.h"

struct ends {
	struct verify caller, callee;
	uint8_t a[CRYPTO_SHA256], b[CRYPTO_SHA256];	/* fingerprints */
};

/* Offer and answer go across. Nothing of the callee's goes before it answers. */
static void
describe(struct verify *caller, struct verify *callee)
{
	struct sdp offer = { .has_commit = false };
	struct sdp answer = { .has_nonce = false };

	verify_describe(caller, &offer);
	ck_assert(offer.has_commit && !offer.has_nonce);
	verify_remote(callee, &offer);
	verify_describe(callee, &answer);
	ck_assert(!answer.has_nonce && !answer.has_commit);
	verify_remote(caller, &answer);
}

static int
reveal(struct verify *from, struct verify *to)
{
	char text[VERIFY_REVEAL];

	ck_assert_int_eq(verify_reveal(from, text), 0);
	return verify_revealed(to, text, strlen(text));
}

static void
start(struct ends *e)
{
	ck_assert_int_eq(verify_init(&e->caller, true), 0);
	ck_assert_int_eq(verify_init(&e->callee, false), 0);
	memset(e->a, 'a', sizeof(e->a));
	memset(e->b, 'b', sizeof(e->b));
}

START_TEST(agree)
{
	uint8_t at_caller[WORDS_N], at_callee[WORDS_N];
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
	ck_assert(!e.caller.complete && !e.callee.complete);
	ck_assert_int_eq(reveal(&e.callee, &e.caller), 0);
	ck_assert(e.caller.complete && !e.callee.complete);
	ck_assert_int_eq(reveal(&e.caller, &e.callee), 0);
	ck_assert(e.callee.complete);
	verify_bytes(&e.caller, at_caller, e.a, e.b);
	verify_bytes(&e.callee, at_callee, e.a, e.b);
	ck_assert_mem_eq(at_caller, at_callee, WORDS_N);
	/* Another certificate at one end only: what the words are for. */
	verify_bytes(&e.callee, at_callee, e.b, e.b);
	ck_assert_mem_ne(at_caller, at_callee, WORDS_N);
	verify_bytes(&e.callee, at_callee, e.b, e.a);
	ck_assert_mem_ne(at_caller, at_callee, WORDS_N);
}
END_TEST

START_TEST(differ_through_a_middle)
{
	uint8_t at_caller[WORDS_N], at_callee[WORDS_N], m[CRYPTO_SHA256];
	struct verify to_caller, to_callee;
	struct ends e;

	start(&e);
	memset(m, 'm', sizeof(m));
	ck_assert_int_eq(verify_init(&to_caller, false), 0);
	ck_assert_int_eq(verify_init(&to_callee, true), 0);
	describe(&e.caller, &to_caller);
	describe(&to_callee, &e.callee);
	ck_assert_int_eq(reveal(&to_caller, &e.caller), 0);
	ck_assert_int_eq(reveal(&e.caller, &to_caller), 0);
	ck_assert_int_eq(reveal(&e.callee, &to_callee), 0);
	ck_assert_int_eq(reveal(&to_callee, &e.callee), 0);
	verify_bytes(&e.caller, at_caller, e.a, m);
	verify_bytes(&e.callee, at_callee, m, e.b);
	ck_assert_mem_ne(at_caller, at_callee, WORDS_N);
}
END_TEST

START_TEST(holds_to_the_commitment)
{
	char text[VERIFY_REVEAL];
	struct verify other;
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
	/* The caller shows nothing before it has the callee's. */
	ck_assert_int_eq(verify_reveal(&e.caller, text), -ENOENT);
	ck_assert_int_eq(verify_revealed(&e.caller, "AAAA", 4), -EBADMSG);
	ck_assert_int_eq(verify_reveal(&e.caller, text), -ENOENT);
	ck_assert_int_eq(reveal(&e.callee, &e.caller), 0);
	ck_assert_int_eq(verify_init(&other, true), 0);
	other.peer_spoke = true;
	ck_assert_int_eq(reveal(&other, &e.callee), -EACCES);
	ck_assert(!e.callee.complete);
	ck_assert_int_eq(verify_revealed(&e.callee, "", 0), -EBADMSG);
	ck_assert_int_eq(verify_revealed(&e.callee, "AAAA", 4), -EBADMSG);
	ck_assert_int_eq(verify_revealed(&e.callee, "?", 1), -EBADMSG);
	ck_assert_int_eq(reveal(&e.caller, &e.callee), 0);
	ck_assert_int_eq(reveal(&e.caller, &e.callee), -EALREADY);
}
END_TEST

START_TEST(takes_the_first_nonce_only)
{
	uint8_t before[SDP_NONCE];
	struct verify other;
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
	ck_assert_int_eq(reveal(&e.callee, &e.caller), 0);
	memcpy(before, e.caller.peer_nonce, sizeof(before));
	ck_assert_int_eq(verify_init(&other, false), 0);
	other.peer_spoke = true;
	ck_assert_int_eq(reveal(&other, &e.caller), -EALREADY);
	ck_assert_mem_eq(before, e.caller.peer_nonce, sizeof(before));
}
END_TEST

/* As 0.1.0 did: whoever rings it can draw nonces. Another device may be newer. */
START_TEST(has_no_words_with_an_early_nonce)
{
	struct sdp early = { .has_nonce = true };
	char text[VERIFY_REVEAL];
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
	verify_remote(&e.caller, &early);
	ck_assert_int_eq(verify_reveal(&e.callee, text), 0);
	ck_assert_int_eq(verify_revealed(&e.caller, text, strlen(text)),
	    -ENOENT);
	ck_assert_int_eq(verify_reveal(&e.caller, text), -ENOENT);
	verify_forget(&e.caller);
	ck_assert_int_eq(reveal(&e.callee, &e.caller), 0);
}
END_TEST

START_TEST(a_peer_without_words)
{
	struct sdp bare = { .has_commit = false }, answer = bare;
	char text[VERIFY_REVEAL];
	struct ends e;

	start(&e);
	verify_remote(&e.callee, &bare);
	verify_describe(&e.callee, &answer);
	ck_assert(!answer.has_nonce);
	ck_assert_int_eq(verify_revealed(&e.callee, "AAAA", 4), -ENOENT);
	verify_remote(&e.caller, &bare);
	ck_assert(!e.caller.complete);
	ck_assert_int_eq(verify_reveal(&e.caller, text), -ENOENT);
}
END_TEST

UNIT_SUITE(verify, agree, differ_through_a_middle, holds_to_the_commitment,
    takes_the_first_nonce_only, has_no_words_with_an_early_nonce,
    a_peer_without_words)
