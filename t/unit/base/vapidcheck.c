/*
 * The check of VAPID tokens. What rp-pushsend(8) signs is taken, and nothing
 * that differs in its key, signature, audience or time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/jwt.h"
#include "base/p256sig.h"
#include "base/vapidcheck.h"
#include "unit.h"
#include "wire/base64.h"

#define NOW 1769681700
#define ORIGIN "https://push.example"

struct world {
	struct jwt_key *key, *other;
	uint8_t public[JWT_PUBLIC];
	char public_text[BASE64_TEXT(JWT_PUBLIC)];
};

static struct jwt_key *
new_key(void)
{
	struct jwt_key *key;
	char why[WHY_TEXT], *pem;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	free(pem);
	return key;
}

static void
open_world(struct world *w)
{
	w->key = new_key();
	w->other = new_key();
	ck_assert_int_eq(jwt_key_public(w->key, w->public), 0);
	base64_encode_url(w->public_text, w->public, sizeof(w->public));
}

static void
close_world(struct world *w)
{
	jwt_key_free(w->key);
	jwt_key_free(w->other);
}

static char *
signed_by(const struct jwt_key *key, const char *aud, double exp)
{
	json_t *claims = json_pack("{s:s, s:f}", "aud", aud, "exp", exp);
	char *token;

	ck_assert_int_eq(jwt_sign(&token, key, NULL, claims), 0);
	json_decref(claims);
	return token;
}

static int
checked(const struct world *w, const char *header)
{
	const struct vapidcheck wanted = { w->public, ORIGIN, NOW };
	char why[WHY_TEXT];

	return vapidcheck_header(&wanted, header, why);
}

/* Check a token within a field of this format. */
static int
check_as(const struct world *w, const char *format, char *token)
{
	char header[4096];

	snprintf(header, sizeof(header), format, token, w->public_text);
	free(token);
	return checked(w, header);
}

#define USUAL "vapid t=%s, k=%s"

START_TEST(takes_what_is_signed)
{
	static const char *const forms[] = {
		USUAL, "VAPID  t=%s,k=%s", "vapid t=\"%s\" , k=\"%s\"",
		"vapid x=y, t = %s, K=%s, z=1"
	};
	struct world w;
	size_t i;

	open_world(&w);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		ck_assert_int_eq(check_as(&w, forms[i], signed_by(w.key,
		    ORIGIN, NOW + 1)), 0);
	/* Numbers with leading zeros are among the signatures, too. */
	for (i = 0; i < 600; i++)
		ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.key, ORIGIN,
		    NOW + 86400)), 0);
	close_world(&w);
}
END_TEST

START_TEST(refuses_other_tokens)
{
	struct world w;
	char *token;

	open_world(&w);
	ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.other, ORIGIN,
	    NOW + 1)), -EACCES);
	ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.key, ORIGIN "x",
	    NOW + 1)), -EKEYEXPIRED);
	ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.key, ORIGIN, NOW)),
	    -EKEYEXPIRED);
	ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.key, ORIGIN,
	    NOW + 86401)), -EKEYEXPIRED);
	ck_assert_int_eq(check_as(&w, USUAL, signed_by(w.key, ORIGIN, 1e300)),
	    -EKEYEXPIRED);
	token = signed_by(w.key, ORIGIN, NOW + 1);
	*strchr(token, '.') = '_';
	ck_assert_int_eq(check_as(&w, USUAL, token), -EACCES);
	token = signed_by(w.key, ORIGIN, NOW + 1);
	/* Another letter of base64url, so that only the signature is wrong. */
	token[strlen(token) - 3] = token[strlen(token) - 3] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(check_as(&w, USUAL, token), -EACCES);
	token = signed_by(w.key, ORIGIN, NOW + 1);
	*strrchr(token, '.') = '\0';
	ck_assert_int_eq(check_as(&w, USUAL, token), -EACCES);
	close_world(&w);
}
END_TEST

START_TEST(refuses_other_fields)
{
	static const char *const none[] = {
		"", "vapid", "vapid ", "Basic YTpi", "vapidt=a, k=b",
		"vapid t=a", "vapid k=b", "vapid t=, k=b", "vapid t=\"a, k=b"
	};
	char other[BASE64_TEXT(JWT_PUBLIC)], header[4096];
	uint8_t public[JWT_PUBLIC];
	struct world w;
	char *token;
	size_t i;

	open_world(&w);
	ck_assert_int_eq(checked(&w, NULL), -ENOENT);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_int_eq(checked(&w, none[i]), -ENOENT);
	ck_assert_int_eq(checked(&w, "vapid t=a.b.c, k=d"), -EACCES);
	/* A thief signs with a key of his own, and says so. */
	ck_assert_int_eq(jwt_key_public(w.other, public), 0);
	base64_encode_url(other, public, sizeof(public));
	token = signed_by(w.other, ORIGIN, NOW + 1);
	snprintf(header, sizeof(header), USUAL, token, other);
	free(token);
	ck_assert_int_eq(checked(&w, header), -EACCES);
	close_world(&w);
}
END_TEST

START_TEST(wants_a_point)
{
	uint8_t public[P256_POINT] = { 4 }, signature[P256SIG_BYTES] = { 0 };

	ck_assert_int_eq(p256sig_check(public, "", 0, signature), -EBADMSG);
}
END_TEST

UNIT_SUITE(vapidcheck, takes_what_is_signed, refuses_other_tokens,
    refuses_other_fields, wants_a_point)
