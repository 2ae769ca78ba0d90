#include "call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "leg.h"
#include "media/media.h"
#include "reply.h"
#include "verify.h"
#include "wire/sdp.h"

#define FRAGMENT_CONTENT_TYPE "application/trickle-ice-sdpfrag"

#define SWITCH_MS 10000		/* races, TLS and the first answer */
#define PATIENCE_MS 180000	/* the switch gives up ringing before that */
#define MEDIA_MS 15000		/* ANSWER to secure media */
#define LINGER_MS 1000		/* for the last words' echo, and a round trip */
#define CANCEL_MS 1500		/* for the session id of a call given up */

struct call {
	struct call_options options;
	struct call_handlers handlers;
	void *arg;

	enum call_state state;
	bool answered;
	bool secure;
	bool away;
	struct leg *leg;
	struct media *media;
	struct verify verify;
	struct report report;
	bool has_session;
	bool described;			/* the peer's description is taken */
	struct event *deadline;		/* of the state */
	struct event *finish;		/* activated by call_end */

	enum sigmsg_method goodbye;
	char reason[SIGMSG_REASON];	/* "": no goodbye */
	char why[CALL_WHY];
};

static void
set_deadline(struct call *call, uint32_t ms)
{
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(call->deadline, &wait);
}

static bool
over(const struct call *call)
{
	return call->state >= CALL_ENDING;
}

static void
end_by_status(struct call *call, const struct sigmsg *msg)
{
	enum outcome outcome = outcome_of_status(msg->status);

	/* What the other side heard of as HANGUP, we hear of as 410. */
	if (msg->status == 410 && call->has_session &&
	    (call->options.caller || call->answered))
		outcome = outcome_of_end(false, msg->reason, call->answered);
	call_end(call, outcome, SIGMSG_HANGUP, NULL, "the switch says %d %s%s%s",
	    msg->status, sigmsg_phrase(msg->status),
	    *msg->reason != '\0' ? ": " : "", msg->reason);
}

/*
 * The words and the identity.
 */

static void
make_words(struct call *call)
{
	const uint8_t *own = call->options.identity->fingerprint;
	const uint8_t *peer = call->report.peer_fingerprint;
	bool caller = call->options.caller;

	if (!call->verify.complete || !call->report.has_peer ||
	    call->state != CALL_TALKING)
		return;
	verify_bytes(&call->verify, call->report.words, caller ? own : peer,
	    caller ? peer : own);
	call->report.has_words = true;
}

static void
reveal(struct call *call)
{
	char text[VERIFY_REVEAL];

	if (verify_reveal(&call->verify, text) == 0)
		(void)call_send(call, SIGMSG_INFO, VERIFY_CONTENT_TYPE, text,
		    strlen(text));
}

static void
take_reveal(struct call *call, const struct sigmsg *msg)
{
	int err = verify_revealed(&call->verify, msg->body, msg->body_len);

	if (err == -EACCES || err == -EBADMSG)
		call_end(call, OUTCOME_UNVERIFIED, SIGMSG_HANGUP, "identity",
		    "the caller revealed another nonce than it committed to: "
		    "somebody may be in the middle");
	if (err == 0)
		make_words(call);
}

static bool
know_peer(struct call *call)
{
	struct report *report = &call->report;
	char why[IDENTITY_WHY];
	int err;

	report->has_peer = true;
	err = identity_check(&report->known, call->options.account->known_peers,
	    call_peer(call), report->peer_fingerprint, why);
	if (err < 0) {
		call_end(call, OUTCOME_ERROR, SIGMSG_HANGUP, "failed", "%s",
		    why);
		return false;
	}
	if (report->known != IDENTITY_CHANGED)
		return true;
	call_end(call, OUTCOME_IDENTITY, SIGMSG_HANGUP, "identity",
	    "not the identity known from earlier calls: ask them by another "
	    "way; if it is theirs, remove their line from %s",
	    call->options.account->known_peers);
	return false;
}

/*
 * The description's fingerprint is only a claim, but a changed one need not
 * ring first: DTLS would have to prove it, or fail.
 */
static bool
know_claim(struct call *call, const struct sdp *remote)
{
	if (!remote->has_fingerprint)
		return true;
	memcpy(call->report.peer_fingerprint, remote->fingerprint,
	    CRYPTO_SHA256);
	if (!know_peer(call))
		return false;
	call->report.has_peer = false;
	return true;
}

static void
pin_peer(struct call *call)
{
	char why[IDENTITY_WHY];

	if (call->report.known == IDENTITY_NEW &&
	    identity_pin(call->options.account->known_peers, call_peer(call),
	    call->report.peer_fingerprint, why) < 0)
		log_warn("peer_not_remembered", "error=\"%s\"", why);
}

static void
talk_if_ready(struct call *call)
{
	if (call->state != CALL_ANSWERED || !call->secure)
		return;
	call->state = CALL_TALKING;
	evtimer_del(call->deadline);
	if (call->options.duration_ms != 0)
		set_deadline(call, call->options.duration_ms);
	pin_peer(call);
	make_words(call);
	media_unmute(call->media);
}

/*
 * What media says.
 */

static void
on_media_state(enum media_state state, void *arg)
{
	struct call *call = arg;

	if (over(call) || state != MEDIA_SECURE || call->secure)
		return;
	media_peer_fingerprint(call->media, call->report.peer_fingerprint);
	if (!know_peer(call))
		return;
	call->secure = true;
	call->handlers.secure(call->arg);
	talk_if_ready(call);
}

static void
on_candidate(const char *fragment, size_t len, void *arg)
{
	struct call *call = arg;

	if (!over(call))
		(void)call_send(call, SIGMSG_INFO, FRAGMENT_CONTENT_TYPE,
		    fragment, len);
}

static void
on_first_audio(void *arg)
{
	report_step(&((struct call *)arg)->report, REPORT_MEDIA);
}

static void
on_in_ended(void *arg)
{
	struct call *call = arg;
	struct media_stats stats;

	if (call->state != CALL_TALKING || !call->options.caller ||
	    call->options.duration_ms != 0)
		return;
	media_stats(call->media, &stats);
	set_deadline(call, LINGER_MS + (stats.rtt_ms > 0 ?
	    (uint32_t)stats.rtt_ms : 0));
}

static void
on_media_failed(int err, const char *why, void *arg)
{
	struct call *call = arg;

	if (over(call))
		return;
	if (err == -EACCES)
		call_end(call, OUTCOME_UNVERIFIED, SIGMSG_HANGUP, "identity",
		    "%s: somebody may be in the middle", why);
	else
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "media: %s", why);
}

/*
 * What signalling says.
 */

static void
copy_race(struct call *call)
{
	const struct signal_client *client = leg_client(call->leg);
	const struct signal_client_times *times;
	struct report *report = &call->report;
	const struct addr *addr;
	size_t n;

	if (client == NULL)
		return;
	(void)report_race(report, signal_client_race(client, &n), n);
	times = signal_client_times(client);
	report->step_ns[REPORT_CONNECT] = times->connected;
	report->step_ns[REPORT_TLS] = times->tls;
	report->step_ns[REPORT_INITIATE] = times->answered;
	addr = signal_client_addr(client);
	if (addr != NULL)
		addr_format(addr, report->switch_address);
}

static void
on_first(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	copy_race(call);
	if (msg->status >= 300) {
		end_by_status(call, msg);
		return;
	}
	call->handlers.accepted(msg, call->arg);
	/* Given up meanwhile: now there is a session to hang up. */
	if (call->state == CALL_ENDING)
		event_active(call->finish, 0, 0);
}

static void
take_info(struct call *call, const struct sigmsg *msg)
{
	char why[SDP_WHY];
	struct sdp fragment;

	if (strcmp(msg->content_type, VERIFY_CONTENT_TYPE) == 0) {
		take_reveal(call, msg);
		return;
	}
	if (strcmp(msg->content_type, FRAGMENT_CONTENT_TYPE) != 0)
		return;
	if (sdp_fragment_parse(&fragment, msg->body, msg->body_len, why) < 0) {
		log_warn("candidate_ignored", "error=\"%s\"", why);
		return;
	}
	(void)media_remote_fragment(call->media, &fragment);
}

static void
take_end(struct call *call, const struct sigmsg *msg)
{
	char reason[LOG_TEXT];

	call_end(call, outcome_of_end(msg->method == SIGMSG_BUSY, msg->reason,
	    call->answered), SIGMSG_HANGUP, NULL, "%s",
	    *msg->reason != '\0' ? log_text(reason, msg->reason) : "");
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;
	char id[SIGMSG_SESSION];

	if (over(call) || sigmsg_target_tail(msg->target, "/session/", id,
	    sizeof(id)) < 0)
		return;
	if (msg->method == SIGMSG_BUSY || msg->method == SIGMSG_HANGUP)
		take_end(call, msg);
	else if (msg->method == SIGMSG_INFO)
		take_info(call, msg);
	else
		call->handlers.request(msg, call->arg);
}

static void
on_away(void *arg)
{
	struct call *call = arg;

	call->away = true;
	log_debug("signalling_broken", "state=%d", (int)call->state);
}

static void
on_back(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	(void)msg;
	call->away = false;
	log_debug("signalling_resumed", "state=%d", (int)call->state);
}

static void
on_refused(enum sigmsg_method asked, const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	/* A candidate or a nonce that finds nobody is not the end. */
	if (over(call) || asked == SIGMSG_INFO)
		return;
	if (asked == SIGMSG_ANSWER)
		call->answered = false;
	end_by_status(call, msg);
}

static void
on_leg_failed(int err, const char *why, void *arg)
{
	struct call *call = arg;

	copy_race(call);
	call->has_session = false;
	call_end(call, err == -EACCES ? OUTCOME_UNTRUSTED :
	    OUTCOME_UNREACHABLE, SIGMSG_HANGUP, NULL, "%s", why);
}

/*
 * Time and the end.
 */

static void
on_finished(void *arg)
{
	struct call *call = arg;

	call->state = CALL_ENDED;
	call->handlers.ended(call->arg);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	switch (call->state) {
	case CALL_CALLING:
	case CALL_RINGING:
		call_end(call, OUTCOME_NO_ANSWER, SIGMSG_HANGUP, "cancelled",
		    "%s", "");
		break;
	case CALL_ANSWERED:
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "answered, but no media came through in time");
		break;
	case CALL_TALKING:
		call_end(call, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
		    "%s", "");
		break;
	case CALL_ENDING:
		on_finished(call);
		break;
	case CALL_ENDED:
		break;
	}
}

static void
measure(struct call *call)
{
	struct report *report = &call->report;

	if (report->end_ns != 0)
		return;
	report->end_ns = clock_ns();
	if (call->answered && call->media != NULL) {
		media_stats(call->media, &report->media);
		report->has_media = true;
	}
	media_free(call->media);
	call->media = NULL;
	if (report->outcome != OUTCOME_COMPLETED ||
	    report->media.mos >= call->options.min_mos)
		return;
	report->outcome = OUTCOME_QUALITY;
	snprintf(call->why, sizeof(call->why), "MOS %.2f is below %.2f",
	    report->media.mos, call->options.min_mos);
}

/* From the loop, so that nobody who called call_end is pulled from under. */
static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;

	(void)fd;
	(void)what;
	measure(call);
	if (call->leg == NULL || *call->reason == '\0') {
		on_finished(call);
		return;
	}
	if (!call->has_session) {
		/* on_first comes back here with the session. */
		set_deadline(call, CANCEL_MS);
		return;
	}
	evtimer_del(call->deadline);
	leg_finish(call->leg, call->goodbye, call->reason, on_finished);
}

void
call_end(struct call *call, enum outcome outcome, enum sigmsg_method method,
    const char *reason, const char *why, ...)
{
	va_list ap;

	if (over(call))
		return;
	call->state = CALL_ENDING;
	call->report.outcome = outcome;
	call->goodbye = method;
	snprintf(call->reason, sizeof(call->reason), "%s",
	    reason != NULL ? reason : "");
	va_start(ap, why);
	vsnprintf(call->why, sizeof(call->why), why, ap);
	va_end(ap);
	evtimer_del(call->deadline);
	event_active(call->finish, 0, 0);
}

/*
 * What the two sides do.
 */

static int
new_media(struct call *call, char why[static MEDIA_WHY])
{
	static const struct media_handlers handlers = {
		.state = on_media_state,
		.candidate = on_candidate,
		.first_audio = on_first_audio,
		.in_ended = on_in_ended,
		.failed = on_media_failed
	};
	struct media_options media = {
		.offerer = call->options.caller,
		.identity = call->options.identity,
		.in = call->options.in,
		.out = call->options.out,
		.echo = call->options.echo
	};

	return media_new(&call->media, call->options.loop, &media, &handlers,
	    call, why);
}

int
call_new(struct call **out, const struct call_options *options,
    const struct call_handlers *handlers, void *arg, char why[static CALL_WHY])
{
	struct call *call = calloc(1, sizeof(*call));
	int err = -ENOMEM;

	snprintf(why, CALL_WHY, "out of memory");
	if (call == NULL)
		return -ENOMEM;
	call->options = *options;
	call->handlers = *handlers;
	call->arg = arg;
	report_init(&call->report);
	call->deadline = evtimer_new(options->loop, on_deadline, call);
	call->finish = event_new(options->loop, -1, 0, on_finish, call);
	if (call->deadline != NULL && call->finish != NULL)
		err = verify_init(&call->verify, options->caller);
	if (err == 0)
		err = new_media(call, why);
	if (err < 0) {
		call_free(call);
		return err;
	}
	set_deadline(call, PATIENCE_MS);
	*out = call;
	return 0;
}

ssize_t
call_description(const struct call *call, char *text, size_t text_max)
{
	struct sdp extra = { .has_commit = false };

	verify_describe(&call->verify, &extra);
	return media_description(call->media, &extra, text, text_max);
}

int
call_connect(struct call *call, const struct addr addrs[], size_t n,
    const char *server_name, const struct sigmsg *first)
{
	static const struct leg_handlers handlers = {
		.first = on_first,
		.request = on_request,
		.away = on_away,
		.back = on_back,
		.refused = on_refused,
		.failed = on_leg_failed
	};
	struct leg_options leg = {
		.tls = call->options.tls,
		.server_name = server_name,
		.number = call->options.account->number,
		.token = call->options.account->token,
		.deadline_ms = SWITCH_MS
	};

	snprintf(call->report.switch_name, sizeof(call->report.switch_name),
	    "%s", server_name);
	return leg_new(&call->leg, call->options.loop, addrs, n, &leg,
	    &handlers, call, first);
}

int
call_begin(struct call *call, const struct reply *reply)
{
	leg_session(call->leg, reply->session, reply->server_name,
	    reply->port);
	call->has_session = true;
	if (*reply->server_name != '\0')
		snprintf(call->report.switch_name,
		    sizeof(call->report.switch_name), "%s",
		    reply->server_name);
	if (over(call))
		return 0;
	return media_server(call->media, &reply->server);
}

int
call_remote(struct call *call, const char *text, size_t len)
{
	char why[SDP_WHY];
	struct sdp remote;
	int err;

	err = sdp_parse(&remote, text, len, why);
	if (err == 0 && !know_claim(call, &remote))
		return -EACCES;
	if (err == 0) {
		verify_remote(&call->verify, &remote);
		err = media_remote(call->media, &remote);
		snprintf(why, sizeof(why), "%s", strerror(-err));
	}
	if (err < 0)
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "the other side's description: %s", why);
	call->described = err == 0;
	return err;
}

bool
call_described(const struct call *call)
{
	return call->described;
}

int
call_send(struct call *call, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len)
{
	int err = leg_send(call->leg, method, NULL, content_type, body, len);

	if (err < 0)
		log_debug("not_sent", "method=%s error=\"%s\"",
		    sigmsg_method_name(method), strerror(-err));
	return err;
}

void
call_ringing(struct call *call)
{
	report_step(&call->report, REPORT_RING);
	if (call->state == CALL_CALLING)
		call->state = CALL_RINGING;
}

void
call_answered(struct call *call)
{
	if (call->answered || over(call))
		return;
	report_step(&call->report, REPORT_ANSWER);
	call->answered = true;
	call->state = CALL_ANSWERED;
	set_deadline(call, MEDIA_MS);
	reveal(call);
	talk_if_ready(call);
}

enum call_state
call_state(const struct call *call)
{
	return call->state;
}

struct report *
call_report(struct call *call)
{
	return &call->report;
}

const char *
call_why(const struct call *call)
{
	return call->why;
}

void
call_stats(const struct call *call, struct media_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (call->media != NULL)
		media_stats(call->media, out);
}

const char *
call_peer(const struct call *call)
{
	return call->options.caller ? call->report.callee :
	    call->report.caller;
}

bool
call_away(const struct call *call)
{
	return call->away;
}

void
call_free(struct call *call)
{
	if (call == NULL)
		return;
	leg_free(call->leg);
	media_free(call->media);
	if (call->deadline != NULL)
		event_free(call->deadline);
	if (call->finish != NULL)
		event_free(call->finish);
	crypto_wipe(&call->verify, sizeof(call->verify));
	report_clear(&call->report);
	free(call);
}
