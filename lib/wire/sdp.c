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

/* A media section while its lines are read. */
struct section {
	struct span line;		/* of m=; at == NULL: the session's part */
	struct span mid;		/* of any length */
	bool is_audio, is_rtp;
	bool zero_port, bundle_only;
	uint8_t formats[FORMATS];	/* of the m= line, in order */
	size_t n_formats;
	uint8_t opus[FORMATS];		/* payload types that are Opus */
	size_t n_opus;
};

struct reader {
	struct sdp *sdp;		/* of the section, or of the session */
	struct section section;
	struct sdp *session;		/* the lines before the first section */
	struct sdp *audio;		/* the first usable section */
	bool has_audio;
	struct sdp_others others;
	struct span bundle;		/* mids of the BUNDLE group */
	struct sdp *tagged;		/* its first section, if read already */
	bool has_tagged;
	const char *lacks;		/* of an audio section that is in use */
	const char *wrong;		/* ends it all, unless NULL */
};

/* Cut the text before the first `stop` off `in`, and drop the `stop`. */
static struct span
cut(struct span *in, char stop)
{
	struct span out = { in->at, in->len };
	const char *end;

	if (in->len == 0)
		return out;
	end = memchr(in->at, stop, in->len);
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
	while (value.len > 0) {
		struct span word = cut(&value, ' ');

		/* libdatachannel writes "ice2,trickle". */
		while (word.len > 0)
			if (is(cut(&word, ','), "trickle"))
				r->sdp->trickle = true;
	}
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
	if (is(value, "opus/48000/2") && r->section.n_opus < FORMATS)
		r->section.opus[r->section.n_opus++] = (uint8_t)type;
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
	r->section.mid = value;
	return copy_span(r->sdp->mid, value, 1, sizeof(r->sdp->mid));
}

static bool
read_bundle_only(struct reader *r, struct span value)
{
	(void)value;
	r->section.bundle_only = true;
	return true;
}

/* Read "BUNDLE 0 1". The first such group counts. */
static bool
read_group(struct reader *r, struct span value)
{
	if (is(cut(&value, ' '), "BUNDLE") && r->bundle.len == 0)
		r->bundle = value;
	return true;
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

/*
 * A malformed line is skipped, unless a call depends on it: then a reason is
 * better than a guess.
 */
static const struct attribute {
	const char *name;
	bool (*read)(struct reader *r, struct span value);
	bool needed;
} attributes[] = {
	{ "ice-ufrag", read_ufrag, true },
	{ "ice-pwd", read_password, true },
	{ "ice-options", read_ice_options, false },
	{ "fingerprint", read_fingerprint, true },
	{ "setup", read_setup, false },
	{ "rtpmap", read_rtpmap, false },
	{ "ssrc", read_ssrc, false },
	{ "mid", read_mid, false },
	{ "group", read_group, false },
	{ "bundle-only", read_bundle_only, false },
	{ "rtcp-mux", read_rtcp_mux, false },
	{ "end-of-candidates", read_end_of_candidates, false },
	{ "sendrecv", read_sendrecv, false },
	{ "sendonly", read_sendonly, false },
	{ "recvonly", read_recvonly, false },
	{ "inactive", read_inactive, false },
	{ "rp-commit", read_commit, true },
	{ "rp-nonce", read_rp_nonce, true },
};

static bool
is_relayed(const struct sdp_candidate *candidate)
{
	return strcmp(candidate->type, "relay") == 0;
}

/*
 * Keep a candidate. If there are too many, a relayed one displaces another,
 * because at a relay that serves calls only relayed ones work.
 */
static void
keep_candidate(struct sdp *sdp, const struct sdp_candidate *candidate)
{
	size_t i;

	if (sdp->n_candidates < SDP_CANDIDATES) {
		sdp->candidates[sdp->n_candidates++] = *candidate;
		return;
	}
	for (i = SDP_CANDIDATES; i-- > 0 && is_relayed(candidate);)
		if (!is_relayed(&sdp->candidates[i])) {
			sdp->candidates[i] = *candidate;
			return;
		}
}

static bool
read_attribute(struct reader *r, struct span line)
{
	struct span value = line, name = cut(&value, ':');
	struct sdp_candidate candidate;
	size_t i;

	if (is(name, "candidate")) {
		if (sdp_candidate_parse(&candidate, line.at, line.len) == 0)
			keep_candidate(r->sdp, &candidate);
		return true;
	}
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (is(name, attributes[i].name))
			return attributes[i].read(r, value) ||
			    !attributes[i].needed;
	return true;
}

/*
 * Read a number of any length modulo 2^64, because RFC 8866 5.2 has no upper
 * bound for it. 0 if it is malformed.
 */
static uint64_t
long_number(struct span span)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < span.len; i++) {
		unsigned digit = (unsigned)(span.at[i] - '0');

		if (digit > 9)
			return 0;
		value = value * 10 + digit;
	}
	return value;
}

/* Read "- 4611731400430051336 2 IN IP4 127.0.0.1". */
static bool
read_origin(struct reader *r, struct span line)
{
	cut(&line, ' ');
	r->sdp->session_id = long_number(cut(&line, ' '));
	r->sdp->version = long_number(cut(&line, ' '));
	return true;
}

static bool
is_in_bundle(const struct reader *r)
{
	struct span group = r->bundle, mid = r->section.mid;

	while (group.len > 0) {
		struct span word = cut(&group, ' ');

		if (mid.len > 0 && word.len == mid.len &&
		    memcmp(word.at, mid.at, mid.len) == 0)
			return true;
	}
	return false;
}

/* Is the section the first of its BUNDLE group, whose transport all share? */
static bool
is_tagged(const struct reader *r)
{
	struct span group = r->bundle, first = cut(&group, ' ');

	return first.len > 0 && first.len == r->section.mid.len &&
	    memcmp(first.at, r->section.mid.at, first.len) == 0;
}

/* RFC 9143 7.1.3: a bundled section may leave the transport to the first. */
static void
share_transport(struct reader *r)
{
	const struct sdp *from = r->tagged;
	struct sdp *to = r->sdp;

	if (!r->has_tagged || !to->bundle || to->ufrag[0] != '\0')
		return;
	memcpy(to->ufrag, from->ufrag, sizeof(to->ufrag));
	memcpy(to->password, from->password, sizeof(to->password));
	memcpy(to->fingerprint, from->fingerprint, sizeof(to->fingerprint));
	to->has_fingerprint = from->has_fingerprint;
	to->setup = from->setup;
	memcpy(to->candidates, from->candidates, sizeof(to->candidates));
	to->n_candidates = from->n_candidates;
}

/* Return the first payload type of the m= line that is Opus, or NO_TYPE. */
static uint8_t
pick_opus(const struct section *s)
{
	size_t i;

	for (i = 0; i < s->n_formats; i++)
		if (memchr(s->opus, s->formats[i], s->n_opus) != NULL)
			return s->formats[i];
	return NO_TYPE;
}

static const char *
missing(const struct reader *r)
{
	if (!r->section.is_rtp)
		return "audio is not UDP/TLS/RTP/SAVPF";
	if (pick_opus(&r->section) == NO_TYPE)
		return "no Opus";
	if (r->sdp->ufrag[0] == '\0' || r->sdp->password[0] == '\0')
		return "no ICE credentials";
	if (!r->sdp->has_fingerprint)
		return "no SHA-256 fingerprint";
	if (!r->sdp->rtcp_mux)
		return "no rtcp-mux";
	return NULL;
}

/* Return whether the section is the one to use. */
static bool
is_usable(struct reader *r)
{
	const struct section *s = &r->section;
	const char *lacks;

	if (!s->is_audio || r->has_audio ||
	    (s->zero_port && !(s->bundle_only && r->sdp->bundle)))
		return false;
	share_transport(r);
	lacks = missing(r);
	if (lacks != NULL && r->lacks == NULL)
		r->lacks = lacks;
	return lacks == NULL;
}

/* Take the section that has ended, or put it with the others. */
static void
end_section(struct reader *r)
{
	struct section *s = &r->section;
	int err;

	if (s->line.at == NULL) {
		*r->session = *r->sdp;
		return;
	}
	r->sdp->bundle = *r->sdp->mid != '\0' && is_in_bundle(r);
	if (is_tagged(r)) {
		*r->tagged = *r->sdp;
		r->has_tagged = true;
	}
	if (is_usable(r)) {
		r->sdp->opus_payload_type = pick_opus(s);
		*r->audio = *r->sdp;
		r->has_audio = true;
		r->others.before = r->others.len;
		return;
	}
	err = sdp_others_add(&r->others, s->line.at, s->line.len, s->mid.at,
	    s->mid.len);
	if (err < 0 && r->wrong == NULL)
		r->wrong = err == -EMSGSIZE ? "too many media sections" :
		    "a media section is malformed";
}

/* Read "audio 9 UDP/TLS/RTP/SAVPF 111 63". */
static bool
read_media(struct reader *r, struct span line)
{
	struct section *s = &r->section;
	struct span protocol, port;
	uint64_t type;

	end_section(r);
	*r->sdp = *r->session;
	memset(s, 0, sizeof(*s));
	s->line = line;
	s->is_audio = is(cut(&line, ' '), "audio");
	port = cut(&line, ' ');
	s->zero_port = is(port, "0");
	protocol = cut(&line, ' ');
	s->is_rtp = is(protocol, "UDP/TLS/RTP/SAVPF") ||
	    is(protocol, "UDP/TLS/RTP/SAVP") ||
	    is(protocol, "RTP/SAVPF") || is(protocol, "RTP/SAVP");
	while (line.len > 0 && s->n_formats < FORMATS)
		if (number(&type, cut(&line, ' '), 127))
			s->formats[s->n_formats++] = (uint8_t)type;
	return protocol.len > 0;
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

/* Drop the spaces at the end, and a CR. */
static void
trim(struct span *line)
{
	while (line->len > 0 && (line->at[line->len - 1] == '\r' ||
	    line->at[line->len - 1] == ' ' || line->at[line->len - 1] == '\t'))
		line->len--;
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
		trim(&line);
		if (line.len == 0)
			continue;
		if (line.len < 2 || line.at[1] != '=' || !read(r, line)) {
			why_set(why, "line %u: not understood", n);
			return -EBADMSG;
		}
	}
	return 0;
}

/* Put the result together, once all lines are read. */
static int
finish(struct reader *r, struct sdp *out, char why[static WHY_TEXT])
{
	end_section(r);
	if (r->wrong == NULL && !r->has_audio)
		r->wrong = r->lacks;
	if (r->wrong != NULL) {
		why_set(why, "%s", r->wrong);
		return -EBADMSG;
	}
	*out = r->has_audio ? *r->audio : *r->session;
	out->others = r->others;
	out->no_audio = !r->has_audio;
	if (r->has_audio)
		return 0;
	why_set(why, "no audio section is in use");
	return -ENODATA;
}

int
sdp_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	struct sdp section = { 0 }, session = { 0 }, audio, tagged;
	struct reader r = {
		.sdp = &section, .session = &session, .audio = &audio,
		.tagged = &tagged
	};
	int err;

	if (len < 5 || memcmp(text, "v=0", 3) != 0 ||
	    (text[3] != '\r' && text[3] != '\n')) {
		why_set(why, "does not begin with v=0");
		return -EBADMSG;
	}
	err = read_lines(&r, (struct span) { text, len }, read_line, why);
	return err < 0 ? err : finish(&r, out, why);
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
