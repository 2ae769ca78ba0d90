/*
 * call: what the two sides of a call do, on top of call_events. See call.h.
 */
#include "call/call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call_events.h"
#include "call/reply.h"
#include "call/reply_early.h"
#include "media/media.h"
#include "wire/sdp.h"
#include "wire/why.h"

int
call_new(struct call **out, const struct call_options *options,
    const struct call_handlers *handlers, void *arg, char why[static WHY_TEXT])
{
	struct call *call = calloc(1, sizeof(*call));
	int err;

	why_set(why, "out of memory");
	if (call == NULL)
		return -ENOMEM;
	call->options = *options;
	call->handlers = *handlers;
	call->arg = arg;
	err = call_events_init(call, why);
	if (err < 0) {
		call_free(call);
		return err;
	}
	*out = call;
	return 0;
}

ssize_t
call_description(const struct call *call, char *text, size_t text_max)
{
	return call_media_description(&call->media, text, text_max);
}

int
call_connect(struct call *call, const struct resolve_answer *found,
    const char *server_name, const char *certified,
    const struct sigmsg *first)
{
	return call_signal_connect(&call->signal, found, server_name,
	    certified, first);
}

void
call_add(struct call *call, const struct resolve_answer *found)
{
	call_signal_add(&call->signal, found);
}

/*
 * Let media have the relay's servers, unless it has them. A way to them that
 * this host has lost since is then missed, however early that was.
 */
static int
serve(struct call *call, const struct reply *reply)
{
	if (!call->media.served)
		call_watch_relay(&call->watch, &reply->servers[0].addr);
	return call_media_server(&call->media, reply);
}

int
call_begin(struct call *call, struct reply *reply)
{
	call_signal_session(&call->signal, reply);
	if (callstate_over(&call->state))
		return 0;
	if (call_watch_start(&call->watch) < 0)
		return -ENOMEM;
	call_signal_reach(&call->signal, reply);
	return serve(call, reply);
}

int
call_early(struct call *call, const struct reply_early *early)
{
	const char *offer = early->reply.offer;
	char why[WHY_TEXT];
	struct sdp remote;
	int err;

	if (offer == NULL)
		return serve(call, &early->reply);
	err = sdp_parse(&remote, offer, strlen(offer), why);
	if (err < 0)
		return err;
	/* One that is refused is refused again, and told, after RING. */
	err = call_media_claimed(&call->media, &remote, why);
	if (err < 0)
		return err;
	err = call_media_remote(&call->media, &remote);
	if (err < 0)
		return err;
	if (early->has_relayed)
		(void)call_media_expect(&call->media, &early->relayed);
	return serve(call, &early->reply);
}

void
call_answer_at_once(struct call *call)
{
	call_signal_answer_at_once(&call->signal);
}

int
call_remote(struct call *call, const char *text, size_t len)
{
	char why[WHY_TEXT];
	struct sdp remote;
	int err;

	if (callstate_over(&call->state))
		return -ECANCELED;
	err = sdp_parse(&remote, text, len, why);
	if (err == 0 && call_media_repeats(&call->media, &remote))
		return 0;	/* after a RESUME */
	if (err == 0) {
		err = call_media_remote(&call->media, &remote);
		why_set(why, "%s", strerror(-err));
	}
	if (err < 0) {
		call_end(call, OUTCOME_INCOMPATIBLE, SIGMSG_HANGUP,
		    "not-acceptable", "the other side's description: %s", why);
		return err;
	}
	err = call_media_claimed(&call->media, &remote, why);
	if (err < 0)
		call_events_distrust(call, err, why);
	return err;
}

int
call_send(struct call *call, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len)
{
	if (callstate_over(&call->state))
		return -ENOTCONN;
	return call_signal_send(&call->signal, method, content_type, body,
	    len);
}

void
call_ringing(struct call *call)
{
	report_step(&call->report, REPORT_RING);
	callstate_ringing(&call->state);
}

void
call_answered(struct call *call)
{
	call_events_answered(call);
}

void
call_end(struct call *call, enum outcome outcome, enum sigmsg_method method,
    const char *reason, const char *why, ...)
{
	char text[WHY_TEXT];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	callstate_end(&call->state, outcome, method, reason, text);
}

enum call_state
call_state(const struct call *call)
{
	return call->state.now;
}

struct report *
call_report(struct call *call)
{
	return &call->report;
}

const char *
call_why(const struct call *call)
{
	return call->state.why;
}

void
call_mute(struct call *call, bool mute)
{
	call_media_mute(&call->media, mute);
}

bool
call_muted(const struct call *call)
{
	return call->media.muted;
}

int
call_confirm(struct call *call, char why[static WHY_TEXT])
{
	if (call->state.now != CALL_TALKING) {
		why_set(why, "there is no call yet");
		return -EAGAIN;
	}
	return call_media_confirm(&call->media, why);
}

void
call_stats(const struct call *call, struct media_stats *out)
{
	call_media_stats(&call->media, out);
}

bool
call_placed(const struct call *call)
{
	return call->options.caller;
}

const char *
call_peer(const struct call *call)
{
	return call_media_peer(&call->media);
}

const char *
call_peer_name(const struct call *call)
{
	const char *peer = call_peer(call);

	return *peer != '\0' ? peer : "anonymous";
}

bool
call_peer_away(const struct call *call)
{
	return call->peer_away;
}

bool
call_away(const struct call *call)
{
	return call_watch_is_away(&call->watch);
}

bool
call_online(const struct call *call)
{
	return call_watch_online(&call->watch);
}

bool
call_lost(const struct call *call)
{
	return call_watch_lost(&call->watch);
}

void
call_free(struct call *call)
{
	if (call == NULL)
		return;
	call_events_clear(call);
	free(call);
}
