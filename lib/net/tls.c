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
#include "wire/addr.h"

#define USER_TIMEOUT_MS 20000	/* two missed pings of an idle call */
#define IN_MAX 65536
#define OUT_MAX 262144

/* Name a connection's source (IPv4 /24, IPv6 /48) and network (/16, /32). */
static void
name_source(struct workers_job *job, int fd)
{
	struct addr peer = { 0 };
	socklen_t len = sizeof(peer);
	const uint8_t *ip;
	size_t ip_bytes;

	if (getpeername(fd, &peer.sa, &len) < 0)
		return;
	addr_unmap(&peer);
	ip = addr_ip(&peer, &ip_bytes);
	if (ip == NULL)
		return;
	memcpy(&job->source, ip, ip_bytes == 4 ? 3 : 6);
	memcpy(&job->network, ip, ip_bytes == 4 ? 2 : 4);
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
	tls->lane = options->lane;
	if (tls->lane != NULL)
		name_source(&tls->job, fd);
	tls->shaking = true;
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
	/* With threads it is made by one, as that takes time too. */
	if (tls->lane == NULL)
		err = tls_shake_session(tls, options);
	if (err < 0)
		goto fail;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
	    sizeof(user_timeout_ms));
	tls_loop_set_timer(tls, options->handshake_ms > 0 ?
	    options->handshake_ms : TLS_HANDSHAKE_MS);
	if (tls->lane == NULL)
		loop_next(tls->soon);
	else
		event_add(tls->read, NULL);	/* the client speaks first */
	*out = tls;
	return 0;
fail:
	tls->freed = true;
	tls_loop_release(tls);
	return err;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	tls->state = TLS_ENDED;
	tls->freed = true;
	tls_loop_release(tls);
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

void
tls_on_sent(struct tls *tls, void (*sent)(void *arg))
{
	tls->sent = sent;
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
tls_asked_name(const struct tls *tls, char name[static TLS_NAME])
{
	size_t len = TLS_NAME - 1;
	unsigned type;

	if (tls->state != TLS_READY || gnutls_server_name_get(tls->session,
	    name, &len, &type, 0) < 0 || type != GNUTLS_NAME_DNS)
		return -ENOENT;
	name[len] = '\0';
	return 0;
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
	return gnutls_prf_rfc5705(tls->session, strlen(TLS_EXPORTER_LABEL),
	    TLS_EXPORTER_LABEL, 0, "", TLS_EXPORTER, (char *)out) < 0 ?
	    -EOPNOTSUPP : 0;
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
