/*
 * tls: the owner's functions of a TLS stream: write, finish, hand over. The
 * events on the loop are in tls_loop. See tls.h.
 */
#include "net/tls_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "net/loop_private.h"
#include "net/tls_config.h"

#define EXPORTER "EXPORTER-Channel-Binding"	/* RFC 9266 2 */
#define USER_TIMEOUT_MS 20000	/* two missed pings of an idle call */
#define IN_MAX 65536
#define OUT_MAX 262144

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	struct tls *tls = arg;
	ssize_t n = recv(tls->fd, data, len, 0);

	if (n < 0)
		gnutls_transport_set_errno(tls->session, errno);
	if (tls->state == TLS_HANDSHAKE && (n >= 0 || errno == ECONNRESET))
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
	    strlen(EXPORTER), EXPORTER, 0, "", TLS_EXPORTER,
	    (char *)tls->early_exporter) == 0;
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
tls_new(struct tls **out, struct event_base *loop, int fd,
    struct tls_config *config, const struct tls_options *options,
    const struct tls_handlers *handlers, void *arg)
{
	static const int one = 1;
	static const unsigned user_timeout_ms = USER_TIMEOUT_MS;
	struct tls *tls = calloc(1, sizeof(*tls));
	int err;

	if (tls == NULL) {
		close(fd);
		return -ENOMEM;
	}
	tls->fd = fd;
	tls->read_last = GNUTLS_E_AGAIN;
	tls->failure = TLS_FAILURE_NONE;
	tls->handlers = *handlers;
	tls->arg = arg;
	tls->config = config;
	config->references++;
	tls->in_max = options->in_max > 0 ? options->in_max : IN_MAX;
	tls->out_max = options->out_max > 0 ? options->out_max : OUT_MAX;
	tls->in = evbuffer_new();
	tls->out = evbuffer_new();
	err = tls->in != NULL && tls->out != NULL ?
	    tls_loop_init(tls, loop) : -ENOMEM;
	if (err < 0)
		goto fail;
	err = tls_config_session(&tls->session, config, options);
	if (err < 0)
		goto fail;
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
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
	    sizeof(user_timeout_ms));
	tls_loop_set_timer(tls, options->handshake_ms > 0 ?
	    options->handshake_ms : TLS_HANDSHAKE_MS);
	loop_next(tls->soon);
	*out = tls;
	return 0;
fail:
	tls_loop_destroy(tls);
	return err;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	tls->state = TLS_ENDED;
	tls->freed = true;
	if (tls->calling == 0)
		tls_loop_destroy(tls);
}

void
tls_hand_over(struct tls *tls, const struct tls_handlers *handlers, void *arg)
{
	tls->handlers = *handlers;
	tls->arg = arg;
}

int
tls_write(struct tls *tls, const void *data, size_t len_bytes)
{
	int code = 0;

	if ((tls->state != TLS_HANDSHAKE && tls->state != TLS_READY) ||
	    tls->finish || tls->err != 0)
		return -EPIPE;
	if (evbuffer_get_length(tls->out) + len_bytes > tls->out_max)
		return -ENOBUFS;
	if (evbuffer_add(tls->out, data, len_bytes) < 0)
		return -ENOMEM;
	if (tls->state != TLS_READY)
		return 0;
	if (tls_loop_flush(tls, &code) == -EIO) {
		tls->err = code;
		loop_next(tls->soon);
		return -EPIPE;
	}
	if (evbuffer_get_length(tls->out) > 0)
		event_add(tls->write, NULL);
	return 0;
}

void
tls_finish(struct tls *tls)
{
	if (tls->state == TLS_HANDSHAKE && evbuffer_get_length(tls->out) > 0) {
		tls->finish = true;
		return;
	}
	if (tls->state == TLS_HANDSHAKE) {
		tls->state = TLS_LINGERING;	/* nobody to send
						 * close_notify to */
		tls_loop_set_timer(tls, 0);
		return;
	}
	if (tls->state != TLS_READY)
		return;
	tls->state = TLS_FINISHING;
	tls_loop_set_timer(tls, TLS_HANDSHAKE_MS);
	loop_next(tls->soon);
}

void
tls_again(struct tls *tls)
{
	tls->data_again = true;
	loop_next(tls->soon);
}

size_t
tls_unsent(const struct tls *tls)
{
	return evbuffer_get_length(tls->out);
}

int
tls_fd(const struct tls *tls)
{
	return tls->fd;
}

enum tls_failure
tls_failure(const struct tls *tls)
{
	return tls->failure;
}

bool
tls_resumed(const struct tls *tls)
{
	return gnutls_session_is_resumed(tls->session) != 0;
}

bool
tls_early(const struct tls *tls)
{
	return (gnutls_session_get_flags(tls->session) &
	    GNUTLS_SFLAGS_EARLY_DATA) != 0;
}

int
tls_exporter(const struct tls *tls, bool early,
    uint8_t out[static TLS_EXPORTER])
{
	if (early && !tls->has_early_exporter)
		return -EAGAIN;
	if (early) {
		memcpy(out, tls->early_exporter, TLS_EXPORTER);
		return 0;
	}
	if (tls->state != TLS_READY)
		return -EAGAIN;
	if (gnutls_protocol_get_version(tls->session) < GNUTLS_TLS1_3 &&
	    (gnutls_session_get_flags(tls->session) &
	    GNUTLS_SFLAGS_EXT_MASTER_SECRET) == 0)
		return -EOPNOTSUPP;
	return gnutls_prf_rfc5705(tls->session, strlen(EXPORTER), EXPORTER, 0,
	    "", TLS_EXPORTER, (char *)out) < 0 ? -EOPNOTSUPP : 0;
}

int
tls_session(const struct tls *tls, void **out, size_t *len_bytes)
{
	gnutls_datum_t data;

	if ((gnutls_session_get_flags(tls->session) &
	    GNUTLS_SFLAGS_SESSION_TICKET) == 0)
		return -EAGAIN;
	if (gnutls_session_get_data2(tls->session, &data) < 0)
		return -ENOMEM;
	*out = data.data;	/* gnutls_malloc is malloc */
	*len_bytes = data.size;
	return 0;
}
