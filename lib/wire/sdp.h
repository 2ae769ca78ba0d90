/*
 * sdp: session descriptions (RFC 8866) as a call needs them. They have one
 * audio section with ICE (RFC 8839), DTLS-SRTP (RFC 8122, 5763) and Opus (RFC
 * 7587) parameters, perhaps with redundancy (RFC 2198). Any WebRTC stack may
 * have written them. Their other sections are kept to be written at port 0 in
 * the same order, which rejects them (RFC 3264 6, RFC 9429 5.3.1). Pure.
 */
#ifndef RP_WIRE_SDP_H
#define RP_WIRE_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/addr.h"
#include "wire/why.h"

#define SDP_MAX 16384
#define SDP_CANDIDATES 16
#define SDP_FINGERPRINT 32	/* SHA-256 */
#define SDP_NONCE 32		/* a=rp-commit, a=rp-nonce */
#define SDP_KEY 65		/* a=rp-identity: a point of P-256 */
#define SDP_SIGNATURE 64
#define SDP_MID 256
/* The text of the other sections; a browser's video takes some 200 bytes. */
#define SDP_OTHERS 4096
#define SDP_UFRAG 257	/* ICE's username fragment or password, and a NUL */

enum sdp_setup {
	SDP_ACTPASS,
	SDP_ACTIVE,
	SDP_PASSIVE
};

enum sdp_direction {
	SDP_SENDRECV,
	SDP_SENDONLY,
	SDP_RECVONLY,
	SDP_INACTIVE
};

struct sdp_candidate {
	struct addr addr;	/* UDP, component 1; others are skipped */
	uint32_t priority;
	char foundation[33];
	char type[8];		/* "relay", "host", ... */
};

/* The sections that are not used, each as it is written to reject it. */
struct sdp_others {
	char text[SDP_OTHERS];
	size_t len;
	size_t before;		/* bytes of `text` in front of the audio section */
};

struct sdp {
	uint64_t session_id;		/* modulo 2^64 */
	uint64_t version;		/* rises with each new description */
	char ufrag[SDP_UFRAG];
	char password[SDP_UFRAG];
	uint8_t fingerprint[SDP_FINGERPRINT];
	bool has_fingerprint;
	enum sdp_setup setup;
	enum sdp_direction direction;
	uint8_t opus_payload_type;
	uint8_t red_payload_type;	/* RED of that Opus; 0: none */
	uint32_t ssrc;			/* 0: unknown */
	char cname[64];
	char mid[SDP_MID];		/* "": the section has no name */
	bool bundle;			/* BUNDLE (RFC 9143) names the section */
	bool no_audio;			/* only `others`, all rejected */
	struct sdp_others others;
	bool rtcp_mux;
	bool trickle;
	bool sped;	/* DTLS in STUN (draft-hancke-webrtc-sped) */
	bool early;	/* a=rp-early: takes DTLS before there is an answer */
	bool end_of_candidates;
	struct sdp_candidate candidates[SDP_CANDIDATES];
	size_t n_candidates;
	bool has_commit, has_nonce;
	uint8_t commit[SDP_NONCE];	/* a=rp-commit: base64 */
	uint8_t nonce[SDP_NONCE];	/* a=rp-nonce: base64 */
	bool has_identity;	/* a=rp-identity: KEY SIGNATURE in base64url */
	uint8_t identity_key[SDP_KEY];
	uint8_t identity_signature[SDP_SIGNATURE];
};

/*
 * Parse an offer or answer. The first usable media section counts: audio with
 * Opus over UDP/TLS/RTP/SAVPF, RTCP on the same port, ICE credentials and a
 * SHA-256 fingerprint. Other sections go to `others`. Other lines are skipped,
 * as are candidates that are unusable or too many, and malformed lines that a
 * call does not need. A relayed candidate displaces another kind. On an error
 * `why` has one line.
 *
 *  -EBADMSG  we cannot use the description; `out` is undefined
 *  -ENODATA  no audio section is in use; `out` has `no_audio` and `others`
 */
int sdp_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT]);

/*
 * Add a section, given its m= line without the "m=" and its mid ("" for none).
 *
 *  -EBADMSG   the line is malformed
 *  -EMSGSIZE  there are too many
 */
int sdp_others_add(struct sdp_others *others, const char *line, size_t len,
    const char *mid, size_t mid_len);

/* Write an offer or answer. Return its length without the NUL, or -EMSGSIZE. */
ssize_t sdp_write(const struct sdp *sdp, char *text, size_t text_max);

/*
 * Parse one candidate line, with or without "a=", as trickled.
 *
 *   -EOPNOTSUPP  well formed, but not usable (TCP, mDNS, IPv6 link-local,
 *                another component)
 *   -EBADMSG     malformed
 */
int sdp_candidate_parse(struct sdp_candidate *out, const char *line,
    size_t len);

/*
 * Write "candidate:..." without "a=" or line end. Return its length, or
 * -EMSGSIZE.
 */
ssize_t sdp_candidate_write(const struct sdp_candidate *candidate, char *text,
    size_t text_max);

/*
 * Parse application/trickle-ice-sdpfrag (RFC 8840). Whatever the fragment has
 * of `ufrag`, `password`, `mid`, `candidates` and `end_of_candidates` is filled
 * in. Return -EBADMSG if malformed.
 */
int sdp_fragment_parse(struct sdp *out, const char *text, size_t len,
    char why[static WHY_TEXT]);
ssize_t sdp_fragment_write(const struct sdp *sdp, char *text,
    size_t text_max);

#endif
