/* The provider token lives for 40 minutes, and is not renewed too often. */
#include <stdlib.h>
#include <string.h>

#include "base/jwt.h"
#include "providers/apns_token.h"
#include "unit.h"

#define MINUTE 60000ULL

static struct apns_token *
new_token(void)
{
	char why[WHY_TEXT], *pem;
	struct apns_token *token;
	struct jwt_key *key;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	ck_assert_int_eq(apns_token_new(&token, key, "KEY", "TEAM"), 0);
	free(pem);
	return token;
}

/* A copy of the header at that time; ECDSA never signs twice alike. */
static char *
at(struct apns_token *token, uint64_t now_ms, unsigned *serial)
{
	const char *header = apns_token_header(token, now_ms, 1700000000,
	    serial);

	ck_assert_ptr_nonnull(header);
	ck_assert_int_eq(strncmp(header, "Authorization: bearer ey", 24), 0);
	return strdup(header);
}

static void
compare(struct apns_token *token, uint64_t then, uint64_t now, bool same)
{
	unsigned first, second;
	char *a = at(token, then, &first), *b = at(token, now, &second);

	ck_assert((strcmp(a, b) == 0) == same);
	ck_assert((first == second) == same);
	free(a);
	free(b);
}

START_TEST(renewed_in_time)
{
	struct apns_token *token = new_token();
	uint64_t now = 5 * MINUTE;

	compare(token, now, now + 40 * MINUTE - 1, true);
	compare(token, now, now + 40 * MINUTE, false);
	compare(token, now + 40 * MINUTE, now + 79 * MINUTE, true);
	apns_token_free(token);
}
END_TEST

START_TEST(called_expired)
{
	struct apns_token *token = new_token();
	unsigned old, serial;
	char *first = at(token, MINUTE, &old), *again;

	ck_assert(!apns_token_expired(token, old, 21 * MINUTE - 1));
	again = at(token, 21 * MINUTE - 1, &serial);
	ck_assert_str_eq(first, again);
	free(again);
	ck_assert(apns_token_expired(token, old, 21 * MINUTE));
	again = at(token, 21 * MINUTE, &serial);
	ck_assert_str_ne(first, again);
	free(again);
	free(first);
	/* The others that it refused meanwhile do not renew it once more. */
	ck_assert(apns_token_expired(token, old, 21 * MINUTE + 5));
	again = at(token, 21 * MINUTE + 5, &old);
	ck_assert_uint_eq(old, serial);
	free(again);
	ck_assert(!apns_token_expired(token, serial, 21 * MINUTE + 5));
	apns_token_free(token);
}
END_TEST

UNIT_SUITE(apns_token, renewed_in_time, called_expired)
