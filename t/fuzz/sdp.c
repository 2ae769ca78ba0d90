/*
 * A description that sdp_parse accepts, sdp_write can write and sdp_parse
 * accepts again.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/sdp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	static char out[2 * SDP_MAX];
	char why[WHY_TEXT];
	static struct sdp sdp, again;
	struct sdp_candidate candidate;
	ssize_t n;

	sdp_candidate_parse(&candidate, text, len);
	if (sdp_fragment_parse(&sdp, text, len, why) == 0 &&
	    sdp_fragment_write(&sdp, out, sizeof(out)) < 0)
		abort();
	if (sdp_parse(&sdp, text, len, why) < 0)
		return 0;
	/* What may be missing, but is never written empty. */
	if (sdp.ssrc != 0 && sdp.cname[0] == '\0')
		strcpy(sdp.cname, "-");
	if (sdp.ssrc == 0)
		sdp.cname[0] = '\0';
	n = sdp_write(&sdp, out, sizeof(out));
	if (n < 0 || sdp_parse(&again, out, (size_t)n, why) < 0 ||
	    memcmp(&sdp, &again, sizeof(sdp)) != 0)
		abort();
	return 0;
}
