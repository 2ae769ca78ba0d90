/*
 * proofs: how many proofs of device keys a core signs and checks per second of
 * CPU time: the price of a login by key, for a phone and for a switch.
 *
 *	proofs [SECONDS]
 *
 * Prints "signed_per_s=N checked_per_s=N".
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
	clock_t start = clock(), taken;
	unsigned n = 0;

	do {
		if (one(b, &proof) < 0)
			tool_fail(1, "proof", "failed");
		n++;
		taken = clock() - start;
	} while ((double)taken < seconds * CLOCKS_PER_SEC);
	return n / ((double)taken / CLOCKS_PER_SEC);
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
