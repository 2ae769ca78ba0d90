#include "net/tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "net/tls_config.h"

#define HANDSHAKE_MS 10000
#define LINGER_MS 2000
#define USER_TIMEOUT_MS 20000	/* two missed pings of an idle call */
#define IN_MAX 65536
#define OUT_MAX 262144
#define CHUNK 16384		/* the most that a TLS record carries */

enum state {
	HANDSHAKE,
	READY,
	FINISHING,		/* flush, then say goodbye */
	LINGERING,		/* said; the peer may still be reading */
	ENDED
};

struct tls {
	enum state state;
	int fd;
	gnutls_session_t session;
	struct tls_config *config;
	struct event *read, *write;
	struct event *soon;	/* work that a call from outside left */
	struct event *timer;
	struct evbuffer *in, *out;
	size_t in_max, out_max;
	size_t sending;		/* length of a record that must be retried */
	struct tls_handlers handlers;
	void *arg;
	bool heard, hello_told;
	bool data_again;
	bool finish;		/* once ready */
	unsigned calling;	/* handlers on the stack */
	bool freed;		/* by one of them */
	int err;		/* found by tls_write; told from the loop */
};

static void
destroy(struct tls *tls)
{
	if (tls->read != NULL)
		event_free(tls->read);
	if (tls->write != NULL)
		event_free(tls->write);
	if (tls->soon != NULL)
		event_free(tls->soon);
	if (tls->timer != NULL)
		event_free(tls->timer);
	if (tls->session != NULL)
		gnutls_deinit(tls->session);
	if (tls->in != NULL)
		evbuffer_free(tls->in);
	if (tls->out != NULL)
		evbuffer_free(tls->out);
	if (tls->config != NULL)
		tls_config_free(tls->config);
	close(tls->fd);
	free(tls);
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	tls->state = ENDED;
	tls->freed = true;
	if (tls->calling == 0)
		destroy(tls);
}

void
tls_hand_over(struct tls *tls, const struct tls_handlers *handlers, void *arg)
{
	tls->handlers = *handlers;
	tls->arg = arg;
}

/* Around a handler: it may free the stream. False: it did, touch nothing. */
static void
enter(struct tls *tls)
{
	tls->calling++;
}

static bool
leave(struct tls *tls)
{
	if (--tls->calling > 0 || !tls->freed)
		return !tls->freed;
	destroy(tls);
	return false;
}

static void
set_timer(struct tls *tls, uint32_t ms)
{
	struct timeval after = { ms / 1000, (ms % 1000) * 1000 };

	evtimer_add(tls->timer, &after);
}

static void
end(struct tls *tls, int err, const char *why)
{
	if (tls->state == ENDED)
		return;
	tls->state = ENDED;
	event_del(tls->read);
	event_del(tls->write);
	event_del(tls->soon);
	event_del(tls->timer);
	enter(tls);
	tls->handlers.closed(err, why, tls->arg);
	leave(tls);
}

/* What GnuTLS says, as errno and a line. */
static void
end_gnutls(struct tls *tls, int code)
{
	char why[TLS_WHY];
	int err = -EPROTO;

	snprintf(why, sizeof(why), "%s", gnutls_strerror(code));
	if (code == GNUTLS_E_PREMATURE_TERMINATION ||
	    code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR) {
		err = -ECONNRESET;
		snprintf(why, sizeof(why), "the peer closed the connection");
	} else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		const char *name = gnutls_alert_get_name(
		    gnutls_alert_get(tls->session));

		snprintf(why, sizeof(why), "the peer's TLS alert: %s",
		    name != NULL ? name : "unknown");
	} else if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
		err = -EACCES;
		tls_config_certificate_fault(tls->session, why);
	}
	end(tls, err, why);
}

static void
want(struct tls *tls)
{
	if (tls->state == ENDED)
		return;
	if (tls->state == HANDSHAKE) {
		bool writing = gnutls_record_get_direction(tls->session) == 1;

		if (writing)
			event_add(tls->write, NULL);
		else
			event_del(tls->write);
		event_add(tls->read, NULL);
		return;
	}
	if (tls->state != LINGERING && evbuffer_get_length(tls->out) > 0)
		event_add(tls->write, NULL);
	else
		event_del(tls->write);
	if (tls->state == READY && evbuffer_get_length(tls->in) >= tls->in_max)
		event_del(tls->read);
	else
		event_add(tls->read, NULL);
}

/* Send what is queued. 0, -EAGAIN, or GnuTLS's code in *code and -EIO. */
static int
flush(struct tls *tls, int *code)
{
	while (evbuffer_get_length(tls->out) > 0) {
		size_t len = evbuffer_get_length(tls->out);
		ssize_t n;

		if (tls->sending > 0) {
			n = gnutls_record_send(tls->session, NULL, 0);
		} else {
			if (len > CHUNK)
				len = CHUNK;
			tls->sending = len;
			n = gnutls_record_send(tls->session,
			    evbuffer_pullup(tls->out, (ssize_t)len), len);
		}
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return -EAGAIN;
		if (n < 0) {
			*code = (int)n;
			return -EIO;
		}
		tls->sending = 0;
		evbuffer_drain(tls->out, (size_t)n);
	}
	return 0;
}

static void
goodbye(struct tls *tls)
{
	int code = 0, err = flush(tls, &code);

	if (err == -EIO) {
		end_gnutls(tls, code);
		return;
	}
	if (err == 0) {
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
		shutdown(tls->fd, SHUT_WR);
		tls->state = LINGERING;
		set_timer(tls, LINGER_MS);
	}
	want(tls);
}

/* False: the stream is gone. */
static bool
tell_data(struct tls *tls)
{
	if (tls->state != READY || evbuffer_get_length(tls->in) == 0)
		return true;
	enter(tls);
	tls->handlers.data(tls->in, tls->arg);
	return leave(tls);
}

static void
receive(struct tls *tls)
{
	struct evbuffer_iovec space;
	int budget = 8;		/* records a turn: others want one too */
	ssize_t n = 0;

	while (budget-- > 0 &&
	    evbuffer_get_length(tls->in) < tls->in_max) {
		if (evbuffer_reserve_space(tls->in, CHUNK, &space, 1) != 1) {
			end(tls, -ENOMEM, "out of memory");
			return;
		}
		n = gnutls_record_recv(tls->session, space.iov_base, CHUNK);
		space.iov_len = n > 0 ? (size_t)n : 0;
		evbuffer_commit_space(tls->in, &space, 1);
		if (n <= 0)
			break;
	}
	if (n > 0 && gnutls_record_check_pending(tls->session) > 0)
		event_active(tls->soon, EV_TIMEOUT, 0);
	if (!tell_data(tls) || tls->state == ENDED)
		return;
	if (n == 0 && evbuffer_get_length(tls->in) < tls->in_max)
		end(tls, 0, "the peer closed the connection");
	else if (n < 0 && gnutls_error_is_fatal((int)n))
		end_gnutls(tls, (int)n);
	else if (n == GNUTLS_E_REHANDSHAKE)
		end(tls, -EPROTO, "the peer wants to renegotiate");
	else
		want(tls);
}

/* After goodbye: throw away what comes until the peer is done too. */
static void
linger(struct tls *tls)
{
	char sink[4096];
	ssize_t n = recv(tls->fd, sink, sizeof(sink), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		end(tls, 0, "closed");
}

/* A server's, before the handshake is done. False: the stream is gone. */
static bool
take_early(struct tls *tls)
{
	struct evbuffer_iovec space;
	size_t before = evbuffer_get_length(tls->in);
	ssize_t n;

	do {
		if (evbuffer_reserve_space(tls->in, CHUNK, &space, 1) != 1)
			break;
		n = gnutls_record_recv_early_data(tls->session,
		    space.iov_base, CHUNK);
		space.iov_len = n > 0 ? (size_t)n : 0;
		evbuffer_commit_space(tls->in, &space, 1);
	} while (n > 0);
	if (evbuffer_get_length(tls->in) == before)
		return true;
	enter(tls);
	tls->handlers.data(tls->in, tls->arg);
	return leave(tls) && tls->state == HANDSHAKE;
}

static void
handshake(struct tls *tls)
{
	int code = gnutls_handshake(tls->session);

	if (tls->heard && !tls->hello_told) {
		tls->hello_told = true;
		if (tls->handlers.hello != NULL) {
			enter(tls);
			tls->handlers.hello(tls->arg);
			if (!leave(tls) || tls->state != HANDSHAKE)
				return;
		}
	}
	if (code < 0 && gnutls_error_is_fatal(code)) {
		/* Let the peer know, where that makes sense. */
		gnutls_alert_send_appropriate(tls->session, code);
		end_gnutls(tls, code);
		return;
	}
	if (tls->config->anti_replay != NULL && !take_early(tls))
		return;
	if (code < 0) {
		want(tls);
		return;
	}
	tls->state = READY;
	evtimer_del(tls->timer);
	enter(tls);
	tls->handlers.ready(tls->arg);
	if (!leave(tls) || tls->state == ENDED)
		return;
	if (tls->finish)
		tls_finish(tls);
	if (tls->state == FINISHING) {
		goodbye(tls);
		return;
	}
	flush(tls, &code);	/* an error shows again below or on reading */
	receive(tls);
}

static void
on_read(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	if (tls->state == HANDSHAKE)
		handshake(tls);
	else if (tls->state == READY)
		receive(tls);
	else
		linger(tls);
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;
	int code = 0;

	(void)fd;
	(void)what;
	if (tls->state == HANDSHAKE)
		handshake(tls);
	else if (tls->state == FINISHING)
		goodbye(tls);
	else if (flush(tls, &code) == -EIO)
		end_gnutls(tls, code);
	else
		want(tls);
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	if (tls->err != 0)
		end_gnutls(tls, tls->err);
	else if (tls->state == HANDSHAKE)
		handshake(tls);
	else if (tls->state == FINISHING)
		goodbye(tls);
	else if (tls->state == READY && tls->data_again) {
		tls->data_again = false;
		if (tell_data(tls) && tls->state == READY)
			receive(tls);
	} else if (tls->state == READY)
		receive(tls);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	if (tls->state == LINGERING)
		end(tls, 0, "closed");
	else if (tls->state == FINISHING)
		end(tls, -ETIMEDOUT, "the peer does not read");
	else
		end(tls, -ETIMEDOUT, "no TLS handshake in time");
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	struct tls *tls = arg;
	ssize_t n = recv(tls->fd, data, len, 0);

	if (n < 0)
		gnutls_transport_set_errno(tls->session, errno);
	return n;
}

/* Not any bytes: an HTTP or SSH server on this port says something, too. */
static int
on_message(gnutls_session_t session, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *msg)
{
	struct tls *tls = gnutls_session_get_ptr(session);

	(void)type;
	(void)when;
	(void)msg;
	if (incoming)
		tls->heard = true;
	return 0;
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
	tls->handlers = *handlers;
	tls->arg = arg;
	tls->config = config;
	config->references++;
	tls->in_max = options->in_max > 0 ? options->in_max : IN_MAX;
	tls->out_max = options->out_max > 0 ? options->out_max : OUT_MAX;
	tls->in = evbuffer_new();
	tls->out = evbuffer_new();
	tls->read = event_new(loop, fd, EV_READ | EV_PERSIST, on_read, tls);
	tls->write = event_new(loop, fd, EV_WRITE | EV_PERSIST, on_write, tls);
	tls->soon = event_new(loop, -1, 0, on_soon, tls);
	tls->timer = evtimer_new(loop, on_timer, tls);
	err = -ENOMEM;
	if (tls->in == NULL || tls->out == NULL || tls->read == NULL ||
	    tls->write == NULL || tls->soon == NULL || tls->timer == NULL)
		goto fail;
	err = tls_config_session(&tls->session, config, options);
	if (err < 0)
		goto fail;
	gnutls_session_set_ptr(tls->session, tls);
	gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY,
	    GNUTLS_HOOK_POST, on_message);
	gnutls_transport_set_ptr(tls->session, tls);
	gnutls_transport_set_pull_function(tls->session, pull);
	gnutls_transport_set_vec_push_function(tls->session, push);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms,
	    sizeof(user_timeout_ms));
	set_timer(tls, options->handshake_ms > 0 ? options->handshake_ms :
	    HANDSHAKE_MS);
	event_active(tls->soon, EV_TIMEOUT, 0);
	*out = tls;
	return 0;
fail:
	destroy(tls);
	return err;
}

int
tls_write(struct tls *tls, const void *data, size_t len_bytes)
{
	int code = 0;

	if ((tls->state != HANDSHAKE && tls->state != READY) ||
	    tls->finish || tls->err != 0)
		return -EPIPE;
	if (evbuffer_get_length(tls->out) + len_bytes > tls->out_max)
		return -ENOBUFS;
	if (evbuffer_add(tls->out, data, len_bytes) < 0)
		return -ENOMEM;
	if (tls->state != READY)
		return 0;
	if (flush(tls, &code) == -EIO) {
		tls->err = code;
		event_active(tls->soon, EV_TIMEOUT, 0);
		return -EPIPE;
	}
	if (evbuffer_get_length(tls->out) > 0)
		event_add(tls->write, NULL);
	return 0;
}

void
tls_finish(struct tls *tls)
{
	if (tls->state == HANDSHAKE && evbuffer_get_length(tls->out) > 0) {
		tls->finish = true;
		return;
	}
	if (tls->state == HANDSHAKE) {
		tls->state = LINGERING;	/* nothing to say it to */
		set_timer(tls, 0);
		return;
	}
	if (tls->state != READY)
		return;
	tls->state = FINISHING;
	set_timer(tls, HANDSHAKE_MS);
	event_active(tls->soon, EV_TIMEOUT, 0);
}

void
tls_again(struct tls *tls)
{
	tls->data_again = true;
	event_active(tls->soon, EV_TIMEOUT, 0);
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
