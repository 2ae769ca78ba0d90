/*
 * RTP and RTCP of any bytes, and both written into a buffer of any size.
 *
 * Sources: lib/wire/rtp.c lib/wire/rtcp.c
 * Options: -eva-slevel 20000
 */
#define ROOM 24
#include "eva.h"
#include "wire/rtp.h"

static void
one(const uint8_t *data, size_t len)
{
	struct rtp rtp;
	struct rtcp rtcp;

	if (rtcp_is(data, len))
		rtcp_parse(&rtcp, data, len, any_u32());
	if (rtp_parse(&rtp, data, len) == 0 && rtp.payload_len > 0)
		(void)rtp.payload[rtp.payload_len - 1];
	rtp_header(&rtp, data, len);
	rtcp_parse(&rtcp, data, len, any_u32());
}

int
main(void)
{
	uint8_t out[4 * ROOM];
	char cname[ROOM];
	struct rtcp rtcp;
	struct rtp rtp;

	EACH_LENGTH(one);
	make_any(&rtp, sizeof(rtp));
	rtp.marker = any_u8() & 1;
	rtp_write(out, &rtp);
	make_any(&rtcp, sizeof(rtcp));
	rtcp.has_sender = any_u8() & 1;
	rtcp.has_report = any_u8() & 1;
	rtcp.bye = any_u8() & 1;
	rtcp_write(out, any_size(sizeof(out)), &rtcp,
	    make_text(cname, sizeof(cname)));
	return 0;
}
