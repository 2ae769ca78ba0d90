/*
 * call_restart: carry out what restart decides: RESUME, a new description, the
 * answer to one. Called by call, call_signal and call_watch.
 */
#include "call_private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/leg.h"
#include "call/reply_reach.h"
#include "media/media.h"
#include "net/netwatch.h"
#include "reply.h"
#include "wire/why.h"

/* Actions of restart.c. */

#define SDP_CONTENT_TYPE "application/sdp"
#define WAIT_MOST_S 60		/* upper bound of a switch's Retry-After */

static int
send_description(struct call *call)
{
	char text[SDP_MAX];
	ssize_t len = call_description(call, text, sizeof(text));

	return len < 0 ? (int)len : call_send(call, SIGMSG_INFO,
	    SDP_CONTENT_TYPE, text, (size_t)len);
}

void
call_relay(struct call *call, const struct addr *relay)
{
	call->relay = *relay;
	if (netwatch_source(&call->source, relay) < 0)
		memset(&call->source, 0, sizeof(call->source));
}

/*
 * Return whether our packets would leave from another source address than
 * before.
 */
static bool
has_moved(const struct call *call)
{
	struct addr source;

	return netwatch_source(&source, &call->relay) == 0 &&
	    !addr_equal_ip(&source, &call->source);
}

/* Return the present observations as an event. */
static struct restart_event
see(const struct call *call, enum restart_event_type type)
{
	struct restart_event event = {
		.type = type, .now_ns = clock_ns(), .ready = call->described
	};
	struct media_stats stats;

	call_stats(call, &stats);
	if (call->described) {
		event.moved = has_moved(call);
		event.silent_ms = presence_silent_ms(&call->presence,
		    stats.packets_received);
	}
	return event;
}

static void
refused(struct call *call, uint32_t wait_ms)
{
	struct restart_event event = {
		.type = RESTART_ON_REFUSED, .now_ns = clock_ns(),
		.wait_ms = wait_ms
	};

	(void)restart_event(&call->restart, &event);
}

/* Send RESUME for fresh credentials; see call_restart_granted. */
static void
ask_restart(struct call *call)
{
	if (call_send(call, SIGMSG_RESUME, NULL, NULL, 0) < 0)
		refused(call, 0);
}

/* Carry out any action but an offer, which needs the credentials at hand. */
static void
act(struct call *call, enum restart_action action)
{
	switch (action) {
	case RESTART_ASK:
		ask_restart(call);
		break;
	case RESTART_ANSWER:
	case RESTART_ANSWER_ASK:
		(void)send_description(call);
		if (action == RESTART_ANSWER_ASK)
			ask_restart(call);
		break;
	case RESTART_GIVE_UP:
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "the other side is gone");
		break;
	case RESTART_OFFER:
	case RESTART_NOTHING:
		break;
	}
}

void
call_reach(const struct call *call, struct reply *reply)
{
	const struct signal_client *client = leg_client(call->leg);
	const struct addr *reached = client != NULL ?
	    signal_client_addr(client) : NULL;

	if (reached != NULL)
		reply_reach(reply, reached);
}

/* Open a new path to the relay, and keep the old one until it works. */
static int
offer(struct call *call, struct reply *reply)
{
	int err;

	call_reach(call, reply);
	err = media_restart(call->media, reply->servers, reply->n_tries);
	if (err == 0)
		err = send_description(call);
	if (err == 0)
		call_relay(call, &reply->servers[0].addr);
	return err;
}

void
call_restart_moved(struct call *call)
{
	struct restart_event event = see(call, RESTART_ON_TICK);

	act(call, restart_event(&call->restart, &event));
}

/* A change of the network is reported by itself. Before that there is none. */
void
call_restart_tick(struct call *call)
{
	struct restart_event event = see(call, RESTART_ON_TICK);
	bool moved = event.moved;

	event.moved = moved && call->had_moved;
	call->had_moved = moved;
	act(call, restart_event(&call->restart, &event));
}

static void
granted(struct call *call, const struct sigmsg *msg)
{
	struct restart_event event = see(call, RESTART_ON_GRANTED);
	char why[WHY_TEXT];
	struct reply reply;
	int err;

	err = reply_parse(&reply, msg->body, msg->body_len, why);
	if (err < 0) {
		log_debug("no_restart", "error=\"%s\"", why);
		refused(call, 0);
		return;
	}
	/* An answer without servers means that we have asked too often. */
	if (reply.n_servers == 0)
		refused(call, 0);
	else if (restart_event(&call->restart, &event) == RESTART_OFFER)
		err = offer(call, &reply);
	reply_clear(&reply);
	if (err < 0) {
		log_debug("no_restart", "error=\"%s\"", strerror(-err));
		refused(call, 0);
	}
}

void
call_restart_answered(struct call *call, const struct sigmsg *msg)
{
	if (msg->status < 300) {
		granted(call, msg);
		return;
	}
	log_debug("no_restart", "status=%d retry_after_s=%u", msg->status,
	    msg->retry_after_s);
	refused(call, (msg->retry_after_s < WAIT_MOST_S ? msg->retry_after_s :
	    WAIT_MOST_S) * 1000);
}

void
call_restart_away(struct call *call)
{
	struct restart_event event = {
		.type = RESTART_ON_AWAY, .now_ns = clock_ns()
	};

	(void)restart_event(&call->restart, &event);
}

/*
 * Take a description: the other side's restart, or the answer to ours. Its
 * certificate must be the one that DTLS has shown.
 */
void
call_restart_described(struct call *call, const struct sigmsg *msg)
{
	bool stuck = media_opening(call->media);
	struct restart_event event;
	char why[WHY_TEXT];
	struct sdp remote;
	int err;

	err = sdp_parse(&remote, msg->body, msg->body_len, why);
	/* A lost offer of ours must not stand against theirs. */
	if (err == 0 && remote.setup == SDP_ACTPASS &&
	    !restart_offers(&call->restart, clock_ns()))
		media_restart_cancel(call->media);
	if (err == 0)
		err = call->described ? media_remote(call->media, &remote) :
		    -EINVAL;
	if (err == -EACCES)
		call_end(call, OUTCOME_UNVERIFIED, SIGMSG_HANGUP, "identity",
		    "another certificate in mid-call: somebody may be in the "
		    "middle");
	if (err < 0) {
		log_debug("restart_ignored", "error=\"%s\"", strerror(-err));
		return;
	}
	event = see(call, remote.setup == SDP_ACTPASS ? RESTART_ON_PEER :
	    RESTART_ON_ANSWER);
	event.stuck = stuck;
	act(call, restart_event(&call->restart, &event));
}
