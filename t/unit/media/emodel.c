/* The E-model agrees with G.107's own figures. */
#include <math.h>

#include "media/audio/emodel.h"
#include "unit.h"

static void
near(double got, double wanted, double tolerance)
{
	ck_assert_msg(fabs(got - wanted) <= tolerance, "%f, not %f", got,
	    wanted);
}

START_TEST(defaults)
{
	/* G.107 table: R 93.2 is MOS 4.41; 90, 80, 70, 60, 50 as below. */
	near(emodel_r(0, 0), 93.2, 0.001);
	near(emodel_mos(93.2), 4.41, 0.005);
	near(emodel_mos(90), 4.34, 0.005);
	near(emodel_mos(80), 4.024, 0.001);
	near(emodel_mos(70), 3.60, 0.006);
	near(emodel_mos(60), 3.10, 0.006);
	near(emodel_mos(50), 2.58, 0.006);
	near(emodel_mos(-5), 1, 0);
	near(emodel_mos(5), 1, 0);
	near(emodel_mos(120), 4.5, 0);
}
END_TEST

START_TEST(delay)
{
	double r = 100, d;

	near(emodel_r(100, 0), 93.2, 0.001);
	/* x = 1: 25 (2^(1/6) - 3 (1 + 3^-6)^(1/6) + 2) = 3.045 */
	near(emodel_r(200, 0), 93.2 - 3.045, 0.01);
	/* x = 2: 25 (65^(1/6) - 3 (1 + (2/3)^6)^(1/6) + 2) = 24.054 */
	near(emodel_r(400, 0), 93.2 - 24.054, 0.05);
	for (d = 0; d < 2000; d += 10) {
		ck_assert_double_le(emodel_r(d, 0), r);
		r = emodel_r(d, 0);
	}
}
END_TEST

START_TEST(loss)
{
	near(emodel_r(0, 25.1), 93.2 - 47.5, 0.001);
	near(emodel_r(0, 1), 93.2 - 3.64, 0.01);
	ck_assert_double_lt(emodel_mos(emodel_r(0, 100)), 2);
}
END_TEST

UNIT_SUITE(emodel, defaults, delay, loss)
