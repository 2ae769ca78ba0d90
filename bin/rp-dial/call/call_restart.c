/*
 * call_restart: carry out what restart decides; called by call. See
 * call_restart.h.
 */
#include "call/call_restart.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/call_media.h"
#include "call/call_signal.h"
#include "call/call_watch.h"
#include "call/reply.h"
#include "media/media.h"
#include "wire/sdp.h"
#include "wire/why.h"

#define WAIT_MOST_S 60		/* upper bound of a switch's Retry-After */

void
call_restart_init(struct call_restart *r, struct call_media *media,
    struct call_signal *signal, struct call_watch *watch)
{
	restart_init(&r->restart);
	r->media = media;
	r->signal = signal;
	r->watch = watch;
	r->had_moved = false;
}

static int
send_description(struct call_restart *r)
{
	char text[SDP_MAX];
	ssize_t len = call_media_description(r->media, text, sizeof(text));

	return len < 0 ? (int)len : call_signal_send(r->signal, SIGMSG_INFO,
	    CALL_RESTART_CONTENT_TYPE, text, (size_t)len);
}

/* Return the present observations as an event. */
static struct restart_event
see(const struct call_restart *r, enum restart_event_type type)
{
	struct restart_event event = {
		.type = type, .now_ns = clock_ns(),
		.ready = r->media->described
	};

	if (event.ready) {
		event.moved = call_watch_moved(r->watch);
		event.silent_ms = call_watch_silent_ms(r->watch);
		event.unheard_ms = call_watch_unheard_ms(r->watch);
	}
	return event;
}

static void
refused(struct call_restart *r, uint32_t wait_ms)
{
	struct restart_event event = {
		.type = RESTART_ON_REFUSED, .now_ns = clock_ns(),
		.wait_ms = wait_ms
	};

	(void)restart_event(&r->restart, &event);
}

/* Send RESUME for fresh credentials; see granted. */
static void
ask_restart(struct call_restart *r)
{
	if (call_signal_send(r->signal, SIGMSG_RESUME, NULL, NULL, 0) < 0)
		refused(r, 0);
}

/* Carry out any action but an offer, which needs the credentials at hand. */
static int
act(struct call_restart *r, enum restart_action action)
{
	switch (action) {
	case RESTART_ASK:
		ask_restart(r);
		return 0;
	case RESTART_ANSWER:
	case RESTART_ANSWER_ASK:
		(void)send_description(r);
		if (action == RESTART_ANSWER_ASK)
			ask_restart(r);
		return 0;
	case RESTART_GIVE_UP:
		return -ETIMEDOUT;
	case RESTART_OFFER:
	case RESTART_NOTHING:
		break;
	}
	return 0;
}

/* Open a new path to the relay, and keep the old one until it works. */
static int
offer(struct call_restart *r, struct reply *reply)
{
	int err;

	call_signal_reach(r->signal, reply);
	err = media_restart(r->media->media, reply->servers, reply->n_tries);
	if (err == 0)
		err = send_description(r);
	if (err == 0)
		call_watch_relay(r->watch, &reply->servers[0].addr);
	return err;
}

int
call_restart_moved(struct call_restart *r)
{
	struct restart_event event = see(r, RESTART_ON_TICK);

	return act(r, restart_event(&r->restart, &event));
}

/* A change of the network is reported by itself. Before that there is none. */
int
call_restart_tick(struct call_restart *r)
{
	struct restart_event event = see(r, RESTART_ON_TICK);
	bool moved = event.moved;

	event.moved = moved && r->had_moved;
	r->had_moved = moved;
	return act(r, restart_event(&r->restart, &event));
}

static void
granted(struct call_restart *r, const struct sigmsg *msg)
{
	struct restart_event event = see(r, RESTART_ON_GRANTED);
	char why[WHY_TEXT];
	struct reply reply;
	int err;

	err = reply_parse(&reply, msg->body, msg->body_len, why);
	if (err < 0) {
		log_debug("no_restart", "error=\"%s\"", why);
		refused(r, 0);
		return;
	}
	/* An answer without servers means that we have asked too often. */
	if (reply.n_servers == 0)
		refused(r, 0);
	else if (restart_event(&r->restart, &event) == RESTART_OFFER)
		err = offer(r, &reply);
	reply_clear(&reply);
	if (err < 0) {
		log_debug("no_restart", "error=\"%s\"", strerror(-err));
		refused(r, 0);
	}
}

void
call_restart_answered(struct call_restart *r, const struct sigmsg *msg)
{
	if (msg->status < 300) {
		granted(r, msg);
		return;
	}
	log_debug("no_restart", "status=%d retry_after_s=%u", msg->status,
	    msg->retry_after_s);
	refused(r, (msg->retry_after_s < WAIT_MOST_S ? msg->retry_after_s :
	    WAIT_MOST_S) * 1000);
}

void
call_restart_away(struct call_restart *r)
{
	struct restart_event event = {
		.type = RESTART_ON_AWAY, .now_ns = clock_ns()
	};

	(void)restart_event(&r->restart, &event);
}

/* Give the description to media. A lost offer of ours must not prevent it. */
static int
take_description(struct call_restart *r, struct sdp *remote)
{
	if (media_is_offer(r->media->media, remote))
		remote->setup = SDP_ACTPASS;
	if (remote->setup == SDP_ACTPASS &&
	    !restart_offers(&r->restart, clock_ns()))
		media_restart_cancel(r->media->media);
	return r->media->described ? media_remote(r->media->media, remote) :
	    -EINVAL;
}

/*
 * Tell the other side that its offer is not taken, in words for a log. Its
 * offer is over then (rp-signal(7)); otherwise it would wait for an answer for
 * ever.
 */
static void
refuse(struct call_restart *r, const char *why)
{
	log_debug("offer_refused", "error=\"%s\"", why);
	(void)call_signal_send(r->signal, SIGMSG_INFO,
	    CALL_RESTART_REFUSAL_TYPE, why, strlen(why));
}

void
call_restart_refused(struct call_restart *r, const struct sigmsg *msg)
{
	char reason[LOG_TEXT], text[WHY_TEXT];

	why_set(text, "%.*s", (int)(msg->body_len < WHY_TEXT ? msg->body_len :
	    WHY_TEXT - 1), msg->body);
	log_debug("no_restart", "refused=\"%s\"", log_text(reason, text));
	if (!restart_offers(&r->restart, clock_ns()))
		return;
	media_restart_cancel(r->media->media);
	refused(r, 0);
}

/*
 * A description without audio answers our offer, if there is one: it refuses
 * it.
 */
static void
take_rejection(struct call_restart *r, struct sdp *remote)
{
	if (!restart_offers(&r->restart, clock_ns()))
		return;
	remote->setup = SDP_PASSIVE;
	media_restart_cancel(r->media->media);
	refused(r, 0);
}

int
call_restart_described(struct call_restart *r, const struct sigmsg *msg)
{
	bool stuck = media_opening(r->media->media);
	struct restart_event event;
	char why[WHY_TEXT];
	struct sdp remote;
	int err;

	err = sdp_parse(&remote, msg->body, msg->body_len, why);
	if (err == -EBADMSG) {
		refuse(r, why);
		return 0;
	}
	if (err == -ENODATA)
		take_rejection(r, &remote);
	stuck = stuck && media_is_restart(r->media->media, &remote);
	err = take_description(r, &remote);
	if (err < 0) {
		log_debug("restart_ignored", "error=\"%s\"", strerror(-err));
		return err == -EACCES ? err : 0;
	}
	event = see(r, remote.setup == SDP_ACTPASS ? RESTART_ON_PEER :
	    RESTART_ON_ANSWER);
	event.stuck = stuck;
	return act(r, restart_event(&r->restart, &event));
}
