/*
 * What may wait of a live source: lumps as it delivers them, and no frame that
 * only waits behind another one.
 */
#include <string.h>

#include "media/audio/fresh.h"
#include "unit.h"

/*
 * Deliver `lumps` of `frames` each, while so many are sent meanwhile. Return how
 * many wait at the end, when the next lump is due.
 */
static size_t
run(struct fresh *fresh, size_t waiting, size_t frames, unsigned lumps)
{
	size_t i, keep;

	for (; lumps > 0; lumps--) {
		fresh_lump(fresh, waiting);
		for (i = 0; i < frames; i++) {
			keep = fresh_keep(fresh, waiting);
			waiting = (keep < waiting ? keep : waiting) + 1;
		}
		waiting -= waiting < frames ? waiting : frames;
	}
	return waiting;
}

START_TEST(keeps_little)
{
	struct fresh fresh = { 0 };

	ck_assert_uint_eq(run(&fresh, 0, 1, 1000), 0);
	/* 60 ms at most, at once; the last of them within seconds. */
	ck_assert_uint_le(run(&fresh, 20, 1, 1), 2);
	ck_assert_uint_eq(run(&fresh, 2, 1, 60), 1);
	ck_assert_uint_eq(run(&fresh, 1, 1, 150), 1);
	ck_assert_uint_eq(run(&fresh, 1, 1, 300), 0);
}
END_TEST

START_TEST(keeps_lumps)
{
	struct fresh fresh = { 0 };

	/* arecord's, of which none is lost once they are known. */
	run(&fresh, 0, 6, 3);
	ck_assert_uint_eq(run(&fresh, 0, 6, 100), 0);
	ck_assert_uint_le(run(&fresh, 6, 6, 30), 1);
}
END_TEST

UNIT_SUITE(fresh, keeps_little, keeps_lumps)
