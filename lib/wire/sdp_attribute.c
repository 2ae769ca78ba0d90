/*
 * sdp_attribute: the a= lines of a session description. Part of sdp.h; called
 * by sdp. See sdp_reader.h.
 */
#include <ctype.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/sdp_reader.h"

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
read_ufrag(struct sdp_reader *r, struct sdp_span value)
{
	return sdp_span_copy(r->sdp->ufrag, value, 4, SDP_UFRAG) &&
	    ice_chars(r->sdp->ufrag);
}

static bool
read_password(struct sdp_reader *r, struct sdp_span value)
{
	return sdp_span_copy(r->sdp->password, value, 22, SDP_UFRAG) &&
	    ice_chars(r->sdp->password);
}

static bool
read_ice_options(struct sdp_reader *r, struct sdp_span value)
{
	while (value.len > 0) {
		struct sdp_span word = sdp_span_cut(&value, ' ');

		/* libdatachannel writes "ice2,trickle". */
		while (word.len > 0) {
			struct sdp_span option = sdp_span_cut(&word, ',');

			if (sdp_span_is(option, "trickle"))
				r->sdp->trickle = true;
			if (sdp_span_is(option, "sped"))
				r->sdp->sped = true;
		}
	}
	return true;
}

/* Read "sha-256 AB:CD:..." (RFC 8122). Other hash functions are skipped. */
static bool
read_fingerprint(struct sdp_reader *r, struct sdp_span value)
{
	char hex[HEX_TEXT(SDP_FINGERPRINT)];
	struct sdp_span function = sdp_span_cut(&value, ' ');
	size_t i;

	if (!sdp_span_is(function, "sha-256"))
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
read_setup(struct sdp_reader *r, struct sdp_span value)
{
	if (sdp_span_is(value, "actpass"))
		r->sdp->setup = SDP_ACTPASS;
	else if (sdp_span_is(value, "active"))
		r->sdp->setup = SDP_ACTIVE;
	else if (sdp_span_is(value, "passive"))
		r->sdp->setup = SDP_PASSIVE;
	else
		return false;
	return true;
}

static bool
read_rtpmap(struct sdp_reader *r, struct sdp_span value)
{
	return sdp_formats_rtpmap(&r->section.formats, value);
}

static bool
read_fmtp(struct sdp_reader *r, struct sdp_span value)
{
	return sdp_formats_fmtp(&r->section.formats, value);
}

/* Read "1234567 cname:x". The first source counts. */
static bool
read_ssrc(struct sdp_reader *r, struct sdp_span value)
{
	struct sdp_span attribute;
	uint64_t ssrc;

	if (!sdp_span_number(&ssrc, sdp_span_cut(&value, ' '), UINT32_MAX))
		return false;
	if (r->sdp->ssrc == 0)
		r->sdp->ssrc = (uint32_t)ssrc;
	attribute = sdp_span_cut(&value, ':');
	if (sdp_span_is(attribute, "cname") && r->sdp->cname[0] == '\0' &&
	    r->sdp->ssrc == ssrc)
		sdp_span_copy(r->sdp->cname, value, 1, sizeof(r->sdp->cname));
	return true;
}

static bool
read_mid(struct sdp_reader *r, struct sdp_span value)
{
	r->section.mid = value;
	return sdp_span_copy(r->sdp->mid, value, 1, sizeof(r->sdp->mid));
}

static bool
read_bundle_only(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->section.bundle_only = true;
	return true;
}

/* Read "BUNDLE 0 1". The first such group counts. */
static bool
read_group(struct sdp_reader *r, struct sdp_span value)
{
	if (sdp_span_is(sdp_span_cut(&value, ' '), "BUNDLE") &&
	    r->bundle.len == 0)
		r->bundle = value;
	return true;
}

static bool
read_rtcp_mux(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->rtcp_mux = true;
	return true;
}

static bool
read_end_of_candidates(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->end_of_candidates = true;
	return true;
}

static bool
read_sendrecv(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->direction = SDP_SENDRECV;
	return true;
}

static bool
read_sendonly(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->direction = SDP_SENDONLY;
	return true;
}

static bool
read_recvonly(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->direction = SDP_RECVONLY;
	return true;
}

static bool
read_inactive(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->direction = SDP_INACTIVE;
	return true;
}

static bool
read_early(struct sdp_reader *r, struct sdp_span value)
{
	(void)value;
	r->sdp->early = true;
	return true;
}

static bool
read_bytes(uint8_t *out, size_t size, struct sdp_span text)
{
	size_t len = size;

	return base64_decode(out, &len, text.at, text.len) == 0 && len == size;
}

static bool
read_commit(struct sdp_reader *r, struct sdp_span value)
{
	r->sdp->has_commit = read_bytes(r->sdp->commit, SDP_NONCE, value);
	return r->sdp->has_commit;
}

static bool
read_rp_nonce(struct sdp_reader *r, struct sdp_span value)
{
	r->sdp->has_nonce = read_bytes(r->sdp->nonce, SDP_NONCE, value);
	return r->sdp->has_nonce;
}

/* Read "KEY SIGNATURE". The first such line counts. */
static bool
read_identity(struct sdp_reader *r, struct sdp_span value)
{
	struct sdp *sdp = r->sdp;
	struct sdp_span key = sdp_span_cut(&value, ' ');
	uint8_t point[SDP_KEY], signature[SDP_SIGNATURE];

	if (sdp->has_identity || !read_bytes(point, sizeof(point), key) ||
	    !read_bytes(signature, sizeof(signature), value))
		return false;
	memcpy(sdp->identity_key, point, sizeof(point));
	memcpy(sdp->identity_signature, signature, sizeof(signature));
	sdp->has_identity = true;
	return true;
}

/*
 * A malformed line is skipped, unless a call depends on it: then a reason is
 * better than a guess.
 */
static const struct attribute {
	const char *name;
	bool (*read)(struct sdp_reader *r, struct sdp_span value);
	bool needed;
} attributes[] = {
	{ "ice-ufrag", read_ufrag, true },
	{ "ice-pwd", read_password, true },
	{ "ice-options", read_ice_options, false },
	{ "fingerprint", read_fingerprint, true },
	{ "setup", read_setup, false },
	{ "rtpmap", read_rtpmap, false },
	{ "fmtp", read_fmtp, false },
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
	{ "rp-early", read_early, false },
	{ "rp-commit", read_commit, true },
	{ "rp-nonce", read_rp_nonce, true },
	{ "rp-identity", read_identity, false },
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

bool
sdp_attribute_read(struct sdp_reader *r, struct sdp_span line)
{
	struct sdp_span value = line, name = sdp_span_cut(&value, ':');
	struct sdp_candidate candidate;
	size_t i;

	if (sdp_span_is(name, "candidate")) {
		if (sdp_candidate_parse(&candidate, line.at, line.len) == 0)
			keep_candidate(r->sdp, &candidate);
		return true;
	}
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (sdp_span_is(name, attributes[i].name))
			return attributes[i].read(r, value) ||
			    !attributes[i].needed;
	return true;
}
