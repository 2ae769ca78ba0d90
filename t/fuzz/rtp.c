/*
 * Parsing RTP headers and RTCP compound packets stays within their bytes. As a
 * stream, with a length byte before each packet, the bytes give the relay
 * statistics that add up: never more lost than expected, never fewer than
 * before.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "table/rtpstats.h"
#include "wire/rtp.h"

static void
relay(const uint8_t *data, size_t len)
{
	struct rtpstats stats = { 0 };
	struct rtpstats_sums sums;
	uint64_t now_ns = 0, expected = 0, packets = 0;
	int more;

	while (len > 0) {
		size_t n = data[0] < len ? data[0] : len - 1;

		more = rtpstats_see(&stats, data + 1, n, now_ns);
		if (more < -1 || more >= 0x10000)
			abort();
		packets += more >= 0;
		expected += more > 0 ? (uint64_t)more : 0;
		rtpstats_read(&stats, &sums);
		if (sums.packets != packets || sums.lost > expected)
			abort();
		now_ns += n * 1000000;
		data += 1 + n;
		len -= 1 + n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t out[1024];
	struct rtp rtp;
	struct rtcp rtcp, again;
	ssize_t n;

	relay(data, len);
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
