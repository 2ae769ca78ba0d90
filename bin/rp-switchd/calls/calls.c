/*
 * calls: the table of calls, by session and by caller; admission, glare, and
 * the requests of parties. See calls.h.
 */
#include "calls/calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "calls/acquainted.h"
#include "calls/call_record.h"
#include "calls/callfsm.h"
#include "calls/callhist.h"
#include "calls/callinfo.h"
#include "calls/calltable.h"
#include "calls/offers.h"
#include "calls/outbox.h"
#include "conf/number_rules.h"
#include "conf/settings.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "table/callstats.h"
#include "wire/ctlmsg.h"
#include "wire/telnumber.h"

/* Ringing or running at once, so that one account cannot fill the switch. */
#define CALLS_PER_CALLER 8
#define CALLER_RETRY_S 5	/* 429: too many calls of one caller */
/*
 * Calls that are over and still kept, for each that may run. With calls of a
 * minute and call.over_ms = 120000 it is two, and short ones are many.
 */
#define KEPT_PER_CALL 10

struct calls {
	struct calls_options options;
	struct call_record_env env;
	struct calltable *table;
	struct acquainted *acquainted;
	int64_t last_number;
	size_t active;
	struct callhist *hist;
	uint64_t *started, *answered, *blocked;
	uint64_t *ended[CALL_MOVED + 1];
};

/*
 * Update the gate: it is full at max_calls, and open again when one in twenty
 * of those has ended.
 */
void
calls_reload(struct calls *calls)
{
	size_t max = (size_t)calls->options.settings->max_calls;
	size_t again = max - 1 - (max - 1) / 20;

	if (calls->active >= max)
		gate_set(calls->options.gate, GATE_FULL, true);
	else if (calls->active <= again)
		gate_set(calls->options.gate, GATE_FULL, false);
}

static void
count(struct calls *calls, int change)
{
	calls->active = (size_t)((long)calls->active + change);
	calls_reload(calls);
	calls->options.changed(calls->options.arg);
}

static uint64_t
media_ms(const char *session, void *arg)
{
	struct calls *calls = arg;

	return calls->options.media_ms(session, calls->options.arg);
}

static int
early(const char *session, const char *party, const struct addr *local,
    struct pushearly *out, void *arg)
{
	struct calls *calls = arg;

	return calls->options.early(session, party, local, out,
	    calls->options.arg);
}

static int
media(const char *session, struct callstats *out, void *arg)
{
	struct calls *calls = arg;

	return calls->options.media(session, out, calls->options.arg);
}

static void
on_reached(struct call_record *record, enum call_state state, void *arg)
{
	struct calls *calls = arg;

	callhist_reached(calls->hist, state, clock_ns() - record->asked_ns);
	if (state != CALL_ANSWERED)
		return;
	++*calls->answered;
	/* The next holder of the link is another person: always a stranger. */
	if (!record->guest)
		acquainted_note(calls->acquainted, record->caller_number,
		    record->callee_number);
	calls->options.answer_media(record->session, calls->options.arg);
}

/* Forget those that have been over for the longest, if there are too many. */
static void
forget_oldest(struct calls *calls)
{
	size_t max = (size_t)calls->options.settings->max_calls * KEPT_PER_CALL;

	while (calltable_over(calls->table) > max)
		call_record_forget(calltable_oldest_over(calls->table));
}

static void
on_ended(struct call_record *record, const struct callstats *stats, void *arg)
{
	struct calls *calls = arg;

	callhist_observe(calls->hist, &record->call, stats);
	calltable_end(calls->table, record);
	calls->options.end_media(record->session, calls->options.arg);
	++*calls->ended[record->call.end];
	count(calls, -1);
	forget_oldest(calls);
}

static void
on_forgotten(struct call_record *record, void *arg)
{
	struct calls *calls = arg;

	calltable_remove(calls->table, record);
}

struct outbox_link *
calls_link(struct calls *calls,
    int (*send)(const struct sigmsg *msg, void *arg), void *arg)
{
	struct outbox_link_handlers handlers = { send,
	    call_record_on_link_lost };

	return outbox_link_new(&handlers, arg, calls);
}

static void
refuse_call(struct calls_reply *reply, int status, const char *reason)
{
	reply->status = status;
	snprintf(reply->reason, sizeof(reply->reason), "%s", reason);
}

/*
 * Find glare: both parties call each other. A call that is already ringing
 * wins; otherwise the lower session id wins. One that rings nowhere, because
 * its caller is blocked, never wins. Return the first call that loses to
 * `session`, or, if `lives`, the first that beats it; NULL if there is none.
 */
static struct call_record *
find_glare(const struct calls *calls, const char *session,
    const struct calls_who *who, const char *callee, bool lives)
{
	struct call_record *other;
	bool wins;

	for (other = calltable_of(calls->table, callee); other != NULL;
	    other = calltable_next(other)) {
		if (strcmp(other->callee_number, who->number) != 0 ||
		    other->call.state >= CALL_ANSWERED)
			continue;
		wins = !other->quiet && (other->call.state == CALL_RINGING ||
		    strcmp(other->session, session) < 0);
		if (lives == wins)
			return other;
	}
	return NULL;
}

/* There are CALLS_PER_CALLER at most. */
size_t
calls_by(const struct calls *calls, const char *caller)
{
	const struct call_record *record;
	size_t n = 0;

	for (record = calltable_of(calls->table, caller); record != NULL;
	    record = calltable_next(record))
		n++;
	return n;
}

/* May any call begin with this offer? */
static bool
is_open(const struct calls *calls, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	unsigned closed = gate_reasons(calls->options.gate);

	if (closed != 0)
		refuse_call(reply, 503, gate_reason_text(closed));
	else if (!offers_is_text(msg))
		refuse_call(reply, 400, "no-offer");
	else
		return true;
	return false;
}

static void
refuse_for_now(struct calls_reply *reply, const char *reason, uint32_t wait_ms)
{
	refuse_call(reply, 429, reason);
	reply->retry_after_s = (wait_ms + 999) / 1000;
}

/* Has the caller none of its own calls, or tries, too many? */
static bool
is_within(const struct calls *calls, const struct calls_who *who,
    struct calls_reply *reply)
{
	uint32_t wait_ms = CALLER_RETRY_S * 1000;

	if (calls_by(calls, who->number) < CALLS_PER_CALLER)
		wait_ms = quotas_wait(calls->options.quotas,
		    (const struct quotas_claim[]){
			quotas_by_text(QUOTAS_CALL_CALLER, who->number),
			quotas_by_text(QUOTAS_UNKNOWN, who->number),
		    }, 2);
	if (wait_ms > 0)
		refuse_for_now(reply, "too-many-calls", wait_ms);
	return wait_ms == 0;
}

bool
calls_may_begin(const struct calls *calls, const struct calls_who *who,
    const struct sigmsg *msg, struct calls_reply *reply)
{
	return is_open(calls, msg, reply) && is_within(calls, who, reply);
}

void
calls_count_try(struct calls *calls, const struct calls_who *who)
{
	struct quotas_claim claim = quotas_by_text(QUOTAS_CALL_CALLER,
	    who->number);

	(void)quotas_take(calls->options.quotas, &claim, 1);
}

void
calls_count_unknown(struct calls *calls, const struct calls_who *who)
{
	struct quotas_claim claim = quotas_by_text(QUOTAS_UNKNOWN,
	    who->number);

	(void)quotas_take(calls->options.quotas, &claim, 1);
}

/* Is the callee not to be rung any more for now, by this caller or by all? */
static bool
within_quotas(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, struct calls_reply *reply)
{
	/* Guests have no share in what others may call the callee. */
	uint32_t wait_ms = quotas_take(calls->options.quotas,
	    (const struct quotas_claim[]){
		quotas_by_pair(QUOTAS_CALL_PAIR, who->number, callee->number),
		who->guest ? quotas_by_pair(QUOTAS_CALL_CALLEE, who->number,
		    callee->number) :
		    quotas_by_text(QUOTAS_CALL_CALLEE, callee->number),
		acquainted_claim(calls->acquainted, who->number,
		    callee->number),
	    }, 3);

	if (wait_ms > 0)
		refuse_for_now(reply, "too-many-calls", wait_ms);
	return wait_ms == 0;
}

/*
 * May this call begin? If not, `reply` says why. Others may have begun while
 * the callee was looked up.
 */
static bool
admit(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const char *session,
    const struct sigmsg *msg, struct calls_reply *reply)
{
	if (!is_open(calls, msg, reply))
		return false;
	if (strcmp(who->number, callee->number) == 0)
		refuse_call(reply, 409, "own-number");
	else if (calls_by(calls, who->number) >= CALLS_PER_CALLER)
		refuse_for_now(reply, "too-many-calls", CALLER_RETRY_S * 1000);
	else if (find_glare(calls, session, who, callee->number, true) != NULL)
		refuse_call(reply, 409, "glare");
	else
		return within_quotas(calls, who, callee, reply);
	return false;
}

/*
 * Does the callee block the caller? The caller may have got its number before
 * numbers had one form.
 */
static bool
is_blocked(const struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee)
{
	struct telnumber_rules rules;
	char number[TELNUMBER_TEXT], why[WHY_TEXT];

	if (callee->refused[0] == '\0')
		return false;
	rules = number_rules_of(calls->options.settings);
	return directory_refuses(callee, who->number) ||
	    (telnumber_canonical(number, who->number, &rules, why) == 0 &&
	    directory_refuses(callee, number));
}

/* Log who calls whom, which only the level debug may. */
static void
log_start_of(const struct call_record *record)
{
	char caller[LOG_TEXT], callee[LOG_TEXT];

	log_debug("call_started", "session=%s caller=%s callee=%s devices=%d",
	    record->session, log_text(caller, record->caller_number),
	    log_text(callee, record->callee_number), record->n_devices);
}

void
calls_initiate(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	char session[SIGMSG_SESSION];
	struct call_record *record, *other;
	uint32_t retry_ms;

	memset(reply, 0, sizeof(*reply));
	if (crypto_random_hex(session, SIGMSG_SESSION_BYTES) < 0) {
		refuse_call(reply, 500, "");
		return;
	}
	if (!admit(calls, who, callee, session, msg, reply))
		return;
	record = call_record_new(&calls->env, session, who, callee, msg);
	if (record == NULL) {
		refuse_call(reply, 503, "full");
		return;
	}
	record->quiet = is_blocked(calls, who, callee);
	*calls->blocked += record->quiet;
	if (!who->guest)
		acquainted_note(calls->acquainted, callee->number,
		    who->number);
	calltable_add(calls->table, record);
	if (!call_record_begin(record, who, callee, &retry_ms)) {
		call_record_forget(record);
		if (retry_ms > 0)
			refuse_for_now(reply, "too-many-sms", retry_ms);
		else
			refuse_call(reply, 480, "unreachable");
		return;
	}
	log_start_of(record);
	calls->options.ring_media(session, calls->options.arg);
	++*calls->started;
	record->number = ++calls->last_number;
	count(calls, 1);
	while (!record->quiet && (other = find_glare(calls, session, who,
	    callee->number, false)) != NULL)
		call_record_note(other, CALL_ON_GLARE, CALL_NOBODY);
	call_record_link(&record->caller, who->link);
	reply->status = 200;
	call_record_describe(&record->caller, reply);
}

bool
calls_has(const struct calls *calls, const char *session)
{
	return calltable_find(calls->table, session) != NULL;
}

struct party *
calls_party(const struct calls *calls, const char *session,
    const struct calls_who *who)
{
	struct call_record *record = calltable_find(calls->table, session);

	return record != NULL ? call_record_identify(record, who) : NULL;
}

void
calls_request(struct calls *calls, const struct calls_who *who,
    const char *session, const struct sigmsg *msg, struct calls_reply *reply)
{
	struct party *party = calls_party(calls, session, who);

	memset(reply, 0, sizeof(*reply));
	if (party == NULL) {
		refuse_call(reply, 404, "");
		return;
	}
	call_record_link(party, who->link);
	call_record_request(party, msg, reply);
	if (reply->status != 200 || (msg->method != SIGMSG_RING &&
	    msg->method != SIGMSG_RESUME))
		return;
	if (offers_is_missing(party))
		reply->waits = party;
	else
		call_record_describe(party, reply);
}

void
calls_withdraw(struct calls *calls, const struct calls_who *who)
{
	static const struct sigmsg hangup = { .method = SIGMSG_HANGUP };
	struct calls_reply unheard = { 0 };
	struct call_record *record, *next;

	record = calltable_of(calls->table, who->number);
	for (; record != NULL; record = next) {
		next = calltable_next(record);
		if (record->caller.box.link == who->link)
			call_record_request(&record->caller, &hangup, &unheard);
	}
}

size_t
calls_active(const struct calls *calls)
{
	return calls->active;
}

uint64_t
calls_oldest_ms(const struct calls *calls)
{
	const struct call_record *oldest = calltable_oldest(calls->table);

	return oldest != NULL ? clock_ms() - oldest->call.started_ms : 0;
}

json_t *
calls_list(const struct calls *calls)
{
	json_t *array = json_array();
	const struct call_record *record;

	if (array == NULL)
		return NULL;
	for (record = calltable_oldest(calls->table); record != NULL;
	    record = TAILQ_NEXT(record, by_age))
		json_array_append_new(array, callinfo_short(record));
	return array;
}

json_t *
calls_sessions(const struct calls *calls, int64_t after, int64_t *next)
{
	const struct call_record *record = calltable_oldest(calls->table);
	json_t *array = json_array();
	struct callstats stats;

	*next = 0;
	if (array == NULL)
		return NULL;
	/*
	 * Going through 50,000 calls takes 8 ms, about as long as writing a
	 * page.
	 */
	while (record != NULL && record->number <= after)
		record = TAILQ_NEXT(record, by_age);
	for (; record != NULL; record = TAILQ_NEXT(record, by_age)) {
		if (json_array_size(array) == CTLMSG_PAGE)
			return array;
		if (media(record->session, &stats, (void *)calls) < 0)
			stats.n = 0;
		json_array_append_new(array, callinfo_json(record, &stats));
		*next = record->number;
	}
	*next = 0;
	return array;
}

static void
collect_calls(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct calls *calls = arg;
	uint64_t n[CALL_ENDED] = { 0 };
	const struct call_record *record;
	char labels[64];
	int i;

	(void)metrics;
	for (record = calltable_oldest(calls->table); record != NULL;
	    record = TAILQ_NEXT(record, by_age))
		n[record->call.state]++;
	metrics_emit(out, "gauge", "rp_calls_active", "",
	    "Calls that are ringing or answered.", calls->active);
	for (i = 0; i < CALL_ENDED; i++) {
		snprintf(labels, sizeof(labels), "state=\"%s\"",
		    callfsm_state_text((enum call_state)i));
		metrics_emit(out, "gauge", "rp_calls", labels,
		    "Calls that are ringing or answered, by state.", n[i]);
	}
	metrics_emit(out, "gauge", "rp_calls_max", "",
	    "Limit of calls that are ringing or answered.",
	    (uint64_t)calls->options.settings->max_calls);
	metrics_emit(out, "gauge", "rp_calls_kept", "",
	    "Calls in the table, including those that are over.",
	    calls->active + calltable_over(calls->table));
}

static void
count_by(struct calls *calls, struct metrics *metrics)
{
	struct callfsm call = { .winner = CALL_NOBODY };
	char labels[64];
	int i;

	calls->started = metrics_counter(metrics, "rp_calls_started_total",
	    "", "Calls started.");
	calls->answered = metrics_counter(metrics, "rp_calls_answered_total",
	    "", "Calls answered.");
	calls->blocked = metrics_counter(metrics, "rp_calls_blocked_total",
	    "", "Calls that rang nowhere because the callee blocks the "
	    "caller.");
	calls->env.info_refused = metrics_counter(metrics,
	    "rp_info_refused_total", "",
	    "Messages dropped because the other side's queue was full.");
	calls->env.resumes_bare = metrics_counter(metrics,
	    "rp_resumes_without_relay_total", "", "RESUME requests answered "
	    "without relay credentials because there were many.");
	for (i = 0; i <= CALL_MOVED; i++) {
		call.end = (enum call_end)i;
		snprintf(labels, sizeof(labels), "reason=\"%s\"",
		    callfsm_reason(&call, CALL_CALLER));
		calls->ended[i] = metrics_counter(metrics,
		    "rp_calls_ended_total", labels,
		    "Calls that are over, by reason.");
	}
	metrics_collector(metrics, collect_calls, calls);
}

int
calls_new(struct calls **out, struct event_base *loop,
    const struct calls_options *options)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	if (calls == NULL)
		return -ENOMEM;
	calls->options = *options;
	calls->env = (struct call_record_env){
		.loop = loop,
		.settings = options->settings,
		.push = options->push,
		.quotas = options->quotas,
		.answer_port = options->answer_port,
		.media_ms = media_ms,
		.media = media,
		.early = options->early != NULL ? early : NULL,
		.reached = on_reached,
		.ended = on_ended,
		.forgotten = on_forgotten,
		.arg = calls
	};
	calls->table = calltable_new();
	calls->acquainted = acquainted_new(options->settings);
	if (calls->table == NULL || calls->acquainted == NULL) {
		calls_free(calls);
		return -ENOMEM;
	}
	count_by(calls, options->metrics);
	calls->hist = callhist_new(options->metrics);
	if (calls->hist == NULL) {
		calls_free(calls);
		return -ENOMEM;
	}
	*out = calls;
	return 0;
}

void
calls_shutdown(struct calls *calls)
{
	struct call_record *record, *next;

	record = calltable_oldest(calls->table);
	for (; record != NULL; record = next) {
		next = TAILQ_NEXT(record, by_age);
		call_record_note(record, CALL_ON_SHUTDOWN, CALL_NOBODY);
	}
}

/* Free all, after the running ones have ended. */
static void
forget_all(struct calls *calls)
{
	struct call_record *record;

	calls_shutdown(calls);
	while ((record = calltable_oldest_over(calls->table)) != NULL)
		call_record_forget(record);
}

void
calls_free(struct calls *calls)
{
	if (calls == NULL)
		return;
	if (calls->table != NULL)
		forget_all(calls);
	calltable_free(calls->table);
	acquainted_free(calls->acquainted);
	callhist_free(calls->hist);
	free(calls);
}
