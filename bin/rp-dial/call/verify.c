/*
 * verify: the commitment, the two nonces and the four words derived from them.
 * Pure. See verify.h.
 */
#include "call/verify.h"

#include <errno.h>
#include <string.h>

#include "wire/base64.h"

int
verify_init(struct verify *v, bool caller)
{
	memset(v, 0, sizeof(*v));
	v->caller = caller;
	return crypto_random(v->nonce, sizeof(v->nonce));
}

void
verify_describe(const struct verify *v, struct sdp *extra)
{
	if (v->caller) {
		extra->has_commit = true;
		crypto_sha256(extra->commit, v->nonce, sizeof(v->nonce));
	}
}

void
verify_forget(struct verify *v)
{
	v->peer_spoke = v->complete = v->early = false;
}

void
verify_remote(struct verify *v, const struct sdp *remote)
{
	if (v->peer_spoke)
		return;
	if (v->caller && remote->has_nonce)
		v->early = true;
	if (!v->caller && remote->has_commit) {
		memcpy(v->peer_commit, remote->commit, sizeof(v->peer_commit));
		v->peer_spoke = true;
	}
}

int
verify_reveal(const struct verify *v, char text[static VERIFY_REVEAL])
{
	if (!v->peer_spoke)
		return -ENOENT;
	base64_encode(text, v->nonce, sizeof(v->nonce));
	return 0;
}

static bool
is_committed(const struct verify *v, const uint8_t nonce[static SDP_NONCE])
{
	uint8_t commit[CRYPTO_SHA256];

	crypto_sha256(commit, nonce, SDP_NONCE);
	return crypto_equal(commit, v->peer_commit, sizeof(commit));
}

int
verify_revealed(struct verify *v, const char *text, size_t len)
{
	uint8_t nonce[SDP_NONCE];
	size_t n = sizeof(nonce);

	if (v->early || (!v->caller && !v->peer_spoke))
		return -ENOENT;
	if (v->complete)
		return -EALREADY;
	if (base64_decode(nonce, &n, text, len) < 0 || n != sizeof(nonce))
		return -EBADMSG;
	if (!v->caller && !is_committed(v, nonce))
		return -EACCES;
	memcpy(v->peer_nonce, nonce, sizeof(nonce));
	v->peer_spoke = v->complete = true;
	return 0;
}

void
verify_bytes(const struct verify *v, uint8_t bytes[static WORDS_N],
    const uint8_t caller_fingerprint[static CRYPTO_SHA256],
    const uint8_t callee_fingerprint[static CRYPTO_SHA256])
{
	static const char label[] = "rp-words-1";
	uint8_t secret[2 * SDP_NONCE], info[2 * CRYPTO_SHA256];

	memcpy(secret, v->caller ? v->nonce : v->peer_nonce, SDP_NONCE);
	memcpy(secret + SDP_NONCE, v->caller ? v->peer_nonce : v->nonce,
	    SDP_NONCE);
	memcpy(info, caller_fingerprint, CRYPTO_SHA256);
	memcpy(info + CRYPTO_SHA256, callee_fingerprint, CRYPTO_SHA256);
	crypto_hkdf(bytes, WORDS_N, label, sizeof(label) - 1, secret,
	    sizeof(secret), info, sizeof(info));
}
