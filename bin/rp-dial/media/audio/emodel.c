/* emodel: the equations of G.107 that this call needs. Pure. See emodel.h. */
#include "media/audio/emodel.h"

#include <math.h>

#define R_DEFAULT 93.2
#define IE 0.0
#define BPL 25.1

/* Return Idd by equation 7-27: 0 up to 100 ms. */
static double
delay_impairment(double delay_ms)
{
	double x;

	if (delay_ms <= 100)
		return 0;
	x = log2(delay_ms / 100);
	return 25 * (pow(1 + pow(x, 6), 1.0 / 6) -
	    3 * pow(1 + pow(x / 3, 6), 1.0 / 6) + 2);
}

double
emodel_r(double delay_ms, double loss_pct)
{
	double ie_eff = IE + (95 - IE) * loss_pct / (loss_pct + BPL);

	return R_DEFAULT - delay_impairment(delay_ms) - ie_eff;
}

double
emodel_mos(double r)
{
	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	/* Below 6.5 the cubic falls under 1, the lowest score. */
	return fmax(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}
