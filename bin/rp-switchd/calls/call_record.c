/*
 * call_record: carry out the decisions of a call's state machine: pushes,
 * outboxes, deadlines. calls keeps the table of records.
 */
#include "calls/call_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "calls/callinfo.h"
#include "conf/settings.h"
#include "net/loop.h"
#include "calls/offers.h"
#include "calls/often.h"
#include "push/push.h"
#include "table/callstats.h"
#include "wire/pushearly.h"

#define BUSY_RETRY_S 1		/* 429: an outbox empties that fast */

_Static_assert(CALL_DEVICES == DIRECTORY_DEVICES, "one party a device");

/* One event and its context, while its actions are carried out. */
struct turn_of_events {
	struct callfsm_event event;
	struct callfsm_result result;
	const struct sigmsg *msg;	/* the current request, or NULL */
	struct outbox_message *message;	/* the same, as it is forwarded */
	size_t passed, refused;
};

static struct party *
party_of(struct call_record *record, int index)
{
	return index == CALL_CALLER ? &record->caller : &record->devices[index];
}

static const char *
reason_of(const struct call_record *record, int party)
{
	const char *text = callfsm_reason(&record->call, party);

	if (record->reason[0] == '\0' ||
	    strcmp(text, "answered-elsewhere") == 0)
		return text;
	return record->reason;
}

void
call_record_describe(const struct party *party, struct calls_reply *reply)
{
	struct call_record *record = party->record;

	reply->session = record->session;
	if (party->index == CALL_CALLER) {
		strcpy(reply->party, "a");
		return;
	}
	snprintf(reply->party, sizeof(reply->party), "b%d", party->index);
	reply->caller = record->caller_number;
	if (record->offer != NULL)
		reply->offer = outbox_message_body(record->offer,
		    &reply->offer_len);
}

/*
 * Fill in the answer to a request that has waited for the offer, now that it
 * came or the call is over.
 */
static void
answer_waiting(const struct calls_wait *wait, struct calls_reply *reply)
{
	const struct party *party = wait->party;
	const struct call_record *record = party->record;

	memset(reply, 0, sizeof(*reply));
	if (record->call.state == CALL_ENDED) {
		reply->status = 410;
		snprintf(reply->reason, sizeof(reply->reason), "%s",
		    reason_of(record, party->index));
		return;
	}
	if (record->call.legs[party->index] == CALL_LEG_OUT) {
		reply->status = 409;
		return;
	}
	reply->status = 200;
	reply->bare = wait->bare;
	call_record_describe(party, reply);
}

void
call_record_forget(struct call_record *record)
{
	int i;

	record->env->forgotten(record, record->env->arg);
	offers_settle(record, answer_waiting);
	outbox_clear(&record->caller.box);
	for (i = 0; i < record->n_devices; i++) {
		struct party *device = &record->devices[i];

		push_stop(device->ring);
		outbox_clear(&device->box);
		outbox_clear(&device->kept);
		outbox_message_unref(device->answer);
	}
	outbox_message_unref(record->offer);
	loop_event_free(record->deadline);
	free(record->devices);
	free(record);
}

/*
 * Wind up a call that has ended. Nothing is kept but its parties and the
 * reason.
 */
static void
wind_up(struct call_record *record)
{
	char text[CALLINFO_TEXT];
	struct callstats stats;
	int i;

	offers_settle(record, answer_waiting);
	for (i = 0; i < record->n_devices; i++) {
		struct party *device = &record->devices[i];

		push_stop(device->ring);
		device->ring = NULL;
		outbox_clear(&device->kept);
		outbox_message_unref(device->answer);
		device->answer = NULL;
		outbox_close(&device->box);
	}
	outbox_close(&record->caller.box);
	outbox_message_unref(record->offer);
	record->offer = NULL;
	/* Read the statistics before the relay forgets the call. */
	if (record->env->media(record->session, &stats, record->env->arg) < 0)
		stats.n = 0;
	log_info("call_ended", "%s", callinfo_text(text, record, &stats));
	record->env->ended(record, &stats, record->env->arg);
}

/*
 * Put the current request into an outbox. INFOs are bounded, and the others are
 * few.
 */
static void
pass(struct call_record *record, struct turn_of_events *turn,
    struct outbox *box)
{
	size_t n_max = 0;

	if (turn->message == NULL)
		turn->message = outbox_message_new(turn->msg);
	if (turn->msg->method == SIGMSG_INFO)
		n_max = (size_t)record->env->settings->info_queue;
	if (turn->message != NULL && record->call.state == CALL_ENDED)
		outbox_message_set_reason(turn->message,
		    reason_of(record, CALL_CALLER));
	if (turn->message != NULL &&
	    outbox_put(box, turn->message, n_max) == 0) {
		turn->passed++;
		return;
	}
	turn->refused++;
	++*record->env->info_refused;
}

/*
 * Send the caller the device's answer, then the messages that were kept until
 * then.
 */
static void
show(struct call_record *record, struct party *device)
{
	if (device->answer != NULL)
		outbox_put(&record->caller.box, device->answer, 0);
	outbox_move(&record->caller.box, &device->kept);
}

static void
hang_up(struct call_record *record, struct party *party)
{
	struct sigmsg msg = { .method = SIGMSG_HANGUP };
	struct outbox_message *message;

	snprintf(msg.reason, sizeof(msg.reason), "%s",
	    reason_of(record, party->index));
	message = outbox_message_new(&msg);
	if (message == NULL)
		return;
	outbox_put(&party->box, message, 0);
	outbox_message_unref(message);
}

/* Carry out one action. Return false if the call is gone. */
static bool
carry_out(struct call_record *record, struct turn_of_events *turn,
    const struct callfsm_action *action)
{
	struct party *party = action->party == CALL_NOBODY ? NULL :
	    party_of(record, action->party);

	switch (action->type) {
	case CALL_DO_PASS:
		pass(record, turn, &party->box);
		break;
	case CALL_DO_SHOW:
		show(record, party);
		break;
	case CALL_DO_KEEP:
		pass(record, turn, &party->kept);
		break;
	case CALL_DO_OFFER:
		record->offer = outbox_message_ref(turn->message);
		offers_settle(record, answer_waiting);
		break;
	case CALL_DO_HANGUP:
		hang_up(record, party);
		break;
	case CALL_DO_STOP_PUSH:
		push_stop_repeating(party->ring);
		break;
	case CALL_DO_CANCEL_PUSH:
		push_cancel(party->ring, reason_of(record, party->index));
		party->ring = NULL;
		break;
	case CALL_DO_END:
		wind_up(record);
		break;
	case CALL_DO_FORGET:
		call_record_forget(record);
		return false;
	}
	return true;
}

static void
set_deadline(struct call_record *record)
{
	uint64_t due_ms = callfsm_deadline_ms(&record->call);
	uint64_t now_ms = clock_ms();
	uint64_t left_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	if (due_ms == 0)
		loop_event_stop(record->deadline);
	else
		loop_timer_set_ms(record->deadline, left_ms);
}

/* Note what a request says before its actions are carried out. */
static void
take_note(struct call_record *record, struct turn_of_events *turn)
{
	if (turn->result.status != 200)
		return;
	if (turn->event.type == CALL_ON_RING && turn->event.body)
		party_of(record, turn->event.party)->answer =
		    outbox_message_new(turn->msg);
	if (record->call.state == CALL_ENDED)
		memcpy(record->reason, turn->msg->reason,
		    sizeof(record->reason));
}

/* Note when something happened for the first time. */
static void
note_time(uint64_t *at_ms)
{
	if (*at_ms == 0)
		*at_ms = clock_ms();
}

/* Feed one event to the call. Return false if the call is gone. */
static bool
happen(struct call_record *record, struct turn_of_events *turn)
{
	enum call_state before = record->call.state;
	bool alive = true;
	size_t i;

	turn->event.now_ms = clock_ms();
	callfsm_event(&record->call, &turn->event, &turn->result);
	if (turn->msg != NULL)
		take_note(record, turn);
	if (turn->event.type == CALL_ON_RING && turn->result.status == 200)
		note_time(&record->rang_ms);
	if (before < record->call.state)
		record->env->reached(record, record->call.state,
		    record->env->arg);
	for (i = 0; alive && i < turn->result.n; i++)
		alive = carry_out(record, turn, &turn->result.actions[i]);
	outbox_message_unref(turn->message);
	turn->message = NULL;
	if (alive)
		set_deadline(record);
	return alive;
}

void
call_record_note(struct call_record *record, enum call_event_type type,
    int party)
{
	struct turn_of_events turn = {
		.event = { .type = type, .party = party }
	};

	happen(record, &turn);
}

static enum call_event_type
event_of(enum sigmsg_method method)
{
	switch (method) {
	case SIGMSG_RING:
		return CALL_ON_RING;
	case SIGMSG_ANSWER:
		return CALL_ON_ANSWER;
	case SIGMSG_INFO:
		return CALL_ON_INFO;
	case SIGMSG_BUSY:
		return CALL_ON_BUSY;
	case SIGMSG_HANGUP:
		return CALL_ON_HANGUP;
	default:
		return CALL_ON_RESUME;
	}
}

/* Does it tell of a device, and not of a person who declines? */
static bool
tells_of_failure(const struct sigmsg *msg)
{
	return strcmp(msg->reason, "failed") == 0 ||
	    strcmp(msg->reason, "not-acceptable") == 0;
}

/*
 * Was the device refused because there is no offer, and not because it has left
 * or is out of turn?
 */
static bool
lacks_offer(const struct party *party, const struct turn_of_events *turn)
{
	const struct callfsm *call = &party->record->call;

	return turn->result.status == 409 && !call->offered &&
	    party->index != CALL_CALLER &&
	    call->legs[party->index] != CALL_LEG_OUT &&
	    (turn->event.type == CALL_ON_RING ||
	    turn->event.type == CALL_ON_ANSWER);
}

/*
 * Is it the answer that this device has given, a second time? Its first 200 may
 * have been lost with a connection.
 */
static bool
repeats_answer(const struct party *party, const struct sigmsg *msg)
{
	const struct callfsm *call = &party->record->call;
	const char *answer;
	size_t len;

	if (msg->method != SIGMSG_RING || party->index == CALL_CALLER ||
	    call->state == CALL_ENDED || party->answer == NULL ||
	    call->legs[party->index] != CALL_LEG_READY)
		return false;
	answer = outbox_message_body(party->answer, &len);
	return msg->body_len == len && memcmp(msg->body, answer, len) == 0;
}

void
call_record_request(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	struct call_record *record = party->record;
	struct turn_of_events turn = {
		.event = { .type = event_of(msg->method),
		    .party = party->index, .body = msg->body_len > 0,
		    .failed = tells_of_failure(msg) },
		.msg = msg
	};

	if (!often_allows(party, msg, reply) ||
	    offers_is_answered(party, msg, reply))
		return;
	if (repeats_answer(party, msg)) {
		reply->status = 200;
		return;
	}
	turn.event.offer = offers_is_one(msg);
	if (turn.event.offer)
		turn.message = outbox_message_new(msg);
	if (turn.event.offer && turn.message == NULL) {
		reply->status = 503;
		strcpy(reply->reason, "full");
		return;
	}
	happen(record, &turn);
	reply->status = turn.result.status;
	if (reply->status == 410) {
		snprintf(reply->reason, sizeof(reply->reason), "%s",
		    reason_of(record, party->index));
	} else if (lacks_offer(party, &turn)) {
		strcpy(reply->reason, "no-offer");
	} else if (turn.refused > 0 && turn.passed == 0) {
		reply->status = 429;
		reply->retry_after_s = BUSY_RETRY_S;
		strcpy(reply->reason, "queue-full");
	}
}

static void
on_deadline(void *arg)
{
	struct call_record *record = arg;
	const struct call_record_env *env = record->env;
	struct turn_of_events turn = {
		.event = { .type = CALL_ON_TICK, .party = CALL_NOBODY }
	};

	if (record->call.state == CALL_ANSWERED)
		turn.event.media_ms = env->media_ms(record->session,
		    env->arg);
	happen(record, &turn);
}

static void
on_pushed(enum push_outcome outcome, void *arg)
{
	struct party *device = arg;
	struct call_record *record = device->record;

	if (outcome == PUSH_WRITTEN)
		note_time(&record->pushed_ms);
	if (outcome == PUSH_SENT) {
		note_time(&record->sent_ms);
		return;
	}
	call_record_note(record, outcome == PUSH_WRITTEN ?
	    CALL_ON_PUSHED : CALL_ON_UNREACHABLE, device->index);
}

void
call_record_on_link_lost(struct outbox *box, void *arg)
{
	struct party *party = MAP_ENTRY(box, struct party, box);

	(void)arg;
	call_record_note(party->record, CALL_ON_UNLINKED, party->index);
	if (party->record->call.state == CALL_ENDED)
		outbox_clear(box);
}

void
call_record_link(struct party *party, struct outbox_link *link)
{
	if (party->box.link == link || party->record->call.state == CALL_ENDED)
		return;
	outbox_join(&party->box, link);
	call_record_note(party->record, CALL_ON_LINKED, party->index);
}

struct party *
call_record_identify(struct call_record *record, const struct calls_who *who)
{
	int i;

	if (strcmp(who->number, record->caller_number) == 0)
		return &record->caller;
	if (strcmp(who->number, record->callee_number) != 0)
		return NULL;
	for (i = 0; i < record->n_devices; i++)
		if (crypto_equal(record->devices[i].token_hash, who->token_hash,
		    CRYPTO_SHA256))
			return &record->devices[i];
	return NULL;
}

static void
init_party(struct party *party, struct call_record *record, int index)
{
	char target[SIGMSG_TARGET];

	snprintf(target, sizeof(target), "/session/%s", record->session);
	party->record = record;
	party->index = index;
	outbox_init(&party->box, target);
	outbox_init(&party->kept, target);
}

struct call_record *
call_record_new(const struct call_record_env *env, const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg)
{
	struct call_record *record = calloc(1, sizeof(*record));
	int i;

	if (record == NULL)
		return NULL;
	record->env = env;
	record->asked_ns = who->asked_ns;
	strcpy(record->session, session);
	strcpy(record->caller_number, who->number);
	record->guest = who->guest;
	strcpy(record->callee_number, callee->number);
	record->n_devices = (int)callee->n_devices;
	record->devices = calloc(callee->n_devices, sizeof(*record->devices));
	record->deadline = loop_timer_new(env->loop, on_deadline, record);
	LIST_INIT(&record->waits);
	if (msg->body_len > 0)
		record->offer = outbox_message_new(msg);
	if (record->devices == NULL || record->deadline == NULL ||
	    (msg->body_len > 0 && record->offer == NULL)) {
		free(record->devices);
		loop_event_free(record->deadline);
		outbox_message_unref(record->offer);
		free(record);
		return NULL;
	}
	init_party(&record->caller, record, CALL_CALLER);
	memcpy(record->caller.token_hash, who->token_hash, CRYPTO_SHA256);
	for (i = 0; i < record->n_devices; i++) {
		init_party(&record->devices[i], record, i);
		memcpy(record->devices[i].token_hash,
		    callee->devices[i].token_hash, CRYPTO_SHA256);
		/* A candidate is of no use before the offer. */
		if (record->offer == NULL)
			outbox_hold(&record->devices[i].box);
	}
	return record;
}

/*
 * Fill in what the device may begin with before it connects. Return false if
 * that is nothing.
 */
static bool
gather_early(const struct party *device, const struct calls_who *who,
    struct pushearly *out)
{
	const struct call_record *record = device->record;
	const struct call_record_env *env = record->env;
	struct calls_reply party = { 0 };

	if (!env->settings->push_early || record->offer == NULL ||
	    env->early == NULL || who->local.sa.sa_family == AF_UNSPEC)
		return false;
	call_record_describe(device, &party);
	out->offer = party.offer;
	out->offer_len = party.offer_len;
	return env->early(record->session, party.party, &who->local, out,
	    env->arg) == 0;
}

/* Return whether the device rings, or would if the callee did not block. */
static bool
start_ring(struct party *device, const struct calls_who *who,
    const struct directory_subscriber *callee, uint32_t left_ms,
    uint32_t *retry_ms)
{
	struct call_record *record = device->record;
	const struct call_record_env *env = record->env;
	struct push_target target = {
		record->callee_number, &callee->devices[device->index],
		(size_t)device->index, retry_ms
	};
	struct pushearly early = { 0 };
	struct push_call call = {
		record->caller_number, record->session,
		env->settings->name, env->answer_port,
		left_ms, &who->peer, record->guest, record->quiet,
		.early_off = !env->settings->push_early
	};
	int err;

	if (gather_early(device, who, &early))
		call.early = &early;
	err = push_start(&device->ring, env->push, &target, &call,
	    on_pushed, device);
	pushearly_clear(&early);
	if (err < 0)
		log_warn("push_not_started", "session=%s err=%d",
		    record->session, -err);
	return err == 0;
}

bool
call_record_begin(struct call_record *record, const struct calls_who *who,
    const struct directory_subscriber *callee, uint32_t *retry_ms)
{
	const struct settings *settings = record->env->settings;
	struct callfsm_timing timing = {
		.push_ms = (uint64_t)settings->push_ms,
		.ring_ms = (uint64_t)settings->ring_ms,
		.silence_ms = (uint64_t)settings->media_silence_ms,
		.over_ms = (uint64_t)settings->over_ms,
		.offer_ms = record->offer != NULL ? 0 :
		    (uint64_t)settings->offer_ms
	};
	long left_ms = settings->push_ms < settings->ring_ms ?
	    settings->push_ms : settings->ring_ms;
	bool wakeable[CALL_DEVICES], any = false;
	int i;

	*retry_ms = 0;
	for (i = 0; i < record->n_devices; i++) {
		wakeable[i] = callee->devices[i].push[0] != '\0' &&
		    start_ring(&record->devices[i], who, callee,
		    (uint32_t)left_ms, retry_ms);
		any |= wakeable[i];
	}
	callfsm_init(&record->call, &timing, wakeable, record->n_devices,
	    clock_ms());
	set_deadline(record);
	return any;
}
