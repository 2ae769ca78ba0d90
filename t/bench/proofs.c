/*
 * proofs: how many proofs of device keys a core signs and checks in a second,
 * that is, what a login by key costs a phone and a switch beyond a token.
 *
 *	proofs [SECONDS]
 *
 * Prints "signed_per_s=N checked_per_s=N".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/deviceproof.h"
#include "base/jwt.h"
#include "base/tool.h"

struct bench {
	struct jwt_key *key;
	uint8_t public[JWT_PUBLIC], signature[P256SIG_BYTES];
	uint8_t exporter[DEVICEPROOF_EXPORTER];
};

static int
sign_one(struct bench *b, const struct deviceproof *proof)
{
	return deviceproof_sign(b->signature, proof, b->key);
}

static int
check_one(struct bench *b, const struct deviceproof *proof)
{
	return deviceproof_check(proof, b->public, b->signature);
}

static double
rate_of(struct bench *b, int one(struct bench *, const struct deviceproof *),
    double seconds)
{
	const struct deviceproof proof = {
		.number = "+27211234567", .exporter = b->exporter
	};
	uint64_t start_ns = clock_ns(), taken_ns;
	unsigned n = 0;

	do {
		if (one(b, &proof) < 0)
			tool_fail(1, "proof", "failed");
		n++;
		taken_ns = clock_ns() - start_ns;
	} while ((double)taken_ns < seconds * 1e9);
	return n / ((double)taken_ns / 1e9);
}

int
main(int argc, char *argv[])
{
	double seconds = argc > 1 ? atof(argv[1]) : 2, signs;
	struct bench b = { .key = NULL };
	char why[WHY_TEXT], *pem;

	tool_name("proofs");
	if (jwt_key_new(&pem) < 0 || jwt_key_parse(&b.key, pem, why) < 0 ||
	    jwt_key_public(b.key, b.public) < 0)
		tool_fail(1, "key", "cannot be made");
	signs = rate_of(&b, sign_one, seconds);
	printf("signed_per_s=%.0f checked_per_s=%.0f\n", signs,
	    rate_of(&b, check_one, seconds));
	jwt_key_free(b.key);
	free(pem);
	return 0;
}
