/* threshold: "MS" or "MS,LOSS%". See threshold.h. */
#include "conf/threshold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Parse a number of decimal digits, which strtod alone would not insist on. */
static int
take_number(double *out, const char *text, char **rest)
{
	if (*text < '0' || *text > '9' ||
	    text[strspn(text, "0123456789.,%")] != '\0')
		return -EINVAL;
	*out = strtod(text, rest);
	return 0;
}

int
threshold_parse(struct threshold *out, const char *text)
{
	struct threshold t = { .given = true };
	char *rest;

	if (take_number(&t.rtt_ms, text, &rest) < 0)
		return -EINVAL;
	if (*rest == ',') {
		t.has_loss = true;
		if (take_number(&t.loss_pct, rest + 1, &rest) < 0 ||
		    *rest++ != '%' || t.loss_pct > 100)
			return -EINVAL;
	}
	if (*rest != '\0')
		return -EINVAL;
	*out = t;
	return 0;
}

bool
threshold_exceeded(const struct threshold *threshold, double rtt_ms,
    double loss_pct)
{
	return threshold->given && (rtt_ms > threshold->rtt_ms ||
	    (threshold->has_loss && loss_pct > threshold->loss_pct));
}
