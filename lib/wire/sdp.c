/*
 * sdp: parse a session description, one line at a time. Writing is in
 * sdp_write, candidates in sdp_candidate. Pure. See sdp.h.
 */
#include "wire/sdp.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/base64.h"
#include "wire/why.h"

#define FORMATS 32	/* considered payload types of the m= line */
#define NO_TYPE 128

struct span {
	const char *at;
	size_t len;
};

struct reader {
	struct sdp *sdp;
	unsigned sections;		/* m= lines so far */
	uint8_t formats[FORMATS];	/* of the m= line, in order */
	size_t n_formats;
	uint8_t opus[FORMATS];		/* payload types that are Opus */
	size_t n_opus;
	const char *wrong;
};

/* Cut the text before the first `stop` off `in`, and drop the `stop`. */
static struct span
cut(struct span *in, char stop)
{
	const char *end = memchr(in->at, stop, in->len);
	struct span out = { in->at, in->len };

	if (end == NULL) {
		*in = (struct span) { in->at + in->len, 0 };
		return out;
	}
	out.len = (size_t)(end - in->at);
	in->at += out.len + 1;
	in->len -= out.len + 1;
	return out;
}

static bool
is(struct span span, const char *text)
{
	return span.len == strlen(text) &&
	    strncasecmp(span.at, text, span.len) == 0;
}

/*
 * Copy a word if it has `min` to `max` - 1 characters, all of them printable.
 * The rest of `out` is cleared, so that nothing of a longer word remains.
 */
static bool
copy_span(char *out, struct span span, size_t min, size_t max)
{
	size_t i;

	if (span.len < min || span.len >= max)
		return false;
	for (i = 0; i < span.len; i++)
		if (span.at[i] <= ' ' || span.at[i] > '~')
			return false;
	memset(out, 0, max);
	memcpy(out, span.at, span.len);
	return true;
}

static bool
number(uint64_t *out, struct span span, uint64_t max)
{
	uint64_t value = 0;
	size_t i;

	if (span.len == 0 || span.len > 20)
		return false;
	for (i = 0; i < span.len; i++) {
		unsigned digit = (unsigned)(span.at[i] - '0');

		if (digit > 9 || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

/*
 * Attributes. Each reader gets the text after the colon and returns whether it
 * is well formed.
 */

/*
 * Are all characters ice-char (RFC 8839 5.4)? The caller checks for at least 4
 * and 22.
 */
static bool
ice_chars(const char *text)
{
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) && *text != '+' &&
		    *text != '/')
			return false;
	return true;
}

static bool
read_ufrag(struct reader *r, struct span value)
{
	return copy_span(r->sdp->ufrag, value, 4, SDP_UFRAG) &&
	    ice_chars(r->sdp->ufrag);
}

static bool
read_password(struct reader *r, struct span value)
{
	return copy_span(r->sdp->password, value, 22, SDP_UFRAG) &&
	    ice_chars(r->sdp->password);
}

static bool
read_ice_options(struct reader *r, struct span value)
{
	while (value.len > 0)
		if (is(cut(&value, ' '), "trickle"))
			r->sdp->trickle = true;
	return true;
}

/* Read "sha-256 AB:CD:..." (RFC 8122). Other hash functions are skipped. */
static bool
read_fingerprint(struct reader *r, struct span value)
{
	char hex[HEX_TEXT(SDP_FINGERPRINT)];
	struct span function = cut(&value, ' ');
	size_t i;

	if (!is(function, "sha-256"))
		return true;
	if (value.len != 3 * SDP_FINGERPRINT - 1)
		return false;
	for (i = 0; i < SDP_FINGERPRINT; i++) {
		memcpy(hex + 2 * i, value.at + 3 * i, 2);
		if (i > 0 && value.at[3 * i - 1] != ':')
			return false;
	}
	hex[2 * i] = '\0';
	r->sdp->has_fingerprint = hex_decode(r->sdp->fingerprint,
	    SDP_FINGERPRINT, hex) == 0;
	return r->sdp->has_fingerprint;
}

static bool
read_setup(struct reader *r, struct span value)
{
	if (is(value, "actpass"))
		r->sdp->setup = SDP_ACTPASS;
	else if (is(value, "active"))
		r->sdp->setup = SDP_ACTIVE;
	else if (is(value, "passive"))
		r->sdp->setup = SDP_PASSIVE;
	else
		return false;
	return true;
}

/* Read "111 opus/48000/2" (RFC 7587: always 48000 and 2). */
static bool
read_rtpmap(struct reader *r, struct span value)
{
	uint64_t type;

	if (!number(&type, cut(&value, ' '), 127))
		return false;
	if (is(value, "opus/48000/2") && r->n_opus < FORMATS)
		r->opus[r->n_opus++] = (uint8_t)type;
	return true;
}

/* Read "1234567 cname:x". The first source counts. */
static bool
read_ssrc(struct reader *r, struct span value)
{
	struct span attribute;
	uint64_t ssrc;

	if (!number(&ssrc, cut(&value, ' '), UINT32_MAX))
		return false;
	if (r->sdp->ssrc == 0)
		r->sdp->ssrc = (uint32_t)ssrc;
	attribute = cut(&value, ':');
	if (is(attribute, "cname") && r->sdp->cname[0] == '\0' &&
	    r->sdp->ssrc == ssrc)
		copy_span(r->sdp->cname, value, 1, sizeof(r->sdp->cname));
	return true;
}

static bool
read_mid(struct reader *r, struct span value)
{
	return copy_span(r->sdp->mid, value, 1, sizeof(r->sdp->mid));
}

static bool
read_rtcp_mux(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->rtcp_mux = true;
	return true;
}

static bool
read_end_of_candidates(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->end_of_candidates = true;
	return true;
}

static bool
read_sendrecv(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->direction = SDP_SENDRECV;
	return true;
}

static bool
read_sendonly(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->direction = SDP_SENDONLY;
	return true;
}

static bool
read_recvonly(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->direction = SDP_RECVONLY;
	return true;
}

static bool
read_inactive(struct reader *r, struct span value)
{
	(void)value;
	r->sdp->direction = SDP_INACTIVE;
	return true;
}

static bool
read_nonce(uint8_t out[static SDP_NONCE], struct span value)
{
	size_t len = SDP_NONCE;

	return base64_decode(out, &len, value.at, value.len) == 0 &&
	    len == SDP_NONCE;
}

static bool
read_commit(struct reader *r, struct span value)
{
	r->sdp->has_commit = read_nonce(r->sdp->commit, value);
	return r->sdp->has_commit;
}

static bool
read_rp_nonce(struct reader *r, struct span value)
{
	r->sdp->has_nonce = read_nonce(r->sdp->nonce, value);
	return r->sdp->has_nonce;
}

static const struct attribute {
	const char *name;
	bool (*read)(struct reader *r, struct span value);
} attributes[] = {
	{ "ice-ufrag", read_ufrag },
	{ "ice-pwd", read_password },
	{ "ice-options", read_ice_options },
	{ "fingerprint", read_fingerprint },
	{ "setup", read_setup },
	{ "rtpmap", read_rtpmap },
	{ "ssrc", read_ssrc },
	{ "mid", read_mid },
	{ "rtcp-mux", read_rtcp_mux },
	{ "end-of-candidates", read_end_of_candidates },
	{ "sendrecv", read_sendrecv },
	{ "sendonly", read_sendonly },
	{ "recvonly", read_recvonly },
	{ "inactive", read_inactive },
	{ "rp-commit", read_commit },
	{ "rp-nonce", read_rp_nonce },
};

static bool
read_candidate(struct reader *r, struct span line)
{
	struct sdp_candidate candidate;
	int err = sdp_candidate_parse(&candidate, line.at, line.len);

	if (err == 0 && r->sdp->n_candidates < SDP_CANDIDATES)
		r->sdp->candidates[r->sdp->n_candidates++] = candidate;
	return err != -EBADMSG;
}

static bool
read_attribute(struct reader *r, struct span line)
{
	struct span value = line, name = cut(&value, ':');
	size_t i;

	if (is(name, "candidate"))
		return read_candidate(r, line);
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (is(name, attributes[i].name))
			return attributes[i].read(r, value);
	return true;
}

/* Read "- 4611731400430051336 2 IN IP4 127.0.0.1". */
static bool
read_origin(struct reader *r, struct span line)
{
	cut(&line, ' ');
	return number(&r->sdp->session_id, cut(&line, ' '), UINT64_MAX) &&
	    number(&r->sdp->version, cut(&line, ' '), UINT64_MAX);
}

/* Read "audio 9 UDP/TLS/RTP/SAVPF 111 63". */
static bool
read_media(struct reader *r, struct span line)
{
	struct span kind = cut(&line, ' '), protocol;
	uint64_t port, type;

	r->sections++;
	if (!is(kind, "audio") || !number(&port, cut(&line, ' '), 65535))
		return false;
	protocol = cut(&line, ' ');
	if (port == 0 || !(is(protocol, "UDP/TLS/RTP/SAVPF") ||
	    is(protocol, "UDP/TLS/RTP/SAVP") ||
	    is(protocol, "RTP/SAVPF") || is(protocol, "RTP/SAVP")))
		return false;
	while (line.len > 0 && r->n_formats < FORMATS) {
		if (!number(&type, cut(&line, ' '), 127))
			return false;
		r->formats[r->n_formats++] = (uint8_t)type;
	}
	return true;
}

static bool
read_line(struct reader *r, struct span line)
{
	struct span value = { line.at + 2, line.len - 2 };

	switch (line.at[0]) {
	case 'o':
		return read_origin(r, value);
	case 'm':
		return read_media(r, value);
	case 'a':
		return read_attribute(r, value);
	default:
		return true;
	}
}

/* Read lines of the form "x=...", each ended by CRLF or LF. */
static int
read_lines(struct reader *r, struct span text,
    bool (*read)(struct reader *r, struct span line), char why[static WHY_TEXT])
{
	unsigned n = 0;

	if (text.len > SDP_MAX) {
		why_set(why, "longer than %d bytes", SDP_MAX);
		return -EBADMSG;
	}
	while (text.len > 0) {
		struct span line = cut(&text, '\n');

		n++;
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0 && text.len == 0)
			break;
		if (line.len < 2 || line.at[1] != '=' || !read(r, line)) {
			why_set(why, "line %u: not understood", n);
			return -EBADMSG;
		}
	}
	return 0;
}

/* Return the first payload type of the m= line that is Opus, or NO_TYPE. */
static uint8_t
pick_opus(const struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n_formats; i++)
		if (memchr(r->opus, r->formats[i], r->n_opus) != NULL)
			return r->formats[i];
	return NO_TYPE;
}

static const char *
missing(const struct reader *r)
{
	if (r->sections != 1)
		return "wants one media section, audio";
	if (pick_opus(r) == NO_TYPE)
		return "no Opus";
	if (r->sdp->ufrag[0] == '\0' || r->sdp->password[0] == '\0')
		return "no ICE credentials";
	if (!r->sdp->has_fingerprint)
		return "no SHA-256 fingerprint";
	if (!r->sdp->rtcp_mux)
		return "no rtcp-mux";
	return NULL;
}

int
sdp_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	struct reader r = { .sdp = out };
	const char *lacks;
	int err;

	memset(out, 0, sizeof(*out));
	if (len < 5 || memcmp(text, "v=0", 3) != 0 ||
	    (text[3] != '\r' && text[3] != '\n')) {
		why_set(why, "does not begin with v=0");
		return -EBADMSG;
	}
	err = read_lines(&r, (struct span) { text, len }, read_line, why);
	if (err < 0)
		return err;
	lacks = missing(&r);
	if (lacks != NULL) {
		why_set(why, "%s", lacks);
		return -EBADMSG;
	}
	out->opus_payload_type = pick_opus(&r);
	return 0;
}

/*
 * Read a line of a fragment. Its m= line only says which section is meant (RFC
 * 8840 9).
 */
static bool
read_fragment_line(struct reader *r, struct span line)
{
	struct span value = { line.at + 2, line.len - 2 };

	return line.at[0] != 'a' || read_attribute(r, value);
}

int
sdp_fragment_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	struct reader r = { .sdp = out };

	memset(out, 0, sizeof(*out));
	return read_lines(&r, (struct span) { text, len }, read_fragment_line,
	    why);
}
