/*
 * How much of a peer's speech was heard, with losses, silences in the middle
 * and at either end, intended pauses, and a BYE.
 */
#include <string.h>

#include "media/audio/audibility.h"
#include "media/audio/emodel.h"
#include "unit.h"

static struct audibility heard;

static void
setup(void)
{
	memset(&heard, 0, sizeof(heard));
	heard.expects = true;
}

static void
frames(unsigned n, enum jitter_result result)
{
	while (n-- > 0)
		audibility_frame(&heard, result);
}

static void
missing(double pct, double silent_ms)
{
	ck_assert_double_eq_tol(audibility_missing_pct(&heard), pct, 0.005);
	ck_assert_double_eq_tol(audibility_silent_ms(&heard), silent_ms, 0.005);
}

START_TEST(counts_losses)
{
	setup();
	missing(0, 0);
	frames(2, JITTER_NOTHING);	/* the first is on its way */
	frames(90, JITTER_VOICE);
	frames(5, JITTER_CONCEALED);
	missing(0, 0);			/* is it the end? */
	frames(4, JITTER_VOICE);
	missing(100.0 * 5 / 99, 0);
	frames(1, JITTER_RECOVERED);
	missing(5, 0);
	/* The last packets before the end do not count as lost. */
	frames(AUDIBILITY_GRACE, JITTER_CONCEALED);
	missing(5, 0);
}
END_TEST

/* One packet in two minutes was a perfect call. */
START_TEST(hears_silence)
{
	setup();
	frames(3, JITTER_VOICE);
	frames(6000, JITTER_CONCEALED);
	missing(100.0 * 6000 / 6003, 120000);
	ck_assert_double_lt(emodel_mos(emodel_r(60,
	    audibility_missing_pct(&heard))), 1.3);
	/* Also if it ends: three seconds of ten. */
	setup();
	frames(350, JITTER_VOICE);
	frames(150, JITTER_CONCEALED);
	missing(30, 3000);
	frames(1, JITTER_VOICE);
	missing(100.0 * 150 / 501, 3000);
	/* And before anything came. */
	setup();
	frames(AUDIBILITY_GRACE, JITTER_NOTHING);
	missing(0, 0);
	frames(50, JITTER_NOTHING);
	missing(100, 2000);
	frames(100, JITTER_VOICE);
	missing(50, 2000);
}
END_TEST

START_TEST(leaves_pauses)
{
	unsigned i;

	setup();
	frames(10, JITTER_VOICE);
	for (i = 0; i < 10; i++) {
		frames(19, JITTER_CONCEALED);
		audibility_leap(&heard);
		frames(1, JITTER_VOICE);
	}
	missing(0, 0);
	/* Such a pause does not explain the next gap, or a long one. */
	frames(20, JITTER_CONCEALED);
	frames(20, JITTER_VOICE);
	missing(100.0 * 20 / 60, 0);
	frames(AUDIBILITY_GRACE + 1, JITTER_CONCEALED);
	audibility_leap(&heard);
	frames(1, JITTER_VOICE);
	missing(100.0 * 71 / 112, 51 * 20);
}
END_TEST

START_TEST(ends_with_bye)
{
	setup();
	frames(100, JITTER_VOICE);
	audibility_bye(&heard);
	frames(2, JITTER_VOICE);	/* what the buffer held */
	frames(1000, JITTER_CONCEALED);
	missing(0, 0);
	/* It comes again, as another stream. */
	audibility_begin(&heard);
	frames(98, JITTER_VOICE);
	missing(0, 0);
	frames(200, JITTER_CONCEALED);
	audibility_bye(&heard);
	missing(50, 4000);
}
END_TEST

/* A peer on hold says in its reports that it sent nothing. */
START_TEST(believes_reports)
{
	unsigned i;

	setup();
	frames(100, JITTER_VOICE);
	frames(30, JITTER_CONCEALED);
	audibility_report(&heard, false, false);	/* all of that second came */
	for (i = 0; i < 3; i++) {
		frames(100, JITTER_CONCEALED);
		audibility_report(&heard, true, false);
	}
	missing(0, 330 * 20);
	frames(60, JITTER_CONCEALED);
	missing(0, 390 * 20);
	frames(100, JITTER_VOICE);
	missing(0, 390 * 20);
	/* The next silence is another, of which nothing is known. */
	frames(200, JITTER_CONCEALED);
	missing(50, 590 * 20);
}
END_TEST

/* A loss on the way does not count as hold, even if reports follow it. */
START_TEST(believes_losses)
{
	setup();
	frames(100, JITTER_VOICE);
	frames(100, JITTER_CONCEALED);
	audibility_report(&heard, false, true);
	audibility_report(&heard, true, false);	/* at once */
	frames(100, JITTER_VOICE);
	missing(100.0 * 100 / 300, 100 * 20);
	/* A hold, and then nobody reports any more. */
	setup();
	frames(100, JITTER_VOICE);
	frames(100, JITTER_CONCEALED);
	audibility_report(&heard, true, false);
	frames(AUDIBILITY_REPORT, JITTER_CONCEALED);
	missing(0, (100 + AUDIBILITY_REPORT) * 20);
	frames(500, JITTER_CONCEALED);
	missing(90, (600 + AUDIBILITY_REPORT) * 20);
}
END_TEST

START_TEST(expects_nothing_of_a_listener)
{
	setup();
	heard.expects = false;
	frames(1000, JITTER_NOTHING);
	missing(0, 0);
}
END_TEST

/* A hold owes nothing, and the way back to audio is excused like the start. */
START_TEST(waits_on_hold)
{
	setup();
	frames(100, JITTER_VOICE);
	frames(10, JITTER_CONCEALED);	/* until the hold is agreed on */
	audibility_expect(&heard, false);
	frames(3000, JITTER_NOTHING);
	missing(0, 0);
	audibility_expect(&heard, false);
	audibility_expect(&heard, true);
	frames(20, JITTER_NOTHING);
	frames(100, JITTER_VOICE);
	missing(0, 0);
	frames(50, JITTER_NOTHING);
	frames(150, JITTER_VOICE);
	missing(100.0 * 50 / 400, 0);
}
END_TEST

UNIT_SUITE(audibility, waits_on_hold, counts_losses, hears_silence, leaves_pauses, ends_with_bye,
    believes_reports, believes_losses,
    expects_nothing_of_a_listener)
