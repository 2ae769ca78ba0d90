/*
 * dtls: one DTLS handshake (RFC 5764, DTLS-SRTP) over datagrams that somebody
 * else carries, and the SRTP keys that come of it. Both sides show their
 * certificate; the peer's must be the one that its description names.
 */
#ifndef RP_DIAL_DTLS_H
#define RP_DIAL_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "media/rtp/rtpcrypt.h"

struct dtls;
struct identity;

#define DTLS_NEVER UINT64_MAX

/* Called from within dtls_receive and dtls_run, which they may not call. */
struct dtls_handlers {
	void (*send)(const uint8_t *data, size_t len, void *arg);
	/*
	 * The peer is who the fingerprint says, once. A client is told when its
	 * own Finished is sent, a round trip before the handshake is done: the
	 * peer has signed for its keys by then, and no weak ones are offered
	 * (RFC 7918). failed may still follow.
	 */
	void (*secure)(const uint8_t local[static RTPCRYPT_MASTER],
	    const uint8_t remote[static RTPCRYPT_MASTER], void *arg);
	/* -EACCES: another certificate; -ETIMEDOUT; -EPROTO. why is one line. */
	void (*failed)(int err, const char *why, void *arg);
	/* The peer ended the association. */
	void (*closed)(void *arg);
};

struct dtls_options {
	bool client;
	const struct identity *identity;
	uint8_t fingerprint[CRYPTO_SHA256];	/* the peer's certificate's */
	uint32_t retransmit_ms;			/* first; doubled each time */
	uint32_t timeout_ms;			/* of the whole handshake */
};

int dtls_new(struct dtls **out, const struct dtls_options *options,
    const struct dtls_handlers *handlers, void *arg);

/* Says goodbye (close_notify) if there was a handshake. NULL is fine. */
void dtls_free(struct dtls *dtls);

/* A datagram of the peer's. */
void dtls_receive(struct dtls *dtls, const uint8_t *data, size_t len,
    uint64_t now_ns);

/* A client begins; later on, retransmits what is due. */
void dtls_run(struct dtls *dtls, uint64_t now_ns);
uint64_t dtls_due_ns(const struct dtls *dtls);

/* Is the datagram DTLS's, as RFC 7983 tells them from others? */
bool dtls_is(const uint8_t *data, size_t len);

#endif
