/*
 * sdp: parse a session description, one line at a time. Its attributes are in
 * sdp_attribute, its payload types in sdp_formats, candidates in sdp_candidate.
 * Writing is in sdp_write. Pure. See sdp.h.
 */
#include "wire/sdp.h"

#include <errno.h>
#include <string.h>

#include "wire/sdp_reader.h"
#include "wire/why.h"

/*
 * Read a number of any length modulo 2^64, because RFC 8866 5.2 has no upper
 * bound for it. 0 if it is malformed.
 */
static uint64_t
long_number(struct sdp_span span)
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
read_origin(struct sdp_reader *r, struct sdp_span line)
{
	sdp_span_cut(&line, ' ');
	r->sdp->session_id = long_number(sdp_span_cut(&line, ' '));
	r->sdp->version = long_number(sdp_span_cut(&line, ' '));
	return true;
}

static bool
is_in_bundle(const struct sdp_reader *r)
{
	struct sdp_span group = r->bundle, mid = r->section.mid;

	while (group.len > 0) {
		struct sdp_span word = sdp_span_cut(&group, ' ');

		if (mid.len > 0 && word.len == mid.len &&
		    memcmp(word.at, mid.at, mid.len) == 0)
			return true;
	}
	return false;
}

/* Is the section the first of its BUNDLE group, whose transport all share? */
static bool
is_tagged(const struct sdp_reader *r)
{
	struct sdp_span group = r->bundle, first = sdp_span_cut(&group, ' ');

	return first.len > 0 && first.len == r->section.mid.len &&
	    memcmp(first.at, r->section.mid.at, first.len) == 0;
}

/* RFC 9143 7.1.3: a bundled section may leave the transport to the first. */
static void
share_transport(struct sdp_reader *r)
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

static const char *
missing(const struct sdp_reader *r)
{
	if (!r->section.is_rtp)
		return "audio is not UDP/TLS/RTP/SAVPF";
	if (sdp_formats_opus(&r->section.formats) == SDP_FORMATS_NONE)
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
is_usable(struct sdp_reader *r)
{
	const struct sdp_section *s = &r->section;
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

static void
take_formats(struct sdp *sdp, const struct sdp_formats *formats)
{
	uint8_t red;

	sdp->opus_payload_type = sdp_formats_opus(formats);
	red = sdp_formats_red(formats, sdp->opus_payload_type);
	sdp->red_payload_type = red == SDP_FORMATS_NONE ? 0 : red;
}

/* Take the section that has ended, or put it with the others. */
static void
end_section(struct sdp_reader *r)
{
	struct sdp_section *s = &r->section;
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
		take_formats(r->sdp, &s->formats);
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
read_media(struct sdp_reader *r, struct sdp_span line)
{
	struct sdp_section *s = &r->section;
	struct sdp_span protocol, port;

	end_section(r);
	*r->sdp = *r->session;
	memset(s, 0, sizeof(*s));
	s->line = line;
	s->is_audio = sdp_span_is(sdp_span_cut(&line, ' '), "audio");
	port = sdp_span_cut(&line, ' ');
	s->zero_port = sdp_span_is(port, "0");
	protocol = sdp_span_cut(&line, ' ');
	s->is_rtp = sdp_span_is(protocol, "UDP/TLS/RTP/SAVPF") ||
	    sdp_span_is(protocol, "UDP/TLS/RTP/SAVP") ||
	    sdp_span_is(protocol, "RTP/SAVPF") ||
	    sdp_span_is(protocol, "RTP/SAVP");
	sdp_formats_media(&s->formats, line);
	return protocol.len > 0;
}

static bool
read_line(struct sdp_reader *r, struct sdp_span line)
{
	struct sdp_span value = { line.at + 2, line.len - 2 };

	switch (line.at[0]) {
	case 'o':
		return read_origin(r, value);
	case 'm':
		return read_media(r, value);
	case 'a':
		return sdp_attribute_read(r, value);
	default:
		return true;
	}
}

/* Drop the spaces at the end, and a CR. */
static void
trim(struct sdp_span *line)
{
	while (line->len > 0 && (line->at[line->len - 1] == '\r' ||
	    line->at[line->len - 1] == ' ' || line->at[line->len - 1] == '\t'))
		line->len--;
}

/* Read lines of the form "x=...", each ended by CRLF or LF. */
static int
read_lines(struct sdp_reader *r, struct sdp_span text,
    bool (*read)(struct sdp_reader *r, struct sdp_span line),
    char why[static WHY_TEXT])
{
	unsigned n = 0;

	if (text.len > SDP_MAX) {
		why_set(why, "longer than %d bytes", SDP_MAX);
		return -EBADMSG;
	}
	while (text.len > 0) {
		struct sdp_span line = sdp_span_cut(&text, '\n');

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
finish(struct sdp_reader *r, struct sdp *out, char why[static WHY_TEXT])
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
	struct sdp_reader r = {
		.sdp = &section, .session = &session, .audio = &audio,
		.tagged = &tagged
	};
	int err;

	if (len < 5 || memcmp(text, "v=0", 3) != 0 ||
	    (text[3] != '\r' && text[3] != '\n')) {
		why_set(why, "does not begin with v=0");
		return -EBADMSG;
	}
	err = read_lines(&r, (struct sdp_span) { text, len }, read_line, why);
	return err < 0 ? err : finish(&r, out, why);
}

/*
 * Read a line of a fragment. Its m= line only says which section is meant (RFC
 * 8840 9).
 */
static bool
read_fragment_line(struct sdp_reader *r, struct sdp_span line)
{
	struct sdp_span value = { line.at + 2, line.len - 2 };

	return line.at[0] != 'a' || sdp_attribute_read(r, value);
}

int
sdp_fragment_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	struct sdp_reader r = { .sdp = out };

	memset(out, 0, sizeof(*out));
	return read_lines(&r, (struct sdp_span) { text, len },
	    read_fragment_line, why);
}
