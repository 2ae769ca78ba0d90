/*
 * call_signal: a call's session at a switch: requests, a connection that broke
 * or came back, the end; called by call and call_restart. See call_signal.h.
 */
#include "call/call_signal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/tool.h"
#include "call/leg.h"
#include "call/reply.h"
#include "call/reply_reach.h"
#include "net/netwatch.h"
#include "net/resolve.h"
#include "wire/why.h"

#define SWITCH_MS 10000		/* race, TLS and the first answer */
#define KNOWN_MAX RESOLVE_MAX	/* addresses of a switch, as many as DNS has */

static enum outcome_stage
stage_of(const struct call_signal *s)
{
	return s->talked ? OUTCOME_TALKED :
	    s->answered ? OUTCOME_ANSWERED : OUTCOME_RANG;
}

static enum outcome
meaning_of(const struct call_signal *s, const struct sigmsg *msg)
{
	if (!s->has_session && !s->options->caller && msg->status == 404)
		return OUTCOME_OVER; /* too late: the switch has forgotten it */
	if (!s->has_session)
		return outcome_of_status(msg->status, msg->reason);
	/*
	 * An end that a connected party learns by HANGUP, a resuming one learns
	 * by 410.
	 */
	if (msg->status == 410)
		return outcome_of_end(false, msg->reason, stage_of(s));
	/*
	 * A switch knows a running call unless it died: this one is its
	 * successor.
	 */
	return msg->status == 404 ? OUTCOME_MOVED : OUTCOME_DROPPED;
}

/* The report has words of its own for a switch that stopped: "". */
static const char *
why_moved(const struct sigmsg *msg)
{
	return strcmp(msg->reason, "failed") == 0 ?
	    "the other side heard nothing more" : "";
}

static void
end_by_status(struct call_signal *s, const struct sigmsg *msg)
{
	enum outcome outcome;
	char why[WHY_TEXT];

	s->report->status = msg->status;
	s->report->retry_after_s = msg->retry_after_s;
	outcome = meaning_of(s, msg);
	if (outcome == OUTCOME_MOVED)
		why_set(why, "%s", why_moved(msg));
	else
		why_set(why, "the switch says %d %s%s%s",
		    msg->status, sigmsg_phrase(msg->status),
		    *msg->reason != '\0' ? ": " : "", msg->reason);
	s->handlers->over(outcome, why, s->arg);
}

static void
copy_race(struct call_signal *s)
{
	const struct signal_client *client = leg_client(s->leg);
	const struct signal_client_times *times;
	struct report *report = s->report;
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
	account_set_proxy_races(s->options->account, report->switch_name,
	    signal_client_proxy_races(client));
}

static void
on_first(const struct sigmsg *msg, void *arg)
{
	struct call_signal *s = arg;

	copy_race(s);
	if (msg->status >= 300) {
		s->answered = false;
		end_by_status(s, msg);
	} else {
		s->handlers->accepted(msg, s->arg);
	}
}

static void
on_asked(void *arg)
{
	struct call_signal *s = arg;

	s->handlers->asked(s->arg);
}

static void
take_end(struct call_signal *s, const struct sigmsg *msg)
{
	enum outcome outcome = outcome_of_end(msg->method == SIGMSG_BUSY,
	    msg->reason, stage_of(s));
	char reason[LOG_TEXT];

	s->handlers->over(outcome, outcome == OUTCOME_MOVED ? why_moved(msg) :
	    outcome == OUTCOME_UNVERIFIED ?
	    "our identity is not the "
	    "one they know: it changed, or somebody may be in the middle" :
	    *msg->reason != '\0' ? log_text(reason, msg->reason) : "", s->arg);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct call_signal *s = arg;
	char id[SIGMSG_SESSION];

	if (sigmsg_target_tail(msg->target, "/session/", id, sizeof(id)) < 0)
		return;
	if (msg->method == SIGMSG_BUSY || msg->method == SIGMSG_HANGUP)
		take_end(s, msg);
	else if (msg->method == SIGMSG_INFO)
		s->handlers->info(msg, s->arg);
	else
		s->handlers->request(msg, s->arg);
}

static void
on_missed(int err, void *arg)
{
	struct call_signal *s = arg;

	s->handlers->missed(err, s->arg);
}

static void
on_away(void *arg)
{
	struct call_signal *s = arg;

	s->handlers->away(s->arg);
}

static void
on_back(const struct sigmsg *msg, void *arg)
{
	struct call_signal *s = arg;

	s->handlers->back(msg, s->arg);
}

static void
on_refused(enum sigmsg_method asked, const struct sigmsg *msg, void *arg)
{
	struct call_signal *s = arg;

	if (asked == SIGMSG_INFO) {
		s->handlers->info_refused(msg, s->arg);
		return;
	}
	if (asked == SIGMSG_ANSWER)
		s->answered = false;
	end_by_status(s, msg);
}

static void
on_leg_failed(int err, const char *why, void *arg)
{
	struct call_signal *s = arg;

	char not_ours[WHY_TEXT];

	copy_race(s);
	s->has_session = false;
	if (err == -EACCES && s->foreign) {
		why_set(not_ours, "a push names it, and it cannot prove to be "
		    "%.200s: it got no credentials", s->certified);
		why = not_ours;
	}
	s->handlers->over(err == -EACCES ? OUTCOME_UNTRUSTED :
	    OUTCOME_UNREACHABLE, why, s->arg);
}

static void
on_moved(void *arg)
{
	struct call_signal *s = arg;

	s->handlers->moved(s->arg);
}

static void
on_finished(void *arg)
{
	struct call_signal *s = arg;

	s->handlers->finished(s->arg);
}

void
call_signal_init(struct call_signal *s,
    const struct call_options *options, struct report *report,
    const struct call_signal_handlers *handlers, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->options = options;
	s->report = report;
	s->handlers = handlers;
	s->arg = arg;
}

void
call_signal_answer_at_once(struct call_signal *s)
{
	s->at_once = true;
}

int
call_signal_connect(struct call_signal *s, const struct resolve_answer *found,
    const char *server_name, const char *certified,
    const struct sigmsg *first)
{
	static const struct leg_handlers handlers = {
		.first = on_first,
		.asked = on_asked,
		.request = on_request,
		.away = on_away,
		.back = on_back,
		.missed = on_missed,
		.refused = on_refused,
		.failed = on_leg_failed
	};
	const struct account *account = s->options->account;
	struct sigmsg answer = { .method = SIGMSG_ANSWER };
	struct leg_options leg = {
		.tls = s->options->tls,
		.server_name = server_name,
		.certified = certified,
		.number = account->number,
		.token = account->token,
		.key = account->key,
		.deadline_ms = SWITCH_MS,
		.race = account->race,
		.proxy_races = account_proxy_races(account, server_name),
		.tickets = s->options->tickets,
		.more = found->more,
		.missing = found->missing,
		.then = s->at_once ? &answer : NULL
	};
	int err;

	strcpy(answer.target, first->target);
	s->certified = certified;
	s->foreign = strcmp(server_name, certified) != 0;
	snprintf(s->report->switch_name,
	    sizeof(s->report->switch_name), "%s", server_name);
	err = leg_new(&s->leg, s->options->loop, found->addrs, found->n, &leg,
	    &handlers, s, first);
	if (err < 0)
		return err;
	err = netwatch_new(&s->netwatch, s->options->loop, on_moved, s);
	if (err < 0)
		log_debug("no_netwatch", "error=\"%s\"", strerror(-err));
	return 0;
}

void
call_signal_add(struct call_signal *s, const struct resolve_answer *found)
{
	if (s->leg != NULL)
		leg_add(s->leg, found->addrs, found->n, found->more,
		    found->missing);
}

void
call_signal_session(struct call_signal *s, const struct reply *reply)
{
	struct report *report = s->report;

	leg_session(s->leg, reply->session, reply->server_name, reply->port);
	s->has_session = true;
	if (*reply->server_name != '\0')
		snprintf(report->switch_name, sizeof(report->switch_name),
		    "%s", reply->server_name);
}

static void
tell_refused(struct call_signal *s, const struct addr *refused)
{
	char text[ADDR_TEXT];

	if (!s->told_refused)
		tool_warn(s->report->switch_name, "names a relay at %s, which "
		    "is none of its addresses: not used",
		    addr_format_ip(refused, text));
	s->told_refused = true;
}

void
call_signal_reach(struct call_signal *s, struct reply *reply)
{
	const struct signal_client *client = leg_client(s->leg);
	const struct addr *reached = client != NULL ?
	    signal_client_addr(client) : NULL;

	struct addr known[KNOWN_MAX];
	struct reply_place place = { reached, known, 0 };

	if (reached == NULL)
		return;
	place.n_known = report_addresses(s->report, known, KNOWN_MAX);
	reply_reach(reply, &place);
	if (reply->has_refused)
		tell_refused(s, &reply->refused);
}

void
call_signal_answered(struct call_signal *s)
{
	s->answered = true;
}

void
call_signal_talked(struct call_signal *s)
{
	s->talked = true;
}

int
call_signal_send(struct call_signal *s, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len)
{
	int err = s->leg == NULL ? -ENOTCONN : leg_send(s->leg, method, NULL,
	    content_type, body, len);

	if (err < 0)
		log_debug("not_sent", "method=%s error=\"%s\"",
		    sigmsg_method_name(method), strerror(-err));
	return err;
}

bool
call_signal_stands(struct call_signal *s)
{
	return leg_moved(s->leg) && s->has_session;
}

void
call_signal_finish(struct call_signal *s, enum sigmsg_method method,
    const char *reason, bool again)
{
	leg_finish(s->leg, method, reason, again, on_finished);
}

void
call_signal_close(struct call_signal *s)
{
	netwatch_free(s->netwatch);
	s->netwatch = NULL;
	leg_free(s->leg);
	s->leg = NULL;
}
