/* Last use: a device is told of once a day, and there is a bound on them. */
#include <string.h>

#include "signal/lastuse.h"
#include "unit.h"

#define DAY_S 86400

static void
hash_of(uint8_t hash[static CRYPTO_SHA256], uint64_t n)
{
	memset(hash, 0, CRYPTO_SHA256);
	memcpy(hash, &n, sizeof(n));
}

START_TEST(once_a_day)
{
	struct lastuse *lastuse = lastuse_new();
	uint8_t one[CRYPTO_SHA256], two[CRYPTO_SHA256];
	int64_t day = 20000 * (int64_t)DAY_S;

	ck_assert_ptr_nonnull(lastuse);
	/* Both begin their search at the same place. */
	hash_of(one, 5);
	hash_of(two, 5 + (1ULL << 40));
	ck_assert(lastuse_first(lastuse, one, day));
	ck_assert(!lastuse_first(lastuse, one, day + 1));
	ck_assert(lastuse_first(lastuse, two, day + 1));
	ck_assert(!lastuse_first(lastuse, two, day + DAY_S - 1));
	ck_assert(lastuse_first(lastuse, two, day + DAY_S));
	ck_assert(lastuse_first(lastuse, one, day + DAY_S));
	ck_assert(!lastuse_first(lastuse, one, day + DAY_S));
	hash_of(one, 0);
	ck_assert(lastuse_first(lastuse, one, day + DAY_S));
	ck_assert(!lastuse_first(lastuse, one, day + DAY_S));
	lastuse_free(lastuse);
	lastuse_free(NULL);
}
END_TEST

/* Beyond the bound nobody is told of, and nobody is told of twice. */
START_TEST(is_full_at_last)
{
	struct lastuse *lastuse = lastuse_new();
	uint8_t hash[CRYPTO_SHA256];
	uint64_t n = 1;

	for (;; n++) {
		hash_of(hash, n);
		if (!lastuse_first(lastuse, hash, 0))
			break;
	}
	ck_assert_uint_ge(n, 700000);
	ck_assert(!lastuse_first(lastuse, hash, 0));
	hash_of(hash, 1);
	ck_assert(!lastuse_first(lastuse, hash, 0));
	hash_of(hash, n);
	ck_assert(lastuse_first(lastuse, hash, DAY_S));
	lastuse_free(lastuse);
}
END_TEST

UNIT_SUITE(lastuse, once_a_day, is_full_at_last)
