/*
 * The example of RFC 8291, encrypted and decrypted, and all that must be
 * refused.
 */
#include <errno.h>
#include <string.h>

#include "base/webpush.h"
#include "unit.h"
#include "wire/base64.h"

/* RFC 8291, section 5 and appendix A. */
#define PLAIN "When I grow up, I want to be a watermelon"
#define SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define AS_PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define UA_PRIVATE "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
#define UA_PUBLIC "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx" \
	"aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define BODY "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy" \
	"27ml" \
	"mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" \
	"pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

static void
bytes(void *out, size_t len, const char *text)
{
	size_t n = len;

	ck_assert_int_eq(base64_decode(out, &n, text, strlen(text)), 0);
	ck_assert_uint_eq(n, len);
}

static void
rfc_keys(struct webpush_keys *keys)
{
	bytes(keys->public, sizeof(keys->public), UA_PUBLIC);
	bytes(keys->private, sizeof(keys->private), UA_PRIVATE);
	bytes(keys->auth, sizeof(keys->auth), AUTH);
}

static size_t
rfc_body(uint8_t body[static 256])
{
	size_t n = 256;

	ck_assert_int_eq(base64_decode(body, &n, BODY, strlen(BODY)), 0);
	return n;
}

START_TEST(rfc_example_encrypts)
{
	uint8_t body[256], wanted[256];
	struct webpush_sender from;
	struct webpush_keys keys;
	size_t n, n_wanted = rfc_body(wanted);

	rfc_keys(&keys);
	bytes(from.private, sizeof(from.private), AS_PRIVATE);
	bytes(from.salt, sizeof(from.salt), SALT);
	ck_assert_int_eq(webpush_encrypt_as(body, &n, PLAIN, strlen(PLAIN),
	    &keys, &from), 0);
	ck_assert_uint_eq(n, n_wanted);
	ck_assert_mem_eq(body, wanted, n);
}
END_TEST

START_TEST(rfc_example_decrypts)
{
	uint8_t body[256], plain[256];
	struct webpush_keys keys;
	size_t n, n_body = rfc_body(body);

	rfc_keys(&keys);
	ck_assert_int_eq(webpush_decrypt(plain, &n, body, n_body, &keys), 0);
	ck_assert_uint_eq(n, strlen(PLAIN));
	ck_assert_mem_eq(plain, PLAIN, n);
}
END_TEST

START_TEST(every_length)
{
	static const size_t lengths[] = { 0, 1, 15, 16, 17, 1000, 3992, 3993 };
	uint8_t plain[WEBPUSH_PLAIN_MAX], body[4096], again[4096];
	struct webpush_keys keys;
	size_t i, n, n_again;

	memset(plain, 0, sizeof(plain));	/* zeros look like padding */
	ck_assert_int_eq(webpush_keys_new(&keys), 0);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ck_assert_int_eq(webpush_encrypt(body, &n, plain, lengths[i],
		    keys.public, keys.auth), 0);
		ck_assert_uint_eq(n, lengths[i] + WEBPUSH_OVERHEAD);
		ck_assert_int_eq(webpush_decrypt(again, &n_again, body, n,
		    &keys), 0);
		ck_assert_uint_eq(n_again, lengths[i]);
		ck_assert_mem_eq(again, plain, n_again);
	}
	ck_assert_uint_eq(n, 4096);
	ck_assert_int_eq(webpush_encrypt(body, &n, plain, 3994, keys.public,
	    keys.auth), -EMSGSIZE);
}
END_TEST

START_TEST(fresh_every_time)
{
	uint8_t one[256], two[256];
	struct webpush_keys keys;
	size_t n;

	ck_assert_int_eq(webpush_keys_new(&keys), 0);
	webpush_encrypt(one, &n, "x", 1, keys.public, keys.auth);
	webpush_encrypt(two, &n, "x", 1, keys.public, keys.auth);
	ck_assert_mem_ne(one, two, 16);			/* salt */
	ck_assert_mem_ne(one + 21, two + 21, 65);	/* sender's key */
}
END_TEST

START_TEST(refuses_what_is_no_point)
{
	uint8_t body[256];
	struct webpush_keys keys;
	size_t n;

	rfc_keys(&keys);
	keys.public[64] ^= 1;			/* off the curve */
	ck_assert_int_eq(webpush_encrypt(body, &n, "x", 1, keys.public,
	    keys.auth), -EINVAL);
	rfc_keys(&keys);
	keys.public[0] = 2;			/* compressed */
	ck_assert_int_eq(webpush_encrypt(body, &n, "x", 1, keys.public,
	    keys.auth), -EINVAL);
	memset(keys.public, 0, sizeof(keys.public));
	keys.public[0] = 4;			/* infinity, some write it */
	ck_assert_int_eq(webpush_encrypt(body, &n, "x", 1, keys.public,
	    keys.auth), -EINVAL);
	memset(keys.public + 1, 0xff, 64);	/* beyond the field */
	ck_assert_int_eq(webpush_encrypt(body, &n, "x", 1, keys.public,
	    keys.auth), -EINVAL);
}
END_TEST

START_TEST(any_changed_bit_is_refused)
{
	uint8_t body[256], plain[256];
	struct webpush_keys keys;
	size_t i, n, n_body = rfc_body(body);

	rfc_keys(&keys);
	for (i = 0; i < n_body; i++) {
		/* A larger record size says the same: one record. */
		if (i >= 16 && i < 20)
			continue;
		body[i] ^= 1;
		ck_assert_msg(webpush_decrypt(plain, &n, body, n_body,
		    &keys) == -EBADMSG, "byte %zu", i);
		body[i] ^= 1;
	}
	keys.auth[0] ^= 1;
	ck_assert_int_eq(webpush_decrypt(plain, &n, body, n_body, &keys),
	    -EBADMSG);
}
END_TEST

START_TEST(any_shorter_body_is_refused)
{
	uint8_t body[256], plain[256];
	struct webpush_keys keys;
	size_t i, n, n_body = rfc_body(body);

	rfc_keys(&keys);
	for (i = 0; i < n_body; i++)
		ck_assert_int_eq(webpush_decrypt(plain, &n, body, i, &keys),
		    -EBADMSG);
	body[18] = 0;				/* rs 0: below the minimum */
	ck_assert_int_eq(webpush_decrypt(plain, &n, body, n_body, &keys),
	    -EBADMSG);
	body[19] = 57;				/* one less than the record */
	ck_assert_int_eq(webpush_decrypt(plain, &n, body, n_body, &keys),
	    -EBADMSG);
	body[19] = 58;				/* the record and no more */
	ck_assert_int_eq(webpush_decrypt(plain, &n, body, n_body, &keys), 0);
}
END_TEST

UNIT_SUITE(webpush, rfc_example_encrypts, rfc_example_decrypts, every_length,
    fresh_every_time, refuses_what_is_no_point, any_changed_bit_is_refused,
    any_shorter_body_is_refused)
