/*
 * dtls: one DTLS handshake (RFC 5764, DTLS-SRTP) over datagrams that the caller
 * carries, and the SRTP keys that it yields. Both sides show their certificate.
 * The peer's must have the fingerprint in its description.
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

/*
 * The handlers are called from within dtls_receive and dtls_run, which they may
 * not call.
 */
struct dtls_handlers {
	void (*send)(const uint8_t *data, size_t len, void *arg);
	/*
	 * The peer has proven its fingerprint; called once. A client calls this
	 * when its own Finished is sent, a round trip before the handshake is
	 * done. The peer has signed its keys by then, and we offer no weak ones
	 * (RFC 7918). `failed` may still follow.
	 */
	void (*secure)(const uint8_t local[static RTPCRYPT_MASTER],
	    const uint8_t remote[static RTPCRYPT_MASTER], void *arg);
	/*
	 * The handshake failed; `why` is one line.
	 *
	 *  -EACCES     another certificate
	 *  -ETIMEDOUT  the handshake took too long
	 *  -EPROTO     any other failure
	 */
	void (*failed)(int err, const char *why, void *arg);
	/* The peer ended the association. */
	void (*closed)(void *arg);
};

struct dtls_options {
	bool client;
	const struct identity *identity;
	/* Of the peer's certificate. NULL: dtls_expect follows. */
	const uint8_t *fingerprint;
	uint32_t retransmit_ms;			/* first; doubled each time */
	/*
	 * Of a ClientHello to a peer that may not be there yet: doubled each
	 * time up to 100 ms, for three seconds; 0: as of other flights, which
	 * have two. Copies are the same datagram, which a peer that has had it
	 * drops as a replay.
	 */
	uint32_t hello_ms;
	uint32_t timeout_ms;			/* of the whole handshake */
};

int dtls_new(struct dtls **out, const struct dtls_options *options,
    const struct dtls_handlers *handlers, void *arg);

/*
 * Set the fingerprint, and report to these handlers from now on. The handshake
 * may be done but for that, and then `secure` or `failed` is called at once.
 */
void dtls_expect(struct dtls *dtls,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    const struct dtls_handlers *handlers, void *arg);

/* Send close_notify if there was a handshake, and free. NULL is allowed. */
void dtls_free(struct dtls *dtls);

/* Take a datagram of the peer's. */
void dtls_receive(struct dtls *dtls, const uint8_t *data, size_t len,
    uint64_t now_ns);

/* Start the handshake of a client, or later retransmit what is due. */
void dtls_run(struct dtls *dtls, uint64_t now_ns);
uint64_t dtls_due_ns(const struct dtls *dtls);

/* Set the first wait of later flights, because a round trip was measured. */
void dtls_pace(struct dtls *dtls, uint32_t retransmit_ms);

/* Return whether the handshake is done, or has failed. */
bool dtls_is_done(const struct dtls *dtls);

/* Return until when the peer's certificate is good, since 1970; 0: unknown. */
int64_t dtls_peer_until_s(const struct dtls *dtls);

/* Return whether the datagram is DTLS, by the ranges of RFC 7983. */
bool dtls_is(const uint8_t *data, size_t len);

#endif
