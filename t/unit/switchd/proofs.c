/*
 * The memory of pages' proofs. Each is taken once, and one device fills only its
 * part, so that others can log in.
 */
#include <errno.h>
#include <string.h>

#include "signal/proofs.h"
#include "unit.h"

#define MANY 100

static struct proofs *proofs;
static uint8_t signature[P256SIG_BYTES];
static uint8_t mine[P256_POINT], others[P256_POINT];

static void
set_up(void)
{
	proofs = proofs_new();
	ck_assert_ptr_nonnull(proofs);
	memset(mine, 1, sizeof(mine));
	memset(others, 2, sizeof(others));
	memset(signature, 0, sizeof(signature));
}

static void
tear_down(void)
{
	proofs_free(proofs);
}

START_TEST(takes_each_once)
{
	ck_assert_int_eq(proofs_keep(proofs, mine, signature), 0);
	ck_assert_int_eq(proofs_keep(proofs, mine, signature), -EEXIST);
	signature[0]++;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature), 0);
	signature[0]--;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature), -EEXIST);
	/* From (r, s) anybody can make (r, n - s). */
	signature[P256SIG_BYTES - 1]++;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature), -EEXIST);
}
END_TEST

START_TEST(bounds_a_device)
{
	int n = 0;

	for (; n < MANY; n++, signature[0]++)
		if (proofs_keep(proofs, mine, signature) == -EBUSY)
			break;
	ck_assert_int_eq(n, 64);
	ck_assert_int_eq(proofs_keep(proofs, others, signature), 0);
	ck_assert_int_eq(proofs_keep(proofs, others, signature), -EEXIST);
}
END_TEST

UNIT_SUITE_WITH(proofs, set_up, tear_down, takes_each_once, bounds_a_device)
