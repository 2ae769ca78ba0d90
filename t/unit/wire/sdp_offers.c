/*
 * Offers by hand, as stacks and gateways write them, each with what our answer
 * must keep of it: which audio section is used, and how the others are
 * rejected (RFC 3264 6, RFC 9429 5.3.1, RFC 9143 7.3).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "wire/sdp.h"

#define FINGERPRINT "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:" \
	"AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89"
#define HEAD "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
#define OTHER_ICE "a=ice-ufrag:efgh\r\na=ice-pwd:9876543210987654321098\r\n"
#define DTLS "a=fingerprint:sha-256 " FINGERPRINT "\r\na=setup:actpass\r\n"
#define OPUS "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
#define M_AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
#define AUDIO M_AUDIO ICE DTLS OPUS
#define AUDIO_0 AUDIO "a=mid:0\r\n"
#define DATA "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" \
	"c=IN IP4 0.0.0.0\r\n" ICE DTLS "a=sctp-port:5000\r\n"
#define NO_DATA "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" \
	"c=IN IP4 0.0.0.0\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" OTHER_ICE DTLS \
	"a=rtcp-mux\r\na=inactive\r\na=rtpmap:96 VP8/90000\r\n" \
	"a=ssrc:5 cname:video\r\n"
#define NO_VIDEO "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\n" \
	"c=IN IP4 0.0.0.0\r\na=inactive\r\n"
#define LONG_MID "abcdefghijklmnopqrstuvwxyz0123456789"
#define BUNDLE "a=group:BUNDLE "

static const struct offer {
	const char *what, *text;
	const char *before, *after;	/* the others, as rejected */
	const char *mid;		/* NULL: no audio, -ENODATA */
	bool bundle;
	enum sdp_direction direction;
} offers[] = {
	{ "audio alone", HEAD BUNDLE "0\r\n" AUDIO_0, "", "", "0", true,
	    SDP_SENDRECV },
	{ "no group", HEAD AUDIO_0, "", "", "0", false, SDP_SENDRECV },
	{ "no mid", HEAD AUDIO, "", "", "", false, SDP_SENDRECV },
	{ "no mid in a group", HEAD BUNDLE "0\r\n" AUDIO, "", "", "", false,
	    SDP_SENDRECV },
	{ "another group", HEAD BUNDLE "1\r\n" AUDIO_0, "", "", "0", false,
	    SDP_SENDRECV },
	{ "a part of a name", HEAD BUNDLE "00 01\r\n" AUDIO_0, "", "", "0",
	    false, SDP_SENDRECV },
	{ "a group for lips", HEAD "a=group:LS 0\r\n" AUDIO_0, "", "", "0",
	    false, SDP_SENDRECV },
	{ "a long mid", HEAD BUNDLE LONG_MID "\r\n" AUDIO "a=mid:" LONG_MID
	    "\r\n", "", "", LONG_MID, true, SDP_SENDRECV },
	{ "audio and data", HEAD BUNDLE "0 1\r\n" AUDIO_0 DATA "a=mid:1\r\n",
	    "", NO_DATA "a=mid:1\r\n", "0", true, SDP_SENDRECV },
	{ "data and audio", HEAD BUNDLE "d 0\r\n" DATA "a=mid:d\r\n" AUDIO_0,
	    NO_DATA "a=mid:d\r\n", "", "0", true, SDP_SENDRECV },
	{ "audio and video", HEAD BUNDLE "0 1\r\n" AUDIO_0 VIDEO "a=mid:1\r\n",
	    "", NO_VIDEO "a=mid:1\r\n", "0", true, SDP_SENDRECV },
	{ "all three, video first", HEAD BUNDLE "v 0 d\r\n" VIDEO "a=mid:v\r\n"
	    AUDIO_0 "a=sendonly\r\n" DATA "a=mid:d\r\n",
	    NO_VIDEO "a=mid:v\r\n", NO_DATA "a=mid:d\r\n", "0", true,
	    SDP_SENDONLY },
	{ "others without a mid", HEAD VIDEO AUDIO DATA, NO_VIDEO, NO_DATA, "",
	    false, SDP_SENDRECV },
	{ "a rejected video", HEAD AUDIO_0 "m=video 0 UDP/TLS/RTP/SAVPF 96 97"
	    "\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n", "", NO_VIDEO, "0",
	    false, SDP_SENDRECV },
	{ "a rejected audio first", HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"
	    "a=mid:x\r\n" AUDIO_0, "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"
	    "c=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:x\r\n", "", "0", false,
	    SDP_SENDRECV },
	{ "two audios", HEAD BUNDLE "0 1\r\n" AUDIO_0 AUDIO "a=mid:1\r\n", "",
	    "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
	    "a=inactive\r\na=mid:1\r\n", "0", true, SDP_SENDRECV },
	{ "plain RTP first", HEAD "m=audio 4000 RTP/AVP 0 8\r\n" AUDIO,
	    "m=audio 0 RTP/AVP 0 8\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n", "",
	    "", false, SDP_SENDRECV },
	{ "an audio without Opus first", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 0"
	    "\r\n" ICE DTLS "a=rtcp-mux\r\n" AUDIO,
	    "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n"
	    "a=inactive\r\n", "", "", false, SDP_SENDRECV },
	{ "bundle-only audio", HEAD BUNDLE "d 0\r\n" DATA "a=mid:d\r\n"
	    "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=bundle-only\r\n" OPUS
	    "a=mid:0\r\n", NO_DATA "a=mid:d\r\n", "", "0", true,
	    SDP_SENDRECV },
	{ "bundle-only outside of a group", HEAD "m=audio 0 UDP/TLS/RTP/SAVPF "
	    "111\r\na=bundle-only\r\n" ICE DTLS OPUS "a=mid:0\r\n", "",
	    "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"
	    "a=inactive\r\na=mid:0\r\n", NULL, false, SDP_SENDRECV },
	{ "the transport of the first", HEAD BUNDLE "d 0\r\n" DATA
	    "a=mid:d\r\n" M_AUDIO OPUS "a=mid:0\r\n", NO_DATA "a=mid:d\r\n",
	    "", "0", true, SDP_SENDRECV },
	{ "bundle-only video", HEAD BUNDLE "0 1\r\n" AUDIO_0 "m=video 0 "
	    "UDP/TLS/RTP/SAVPF 96 97\r\na=bundle-only\r\na=mid:1\r\n", "",
	    NO_VIDEO "a=mid:1\r\n", "0", true, SDP_SENDRECV },
	{ "the session's attributes", HEAD ICE DTLS "a=rtcp-mux\r\n"
	    "a=recvonly\r\n" M_AUDIO "a=rtpmap:111 opus/48000/2\r\n", "", "",
	    "", false, SDP_RECVONLY },
	{ "the section's direction", HEAD "a=inactive\r\n" AUDIO
	    "a=sendrecv\r\n" VIDEO, "", NO_VIDEO, "", false, SDP_SENDRECV },
	{ "unknown media", HEAD AUDIO_0 "m=text 5000 RTP/AVP 98\r\na=mid:t\r\n"
	    "m=image 49174/2 udptl t38\r\n", "", "m=text 0 RTP/AVP 98\r\n"
	    "c=IN IP4 0.0.0.0\r\na=mid:t\r\nm=image 0 udptl t38\r\n"
	    "c=IN IP4 0.0.0.0\r\n", "0", false, SDP_SENDRECV },
	{ "audio removed", HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"
	    "a=mid:0\r\n", "", "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"
	    "c=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:0\r\n", NULL, false,
	    SDP_SENDRECV },
	{ "video alone", HEAD VIDEO, "", NO_VIDEO, NULL, false, SDP_SENDRECV },
	{ "nothing", HEAD, "", "", NULL, false, SDP_SENDRECV },
};

/* Lines that a call does not need; the rest of the offer is good. */
static const char *const odd_lines[] = {
	"a=candidate:1 1 udp 1 a-very-long-name-of-a-host-with-more-than-sixty"
	    "-four-characters.example.org 9 typ host\r\n",
	"a=candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 1 typ "
	    "host\r\n",
	"a=candidate:1 1 udp 0 192.0.2.1 1 typ host\r\n",
	"a=candidate:1 1 udp 4294967296 192.0.2.1 1 typ host\r\n",
	"a=candidate:1 1 udp 1  192.0.2.1 1 typ host\r\n",
	"a=candidate:\r\n",
	"a=setup:holdconn\r\n",
	"a=rtpmap:110 opus\r\n",
	"a=rtpmap:300 opus/48000/2\r\n",
	"a=ssrc:4294967296 cname:x\r\n",
	"a=ssrc:none\r\n",
	"a=mid:\r\n",
	"a=inactive-or-so\r\n",
	"a=\r\n",
	"\r\n",
	"a=sendrecv \t \r\n",
	"o=- 123456789012345678901234567890 99999999999999999999999 IN IP4 x\r\n",
	"o=me too many words\r\n",
	"x=?\r\n",
};

static int
parse(struct sdp *sdp, const char *text)
{
	char why[WHY_TEXT] = "";
	int err = sdp_parse(sdp, text, strlen(text), why);

	if (err < 0 && err != -ENODATA)
		ck_abort_msg("%s: %s", text, why);
	return err;
}

static void
keeps_order(const struct offer *offer, const struct sdp *sdp)
{
	const struct sdp_others *others = &sdp->others;

	ck_assert_msg(others->before == strlen(offer->before) &&
	    memcmp(others->text, offer->before, others->before) == 0,
	    "%s: before: %s", offer->what, others->text);
	ck_assert_msg(others->len - others->before == strlen(offer->after) &&
	    memcmp(others->text + others->before, offer->after,
	    strlen(offer->after)) == 0, "%s: after: %s", offer->what,
	    others->text);
}

START_TEST(answers_each)
{
	static struct sdp sdp;
	size_t i;

	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		const struct offer *offer = &offers[i];

		memset(&sdp, 0xee, sizeof(sdp));
		ck_assert_msg(parse(&sdp, offer->text) ==
		    (offer->mid != NULL ? 0 : -ENODATA), "%s", offer->what);
		keeps_order(offer, &sdp);
		ck_assert_msg(sdp.no_audio == (offer->mid == NULL), "%s",
		    offer->what);
		if (offer->mid == NULL)
			continue;
		ck_assert_str_eq(sdp.mid, offer->mid);
		ck_assert_msg(sdp.bundle == offer->bundle, "%s", offer->what);
		ck_assert_msg(sdp.direction == offer->direction, "%s",
		    offer->what);
		ck_assert_str_eq(sdp.ufrag, "abcd");
		ck_assert_uint_eq(sdp.opus_payload_type, 111);
		ck_assert_uint_eq(sdp.ssrc, 0);
	}
}
END_TEST

/* The answer has as many sections, and says nothing that was not offered. */
START_TEST(writes_each)
{
	static char text[2 * SDP_MAX];
	static struct sdp sdp, back;
	size_t i;

	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		const struct offer *offer = &offers[i];
		const char *at;
		int sections = 0;

		parse(&sdp, offer->text);
		ck_assert_int_gt(sdp_write(&sdp, text, sizeof(text)), 0);
		for (at = text; (at = strstr(at, "\r\nm=")) != NULL; at++)
			sections++;
		for (at = offer->text; (at = strstr(at, "\r\nm=")) != NULL;
		    at++)
			sections--;
		ck_assert_msg(sections == 0, "%s: %s", offer->what, text);
		ck_assert_msg((strstr(text, "BUNDLE") != NULL) ==
		    offer->bundle, "%s", offer->what);
		ck_assert_ptr_null(strstr(text, "a=mid:\r\n"));
		parse(&back, text);
		ck_assert_mem_eq(&sdp.others, &back.others,
		    sizeof(sdp.others));
	}
}
END_TEST

/* One odd line is skipped wherever it stands. */
START_TEST(skips_odd_lines)
{
	static char text[SDP_MAX];
	static struct sdp sdp;
	size_t i;

	for (i = 0; i < sizeof(odd_lines) / sizeof(odd_lines[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s", HEAD BUNDLE "0\r\n",
		    odd_lines[i], AUDIO_0);
		ck_assert_msg(parse(&sdp, text) == 0, "%s", odd_lines[i]);
		snprintf(text, sizeof(text), "%s%s%s", HEAD BUNDLE "0\r\n"
		    AUDIO_0, odd_lines[i], "a=ssrc:9 cname:c\r\n");
		ck_assert_msg(parse(&sdp, text) == 0, "%s", odd_lines[i]);
		ck_assert_str_eq(sdp.mid, "0");
		ck_assert_int_eq(sdp.setup, SDP_ACTPASS);
		ck_assert_int_eq(sdp.direction, SDP_SENDRECV);
		ck_assert_uint_eq(sdp.ssrc, 9);
		ck_assert_uint_eq(sdp.n_candidates, 0);
	}
	snprintf(text, sizeof(text), "%s", HEAD M_AUDIO ICE DTLS
	    "a=rtcp-mux \r\na=rtpmap:111 opus/48000/2 \r\n"
	    "a=ice-options:ice2,trickle\r\n");
	ck_assert_int_eq(parse(&sdp, text), 0);
	ck_assert(sdp.trickle);
	ck_assert(!sdp.sped);
	/* Chromium's, with DTLS in STUN. */
	snprintf(text, sizeof(text), "%s", HEAD AUDIO
	    "a=ice-options:trickle sped googspedv1\r\n");
	ck_assert_int_eq(parse(&sdp, text), 0);
	ck_assert(sdp.trickle && sdp.sped);
	snprintf(text, sizeof(text), "%s", HEAD AUDIO
	    "a=ice-options:googsped spedv1\r\n");
	ck_assert_int_eq(parse(&sdp, text), 0);
	ck_assert(!sdp.sped);
}
END_TEST

/* The relay's candidate is kept, however many of no use come before it. */
START_TEST(keeps_the_relays)
{
	static char text[SDP_MAX];
	static struct sdp sdp;
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", HEAD AUDIO);
	size_t i, relayed = 0;

	for (i = 0; i < 50; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "a=candidate:1 1 udp 7 192.0.2.%zu 9 typ host\r\n", i + 1);
	snprintf(text + len, sizeof(text) - len,
	    "a=candidate:1 1 udp 7 198.51.100.1 9 typ relay\r\n");
	ck_assert_int_eq(parse(&sdp, text), 0);
	for (i = 0; i < sdp.n_candidates; i++)
		relayed += strcmp(sdp.candidates[i].type, "relay") == 0;
	ck_assert_uint_eq(relayed, 1);
}
END_TEST

/* There is a bound on the other sections, with a reason. */
START_TEST(bounds_the_others)
{
	static char text[SDP_MAX];
	char why[WHY_TEXT];
	static struct sdp sdp;
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", HEAD AUDIO);
	int i;

	for (i = 0; i < 60; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100\r\n");
	ck_assert_int_eq(sdp_parse(&sdp, text, len, why), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(why, "too many media sections"));
}
END_TEST

/* RED counts where it is of the Opus that is used, and of nothing else. */
START_TEST(finds_red)
{
	static const struct {
		const char *formats, *lines;
		uint8_t opus, red;
	} cases[] = {
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n",
		    111, 63 },
		{ "63 111", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n",
		    111, 63 },
		{ "111 63", "a=fmtp:63 111/111/111\r\na=rtpmap:63 RED/48000/2"
		    "\r\n", 111, 63 },
		{ "111", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\n", 111, 0 },
		{ "111 63", "a=fmtp:63 111/111\r\n", 111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111//111"
		    "\r\n", 111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111/"
		    "\r\n", 111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/9\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 0/0\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111 x"
		    "\r\n", 111, 0 },
		{ "111 63", "a=rtpmap:63 red/8000\r\na=fmtp:63 111/111\r\n",
		    111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:300 111/111"
		    "\r\n", 111, 0 },
		{ "111 63", "a=rtpmap:63 red/48000/2\r\na=fmtp:63\r\n", 111, 0 },
		{ "111 0", "a=rtpmap:0 red/48000/2\r\na=fmtp:0 111/111\r\n",
		    111, 0 },
		{ "111 63 64", "a=rtpmap:63 red/48000/2\r\na=rtpmap:64 "
		    "red/48000/2\r\na=fmtp:63 9/9\r\na=fmtp:64 111/111\r\n",
		    111, 64 },
		{ "112 111 63", "a=rtpmap:112 opus/48000/2\r\na=rtpmap:63 "
		    "red/48000/2\r\na=fmtp:63 111/111\r\n", 112, 0 },
		{ "111", "a=rtpmap:111 red/48000/2\r\na=fmtp:111 111/111\r\n",
		    111, 0 },
	};
	static char text[SDP_MAX];
	static struct sdp sdp, back;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%sm=audio 9 UDP/TLS/RTP/SAVPF %s"
		    "\r\n%s%s", HEAD, cases[i].formats, ICE DTLS OPUS,
		    cases[i].lines);
		ck_assert_int_eq(parse(&sdp, text), 0);
		ck_assert_msg(sdp.opus_payload_type == cases[i].opus &&
		    sdp.red_payload_type == cases[i].red, "%s, %s: %u %u",
		    cases[i].formats, cases[i].lines, sdp.opus_payload_type,
		    sdp.red_payload_type);
		/* The answer names what was offered, and no more. */
		ck_assert_int_gt(sdp_write(&sdp, text, sizeof(text)), 0);
		ck_assert((strstr(text, "red/") != NULL) ==
		    (cases[i].red != 0));
		ck_assert_int_eq(parse(&back, text), 0);
		ck_assert_uint_eq(back.red_payload_type, cases[i].red);
	}
}
END_TEST

/* RED counts if its packets have as many blocks as we read, at most. */
START_TEST(finds_red_of_so_many)
{
	static char text[SDP_MAX];
	static struct sdp sdp;
	size_t n, i;

	for (n = 1; n < 40; n++) {
		strcpy(text, HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n"
		    ICE DTLS OPUS "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111");
		for (i = 1; i < n; i++)
			strcat(text, "/111");
		strcat(text, "\r\n");
		ck_assert_int_eq(parse(&sdp, text), 0);
		ck_assert_uint_eq(sdp.red_payload_type,
		    n >= 2 && n <= 32 ? 63 : 0);
	}
}
END_TEST

UNIT_SUITE(sdp_offers, answers_each, writes_each, skips_odd_lines,
    keeps_the_relays, bounds_the_others, finds_red, finds_red_of_so_many)
