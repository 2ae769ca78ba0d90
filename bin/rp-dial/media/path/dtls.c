/*
 * dtls: the handshake and the SRTP keys that come of it, over datagrams that
 * path carries. See dtls.h.
 */
#include "media/path/dtls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "media/path/copies.h"
#include "who/identity.h"
#include "wire/why.h"

/* Fits any path with the headers of the relay and of IPv6 (RFC 8261 5). */
#define MTU 1200

/* Copies of the first ClientHello go on for three seconds, as those of checks. */
#define HELLOS 30
#define HELLO_MAX_NS (100 * CLOCK_MS)	/* between two of them */
/*
 * Each flight has two copies: who waits for its loss to show waits for a round
 * trip. The second follows later, because losses come in bursts.
 */
#define COPIES 2
#define COPY_NS (20 * CLOCK_MS)
#define COPY_MAX_NS (40 * CLOCK_MS)
#define COPIED 2		/* flights of one side in a handshake */

/*
 * TLS 1.2 with forward secrecy and an AEAD. GnuTLS 3.7 has no DTLS 1.3, and
 * browsers that offer it accept 1.2 as well.
 */
static const char priorities[] =
    "SECURE128:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
    "-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "%SAFE_RENEGOTIATION";

enum stage {
	HANDSHAKE,
	SECURE,
	OVER
};

struct dtls {
	struct dtls_handlers handlers;
	void *arg;
	gnutls_session_t session;
	enum stage stage;
	bool client;
	bool wrong_peer;
	bool finished_sent;		/* ours */
	bool has_keys;			/* reported */
	bool described;			/* the fingerprint is known */
	bool seen;			/* the peer's certificate */
	uint8_t fingerprint[CRYPTO_SHA256], digest[CRYPTO_SHA256];
	int64_t peer_until_s;		/* of its certificate */
	const uint8_t *in;		/* the datagram being read */
	size_t in_len;
	uint8_t out[MTU];		/* records of one datagram to be sent */
	size_t out_len;
	uint32_t timeout_ms;
	uint64_t due_ns, deadline_ns;
	struct copies copies;		/* of our latest flight */
	bool answers;			/* something came after that */
	unsigned copied;		/* flights */
	uint32_t hello_ms;
};

bool
dtls_is(const uint8_t *data, size_t len)
{
	return len > 0 && data[0] >= 20 && data[0] <= 63;
}

static void
gather(struct dtls *dtls, const void *data, size_t len)
{
	memcpy(dtls->out + dtls->out_len, data, len);
	dtls->out_len += len;
}

/*
 * Send what was gathered. GnuTLS makes a datagram of each record, and a flight
 * has five. If one datagram in ten is lost, four flights in ten would be. Return the
 * length of the datagram, which stays in `out`; 0: there was none.
 */
static size_t
flush(struct dtls *dtls)
{
	size_t len = dtls->out_len;

	dtls->out_len = 0;
	if (len > 0)
		dtls->handlers.send(dtls->out, len, dtls->arg);
	return len;
}

static ssize_t
push(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct dtls *dtls = arg;

	if (len > sizeof(dtls->out) - dtls->out_len)
		(void)flush(dtls);
	if (len > sizeof(dtls->out))
		dtls->handlers.send(data, len, dtls->arg);
	else
		gather(dtls, data, len);
	return (ssize_t)len;
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t max)
{
	struct dtls *dtls = arg;
	size_t len = dtls->in_len;

	if (dtls->in == NULL) {
		gnutls_transport_set_errno(dtls->session, EAGAIN);
		return -1;
	}
	if (len > max)
		len = max;
	memcpy(data, dtls->in, len);
	dtls->in = NULL;
	return (ssize_t)len;
}

/*
 * Return without waiting, because all received data was given to dtls_receive.
 */
static int
pull_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	const struct dtls *dtls = arg;

	(void)ms;
	return dtls->in != NULL;
}

/* It is pinned, not dated: its end only explains why another one comes. */
static int64_t
end_of(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t certificate;
	time_t end = (time_t)-1;

	if (gnutls_x509_crt_init(&certificate) < 0)
		return 0;
	if (gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) >= 0)
		end = gnutls_x509_crt_get_expiration_time(certificate);
	gnutls_x509_crt_deinit(certificate);
	return end == (time_t)-1 ? 0 : (int64_t)end;
}

static bool
is_described(const struct dtls *dtls)
{
	return crypto_equal(dtls->digest, dtls->fingerprint,
	    sizeof(dtls->digest));
}

/*
 * Verify the fingerprint of the description, because both sides are
 * self-signed. Before the description comes anybody may go on, and nothing is
 * told of it.
 */
static int
verify(gnutls_session_t session)
{
	struct dtls *dtls = gnutls_session_get_ptr(session);
	const gnutls_datum_t *certificate;
	unsigned n = 0;

	certificate = gnutls_certificate_get_peers(session, &n);
	dtls->wrong_peer = true;
	if (certificate == NULL || n == 0)
		return GNUTLS_E_CERTIFICATE_ERROR;
	crypto_sha256(dtls->digest, certificate[0].data, certificate[0].size);
	if (dtls->described && !is_described(dtls))
		return GNUTLS_E_CERTIFICATE_ERROR;
	dtls->wrong_peer = false;
	dtls->seen = true;
	dtls->peer_until_s = end_of(&certificate[0]);
	return 0;
}

/*
 * Note that our Finished is written but not flushed. The consequences wait for
 * the flush.
 */
static int
on_finished(gnutls_session_t session, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *msg)
{
	struct dtls *dtls = gnutls_session_get_ptr(session);

	(void)type;
	(void)when;
	(void)msg;
	if (!incoming)
		dtls->finished_sent = true;
	return 0;
}

static int
configure(struct dtls *dtls, const struct dtls_options *options)
{
	gnutls_session_t s = dtls->session;

	if (gnutls_priority_set_direct(s, priorities, NULL) < 0 ||
	    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE,
	    options->identity->credentials) < 0 ||
	    gnutls_srtp_set_profile(s,
	    GNUTLS_SRTP_AES128_CM_HMAC_SHA1_80) < 0)
		return -EPROTO;
	if (!options->client)
		gnutls_certificate_server_set_request(s, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_ptr(s, dtls);
	gnutls_session_set_verify_function(s, verify);
	gnutls_handshake_set_hook_function(s, GNUTLS_HANDSHAKE_FINISHED,
	    GNUTLS_HOOK_POST, on_finished);
	gnutls_transport_set_ptr(s, dtls);
	gnutls_transport_set_push_function(s, push);
	gnutls_transport_set_pull_function(s, pull);
	gnutls_transport_set_pull_timeout_function(s, pull_timeout);
	gnutls_dtls_set_mtu(s, MTU);
	gnutls_dtls_set_timeouts(s, options->retransmit_ms,
	    options->timeout_ms);
	return 0;
}

int
dtls_new(struct dtls **out, const struct dtls_options *options,
    const struct dtls_handlers *handlers, void *arg)
{
	struct dtls *dtls = calloc(1, sizeof(*dtls));
	int err;

	if (dtls == NULL)
		return -ENOMEM;
	dtls->handlers = *handlers;
	dtls->arg = arg;
	dtls->client = options->client;
	dtls->due_ns = options->client ? 0 : DTLS_NEVER;
	dtls->timeout_ms = options->timeout_ms;
	dtls->hello_ms = options->hello_ms;
	dtls->answers = options->client;	/* it begins */
	copies_end(&dtls->copies);
	dtls->described = options->fingerprint != NULL;
	if (dtls->described)
		memcpy(dtls->fingerprint, options->fingerprint,
		    sizeof(dtls->fingerprint));
	if (gnutls_init(&dtls->session, GNUTLS_DATAGRAM | GNUTLS_NONBLOCK |
	    GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL |
	    (options->client ? GNUTLS_CLIENT : GNUTLS_SERVER)) < 0) {
		free(dtls);
		return -ENOMEM;
	}
	err = configure(dtls, options);
	if (err < 0) {
		dtls->stage = OVER;
		dtls_free(dtls);
		return err;
	}
	*out = dtls;
	return 0;
}

void
dtls_free(struct dtls *dtls)
{
	if (dtls == NULL)
		return;
	if (dtls->stage == SECURE) {
		gnutls_bye(dtls->session, GNUTLS_SHUT_WR);
		(void)flush(dtls);
	}
	gnutls_deinit(dtls->session);
	free(dtls);
}

static void
fail_dtls(struct dtls *dtls, int err, const char *why)
{
	dtls->stage = OVER;
	dtls->due_ns = DTLS_NEVER;
	copies_end(&dtls->copies);
	(void)flush(dtls);
	dtls->handlers.failed(err, why, dtls->arg);
}

static void
handshake_failed(struct dtls *dtls, int code)
{
	char why[WHY_TEXT];

	if (dtls->wrong_peer) {
		gnutls_alert_send(dtls->session, GNUTLS_AL_FATAL,
		    GNUTLS_A_BAD_CERTIFICATE);
		fail_dtls(dtls, -EACCES,
		    "the peer's certificate is not that of its description");
		return;
	}
	if (code == GNUTLS_E_TIMEDOUT) {
		fail_dtls(dtls, -ETIMEDOUT,
		    "the DTLS handshake takes too long");
		return;
	}
	gnutls_alert_send_appropriate(dtls->session, code);
	why_set(why, "DTLS handshake: %s", gnutls_strerror(code));
	fail_dtls(dtls, -EPROTO, why);
}

static void
tell_keys(struct dtls *dtls)
{
	uint8_t material[2 * RTPCRYPT_MASTER];
	uint8_t master[2][RTPCRYPT_MASTER];	/* client's, server's */
	gnutls_datum_t key[2], salt[2];
	gnutls_srtp_profile_t profile;
	int i, ours = dtls->client ? 0 : 1;

	if (gnutls_srtp_get_selected_profile(dtls->session, &profile) < 0 ||
	    gnutls_srtp_get_keys(dtls->session, material, sizeof(material),
	    &key[0], &salt[0], &key[1], &salt[1]) < 0) {
		fail_dtls(dtls, -EPROTO, "the peer does not support DTLS-SRTP");
		return;
	}
	for (i = 0; i < 2; i++) {
		memcpy(master[i], key[i].data, RTPCRYPT_KEY);
		memcpy(master[i] + RTPCRYPT_KEY, salt[i].data,
		    RTPCRYPT_SALT);
	}
	dtls->has_keys = true;
	dtls->handlers.secure(master[ours], master[1 - ours], dtls->arg);
	crypto_wipe(material, sizeof(material));
	crypto_wipe(master, sizeof(master));
}

static void
handshake_done(struct dtls *dtls)
{
	dtls->due_ns = DTLS_NEVER;
	copies_end(&dtls->copies);
	dtls->stage = SECURE;
	if (!dtls->has_keys && dtls->described)
		tell_keys(dtls);
}

/*
 * Begin to copy a flight that was sent for the first time. GnuTLS repeats it
 * later without copies.
 */
static void
copy_flight(struct dtls *dtls, size_t len, uint64_t now_ns)
{
	struct copies_pace pace = { COPIES, COPY_NS, COPY_MAX_NS };

	if (len == 0 || !dtls->answers || dtls->copied == COPIED)
		return;
	dtls->answers = false;
	if (dtls->copied++ == 0 && dtls->client && dtls->hello_ms > 0) {
		pace.n = HELLOS;
		pace.first_ns = dtls->hello_ms * CLOCK_MS;
		pace.longest_ns = HELLO_MAX_NS;
	}
	copies_begin(&dtls->copies, &pace, dtls->out, len, now_ns);
}

static void
handshake(struct dtls *dtls, uint64_t now_ns)
{
	size_t len;
	int code;

	if (dtls->deadline_ns == 0)
		dtls->deadline_ns = now_ns + dtls->timeout_ms * CLOCK_MS;
	if (now_ns >= dtls->deadline_ns) {
		handshake_failed(dtls, GNUTLS_E_TIMEDOUT);
		return;
	}
	do {
		code = gnutls_handshake(dtls->session);
	} while (code < 0 && gnutls_error_is_fatal(code) == 0 &&
	    dtls->in != NULL);
	len = flush(dtls);
	if (code == 0) {
		handshake_done(dtls);
		return;
	}
	if (gnutls_error_is_fatal(code)) {
		handshake_failed(dtls, code);
		return;
	}
	copy_flight(dtls, len, now_ns);
	/* RFC 7918, which GnuTLS does not use if we show a certificate. */
	if (dtls->client && dtls->finished_sent && !dtls->has_keys &&
	    dtls->described)
		tell_keys(dtls);
	if (dtls->stage == OVER)
		return;
	dtls->due_ns = now_ns +
	    (gnutls_dtls_get_timeout(dtls->session) + 1) * CLOCK_MS;
	if (dtls->due_ns > dtls->deadline_ns)
		dtls->due_ns = dtls->deadline_ns;
}

/*
 * Take what follows the handshake. Nothing is sent in DTLS then, but the peer
 * may repeat its last flight because ours was lost (GnuTLS then repeats ours),
 * or send close_notify.
 */
static void
after_handshake(struct dtls *dtls)
{
	uint8_t data[MTU];
	ssize_t n;

	do {
		n = gnutls_record_recv(dtls->session, data, sizeof(data));
	} while (n > 0 || (n < 0 && dtls->in != NULL &&
	    !gnutls_error_is_fatal((int)n)));
	(void)flush(dtls);
	if (n == GNUTLS_E_AGAIN || (n < 0 && !gnutls_error_is_fatal((int)n)))
		return;
	dtls->stage = OVER;
	dtls->handlers.closed(dtls->arg);
}

void
dtls_receive(struct dtls *dtls, const uint8_t *data, size_t len,
    uint64_t now_ns)
{
	dtls->answers = true;
	if (dtls->client && dtls->copied == 1)
		copies_end(&dtls->copies);	/* it has our ClientHello */
	dtls->in = data;
	dtls->in_len = len;
	if (dtls->stage == HANDSHAKE)
		handshake(dtls, now_ns);
	else if (dtls->stage == SECURE)
		after_handshake(dtls);
	dtls->in = NULL;
}

void
dtls_run(struct dtls *dtls, uint64_t now_ns)
{
	if (dtls->stage != HANDSHAKE)
		return;
	if (dtls->due_ns <= now_ns)
		handshake(dtls, now_ns);
	if (copies_next(&dtls->copies, now_ns))
		dtls->handlers.send(dtls->copies.data, dtls->copies.len,
		    dtls->arg);
}

uint64_t
dtls_due_ns(const struct dtls *dtls)
{
	return dtls->copies.due_ns < dtls->due_ns ? dtls->copies.due_ns :
	    dtls->due_ns;
}

void
dtls_pace(struct dtls *dtls, uint32_t retransmit_ms)
{
	gnutls_dtls_set_timeouts(dtls->session, retransmit_ms,
	    dtls->timeout_ms);
}

void
dtls_expect(struct dtls *dtls,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    const struct dtls_handlers *handlers, void *arg)
{
	dtls->handlers = *handlers;
	dtls->arg = arg;
	memcpy(dtls->fingerprint, fingerprint, sizeof(dtls->fingerprint));
	dtls->described = true;
	if (!dtls->seen)
		return;
	if (!is_described(dtls)) {
		dtls->wrong_peer = true;
		handshake_failed(dtls, GNUTLS_E_CERTIFICATE_ERROR);
	} else if (dtls->stage == SECURE) {
		tell_keys(dtls);
	}
}

bool
dtls_is_done(const struct dtls *dtls)
{
	return dtls->stage != HANDSHAKE;
}

int64_t
dtls_peer_until_s(const struct dtls *dtls)
{
	return dtls->peer_until_s;
}
