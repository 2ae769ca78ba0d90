/*
 * Proofs of devices with a key. A signature counts for one number, session, name
 * and time, and a key's hash is not that of any token.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/deviceproof.h"
#include "base/jwt.h"
#include "unit.h"
#include "wire/base64.h"

static struct jwt_key *
new_key(uint8_t public[static JWT_PUBLIC])
{
	struct jwt_key *key;
	char why[WHY_TEXT], *pem;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	free(pem);
	ck_assert_int_eq(jwt_key_public(key, public), 0);
	return key;
}

START_TEST(proves_one_session)
{
	uint8_t public[JWT_PUBLIC], stranger[JWT_PUBLIC];
	uint8_t signature[P256SIG_BYTES], exporter[DEVICEPROOF_EXPORTER] = "e";
	struct jwt_key *key = new_key(public), *other = new_key(stranger);
	struct deviceproof proof = { .number = "bob", .exporter = exporter };

	ck_assert_int_eq(deviceproof_sign(signature, &proof, key), 0);
	ck_assert_int_eq(deviceproof_check(&proof, public, signature), 0);
	ck_assert_int_eq(deviceproof_check(&proof, stranger, signature),
	    -EBADMSG);
	exporter[31]++;
	ck_assert_int_eq(deviceproof_check(&proof, public, signature),
	    -EBADMSG);
	exporter[31]--;
	proof.number = "bo";
	ck_assert_int_eq(deviceproof_check(&proof, public, signature),
	    -EBADMSG);
	proof = (struct deviceproof){ "bob", NULL, "sw", 1 };
	ck_assert_int_eq(deviceproof_check(&proof, public, signature),
	    -EBADMSG);
	jwt_key_free(key);
	jwt_key_free(other);
}
END_TEST

START_TEST(proves_one_time)
{
	uint8_t public[JWT_PUBLIC], signature[P256SIG_BYTES];
	struct jwt_key *key = new_key(public);
	struct deviceproof proof = { "bob", NULL, "sw.example", 1769681700 };

	ck_assert_int_eq(deviceproof_sign(signature, &proof, key), 0);
	ck_assert_int_eq(deviceproof_check(&proof, public, signature), 0);
	proof.time_s++;
	ck_assert_int_eq(deviceproof_check(&proof, public, signature),
	    -EBADMSG);
	proof.time_s--;
	proof.name = "sw.example.org";
	ck_assert_int_eq(deviceproof_check(&proof, public, signature),
	    -EBADMSG);
	jwt_key_free(key);
}
END_TEST

START_TEST(names_a_key)
{
	uint8_t public[JWT_PUBLIC], read[JWT_PUBLIC];
	uint8_t id[CRYPTO_SHA256], plain[CRYPTO_SHA256];
	struct jwt_key *key = new_key(public);
	char text[BASE64_TEXT(JWT_PUBLIC)];

	base64_encode_url(text, public, sizeof(public));
	ck_assert_int_eq(deviceproof_key(read, text), 0);
	ck_assert_mem_eq(read, public, sizeof(public));
	deviceproof_id(id, public);
	crypto_sha256(plain, public, sizeof(public));
	ck_assert_mem_ne(id, plain, sizeof(id));
	text[0] = 'A';	/* not an uncompressed point */
	ck_assert_int_eq(deviceproof_key(read, text), -EINVAL);
	ck_assert_int_eq(deviceproof_key(read, ""), -EINVAL);
	ck_assert_int_eq(deviceproof_key(read, "BA"), -EINVAL);
	jwt_key_free(key);
}
END_TEST

UNIT_SUITE(deviceproof, proves_one_session, proves_one_time, names_a_key)
