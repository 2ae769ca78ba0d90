/*
 * sdp_write: write descriptions and fragments. Part of sdp.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/sdp.h"

struct writer {
	char *text;
	size_t max;
	size_t len;
	bool full;
};

static void line(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
line(struct writer *w, const char *format, ...)
{
	size_t room = w->max - w->len;
	va_list ap;
	int n;

	if (w->full)
		return;
	va_start(ap, format);
	n = vsnprintf(w->text + w->len, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 3 > room) {
		w->full = true;
		return;
	}
	w->len += (size_t)n;
	memcpy(w->text + w->len, "\r\n", 3);
	w->len += 2;
}

static void
fingerprint_line(struct writer *w, const struct sdp *sdp)
{
	char text[3 * SDP_FINGERPRINT + 1];
	size_t i;

	for (i = 0; i < SDP_FINGERPRINT; i++)
		snprintf(text + 3 * i, 4, "%02X:", sdp->fingerprint[i]);
	text[3 * SDP_FINGERPRINT - 1] = '\0';
	line(w, "a=fingerprint:sha-256 %s", text);
}

static void
nonce_line(struct writer *w, const char *name, const uint8_t *nonce)
{
	char text[BASE64_TEXT(SDP_NONCE)];

	base64_encode(text, nonce, SDP_NONCE);
	line(w, "a=%s:%s", name, text);
}

static void
identity_line(struct writer *w, const struct sdp *sdp)
{
	char key[BASE64_TEXT(SDP_KEY)], signature[BASE64_TEXT(SDP_SIGNATURE)];

	base64_encode_url(key, sdp->identity_key, SDP_KEY);
	base64_encode_url(signature, sdp->identity_signature, SDP_SIGNATURE);
	line(w, "a=rp-identity:%s %s", key, signature);
}

static void
candidate_lines(struct writer *w, const struct sdp *sdp)
{
	char text[160];
	size_t i;

	for (i = 0; i < sdp->n_candidates; i++) {
		if (sdp_candidate_write(&sdp->candidates[i], text,
		    sizeof(text)) < 0)
			w->full = true;
		line(w, "a=%s", text);
	}
	if (sdp->end_of_candidates)
		line(w, "a=end-of-candidates");
}

/* Append text that consists of whole lines. */
static void
lines(struct writer *w, const char *text, size_t len)
{
	if (w->full || len >= w->max - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->text + w->len, text, len);
	w->len += len;
	w->text[w->len] = '\0';
}

static void
ice_lines(struct writer *w, const struct sdp *sdp)
{
	if (sdp->ufrag[0] != '\0')
		line(w, "a=ice-ufrag:%s", sdp->ufrag);
	if (sdp->password[0] != '\0')
		line(w, "a=ice-pwd:%s", sdp->password);
}

/*
 * Write the payload types. The peer is asked for constant bitrate too (cbr=1,
 * RFC 7587 6.1), because the sizes of its packets must not reveal what is said
 * either. Opus comes first, so that a peer which always sends the first type
 * sends no redundancy. That of RED is one copy, as in libwebrtc.
 */
static void
format_lines(struct writer *w, unsigned opus, unsigned red)
{
	line(w, "a=rtpmap:%u opus/48000/2", opus);
	line(w, "a=fmtp:%u minptime=20;useinbandfec=1;cbr=1;stereo=0;"
	    "sprop-stereo=0", opus);
	if (red == 0)
		return;
	line(w, "a=rtpmap:%u red/48000/2", red);
	line(w, "a=fmtp:%u %u/%u", red, opus, opus);
}

static void
audio_lines(struct writer *w, const struct sdp *sdp)
{
	static const char *const directions[] = {
		"sendrecv", "sendonly", "recvonly", "inactive"
	};
	static const char *const setups[] = { "actpass", "active", "passive" };
	unsigned opus = sdp->opus_payload_type, red = sdp->red_payload_type;

	if (red == 0)
		line(w, "m=audio 9 UDP/TLS/RTP/SAVPF %u", opus);
	else
		line(w, "m=audio 9 UDP/TLS/RTP/SAVPF %u %u", opus, red);
	line(w, "c=IN IP4 0.0.0.0");
	line(w, "a=rtcp:9 IN IP4 0.0.0.0");
	if (*sdp->mid != '\0')
		line(w, "a=mid:%s", sdp->mid);
	line(w, "a=%s", directions[sdp->direction]);
	line(w, "a=rtcp-mux");
	format_lines(w, opus, red);
	line(w, "a=ptime:20");
	ice_lines(w, sdp);
	fingerprint_line(w, sdp);
	line(w, "a=setup:%s", setups[sdp->setup]);
	if (sdp->ssrc == 0)
		return;
	line(w, "a=msid:- audio");
	line(w, "a=ssrc:%lu cname:%s", (unsigned long)sdp->ssrc, sdp->cname);
}

ssize_t
sdp_write(const struct sdp *sdp, char *text, size_t text_max)
{
	struct writer w = { text, text_max, 0, false };

	line(&w, "v=0");
	line(&w, "o=- %llu %llu IN IP4 0.0.0.0",
	    (unsigned long long)sdp->session_id,
	    (unsigned long long)sdp->version);
	line(&w, "s=-");
	line(&w, "t=0 0");
	/* An answer has no group that the offer lacks (RFC 9143 7.3). */
	if (sdp->bundle && *sdp->mid != '\0' && !sdp->no_audio)
		line(&w, "a=group:BUNDLE %s", sdp->mid);
	if (sdp->trickle)
		line(&w, "a=ice-options:trickle%s", sdp->sped ? " sped" : "");
	if (sdp->early)
		line(&w, "a=rp-early");
	if (sdp->has_commit)
		nonce_line(&w, "rp-commit", sdp->commit);
	if (sdp->has_nonce)
		nonce_line(&w, "rp-nonce", sdp->nonce);
	if (sdp->has_identity)
		identity_line(&w, sdp);
	lines(&w, sdp->others.text, sdp->others.before);
	if (!sdp->no_audio) {
		audio_lines(&w, sdp);
		candidate_lines(&w, sdp);
	}
	lines(&w, sdp->others.text + sdp->others.before,
	    sdp->others.len - sdp->others.before);
	return w.full ? -EMSGSIZE : (ssize_t)w.len;
}

ssize_t
sdp_fragment_write(const struct sdp *sdp, char *text, size_t text_max)
{
	struct writer w = { text, text_max, 0, false };

	ice_lines(&w, sdp);
	if (sdp->mid[0] != '\0') {
		line(&w, "m=audio 9 UDP/TLS/RTP/SAVPF 0");
		line(&w, "a=mid:%s", sdp->mid);
	}
	candidate_lines(&w, sdp);
	return w.full ? -EMSGSIZE : (ssize_t)w.len;
}
