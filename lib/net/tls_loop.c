/*
 * tls_loop: a TLS stream on the loop: handshake, records, budgets, the end.
 * Called by tls.
 */
#include "net/tls_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "net/loop_private.h"
#include "net/tls_config.h"
#include "net/tls_distrust.h"
#include "wire/why.h"

#define LINGER_MS 2000
#define CHUNK 16384		/* the longest payload of a TLS record */
#define RECORDS 8		/* read per turn, so that others get one */

static void
destroy_tls(struct tls *tls)
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
tls_loop_release(struct tls *tls)
{
	if (tls->calling > 0)
		return;
	if (tls->away && !workers_take_back(tls->lane, &tls->job)) {
		/* A thread has it. Its end comes with on_shaken. */
		event_del(tls->read);
		event_del(tls->write);
		event_del(tls->soon);
		event_del(tls->timer);
		return;
	}
	destroy_tls(tls);
}

/*
 * Enter a handler, which may free the stream. leave() returns false if it did;
 * touch nothing then.
 */
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
	tls_loop_release(tls);
	return false;
}

void
tls_loop_set_timer(struct tls *tls, uint32_t ms)
{
	struct timeval after = { ms / 1000, (ms % 1000) * 1000 };

	evtimer_add(tls->timer, &after);
}

static void
end_tls(struct tls *tls, int err, const char *why)
{
	if (tls->state == TLS_ENDED)
		return;
	tls->state = TLS_ENDED;
	event_del(tls->read);
	event_del(tls->write);
	event_del(tls->soon);
	event_del(tls->timer);
	enter(tls);
	tls->handlers.closed(err, why, tls->arg);
	leave(tls);
}

/* End the stream with GnuTLS's error, as errno and one line. */
static void
end_gnutls(struct tls *tls, int code)
{
	char why[WHY_TEXT];
	int err = -EPROTO;

	why_set(why, "%s", gnutls_strerror(code));
	if (tls->state == TLS_HANDSHAKE && tls->session != NULL)
		tls->failure = tls_failure_of(code,
		    (int)gnutls_alert_get(tls->session), &tls->peer);
	if (code == GNUTLS_E_MEMORY_ERROR) {
		err = -ENOMEM;
	} else if (tls->failure == TLS_FAILURE_CLOSED ||
	    code == GNUTLS_E_PREMATURE_TERMINATION ||
	    code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR) {
		err = -ECONNRESET;
		why_set(why, "the peer closed the connection");
	} else if (tls->failure == TLS_FAILURE_VERSION &&
	    code == GNUTLS_E_UNSUPPORTED_VERSION_PACKET) {
		why_set(why, "no TLS version in common");
	} else if (code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH ||
	    code == GNUTLS_E_UNEXPECTED_PACKET ||
	    code == GNUTLS_E_UNSUPPORTED_VERSION_PACKET) {
		why_set(why, "no TLS there: is it the right port?");
	} else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED ||
	    (code == GNUTLS_E_DECRYPTION_FAILED && tls->peer.alert != 0)) {
		const char *name = gnutls_alert_get_name(
		    code == GNUTLS_E_FATAL_ALERT_RECEIVED ?
		    gnutls_alert_get(tls->session) :
		    (gnutls_alert_description_t)tls->peer.alert);

		why_set(why, "the peer's TLS alert: %s",
		    name != NULL ? name : "unknown");
	} else if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
		err = -EACCES;
		tls_distrust(tls->session, why);
	}
	end_tls(tls, err, why);
}

static void
want(struct tls *tls)
{
	if (tls->state == TLS_ENDED)
		return;
	if (tls->state == TLS_HANDSHAKE) {
		bool writing = gnutls_record_get_direction(tls->session) == 1;

		if (writing)
			event_add(tls->write, NULL);
		else
			event_del(tls->write);
		event_add(tls->read, NULL);
		return;
	}
	if (tls->state != TLS_LINGERING && evbuffer_get_length(tls->out) > 0)
		event_add(tls->write, NULL);
	else
		event_del(tls->write);
	if (tls->state == TLS_READY &&
	    evbuffer_get_length(tls->in) >= tls->in_max)
		event_del(tls->read);
	else
		event_add(tls->read, NULL);
}

int
tls_loop_flush(struct tls *tls, int *code)
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
	int code = 0, err = tls_loop_flush(tls, &code);

	if (err == -EIO) {
		end_gnutls(tls, code);
		return;
	}
	if (err == 0) {
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
		shutdown(tls->fd, SHUT_WR);
		tls->state = TLS_LINGERING;
		tls_loop_set_timer(tls, LINGER_MS);
	}
	want(tls);
}

/* Call the data handler. Return false if the stream is gone or ending. */
static bool
tell_data(struct tls *tls)
{
	tls->data_again = false;
	enter(tls);
	tls->handlers.data((struct buffer *)tls->in, tls->arg);
	return leave(tls) && tls->state != TLS_ENDED;
}

/*
 * Read records as far as there is room. Return GnuTLS's last result; EAGAIN if
 * it was not called.
 */
static int
read_records(struct tls *tls)
{
	struct evbuffer_iovec space;
	ssize_t n = GNUTLS_E_AGAIN;
	unsigned left;

	for (left = RECORDS; left > 0 &&
	    evbuffer_get_length(tls->in) < tls->in_max; left--) {
		if (evbuffer_reserve_space(tls->in, CHUNK, &space, 1) != 1)
			return GNUTLS_E_MEMORY_ERROR;
		n = gnutls_record_recv(tls->session, space.iov_base, CHUNK);
		space.iov_len = n > 0 ? (size_t)n : 0;
		evbuffer_commit_space(tls->in, &space, 1);
		if (n <= 0)
			break;
	}
	return (int)n;
}

/* Wait for the next event. */
static void
go_on(struct tls *tls)
{
	/*
	 * Decrypted bytes are no longer in the socket, which does not report
	 * them.
	 */
	if (tls->state == TLS_READY && !tls->data_again &&
	    gnutls_record_check_pending(tls->session) > 0 &&
	    evbuffer_get_length(tls->in) < tls->in_max)
		loop_next(tls->soon);
	want(tls);
}

/*
 * Settle after the handler has had its turn. It is told of the end when it has
 * had all bytes.
 */
static void
settle(struct tls *tls)
{
	int last = tls->read_last;

	if (tls->data_again && tls->state == TLS_READY)
		go_on(tls);
	else if (last == 0)
		end_tls(tls, 0, "the peer closed the connection");
	else if (last < 0 && gnutls_error_is_fatal(last))
		end_gnutls(tls, last);
	else if (last == GNUTLS_E_REHANDSHAKE)
		end_tls(tls, -EPROTO, "the peer wants to renegotiate");
	else
		go_on(tls);
}

static void
receive(struct tls *tls)
{
	tls->read_last = read_records(tls);
	if (evbuffer_get_length(tls->in) == 0 || tell_data(tls))
		settle(tls);
}

/* Discard input after close_notify, until the peer is done too. */
static void
linger(struct tls *tls)
{
	char sink[4096];
	ssize_t n = recv(tls->fd, sink, sizeof(sink), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		end_tls(tls, 0, "closed");
}

/*
 * Take a server's early data, before the handshake is done. Return false if the
 * stream is gone.
 */
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
	tls->handlers.data((struct buffer *)tls->in, tls->arg);
	return leave(tls) && tls->state == TLS_HANDSHAKE;
}

/* The handshake is done. */
static void
begin_data(struct tls *tls)
{
	int code = 0;

	tls->state = TLS_READY;
	tls->shaking = false;
	evtimer_del(tls->timer);
	enter(tls);
	tls->handlers.ready(tls->arg);
	if (!leave(tls) || tls->state == TLS_ENDED)
		return;
	if (tls->finish)
		tls_finish(tls);
	if (tls->state == TLS_FINISHING) {
		goodbye(tls);
		return;
	}
	/* An error will show again, below or on reading. */
	tls_loop_flush(tls, &code);
	/* It may have its turn already, in which it has data once. */
	if (!loop_is_next(tls->soon))
		receive(tls);
}

/* Act on how far the handshake has come. */
static void
after_shake(struct tls *tls)
{
	int code = tls->shaken;

	if (tls->heard && !tls->hello_told) {
		tls->hello_told = true;
		if (tls->handlers.hello != NULL) {
			enter(tls);
			tls->handlers.hello(tls->arg);
			if (!leave(tls) || tls->state != TLS_HANDSHAKE)
				return;
		}
	}
	if (code < 0 && gnutls_error_is_fatal(code))
		end_gnutls(tls, code);
	else if (tls->config->anti_replay != NULL && !take_early(tls))
		return;
	else if (code < 0)
		want(tls);
	else
		begin_data(tls);
}

/* A thread has gone on with the handshake, or was not asked to any more. */
static void
on_shaken(void *arg)
{
	struct tls *tls = arg;

	tls->away = false;
	if (tls->freed)
		tls_loop_release(tls);
	else if (tls->state == TLS_HANDSHAKE)
		after_shake(tls);
}

static void
run_shake(void *arg)
{
	tls_shake(arg);
}

/*
 * Does only the client's Finished lack, as with TLS 1.3 once we have answered?
 * To check it costs less than to pass it to a thread.
 */
static bool
is_almost_done(const struct tls *tls)
{
	return tls->session != NULL && gnutls_handshake_get_last_out(
	    tls->session) == GNUTLS_HANDSHAKE_FINISHED;
}

static void
handshake(struct tls *tls)
{
	if (tls->lane == NULL || is_almost_done(tls)) {
		tls_shake(tls);
		after_shake(tls);
		return;
	}
	tls->job.run = run_shake;
	tls->job.done = on_shaken;
	tls->job.arg = tls;
	tls->job.further = tls->heard;
	if (workers_run_here(tls->lane, &tls->job)) {
		after_shake(tls);
		return;
	}
	event_del(tls->read);
	event_del(tls->write);
	tls->away = true;
	workers_give(tls->lane, &tls->job);
}

static void
on_read(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	/*
	 * It will run in the next turn already. With a lane, only messages make
	 * a handshake go on.
	 */
	if (loop_is_next(tls->soon) &&
	    (tls->state != TLS_HANDSHAKE || tls->lane == NULL))
		return;
	if (tls->state == TLS_HANDSHAKE)
		handshake(tls);
	else if (tls->state == TLS_READY)
		receive(tls);
	else
		linger(tls);
}

/* Say that all is sent which had been queued. */
static void
tell_sent(struct tls *tls)
{
	if (tls->sent == NULL || tls->state != TLS_READY ||
	    evbuffer_get_length(tls->out) > 0)
		return;
	enter(tls);
	tls->sent(tls->arg);
	leave(tls);
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;
	int code = 0;

	(void)fd;
	(void)what;
	if (tls->state == TLS_HANDSHAKE)
		handshake(tls);
	else if (tls->state == TLS_FINISHING)
		goodbye(tls);
	else if (tls_loop_flush(tls, &code) == -EIO)
		end_gnutls(tls, code);
	else {
		want(tls);
		tell_sent(tls);
	}
}

static void
on_soon(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	/* Bytes that are there have their turn when the handshake is done. */
	if (tls->state == TLS_HANDSHAKE)
		tls->data_again = false;
	if (tls->err != 0)
		end_gnutls(tls, tls->err);
	else if (tls->state == TLS_HANDSHAKE && tls->lane == NULL)
		handshake(tls);
	else if (tls->state == TLS_FINISHING)
		goodbye(tls);
	else if (tls->state == TLS_READY && !tls->data_again)
		receive(tls);
	else if (tls->state == TLS_READY && tell_data(tls))
		settle(tls);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tls *tls = arg;

	(void)fd;
	(void)what;
	if (tls->state == TLS_HANDSHAKE)
		tls->failure = TLS_FAILURE_TIMEOUT;
	if (tls->state == TLS_LINGERING)
		end_tls(tls, 0, "closed");
	else if (tls->state == TLS_FINISHING)
		end_tls(tls, -ETIMEDOUT, "the peer does not read");
	else
		end_tls(tls, -ETIMEDOUT, "no TLS handshake in time");
}

int
tls_loop_init(struct tls *tls, struct event_base *loop)
{
	tls->read = event_new(loop, tls->fd, EV_READ | EV_PERSIST, on_read,
	    tls);
	tls->write = event_new(loop, tls->fd, EV_WRITE | EV_PERSIST, on_write,
	    tls);
	tls->soon = event_new(loop, -1, 0, on_soon, tls);
	tls->timer = evtimer_new(loop, on_timer, tls);
	return tls->read != NULL && tls->write != NULL && tls->soon != NULL &&
	    tls->timer != NULL ? 0 : -ENOMEM;
}
