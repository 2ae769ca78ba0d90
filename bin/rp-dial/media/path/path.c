/*
 * path: routes, DTLS and SRTP put together, through restarts and fall-back.
 * See path.h.
 */
#include "media/path/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "media/path/dtls.h"
#include "media/path/early.h"
#include "media/path/held.h"
#include "media/path/ice_routes.h"
#include "media/path/sped.h"
#include "media/rtp/badrtp.h"
#include "media/rtp/rtpcrypt.h"
#include "net/loop.h"
#include "wire/rtp.h"

#define HELD 4			/* a ClientHello in four fragments */
#define HELD_RTP 4		/* older sound would only be heard late */
/*
 * As long as a call may ring at most: of several devices the caller shakes hands
 * with one, and the others must be there if it is one of them that answers.
 */
#define DTLS_TIMEOUT_MS 180000
#define DTLS_RETRANSMIT_MS 100	/* first wait, if no round trip is longer */
#define DTLS_RETRANSMIT_MAX_MS 400	/* a longer one may be due to a loss */
#define DTLS_HELLO_MS 15	/* of the first copy, as of ICE's check */

struct path {
	struct path_handlers handlers;
	void *arg;
	struct loop_event *timer;
	const struct identity *identity;
	bool over, connected;
	bool offerer;
	bool expects;		/* the peer, where it may not be yet */
	struct ice_routes *routes;
	struct early *early;
	struct sped sped;
	bool speaks_sped;	/* the peer, by its latest description */
	bool holds, unsent;	/* a flight that is inside a check first */
	struct dtls *dtls;
	struct dtls *before;	/* of the association before; NULL: none */
	bool renews;		/* another begins with the next route */
	bool has_remote, dtls_client;
	bool waits;		/* as client, until the peer knows us */
	uint8_t fingerprint[SDP_FINGERPRINT];
	struct held *held;	/* DTLS of a source that may prove known */
	struct held *held_rtp;	/* until there are keys */
	struct rtpcrypt *crypt;
	struct badrtp_counts bad;
};

static void
fail_path(struct path *path, int err, const char *why)
{
	if (path->over)
		return;
	path->over = true;
	loop_event_stop(path->timer);
	path->handlers.failed(err, why, path->arg);
}

static void
set_timer(struct path *path)
{
	uint64_t due = ice_routes_due_ns(path->routes), now_ns = clock_ns();

	if (path->dtls != NULL && dtls_due_ns(path->dtls) < due)
		due = dtls_due_ns(path->dtls);
	if (early_due_ns(path->early) < due)
		due = early_due_ns(path->early);
	if (due == DTLS_NEVER || path->over) {
		loop_event_stop(path->timer);
		return;
	}
	loop_timer_set_ns(path->timer, due > now_ns ? due - now_ns : 0);
}

/*
 * DTLS.
 */

static void
dtls_send(const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;

	sped_sent(&path->sped, data, len);
	path->unsent = path->holds || !ice_routes_can_handshake(path->routes);
	if (!path->unsent)
		ice_routes_send_handshake(path->routes, data, len);
}

static bool take_rtp(const struct addr *from, const uint8_t *data, size_t len,
    void *arg);

static void
dtls_secure(const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER], void *arg)
{
	struct path *path = arg;
	struct rtpcrypt *crypt;
	bool first = path->crypt == NULL;
	int err = rtpcrypt_new(&crypt, local, remote);

	if (err < 0) {
		fail_path(path, err, "SRTP cannot be set up");
		return;
	}
	rtpcrypt_free(path->crypt);
	path->crypt = crypt;
	if (first)
		path->handlers.secure(path->arg);
	else
		log_debug("dtls_renewed", "certificate=same");
	if (!path->over)
		held_take(path->held_rtp, take_rtp, path);
}

static void
dtls_failed(int err, const char *why, void *arg)
{
	struct path *path = arg;

	if (path->before == NULL || path->crypt == NULL || err == -EACCES)
		fail_path(path, err, why);
	else
		log_debug("dtls_not_renewed", "error=\"%s\"", why);
}

/* The peer ends; signalling reports the hang-up. */
static void
dtls_closed(void *arg)
{
	(void)arg;
	log_debug("dtls_closed", "by=peer");
}

static const struct dtls_handlers dtls_handlers = {
	dtls_send, dtls_secure, dtls_failed, dtls_closed
};

/*
 * Return the first wait of a flight: one and a half of the round trips that ICE
 * measured. A flight too many costs little, and the call waits for one too few.
 */
static uint32_t
retransmit_ms(const struct path *path)
{
	uint64_t wait_ms = 3 * ice_routes_rtt_ns(path->routes) / CLOCK_MS / 2;

	if (wait_ms < DTLS_RETRANSMIT_MS)
		return DTLS_RETRANSMIT_MS;
	return wait_ms < DTLS_RETRANSMIT_MAX_MS ? (uint32_t)wait_ms :
	    DTLS_RETRANSMIT_MAX_MS;
}

static int
start_dtls(struct path *path)
{
	const struct dtls_options options = {
		.client = path->dtls_client,
		.identity = path->identity,
		.fingerprint = path->fingerprint,
		.retransmit_ms = retransmit_ms(path),
		.hello_ms = path->expects && !path->waits ? DTLS_HELLO_MS : 0,
		.timeout_ms = DTLS_TIMEOUT_MS,
	};

	return dtls_new(&path->dtls, &options, &dtls_handlers, path);
}

/*
 * Go on with the handshake of a peer that began before its description came. If
 * it wants to be the server by now, it has not begun as one.
 */
static void
adopt_early(struct path *path, const struct sdp *remote)
{
	if (path->dtls != NULL || path->dtls_client ||
	    !early_is_of(path->early, remote->ufrag))
		return;
	path->dtls = early_take(path->early);
	dtls_expect(path->dtls, path->fingerprint, &dtls_handlers, path);
	if (dtls_is_done(path->dtls))
		sped_done(&path->sped, false);
}

/*
 * Begin a new association once its route is in use. The one before is not ended:
 * a peer that never left would take that for the end of the call.
 */
static void
begin_again(struct path *path)
{
	if (!path->renews || path->dtls == NULL ||
	    ice_routes_opening(path->routes))
		return;
	path->renews = false;
	dtls_free(path->before);
	path->before = path->dtls;
	path->dtls = NULL;
	held_clear(path->held);
	sped_reset(&path->sped);
	sped_peer(&path->sped, path->speaks_sped);
}

static void
begin_dtls(struct path *path)
{
	int err = start_dtls(path);

	path->waits = false;
	if (err < 0) {
		fail_path(path, err, "DTLS cannot be set up");
		return;
	}
	dtls_run(path->dtls, clock_ns());
}

/* Send what a check has carried before it could go by itself. */
static void
send_unsent(struct path *path)
{
	size_t i;

	path->unsent = false;
	for (i = 0; i < path->sped.n_flight; i++)
		ice_routes_send_handshake(path->routes,
		    path->sped.flight[i].data, path->sped.flight[i].len);
}

/*
 * May the handshake begin? A caller with one handshake for all devices of the
 * callee would take our ClientHello for that of the one which it knows. It knows
 * us when a check of its names us.
 */
static bool
may_begin(const struct path *path)
{
	return path->has_remote &&
	    (!path->waits || ice_routes_is_checked(path->routes));
}

/* Run DTLS once there may be a route, and the peer's description. */
static void
run_dtls(struct path *path)
{
	begin_again(path);
	if (!ice_routes_can_handshake(path->routes) || !may_begin(path))
		return;
	if (path->dtls == NULL)
		begin_dtls(path);
	else if (path->unsent)
		send_unsent(path);
}

/*
 * A check is on its way, and a client's first flight in it. The flight follows by
 * itself, because nobody listens to it before the check.
 */
static void
sped_wanted(void *arg)
{
	struct path *path = arg;

	if (path->dtls != NULL || !may_begin(path) || !path->dtls_client ||
	    path->over)
		return;
	path->holds = true;
	begin_dtls(path);
	path->holds = false;
}

/*
 * Begin with a peer that is not described yet, as DTLS's server, because we
 * made the offer. It has proven by a check that it knows our password.
 */
static bool
begin_early(struct path *path, const struct addr *from)
{
	return path->offerer && !path->has_remote &&
	    ice_routes_knows(path->routes, from) &&
	    early_begin(path->early, ice_routes_heard(path->routes), from) == 0;
}

/*
 * Give the datagram to the handshake that it belongs to. Return false if there
 * is none yet.
 */
static bool
take_dtls(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;
	uint64_t now_ns = clock_ns();

	if (path->over)
		return true;
	if (early_is_from(path->early, from) || begin_early(path, from)) {
		early_receive(path->early, data, len, now_ns);
		return true;
	}
	if (path->dtls == NULL || !ice_routes_knows(path->routes, from))
		return false;
	dtls_pace(path->dtls, retransmit_ms(path));
	sped_flight(&path->sped);
	dtls_receive(path->dtls, data, len, now_ns);
	if (dtls_is_done(path->dtls))
		sped_done(&path->sped, path->dtls_client);
	return true;
}

/*
 * Keep what has no handshake yet. If there is one, its peer is known, and others
 * are none of our business.
 */
static void
on_dtls(struct path *path, const struct addr *from, const uint8_t *data,
    size_t len)
{
	if (path->over || !sped_heard(&path->sped, data, len))
		return;
	if (!take_dtls(from, data, len, path) && path->dtls == NULL)
		(void)held_put(path->held, from, data, len);
}

static void
sped_received(const struct addr *from, const uint8_t *data, size_t len,
    void *arg)
{
	on_dtls(arg, from, data, len);
}

/* Read RTP or RTCP with the keys. */
static void
read_rtp(struct path *path, const uint8_t *data, size_t len)
{
	uint8_t packet[2048];
	int err;

	if (len > sizeof(packet)) {
		path->bad.n[BADRTP_TOO_LONG]++;
		return;
	}
	memcpy(packet, data, len);
	if (rtcp_is(packet, len))
		err = rtpcrypt_unprotect_rtcp(path->crypt, packet, &len);
	else
		err = rtpcrypt_unprotect(path->crypt, packet, &len);
	if (err == 0)
		path->handlers.packet(packet, len, path->arg);
	else
		path->bad.n[err == -EACCES ? BADRTP_FORGED :
		    err == -EALREADY ? BADRTP_REPLAYED : BADRTP_MALFORMED]++;
}

static bool
take_rtp(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	(void)from;
	read_rtp(arg, data, len);
	return true;
}

/*
 * The peer's sound may overtake its description, or the end of its handshake.
 * Without keys nobody has read it yet.
 */
static void
on_rtp(struct path *path, const struct addr *from, const uint8_t *data,
    size_t len)
{
	if (path->crypt != NULL)
		read_rtp(path, data, len);
	else if (!ice_routes_knows(path->routes, from) ||
	    held_put(path->held_rtp, from, data, len))
		path->bad.n[BADRTP_EARLY]++;
}

/*
 * Routes.
 */

static void
ice_routes_allocated(void *arg)
{
	struct path *path = arg;

	path->handlers.allocated(path->arg);
}

static void
ice_routes_open(bool nominated, void *arg)
{
	struct path *path = arg;

	if (!nominated || path->connected)
		return;
	path->connected = true;
	path->handlers.connected(path->arg);
}

static void
ice_routes_data(const struct addr *from, const uint8_t *data, size_t len,
    void *arg)
{
	struct path *path = arg;

	if (rtp_is(data, len))
		on_rtp(path, from, data, len);
	else if (dtls_is(data, len))
		on_dtls(path, from, data, len);
}

static void
ice_routes_changed(void *arg)
{
	struct path *path = arg;

	if (path->over)
		return;
	run_dtls(path);
	held_take(path->held, take_dtls, path);
	set_timer(path);
}

static void
ice_routes_failed(int err, const char *why, void *arg)
{
	fail_path(arg, err, why);
}

static void
on_timer(void *arg)
{
	struct path *path = arg;
	uint64_t now_ns = clock_ns();

	ice_routes_run(path->routes, now_ns);
	sped_flight(&path->sped);
	if (path->dtls != NULL && !path->over)
		dtls_run(path->dtls, now_ns);
	early_run(path->early, now_ns);
	ice_routes_changed(path);
}

static void
early_sends(const struct addr *to, const uint8_t *data, size_t len, void *arg)
{
	struct path *path = arg;

	ice_routes_send_to(path->routes, to, data, len);
}

/* Functions for the rest of media. */

int
path_new(struct path **out, struct event_base *loop,
    const struct path_options *options, const struct path_handlers *handlers,
    void *arg)
{
	static const struct ice_routes_handlers ice_routes_handlers = {
		ice_routes_allocated, ice_routes_open, ice_routes_data,
		    ice_routes_changed,
		ice_routes_failed
	};
	static const struct sped_handlers sped_handlers = {
		sped_wanted, sped_received
	};
	struct path *path = calloc(1, sizeof(*path));
	int err;

	if (path == NULL)
		return -ENOMEM;
	path->handlers = *handlers;
	path->arg = arg;
	path->identity = options->identity;
	path->offerer = options->controlling;
	rtpcrypt_prepare();
	sped_init(&path->sped, &sped_handlers, path);
	path->timer = loop_timer_new(loop, on_timer, path);
	path->early = early_new(path->identity, early_sends, path);
	path->held = held_new(HELD);
	path->held_rtp = held_new(HELD_RTP);
	err = path->timer == NULL || path->early == NULL ||
	    path->held == NULL || path->held_rtp == NULL ? -ENOMEM :
	    ice_routes_new(&path->routes, loop, options->controlling,
	    &ice_routes_handlers, path);
	if (err < 0) {
		path_free(path);
		return err;
	}
	ice_routes_sped(path->routes, &path->sped);
	*out = path;
	return 0;
}

const char *
path_ufrag(const struct path *path)
{
	return ice_routes_ufrag(path->routes);
}

const char *
path_password(const struct path *path)
{
	return ice_routes_password(path->routes);
}

bool
path_candidate(const struct path *path, struct sdp_candidate *out)
{
	return ice_routes_candidate(path->routes, out);
}

int
path_server(struct path *path, const struct allocation_servers *servers)
{
	int err = ice_routes_server(path->routes, servers);

	ice_routes_changed(path);
	return err;
}

int
path_restart(struct path *path, const struct allocation_servers *servers)
{
	return ice_routes_restart(path->routes, servers);
}

bool
path_restarting(const struct path *path)
{
	return ice_routes_restarting(path->routes);
}

void
path_restart_cancel(struct path *path)
{
	ice_routes_restart_cancel(path->routes);
	ice_routes_changed(path);
}

bool
path_opening(const struct path *path)
{
	return ice_routes_opening(path->routes);
}

int
path_again(struct path *path)
{
	int err = path->over ? -ENOTCONN : ice_routes_again(path->routes);

	if (err < 0)
		return err;
	dtls_free(path->dtls);
	dtls_free(path->before);
	path->dtls = path->before = NULL;
	rtpcrypt_free(path->crypt);
	path->crypt = NULL;
	path->renews = path->has_remote = path->connected = false;
	path->unsent = false;
	held_clear(path->held);
	held_clear(path->held_rtp);
	sped_reset(&path->sped);
	set_timer(path);
	return 0;
}

int
path_remote(struct path *path, const struct sdp *remote, bool dtls_client)
{
	int err;

	if (path->has_remote && !crypto_equal(path->fingerprint,
	    remote->fingerprint, sizeof(path->fingerprint)))
		return -EACCES;
	path->speaks_sped = remote->sped;
	if (!path->has_remote) {
		path->dtls_client = dtls_client;
		path->waits = dtls_client && !path->offerer && !remote->early;
		sped_peer(&path->sped, remote->sped);
	}
	memcpy(path->fingerprint, remote->fingerprint,
	    sizeof(path->fingerprint));
	path->has_remote = true;
	err = ice_routes_remote(path->routes, remote);
	if (!path->over)
		adopt_early(path, remote);
	ice_routes_changed(path);
	return err;
}

void
path_renew(struct path *path)
{
	path->renews = true;
}

int
path_remote_candidate(struct path *path, const char *ufrag,
    const struct sdp_candidate *candidate)
{
	int err = ice_routes_remote_candidate(path->routes, ufrag, candidate);

	ice_routes_changed(path);
	return err;
}

int
path_expect(struct path *path, const struct addr *remote)
{
	int err = ice_routes_expect(path->routes, remote);

	path->expects = true;
	ice_routes_changed(path);
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
	if (err == 0)
		ice_routes_send(path->routes, packet, len);
	return err;
}

double
path_rtt_ms(const struct path *path)
{
	return (double)ice_routes_rtt_ns(path->routes) / CLOCK_MS;
}

uint32_t
path_unanswered_ms(const struct path *path)
{
	uint64_t since_ns = ice_routes_consented_ns(path->routes);

	return since_ns == 0 ? 0 :
	    (uint32_t)((clock_ns() - since_ns) / CLOCK_MS);
}

int64_t
path_peer_until_s(const struct path *path)
{
	return path->dtls == NULL ? 0 : dtls_peer_until_s(path->dtls);
}

const struct badrtp_counts *
path_bad(const struct path *path)
{
	return &path->bad;
}

void
path_free(struct path *path)
{
	if (path == NULL)
		return;
	dtls_free(path->dtls);
	dtls_free(path->before);
	early_free(path->early);
	held_free(path->held);
	held_free(path->held_rtp);
	rtpcrypt_free(path->crypt);
	ice_routes_free(path->routes);
	loop_event_free(path->timer);
	free(path);
}
