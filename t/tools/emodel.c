/*
 * emodel: rp-dial's score for figures of a call. Each line of standard input
 * is "BUFFER_MS RTT_MS MISSING TOTAL", the frames that were not heard and all of
 * them; its score is printed. For comparison with that of others.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "media/audio/quality.h"

static double
score(double buffer_ms, double rtt_ms, unsigned missing, unsigned total)
{
	struct media_stats out = { .rtt_ms = rtt_ms };
	struct audibility heard = { .expects = true, .any = true };
	struct rtp_session rtp;
	struct quality quality;

	memset(&quality, 0, sizeof(quality));
	memset(&rtp, 0, sizeof(rtp));
	rtp.in.any = true;
	rtp.in.received = 1;
	heard.missing = missing;
	heard.total = total;
	quality_stats(&quality, &rtp, &heard, buffer_ms, &out);
	return out.mos;
}

int
main(void)
{
	double buffer_ms, rtt_ms;
	unsigned missing, total;

	while (scanf("%lf %lf %u %u", &buffer_ms, &rtt_ms, &missing,
	    &total) == 4)
		printf("%.12f\n", score(buffer_ms, rtt_ms, missing, total));
	return 0;
}
