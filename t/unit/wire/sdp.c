/* Session descriptions of real stacks are read, and ours are written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "wire/base64.h"
#include "wire/sdp.h"

#define FINGERPRINT "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:" \
	"AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89"

/* Chromium: attributes per section, several codecs, mDNS and TCP candidates. */
static const char chromium[] =
    "v=0\r\n"
    "o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0\r\n"
    "a=extmap-allow-mixed\r\n"
    "a=msid-semantic: WMS 5a2e\r\n"
    "m=audio 54609 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"
    "c=IN IP4 192.0.2.156\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:3865 1 udp 2122260223 1b9e5f6a-2a3c.local 40678 typ host "
    "generation 0 network-id 1\r\n"
    "a=candidate:1234567 1 udp 41885439 192.0.2.156 54609 typ relay raddr "
    "0.0.0.0 rport 0 generation 0 network-id 1 network-cost 10\r\n"
    "a=candidate:1234568 2 udp 41885438 192.0.2.156 54610 typ relay raddr "
    "0.0.0.0 rport 0\r\n"
    "a=ice-ufrag:Q7Cu\r\n"
    "a=ice-pwd:p2KXxWqNVQCtM3WAsr/Uf+sC\r\n"
    "a=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 " FINGERPRINT "\r\n"
    "a=setup:actpass\r\n"
    "a=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=sendrecv\r\n"
    "a=msid:5a2e d0c1\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n"
    "a=fmtp:63 111/111\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=ssrc:3735928559 cname:d41d8cd98f00b204\r\n"
    "a=ssrc:3735928559 msid:5a2e d0c1\r\n";

/* Firefox: fingerprint and options for the session, upper-case relays. */
static const char firefox[] =
    "v=0\r\n"
    "o=mozilla...THIS_IS_SDPARTA-99.0 5213741297841214832 0 IN IP4 0.0.0.0\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=fingerprint:sha-256 " FINGERPRINT "\r\n"
    "a=group:BUNDLE 0\r\n"
    "a=ice-options:trickle\r\n"
    "a=msid-semantic:WMS *\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=candidate:3 1 UDP 92217343 2001:db8::7 50000 typ relay raddr "
    "2001:db8::7 rport 50000\r\n"
    "a=sendrecv\r\n"
    "a=end-of-candidates\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ice-pwd:8b3f0c5d31c9c4b5f2a1e0d9c8b7a695\r\n"
    "a=ice-ufrag:9a1b2c3d\r\n"
    "a=mid:0\r\n"
    "a=msid:{aa} {bb}\r\n"
    "a=rtcp-mux\r\n"
    "a=rtpmap:109 opus/48000/2\r\n"
    "a=rtpmap:9 G722/8000/1\r\n"
    "a=setup:active\r\n"
    "a=ssrc:4027589734 cname:{c0ffee}\r\n";

/* A minimal library: bare line feeds, Opus not first, no ssrc, also sha-1. */
static const char minimal[] =
    "v=0\n"
    "o=- 1 1 IN IP4 0.0.0.0\n"
    "s=-\n"
    "t=0 0\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 0 96\n"
    "a=fingerprint:sha-1 AB:CD\n"
    "a=fingerprint:SHA-256 " FINGERPRINT "\n"
    "a=ice-ufrag:abcd\n"
    "a=ice-pwd:0123456789012345678901\n"
    "a=rtpmap:96 OPUS/48000/2\n"
    "a=rtcp-mux\n"
    "a=recvonly\n";

static void
parses(struct sdp *sdp, const char *text)
{
	char why[WHY_TEXT] = "";

	ck_assert_msg(sdp_parse(sdp, text, strlen(text), why) == 0, "%s", why);
	ck_assert(sdp->has_fingerprint);
	ck_assert_uint_eq(sdp->fingerprint[1], 0xcd);
	ck_assert_uint_eq(sdp->fingerprint[31], 0x89);
	ck_assert(sdp->rtcp_mux);
}

START_TEST(reads_chromium)
{
	char text[ADDR_TEXT];
	struct sdp sdp;

	parses(&sdp, chromium);
	ck_assert_uint_eq(sdp.session_id, 4611731400430051336ULL);
	ck_assert_uint_eq(sdp.version, 2);
	ck_assert_str_eq(sdp.ufrag, "Q7Cu");
	ck_assert_str_eq(sdp.password, "p2KXxWqNVQCtM3WAsr/Uf+sC");
	ck_assert_int_eq(sdp.setup, SDP_ACTPASS);
	ck_assert_uint_eq(sdp.opus_payload_type, 111);
	ck_assert_uint_eq(sdp.red_payload_type, 63);
	ck_assert_uint_eq(sdp.ssrc, 3735928559UL);
	ck_assert_str_eq(sdp.cname, "d41d8cd98f00b204");
	ck_assert_str_eq(sdp.mid, "0");
	ck_assert(sdp.trickle && !sdp.end_of_candidates);
	ck_assert(!sdp.early);
	ck_assert_uint_eq(sdp.n_candidates, 1);
	ck_assert_str_eq(addr_format(&sdp.candidates[0].addr, text),
	    "192.0.2.156:54609");
	ck_assert_str_eq(sdp.candidates[0].type, "relay");
	ck_assert_uint_eq(sdp.candidates[0].priority, 41885439);
}
END_TEST

START_TEST(reads_firefox)
{
	char text[ADDR_TEXT];
	struct sdp sdp;

	parses(&sdp, firefox);
	ck_assert_int_eq(sdp.setup, SDP_ACTIVE);
	ck_assert_uint_eq(sdp.opus_payload_type, 109);
	ck_assert_uint_eq(sdp.red_payload_type, 0);
	ck_assert_str_eq(sdp.cname, "{c0ffee}");
	ck_assert(sdp.trickle && sdp.end_of_candidates);
	ck_assert_uint_eq(sdp.n_candidates, 1);
	ck_assert_str_eq(addr_format(&sdp.candidates[0].addr, text),
	    "[2001:db8::7]:50000");
}
END_TEST

START_TEST(reads_minimal)
{
	struct sdp sdp;

	parses(&sdp, minimal);
	ck_assert_uint_eq(sdp.opus_payload_type, 96);
	ck_assert_uint_eq(sdp.ssrc, 0);
	ck_assert_int_eq(sdp.setup, SDP_ACTPASS);
	ck_assert_int_eq(sdp.direction, SDP_RECVONLY);
	ck_assert(!sdp.trickle);
}
END_TEST

/* Each change to the Firefox offer makes it unusable. */
START_TEST(refuses)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		{ "v=0", "v=1", "does not begin" },
		{ "m=audio", "m=video", "no audio section" },
		{ "m=audio 9 ", "m=audio 0 ", "no audio section" },
		{ "m=audio 9 ", "m=audio  9 ", "malformed" },
		{ "SAVPF", "AVPF/", "not UDP/TLS" },
		{ "109 9 0", "110 9 0", "no Opus" },
		{ " 109 9 0 8 101", "", "malformed" },
		{ "opus/48000/2", "opus/48000/1", "no Opus" },
		{ "sha-256", "sha-512", "no SHA-256" },
		{ "AB:CD", "AB-CD", "line 5" },
		{ "AB:CD", "AX:CD", "line 5" },
		{ "ice-ufrag:9a1b2c3d", "ice-ufrag:9a1", "line 18" },
		{ "ice-ufrag:9a1b", "ice-ufrag:9a\x01b", "line 18" },
		{ "ice-ufrag", "ice-vfrag", "no ICE" },
		{ "ice-pwd:8b3f", "ice-pwd:8 3f", "line 17" },
		{ "rtcp-mux", "rtcp-fux", "no rtcp-mux" },
		{ "SAVPF", "SAVPG", "not UDP/TLS" },
		{ "t=0 0", "t 0 0", "line 4" },
		{ "a=setup:active", "a=rp-commit:AAAA", "line 24" },
	};
	char text[2048], why[WHY_TEXT];
	struct sdp sdp;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *at = strstr(firefox, cases[i].from);

		ck_assert_ptr_nonnull(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - firefox),
		    firefox, cases[i].to, at + strlen(cases[i].from));
		ck_assert_msg(sdp_parse(&sdp, text, strlen(text), why) < 0,
		    "%s", cases[i].to);
		ck_assert_msg(strstr(why, cases[i].why) != NULL,
		    "%s: %s", cases[i].to, why);
	}
}
END_TEST

START_TEST(refuses_too_long)
{
	static char text[SDP_MAX + 2048];
	char why[WHY_TEXT];
	struct sdp sdp;

	strcpy(text, firefox);
	memset(text + strlen(text), '\n', SDP_MAX);
	ck_assert_int_eq(sdp_parse(&sdp, text, strlen(text), why), -EBADMSG);
}
END_TEST

/* No cut and no flipped bit does more than be refused (sanitizers watch). */
START_TEST(survives_anything)
{
	char text[sizeof(chromium)], why[WHY_TEXT];
	struct sdp sdp;
	size_t i, bit;

	for (i = 0; i < sizeof(chromium); i++) {
		memcpy(text, chromium, i);
		sdp_parse(&sdp, text, i, why);
		sdp_fragment_parse(&sdp, text, i, why);
	}
	memcpy(text, chromium, sizeof(text));
	for (i = 0; i < sizeof(chromium) - 1; i++)
		for (bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			sdp_parse(&sdp, text, sizeof(text) - 1, why);
			text[i] ^= (char)(1 << bit);
		}
}
END_TEST

static void
fill(struct sdp *sdp)
{
	memset(sdp, 0, sizeof(*sdp));
	sdp->session_id = 77;
	sdp->version = 3;
	strcpy(sdp->ufrag, "abcd");
	strcpy(sdp->password, "0123456789012345678901");
	memset(sdp->fingerprint, 0xa5, sizeof(sdp->fingerprint));
	sdp->has_fingerprint = sdp->rtcp_mux = sdp->trickle = true;
	sdp->setup = SDP_PASSIVE;
	sdp->opus_payload_type = 111;
	sdp->ssrc = 4294967295U;
	strcpy(sdp->cname, "who");
	strcpy(sdp->mid, "0");
	sdp->bundle = true;
	sdp->has_commit = sdp->has_nonce = true;
	memset(sdp->commit, 1, SDP_NONCE);
	memset(sdp->nonce, 2, SDP_NONCE);
	sdp->has_identity = true;
	memset(sdp->identity_key, 3, SDP_KEY);
	memset(sdp->identity_signature, 4, SDP_SIGNATURE);
	sdp->n_candidates = 2;
	addr_parse(&sdp->candidates[0].addr, "192.0.2.1:3478", 0);
	addr_parse(&sdp->candidates[1].addr, "[2001:db8::1]:3478", 0);
	sdp->candidates[0].priority = sdp->candidates[1].priority = 7;
	strcpy(sdp->candidates[0].foundation, "1");
	strcpy(sdp->candidates[1].foundation, "2");
	strcpy(sdp->candidates[0].type, "relay");
	strcpy(sdp->candidates[1].type, "host");
}

START_TEST(round_trips)
{
	char text[SDP_MAX], why[WHY_TEXT];
	struct sdp sdp, back;
	ssize_t len, i;

	fill(&sdp);
	len = sdp_write(&sdp, text, sizeof(text));
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq((ssize_t)strlen(text), len);
	ck_assert_msg(sdp_parse(&back, text, (size_t)len, why) == 0, "%s",
	    why);
	ck_assert_mem_eq(&sdp, &back, sizeof(sdp));
	for (i = 0; i <= len; i++)
		ck_assert_int_eq(sdp_write(&sdp, text, (size_t)i), -EMSGSIZE);
}
END_TEST

/* Each field that has values goes there and back with every one. */
START_TEST(writes_every_value)
{
	char text[SDP_MAX], why[WHY_TEXT];
	struct sdp sdp, back;
	ssize_t len;
	unsigned i;

	for (i = 0; i < 512; i++) {
		fill(&sdp);
		sdp.has_identity = (i & 64) != 0;
		if (!sdp.has_identity) {
			memset(sdp.identity_key, 0, SDP_KEY);
			memset(sdp.identity_signature, 0, SDP_SIGNATURE);
		}
		sdp.red_payload_type = (i & 32) != 0 ? 63 : 0;
		sdp.direction = (enum sdp_direction)(i % 4);
		sdp.setup = (enum sdp_setup)(i % 3);
		sdp.trickle = (i & 1) != 0;
		sdp.sped = sdp.trickle && (i & 128) != 0;
		sdp.early = (i & 256) != 0;
		sdp.has_commit = (i & 2) != 0;
		sdp.has_nonce = (i & 4) != 0;
		sdp.end_of_candidates = (i & 8) != 0;
		if (!sdp.has_commit)
			memset(sdp.commit, 0, sizeof(sdp.commit));
		if (!sdp.has_nonce)
			memset(sdp.nonce, 0, sizeof(sdp.nonce));
		if ((i & 16) == 0) {
			sdp.ssrc = 0;
			memset(sdp.cname, 0, sizeof(sdp.cname));
		}
		len = sdp_write(&sdp, text, sizeof(text));
		ck_assert_int_gt(len, 0);
		ck_assert_msg(sdp_parse(&back, text, (size_t)len, why) == 0,
		    "%s", why);
		ck_assert_mem_eq(&sdp, &back, sizeof(sdp));
	}
}
END_TEST

/* An identity that is not one is as none; of several the first counts. */
START_TEST(reads_identities)
{
	static const char *const bad[] = {
		"", "x", "AwMD", "%s", "%s ", " %s", "%sA %s", "%s %sA",
		"%s  %s", "%s %s %s", "%s %s?"
	};
	char line[1024], key[BASE64_TEXT(SDP_KEY)], text[4096];
	char signature[BASE64_TEXT(SDP_SIGNATURE)], why[WHY_TEXT];
	char other[BASE64_TEXT(SDP_KEY)];
	uint8_t bytes[SDP_KEY];
	struct sdp sdp;
	size_t i;

	memset(bytes, 3, sizeof(bytes));
	base64_encode_url(key, bytes, SDP_KEY);
	memset(bytes, 4, sizeof(bytes));
	base64_encode_url(signature, bytes, SDP_SIGNATURE);
	memset(bytes, 5, sizeof(bytes));
	base64_encode_url(other, bytes, SDP_KEY);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), bad[i], key, signature, key);
#pragma GCC diagnostic pop
		snprintf(text, sizeof(text), "%sa=rp-identity:%s\r\n", firefox,
		    line);
		ck_assert_int_eq(sdp_parse(&sdp, text, strlen(text), why), 0);
		ck_assert_msg(!sdp.has_identity, "%s", line);
	}
	snprintf(text, sizeof(text), "%sa=rp-identity:AA AA\r\n"
	    "a=rp-identity:%s %s\r\na=rp-identity:%s %s\r\n", firefox, key,
	    signature, other, signature);
	ck_assert_int_eq(sdp_parse(&sdp, text, strlen(text), why), 0);
	ck_assert(sdp.has_identity);
	ck_assert_uint_eq(sdp.identity_key[64], 3);
	ck_assert_uint_eq(sdp.identity_signature[63], 4);
}
END_TEST

/* Lines end as they like, and what is too much is passed over. */
START_TEST(is_lenient)
{
	static char text[SDP_MAX];
	char why[WHY_TEXT], *to;
	const char *from;
	struct sdp sdp;
	size_t i, len;

	for (from = firefox, to = text; *from != '\0'; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\0';
	parses(&sdp, text);
	ck_assert_uint_eq(sdp.opus_payload_type, 109);
	/* The last line need not end. */
	text[strlen(text) - 1] = '\0';
	parses(&sdp, text);
	/* More candidates, and more formats, than there is room for. */
	strcpy(text, firefox);
	for (i = 0; i < SDP_CANDIDATES + 5; i++) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "a=candidate:1 1 udp "
		    "1 192.0.2.1 %zu typ host\r\na=rtpmap:%zu opus/48000/2"
		    "\r\n", i + 1, i + 1);
	}
	ck_assert_int_eq(sdp_parse(&sdp, text, strlen(text), why), 0);
	ck_assert_uint_eq(sdp.n_candidates, SDP_CANDIDATES);
	ck_assert_uint_eq(sdp.opus_payload_type, 109);
	/* A name for another source than the first is not its name. */
	strcpy(text, minimal);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "a=ssrc:5 msid:x\r\n"
	    "a=ssrc:6 cname:six\r\na=ssrc:5 cname:five\r\n"
	    "a=ssrc:5 cname:again\r\n");
	parses(&sdp, text);
	ck_assert_uint_eq(sdp.ssrc, 5);
	ck_assert_str_eq(sdp.cname, "five");
}
END_TEST

/* What does not fit is not written, whichever part of it that is. */
START_TEST(fragments_fit_or_not)
{
	char text[1024];
	struct sdp sdp;
	ssize_t len, i;

	memset(&sdp, 0, sizeof(sdp));
	ck_assert_int_eq(sdp_fragment_write(&sdp, text, sizeof(text)), 0);
	fill(&sdp);
	len = sdp_fragment_write(&sdp, text, sizeof(text));
	ck_assert_int_gt(len, 0);
	for (i = 0; i <= len; i++)
		ck_assert_int_eq(sdp_fragment_write(&sdp, text, (size_t)i),
		    -EMSGSIZE);
	ck_assert_int_eq(sdp_candidate_write(&sdp.candidates[0], text, 10),
	    -EMSGSIZE);
	/* One whose parts are as long as they can be still is a line. */
	memset(sdp.candidates[0].foundation, 'f',
	    sizeof(sdp.candidates[0].foundation) - 1);
	ck_assert_int_gt(sdp_candidate_write(&sdp.candidates[0], text, 160),
	    0);
}
END_TEST

START_TEST(fragments)
{
	/* As a browser trickles, by way of RFC 8840. */
	static const char theirs[] =
	    "a=ice-ufrag:Q7Cu\r\n"
	    "a=ice-pwd:p2KXxWqNVQCtM3WAsr/Uf+sC\r\n"
	    "m=audio 9 RTP/AVP 0\r\n"
	    "a=mid:0\r\n"
	    "a=candidate:1 1 udp 41885439 192.0.2.156 54609 typ relay raddr "
	    "0.0.0.0 rport 0 generation 0 ufrag Q7Cu\r\n"
	    "a=end-of-candidates\r\n";
	char text[1024], why[WHY_TEXT];
	struct sdp sdp, back;
	ssize_t len;

	ck_assert_int_eq(sdp_fragment_parse(&sdp, theirs, strlen(theirs),
	    why), 0);
	ck_assert_str_eq(sdp.ufrag, "Q7Cu");
	ck_assert_str_eq(sdp.mid, "0");
	ck_assert(sdp.end_of_candidates);
	ck_assert_uint_eq(sdp.n_candidates, 1);
	len = sdp_fragment_write(&sdp, text, sizeof(text));
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(sdp_fragment_parse(&back, text, (size_t)len, why), 0);
	ck_assert_mem_eq(&sdp, &back, sizeof(sdp));
	ck_assert_int_eq(sdp_fragment_parse(&sdp, "nonsense", 8, why),
	    -EBADMSG);
	ck_assert_int_eq(sdp_fragment_parse(&sdp, "a=candidate:1 1 udp\r\n", 21,
	    why), 0);
	ck_assert_uint_eq(sdp.n_candidates, 0);
}
END_TEST

START_TEST(candidates)
{
	static const struct {
		const char *line;
		int err;
	} cases[] = {
		{ "a=candidate:1 1 UDP 1 192.0.2.1 1 typ host", 0 },
		{ "candidate:1 1 udp 1 2001:db8::1 1 typ relay", 0 },
		{ "candidate:1 2 udp 1 192.0.2.1 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 tcp 1 192.0.2.1 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 x.local 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 fe80::1 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 fe80::1%eth0 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 2001:db8::1%2 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 ff02::fb 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 :: 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 0.0.0.0 1 typ relay", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 224.0.0.251 1 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 255.255.255.255 1 typ host",
		    -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 192.0.2.1 0 typ host", -EOPNOTSUPP },
		{ "candidate:1 1 udp 1 192.0.2.1:80 1 typ host", -EBADMSG },
		{ "candidate:1 1 udp 1 [2001:db8::1] 1 typ host", -EBADMSG },
		{ "candidate:1 1 udp 1 192.0.2.1 65536 typ host", -EBADMSG },
		{ "candidate:1 1 udp 4294967296 192.0.2.1 1 typ host",
		    -EBADMSG },
		{ "candidate:1 1 udp 0 192.0.2.1 1 typ host", -EBADMSG },
		{ "candidate:1 1 udp 1 192.0.2.1 1 tip host", -EBADMSG },
		{ "candidate:1 1 udp 1 192.0.2.1 1 typ", -EBADMSG },
		{ "candidate:123456789012345678901234567890123 1 udp 1 "
		    "192.0.2.1 1 typ host", -EBADMSG },
		{ "candidate:1 1 udp 1  192.0.2.1 1 typ host", -EBADMSG },
		{ "candidates", -EBADMSG },
		{ "", -EBADMSG },
	};
	struct sdp_candidate c;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(sdp_candidate_parse(&c, cases[i].line,
		    strlen(cases[i].line)) == cases[i].err, "%s",
		    cases[i].line);
}
END_TEST

UNIT_SUITE(sdp, reads_chromium, reads_firefox, reads_minimal, refuses,
    refuses_too_long, survives_anything, round_trips, writes_every_value,
    reads_identities,
    is_lenient, fragments, fragments_fit_or_not, candidates)
