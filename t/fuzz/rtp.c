/* RTP headers and RTCP compound packets stay within their bytes. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/rtp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t out[1024];
	struct rtp rtp;
	struct rtcp rtcp, again;
	ssize_t n;

	if (rtp_parse(&rtp, data, len) == 0 && rtp.payload_len > 0 &&
	    (rtp.payload < data || rtp.payload + rtp.payload_len >
	    data + len))
		abort();
	if (rtcp_parse(&rtcp, data, len, 1) < 0)
		return 0;
	n = rtcp_write(out, sizeof(out), &rtcp, "name");
	if (n < 0 || rtcp_parse(&again, out, (size_t)n, 1) < 0 ||
	    again.has_report != rtcp.has_report || again.bye != rtcp.bye ||
	    memcmp(&again.report, &rtcp.report, sizeof(rtcp.report)) != 0 ||
	    memcmp(&again.sender, &rtcp.sender, sizeof(rtcp.sender)) != 0)
		abort();
	return 0;
}
