/*
 * The provider token lives for 40 minutes by either clock, and is not renewed
 * too often.
 */
#include <stdlib.h>
#include <string.h>

#include "base/jwt.h"
#include "providers/apns_token.h"
#include "providers/token_age.h"
#include "unit.h"

#define MINUTE_MS 60000ULL
#define WALL_S 1700000000

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

/* So many minutes after the start, by the monotonic and by the wall clock. */
static struct token_moment
moment(int64_t mono, int64_t wall)
{
	return (struct token_moment){
		.mono_ms = (uint64_t)(mono + 60) * MINUTE_MS,
		.wall_s = WALL_S + wall * 60
	};
}

/* A copy of the header then; ECDSA never signs twice alike. */
static char *
at(struct apns_token *token, int64_t mono, int64_t wall, unsigned *serial)
{
	const struct token_moment now = moment(mono, wall);
	const char *header = apns_token_header(token, &now, serial);

	ck_assert_ptr_nonnull(header);
	ck_assert_int_eq(strncmp(header, "Authorization: bearer ey", 24), 0);
	return strdup(header);
}

/* Is the token of the start still the same then? */
static void
compare(int64_t mono, int64_t wall, bool same)
{
	struct apns_token *token = new_token();
	unsigned first, second;
	char *a = at(token, 0, 0, &first), *b = at(token, mono, wall, &second);

	ck_assert((strcmp(a, b) == 0) == same);
	ck_assert((first == second) == same);
	free(a);
	free(b);
	apns_token_free(token);
}

START_TEST(renewed_in_time)
{
	compare(39, 39, true);
	compare(40, 40, false);
}
END_TEST

/* A clock that was set, or a host that slept: the clocks do not agree. */
START_TEST(renewed_by_the_wall_clock)
{
	compare(1, 40, false);
	compare(1, 180, false);
	compare(1, -1, false);
	compare(1, -120, false);
	compare(40, 1, false);
	compare(1, 39, true);
}
END_TEST

static bool
refused(struct apns_token *token, unsigned serial, int64_t minute)
{
	const struct token_moment now = moment(minute, minute);

	return apns_token_refused(token, serial, &now);
}

START_TEST(refused_when_old)
{
	struct apns_token *token = new_token();
	unsigned old, serial;
	char *first = at(token, 0, 0, &old), *again;

	ck_assert(refused(token, old, 21));
	again = at(token, 21, 21, &serial);
	ck_assert_str_ne(first, again);
	free(again);
	free(first);
	/* The others that it refused meanwhile do not renew it once more. */
	ck_assert(refused(token, old, 21));
	again = at(token, 21, 21, &old);
	ck_assert_uint_eq(old, serial);
	free(again);
	apns_token_free(token);
}
END_TEST

/* A young one is made anew once, whatever is wrong, and no more for a while. */
START_TEST(refused_when_young)
{
	struct apns_token *token = new_token();
	unsigned first, second, third;

	free(at(token, 0, 0, &first));
	ck_assert(refused(token, first, 1));
	free(at(token, 1, 1, &second));
	ck_assert_uint_ne(first, second);
	ck_assert(!refused(token, second, 2));
	ck_assert(!refused(token, second, 20));
	free(at(token, 20, 20, &third));
	ck_assert_uint_eq(second, third);
	ck_assert(refused(token, second, 21));
	apns_token_free(token);
}
END_TEST

UNIT_SUITE(apns_token, renewed_in_time, renewed_by_the_wall_clock,
    refused_when_old, refused_when_young)
