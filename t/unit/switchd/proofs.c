/*
 * The proofs that pages make: each counts once, and one subscriber's do not
 * keep out those of others.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "signal/proofs.h"
#include "unit.h"

#define OF_ONE 128

static int
keep(struct proofs *proofs, const char *number, uint8_t a, uint8_t b)
{
	const uint8_t signature[P256SIG_BYTES] = { a, b };

	return proofs_keep(proofs, number, signature);
}

START_TEST(takes_each_once)
{
	struct proofs *proofs = proofs_new();

	ck_assert_ptr_nonnull(proofs);
	ck_assert_int_eq(keep(proofs, "bob", 1, 1), 0);
	ck_assert_int_eq(keep(proofs, "bob", 1, 1), -EEXIST);
	ck_assert_int_eq(keep(proofs, "alice", 1, 1), -EEXIST);
	ck_assert_int_eq(keep(proofs, "bob", 1, 2), 0);
	proofs_free(proofs);
}
END_TEST

START_TEST(leaves_place_for_others)
{
	struct proofs *proofs = proofs_new();
	unsigned i;

	ck_assert_ptr_nonnull(proofs);
	for (i = 0; i < OF_ONE; i++)
		ck_assert_int_eq(keep(proofs, "mallory", 1, (uint8_t)i), 0);
	ck_assert_int_eq(keep(proofs, "mallory", 2, 0), -EBUSY);
	ck_assert_int_eq(keep(proofs, "bob", 2, 0), 0);
	proofs_free(proofs);
}
END_TEST

UNIT_SUITE(proofs, takes_each_once, leaves_place_for_others)
