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

/* Offer and answer go across; the words' inputs are then all fixed. */
static void
describe(struct verify *caller, struct verify *callee)
{
	struct sdp offer = { .has_commit = false };
	struct sdp answer = { .has_nonce = false };

	verify_describe(caller, &offer);
	ck_assert(offer.has_commit && !offer.has_nonce);
	verify_remote(callee, &offer);
	verify_describe(callee, &answer);
	ck_assert(answer.has_nonce && !answer.has_commit);
	verify_remote(caller, &answer);
}

static void
start(struct ends *e)
{
	ck_assert_int_eq(verify_init(&e->caller, true), 0);
	ck_assert_int_eq(verify_init(&e->callee, false), 0);
	memset(e->a, 'a', sizeof(e->a));
	memset(e->b, 'b', sizeof(e->b));
}

static int
reveal(struct verify *caller, struct verify *callee)
{
	char text[VERIFY_REVEAL];

	ck_assert_int_eq(verify_reveal(caller, text), 0);
	return verify_revealed(callee, text, strlen(text));
}

START_TEST(agree)
{
	uint8_t at_caller[WORDS_N], at_callee[WORDS_N];
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
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
	ck_assert_int_eq(reveal(&e.caller, &to_caller), 0);
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
	ck_assert_int_eq(verify_init(&other, true), 0);
	other.peer_spoke = true;
	ck_assert_int_eq(reveal(&other, &e.callee), -EACCES);
	ck_assert(!e.callee.complete);
	ck_assert_int_eq(verify_revealed(&e.callee, "", 0), -EBADMSG);
	ck_assert_int_eq(verify_revealed(&e.callee, "AAAA", 4), -EBADMSG);
	ck_assert_int_eq(verify_revealed(&e.callee, "?", 1), -EBADMSG);
	ck_assert_int_eq(reveal(&e.caller, &e.callee), 0);
	ck_assert_int_eq(reveal(&e.caller, &e.callee), -EALREADY);
	/* The callee has nothing to reveal, the caller expects nothing. */
	ck_assert_int_eq(verify_reveal(&e.callee, text), -ENOENT);
	ck_assert_int_eq(verify_revealed(&e.caller, "AAAA", 4), -ENOENT);
}
END_TEST

START_TEST(takes_the_first_description_only)
{
	struct sdp late = { .has_nonce = true };
	uint8_t before[SDP_NONCE];
	struct ends e;

	start(&e);
	describe(&e.caller, &e.callee);
	memcpy(before, e.caller.peer_nonce, sizeof(before));
	memset(late.nonce, 'x', sizeof(late.nonce));
	verify_remote(&e.caller, &late);
	ck_assert_mem_eq(before, e.caller.peer_nonce, sizeof(before));
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
    takes_the_first_description_only, a_peer_without_words)
