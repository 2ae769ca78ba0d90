#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "dtls.h"
#include "ice.h"
#include "media.h"
#include "peer/turn_client.h"
#include "rtpcrypt.h"
#include "wire/rtp.h"
#include "wire/stun.h"

#define DATAGRAM 1500		/* of what waits for a pair */
#define HELD 4			/* a ClientHello in as many fragments */
#define DTLS_TIMEOUT_MS 30000
#define DTLS_RETRANSMIT_MS 100	/* first wait, or twice ICE's round trip */

struct held {
	size_t len;
	uint8_t data[DATAGRAM];
};

struct path {
	struct path_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct event *timer;
	const struct identity *identity;
	bool over;
	struct turn_client *turn;
	bool allocated;
	struct ice *ice;
	bool has_peer;		/* a pair carries data */
	struct addr peer;
	bool connected;
	struct dtls *dtls;
	bool has_remote, dtls_client;
	uint8_t fingerprint[SDP_FINGERPRINT];
	struct held held[HELD];
	size_t n_held;
	struct rtpcrypt *crypt;
};

static void
fail(struct path *path, int err, const char *why)
{
	if (path->over)
		return;
	path->over = true;
	event_del(path->timer);
	path->handlers.failed(err, why, path->arg);
}

static void
set_timer(struct path *path)
{
	uint64_t due_ns = ice_due_ns(path->ice), now_ns = clock_ns();
	uint64_t wait_us;
	struct timeval tv;

	if (path->dtls != NULL && dtls_due_ns(path->dtls) < due_ns)
		due_ns = dtls_due_ns(path->dtls);
	if (due_ns == ICE_NEVER || path->over) {
		event_del(path->timer);
		return;
	}
	wait_us = due_ns > now_ns ? (due_ns - now_ns) / 1000 : 0;
	tv.tv_sec = (time_t)(wait_us / 1000000);
	tv.tv_usec = (suseconds_t)(wait_us % 1000000);
	event_add(path->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct path *path = arg;
	uint64_t now_ns = clock_ns();

	(void)fd;
	(void)what;
	ice_run(path->ice, now_ns);
	if (path->dtls != NULL && !path->over)
		dtls_run(path->dtls, now_ns);
	set_timer(path);
}

/*
 * DTLS.
 */

static void
dtls_send(const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;

	if (path->has_peer)
		turn_client_send(path->turn, &path->peer, data, len);
}

static void
dtls_secure(const uint8_t local[static DTLS_SRTP_MASTER],
    const uint8_t remote[static DTLS_SRTP_MASTER], void *arg)
{
	struct path *path = arg;
	int err = rtpcrypt_new(&path->crypt, local, remote);

	if (err < 0)
		fail(path, err, "SRTP cannot be set up");
	else
		path->handlers.secure(path->arg);
}

static void
dtls_failed(int err, const char *why, void *arg)
{
	fail(arg, err, why);
}

/* The peer goes; that it hung up is signalling's to say. */
static void
dtls_closed(void *arg)
{
	(void)arg;
	log_debug("dtls_closed", "by=peer");
}

static int
start_dtls(struct path *path)
{
	static const struct dtls_handlers handlers = {
		dtls_send, dtls_secure, dtls_failed, dtls_closed
	};
	struct dtls_options options = {
		.client = path->dtls_client,
		.identity = path->identity,
		.retransmit_ms = DTLS_RETRANSMIT_MS,
		.timeout_ms = DTLS_TIMEOUT_MS,
	};
	uint64_t rtt_ms = ice_rtt_ns(path->ice) / CLOCK_MS;

	if (2 * rtt_ms > DTLS_RETRANSMIT_MS)
		options.retransmit_ms = (uint32_t)(2 * rtt_ms);
	memcpy(options.fingerprint, path->fingerprint,
	    sizeof(options.fingerprint));
	return dtls_new(&path->dtls, &options, &handlers, path);
}

/* As soon as there is a pair and the peer's description. */
static void
run_dtls(struct path *path)
{
	uint64_t now_ns = clock_ns();
	size_t i;
	int err;

	if (!path->has_peer || !path->has_remote || path->dtls != NULL)
		return;
	err = start_dtls(path);
	if (err < 0) {
		fail(path, err, "DTLS cannot be set up");
		return;
	}
	dtls_run(path->dtls, now_ns);
	for (i = 0; i < path->n_held && !path->over; i++)
		dtls_receive(path->dtls, path->held[i].data,
		    path->held[i].len, now_ns);
	path->n_held = 0;
}

static void
on_dtls(struct path *path, const uint8_t *data, size_t len)
{
	struct held *held;

	if (path->dtls != NULL) {
		dtls_receive(path->dtls, data, len, clock_ns());
		return;
	}
	if (path->n_held == HELD || len > DATAGRAM)
		return;
	held = &path->held[path->n_held++];
	held->len = len;
	memcpy(held->data, data, len);
}

/*
 * ICE.
 */

static void
ice_send(const struct addr *to, const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;

	turn_client_permit(path->turn, to);
	turn_client_send(path->turn, to, data, len);
}

static void
ice_selected(const struct addr *to, bool nominated, void *arg)
{
	struct path *path = arg;

	path->peer = *to;
	path->has_peer = true;
	turn_client_bind(path->turn, to);
	if (!nominated || path->connected)
		return;
	path->connected = true;
	path->handlers.connected(path->arg);
}

static void
ice_failed(int err, void *arg)
{
	struct path *path = arg;

	fail(path, err, path->connected ? "the peer is silent" :
	    "no way to the peer");
}

/*
 * TURN.
 */

static void
turn_allocated(const struct addr *relayed, const struct addr *mapped,
    void *arg)
{
	struct path *path = arg;
	struct sdp_candidate candidate;

	(void)mapped;
	path->allocated = true;
	ice_candidate(&candidate, relayed);
	path->handlers.allocated(&candidate, path->arg);
	ice_start(path->ice, clock_ns());
	set_timer(path);
}

static void
on_rtp(struct path *path, const uint8_t *data, size_t len)
{
	uint8_t packet[2048];
	int err;

	if (path->crypt == NULL || len > sizeof(packet))
		return;
	memcpy(packet, data, len);
	if (rtcp_is(packet, len))
		err = rtpcrypt_unprotect_rtcp(path->crypt, packet, &len);
	else
		err = rtpcrypt_unprotect(path->crypt, packet, &len);
	if (err == 0)
		path->handlers.packet(packet, len, path->arg);
}

static void
turn_data(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;

	if (path->over)
		return;
	if (rtp_is(data, len)) {
		on_rtp(path, data, len);
		return;
	}
	if (stun_is(data, len))
		ice_receive(path->ice, from, data, len, clock_ns());
	else if (dtls_is(data, len) && ice_knows(path->ice, from))
		on_dtls(path, data, len);
	run_dtls(path);
	set_timer(path);
}

static void
turn_failed(int err, const char *why, void *arg)
{
	fail(arg, err, why);
}

/*
 * What the rest of media asks for.
 */

int
path_new(struct path **out, struct event_base *loop,
    const struct path_options *options, const struct path_handlers *handlers,
    void *arg)
{
	static const struct ice_handlers ice_handlers = {
		ice_send, ice_selected, ice_failed
	};
	struct path *path = calloc(1, sizeof(*path));
	int err;

	if (path == NULL)
		return -ENOMEM;
	path->handlers = *handlers;
	path->arg = arg;
	path->loop = loop;
	path->identity = options->identity;
	path->timer = evtimer_new(loop, on_timer, path);
	err = path->timer == NULL ? -ENOMEM :
	    ice_new(&path->ice, options->controlling, &ice_handlers, path);
	if (err < 0) {
		path_free(path);
		return err;
	}
	*out = path;
	return 0;
}

const char *
path_ufrag(const struct path *path)
{
	return ice_ufrag(path->ice);
}

const char *
path_password(const struct path *path)
{
	return ice_password(path->ice);
}

int
path_server(struct path *path, const struct media_ice_server *server)
{
	static const struct turn_client_handlers handlers = {
		turn_allocated, turn_data, turn_failed
	};
	struct turn_client_options options = {
		.server = server->addr,
		.username = server->username,
		.password = server->credential,
	};

	if (path->turn != NULL)
		return -EALREADY;
	return turn_client_new(&path->turn, path->loop, &options, &handlers,
	    path);
}

int
path_remote(struct path *path, const struct sdp *remote, bool dtls_client)
{
	int err;

	memcpy(path->fingerprint, remote->fingerprint,
	    sizeof(path->fingerprint));
	path->dtls_client = dtls_client;
	path->has_remote = true;
	err = ice_remote(path->ice, remote->ufrag, remote->password,
	    clock_ns());
	if (err == 0) {
		run_dtls(path);
		set_timer(path);
	}
	return err;
}

int
path_remote_candidate(struct path *path,
    const struct sdp_candidate *candidate)
{
	int err = ice_remote_candidate(path->ice, candidate, clock_ns());

	set_timer(path);
	return err;
}

int
path_send(struct path *path, const uint8_t *data, size_t len)
{
	uint8_t packet[PATH_PACKET_MAX + RTPCRYPT_ROOM];
	int err;

	if (path->crypt == NULL || path->over)
		return -ENOTCONN;
	if (len > PATH_PACKET_MAX)
		return -EMSGSIZE;
	memcpy(packet, data, len);
	if (rtcp_is(packet, len))
		err = rtpcrypt_protect_rtcp(path->crypt, packet, &len);
	else
		err = rtpcrypt_protect(path->crypt, packet, &len);
	if (err < 0)
		return err;
	return turn_client_send(path->turn, &path->peer, packet, len);
}

double
path_rtt_ms(const struct path *path)
{
	return (double)ice_rtt_ns(path->ice) / CLOCK_MS;
}

void
path_free(struct path *path)
{
	if (path == NULL)
		return;
	dtls_free(path->dtls);
	rtpcrypt_free(path->crypt);
	ice_free(path->ice);
	turn_client_free(path->turn);
	if (path->timer != NULL)
		event_free(path->timer);
	free(path);
}
