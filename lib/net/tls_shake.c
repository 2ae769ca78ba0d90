/*
 * tls_shake: the handshake of a TLS stream, and its session's way to the
 * socket. A thread may run it for the loop. Called by tls and tls_loop.
 */
#include "net/tls_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/certname.h"
#include "net/tls_config.h"

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	struct tls *tls = arg;
	ssize_t n = recv(tls->fd, data, len, 0);

	if (n < 0)
		gnutls_transport_set_errno(tls->session, errno);
	if (tls->shaking && (n >= 0 || errno == ECONNRESET))
		tls_failure_hear(&tls->peer, data, n > 0 ? (size_t)n : 0);
	return n;
}

/*
 * Note the early exporter once it is known, which is only within this hook. A
 * client signs it and sends the rest of its early data.
 */
static int
take_early_exporter(struct tls *tls, bool incoming)
{
	size_t rest = tls->early_rest_bytes;

	if (!incoming && rest == 0)
		return 0;
	tls->early_rest_bytes = 0;	/* another hello has no early data */
	tls->has_early_exporter = gnutls_prf_early(tls->session,
	    strlen(TLS_EXPORTER_LABEL), TLS_EXPORTER_LABEL, 0, "",
	    TLS_EXPORTER, (char *)tls->early_exporter) == 0;
	if (incoming)
		return 0;
	if (!tls->has_early_exporter)
		return GNUTLS_E_INTERNAL_ERROR;
	tls->early_seal(tls->early_exporter, tls->early_arg);
	return gnutls_record_send_early_data(tls->session, tls->early_rest,
	    rest) < 0 ? GNUTLS_E_INTERNAL_ERROR : 0;
}

/*
 * Note the peer's first message. Arbitrary bytes do not count, because an HTTP
 * or SSH server on this port sends some, too.
 */
static int
on_message(gnutls_session_t session, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *msg)
{
	struct tls *tls = gnutls_session_get_ptr(session);

	(void)when;
	(void)msg;
	if (incoming)
		tls->heard = true;
	return type == GNUTLS_HANDSHAKE_CLIENT_HELLO ?
	    take_early_exporter(tls, incoming) : 0;
}

static ssize_t
push(gnutls_transport_ptr_t arg, const giovec_t *iov, int n_iov)
{
	struct tls *tls = arg;
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = (size_t)n_iov
	};
	ssize_t n = sendmsg(tls->fd, &msg, MSG_NOSIGNAL);

	if (n < 0)
		gnutls_transport_set_errno(tls->session, errno);
	return n;
}

int
tls_shake_session(struct tls *tls, const struct tls_options *options)
{
	int err = tls_config_session(&tls->session, tls->config, options);

	if (err < 0)
		return err;
	if (tls_config_sends_early(tls->session, options) &&
	    options->early_seal_at > 0) {
		tls->early_rest = (const uint8_t *)options->early +
		    options->early_seal_at;
		tls->early_rest_bytes = options->early_bytes -
		    options->early_seal_at;
		tls->early_seal = options->early_seal;
		tls->early_arg = options->early_arg;
	}
	gnutls_session_set_ptr(tls->session, tls);
	gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY,
	    GNUTLS_HOOK_POST, on_message);
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_vec_push_function(tls->session, push);
	return 0;
}

void
tls_shake(struct tls *tls)
{
	static const struct tls_options none;
	int code;

	if (tls->session == NULL && tls_shake_session(tls, &none) < 0) {
		tls->shaken = GNUTLS_E_MEMORY_ERROR;
		return;
	}
	code = gnutls_handshake(tls->session);
	/*
	 * GnuTLS takes a common name for a host's; that of one resumed was
	 * good.
	 */
	if (code == 0 && !tls->config->server &&
	    gnutls_session_is_resumed(tls->session) == 0 &&
	    !certname_of_peer(tls->session))
		code = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	/* Send the peer an alert, if that makes sense. */
	if (code < 0 && gnutls_error_is_fatal(code))
		gnutls_alert_send_appropriate(tls->session, code);
	tls->shaken = code;
}
