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

static uint32_t wait_ms;

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
	ck_assert_int_eq(proofs_keep(proofs, mine, signature, &wait_ms), 0);
	ck_assert_int_eq(proofs_keep(proofs, mine, signature, &wait_ms), -EEXIST);
	signature[0]++;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature, &wait_ms), 0);
	signature[0]--;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature, &wait_ms), -EEXIST);
	/* From (r, s) anybody can make (r, n - s). */
	signature[P256SIG_BYTES - 1]++;
	ck_assert_int_eq(proofs_keep(proofs, mine, signature, &wait_ms), -EEXIST);
}
END_TEST

START_TEST(bounds_a_device)
{
	int n = 0;

	for (; n < MANY; n++, signature[0]++)
		if (proofs_keep(proofs, mine, signature, &wait_ms) == -EBUSY)
			break;
	ck_assert_int_eq(n, 64);
	/* The first is forgotten after twice the window. */
	ck_assert_uint_gt(wait_ms, PROOFS_WINDOW_S * 1000);
	ck_assert_uint_le(wait_ms, (2 * PROOFS_WINDOW_S + 1) * 1000);
	ck_assert_int_eq(proofs_keep(proofs, others, signature, &wait_ms), 0);
	ck_assert_int_eq(proofs_keep(proofs, others, signature, &wait_ms), -EEXIST);
}
END_TEST

UNIT_SUITE_WITH(proofs, set_up, tear_down, takes_each_once, bounds_a_device)
