/*
 * call_signal: the handlers of signalling: requests of the switch, restarts, a
 * connection that broke or came back. The leg calls them, for call.
 */
#include "call/call_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/leg.h"
#include "call/reply.h"
#include "media/media.h"
#include "net/loop.h"
#include "net/netwatch.h"
#include "net/resolve.h"
#include "wire/why.h"

#define FRAGMENT_CONTENT_TYPE "application/trickle-ice-sdpfrag"
#define SDP_CONTENT_TYPE "application/sdp"
#define SWITCH_MS 10000		/* race, TLS and the first answer */

static enum outcome
meaning_of(const struct call *call, const struct sigmsg *msg)
{
	if (!call->has_session && !call->options.caller && msg->status == 404)
		return OUTCOME_OVER; /* too late: the switch has forgotten it */
	if (!call->has_session)
		return outcome_of_status(msg->status, msg->reason);
	/*
	 * An end that a connected party learns by HANGUP, a resuming one learns
	 * by 410.
	 */
	if (msg->status == 410)
		return outcome_of_end(false, msg->reason, call->answered);
	/*
	 * A switch knows a running call unless it died: this one is its
	 * successor.
	 */
	return msg->status == 404 ? OUTCOME_MOVED : OUTCOME_DROPPED;
}

static void
end_by_status(struct call *call, const struct sigmsg *msg)
{
	call_end(call, meaning_of(call, msg), SIGMSG_HANGUP, NULL,
	    "the switch says %d %s%s%s",
	    msg->status, sigmsg_phrase(msg->status),
	    *msg->reason != '\0' ? ": " : "", msg->reason);
}

static void
copy_race(struct call *call)
{
	const struct signal_client *client = leg_client(call->leg);
	const struct signal_client_times *times;
	struct report *report = &call->report;
	const struct multiconnect_entry *race;
	const struct addr *addr;
	size_t n;

	if (client == NULL)
		return;
	race = signal_client_race(client, &n);
	(void)report_race(report, race, n);
	times = signal_client_times(client);
	report->step_ns[REPORT_CONNECT] = times->connected;
	report->step_ns[REPORT_TLS] = times->tls;
	report->step_ns[REPORT_INITIATE] = times->answered;
	report->resumed = signal_client_resumed(client);
	report->early = signal_client_early(client);
	addr = signal_client_addr(client);
	if (addr == NULL)
		return;
	addr_format(addr, report->switch_address);
	account_set_proxy_races(call->options.account, report->switch_name,
	    signal_client_proxy_races(client));
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
	/*
	 * The call was cancelled meanwhile; now there is a session to hang up.
	 */
	if (call->state == CALL_ENDING)
		loop_event_soon(call->finish);
}

static void
take_info(struct call *call, const struct sigmsg *msg)
{
	char why[WHY_TEXT], distrust[WHY_TEXT];
	struct sdp fragment;
	int err;

	if (strcmp(msg->content_type, VERIFY_CONTENT_TYPE) == 0) {
		err = trust_revealed(&call->trust, msg->body, msg->body_len,
		    distrust);
		if (err < 0)
			call_distrust(call, err, distrust);
		return;
	}
	if (strcmp(msg->content_type, SDP_CONTENT_TYPE) == 0) {
		call_restart_described(call, msg);
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
	enum outcome outcome = outcome_of_end(msg->method == SIGMSG_BUSY,
	    msg->reason, call->answered);
	char reason[LOG_TEXT];

	call_end(call, outcome, SIGMSG_HANGUP, NULL, "%s",
	    outcome == OUTCOME_UNVERIFIED ? "we are not who they know: "
	    "somebody may be in the middle, or our identity changed" :
	    *msg->reason != '\0' ? log_text(reason, msg->reason) : "");
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;
	char id[SIGMSG_SESSION];

	if (call_over(call) || sigmsg_target_tail(msg->target, "/session/", id,
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
on_nobody(void *arg)
{
	call_judge(arg);
}

static void
on_away(void *arg)
{
	struct call *call = arg;

	if (call_over(call))
		return;
	call_quiet(call);
	call_restart_away(call);
	log_debug("signalling_broken", "state=%d", (int)call->state);
}

static void
on_back(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	if (call_over(call))
		return;
	presence_back(&call->presence);
	log_debug("signalling_resumed", "state=%d status=%d",
	    (int)call->state, msg->status);
	call_restart_answered(call, msg);
}

static void
on_refused(enum sigmsg_method asked, const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	if (call_over(call))
		return;
	/*
	 * A refused INFO does not end the call, but is of no use to a restart.
	 */
	if (asked == SIGMSG_INFO) {
		call_restart_answered(call, msg);
		return;
	}
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
 * Restart media after a change of the network. Signalling may still stand over
 * the other address family while media does not. If it broke, its RESUME
 * follows.
 */
static void
on_moved(void *arg)
{
	struct call *call = arg;

	if (call_over(call))
		return;
	log_debug("network_changed", "state=%d", (int)call->state);
	if (leg_moved(call->leg) && call->has_session)
		call_restart_moved(call);
}

int
call_connect(struct call *call, const struct resolve_answer *found,
    const char *server_name, const struct sigmsg *first)
{
	static const struct leg_handlers handlers = {
		.first = on_first,
		.request = on_request,
		.away = on_away,
		.back = on_back,
		.nobody = on_nobody,
		.refused = on_refused,
		.failed = on_leg_failed
	};
	struct leg_options leg = {
		.tls = call->options.tls,
		.server_name = server_name,
		.number = call->options.account->number,
		.token = call->options.account->token,
		.deadline_ms = SWITCH_MS,
		.race = call->options.account->race,
		.proxy_races = account_proxy_races(call->options.account,
		    server_name),
		.tickets = call->options.tickets,
		.more = found->more,
		.missing = found->missing
	};
	int err;

	snprintf(call->report.switch_name, sizeof(call->report.switch_name),
	    "%s", server_name);
	err = leg_new(&call->leg, call->options.loop, found->addrs, found->n,
	    &leg, &handlers, call, first);
	if (err < 0)
		return err;
	err = netwatch_new(&call->netwatch, call->options.loop, on_moved,
	    call);
	if (err < 0)
		log_debug("no_netwatch", "error=\"%s\"", strerror(-err));
	return 0;
}

void
call_add(struct call *call, const struct resolve_answer *found)
{
	if (call->leg != NULL)
		leg_add(call->leg, found->addrs, found->n, found->more,
		    found->missing);
}
