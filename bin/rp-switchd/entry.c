#include "entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "callinfo.h"
#include "callstats.h"
#include "often.h"
#include "push.h"
#include "settings.h"

#define BUSY_RETRY_S 1		/* 429: a mailbox empties that fast */

_Static_assert(CALL_DEVICES == DIRECTORY_DEVICES, "one party a device");

/* One event and what belongs to it while its actions are carried out. */
struct turn_of_events {
	struct call_event event;
	struct call_result result;
	const struct sigmsg *msg;	/* the request at hand, or NULL */
	struct mail *mail;		/* the same as it is passed on */
	size_t passed, refused;
};

static struct party *
party_of(struct entry *entry, int index)
{
	return index == CALL_CALLER ? &entry->caller : &entry->devices[index];
}

static const char *
reason_of(const struct entry *entry, int party)
{
	const char *text = call_reason(&entry->call, party);

	if (entry->reason[0] == '\0' || strcmp(text, "answered-elsewhere") == 0)
		return text;
	return entry->reason;
}

void
entry_forget(struct entry *entry)
{
	int i;

	entry->env->forgotten(entry, entry->env->arg);
	mailbox_clear(&entry->caller.box);
	for (i = 0; i < entry->n_devices; i++) {
		struct party *device = &entry->devices[i];

		push_stop(device->ring);
		mailbox_clear(&device->box);
		mailbox_clear(&device->kept);
		mail_unref(device->answer);
	}
	mail_unref(entry->offer);
	event_free(entry->deadline);
	free(entry->devices);
	free(entry);
}

/* Over: nothing is kept but who they were and why. */
static void
wind_up(struct entry *entry)
{
	char text[CALLINFO_TEXT];
	struct callstats stats;
	int i;

	for (i = 0; i < entry->n_devices; i++) {
		struct party *device = &entry->devices[i];

		push_stop(device->ring);
		device->ring = NULL;
		mailbox_clear(&device->kept);
		mail_unref(device->answer);
		device->answer = NULL;
		if (device->box.line == NULL)
			mailbox_clear(&device->box);
	}
	if (entry->caller.box.line == NULL)
		mailbox_clear(&entry->caller.box);
	mail_unref(entry->offer);
	entry->offer = NULL;
	/* Before the relay forgets the call. */
	if (entry->env->media(entry->session, &stats, entry->env->arg) < 0)
		stats.n = 0;
	log_info("call_ended", "%s", callinfo_text(text, entry, &stats));
	entry->env->ended(entry, &stats, entry->env->arg);
}

/* The request at hand into a mailbox. INFOs are bounded, the rest is few. */
static void
pass(struct entry *entry, struct turn_of_events *turn, struct mailbox *box)
{
	size_t n_max = 0;

	if (turn->mail == NULL)
		turn->mail = mail_new(turn->msg);
	if (turn->msg->method == SIGMSG_INFO)
		n_max = (size_t)entry->env->settings->info_queue;
	if (turn->mail != NULL && entry->call.state == CALL_ENDED)
		mail_set_reason(turn->mail, reason_of(entry, CALL_CALLER));
	if (turn->mail != NULL && mailbox_put(box, turn->mail, n_max) == 0) {
		turn->passed++;
		return;
	}
	turn->refused++;
	++*entry->env->info_refused;
}

/* The device's answer, then what it said before the caller could hear it. */
static void
show(struct entry *entry, struct party *device)
{
	if (device->answer != NULL)
		mailbox_put(&entry->caller.box, device->answer, 0);
	mailbox_move(&entry->caller.box, &device->kept);
}

static void
hang_up(struct entry *entry, struct party *party)
{
	struct sigmsg msg = { .method = SIGMSG_HANGUP };
	struct mail *mail;

	snprintf(msg.reason, sizeof(msg.reason), "%s",
	    reason_of(entry, party->index));
	mail = mail_new(&msg);
	if (mail == NULL)
		return;
	mailbox_put(&party->box, mail, 0);
	mail_unref(mail);
}

/* False: the call is gone. */
static bool
carry_out(struct entry *entry, struct turn_of_events *turn,
    const struct call_action *action)
{
	struct party *party = action->party == CALL_NOBODY ? NULL :
	    party_of(entry, action->party);

	switch (action->type) {
	case CALL_DO_PASS:
		pass(entry, turn, &party->box);
		break;
	case CALL_DO_SHOW:
		show(entry, party);
		break;
	case CALL_DO_KEEP:
		pass(entry, turn, &party->kept);
		break;
	case CALL_DO_HANGUP:
		hang_up(entry, party);
		break;
	case CALL_DO_STOP_PUSH:
		push_hush(party->ring);
		break;
	case CALL_DO_CANCEL_PUSH:
		push_cancel(party->ring);
		party->ring = NULL;
		break;
	case CALL_DO_END:
		wind_up(entry);
		break;
	case CALL_DO_FORGET:
		entry_forget(entry);
		return false;
	}
	return true;
}

static void
set_deadline(struct entry *entry)
{
	uint64_t due_ms = call_deadline_ms(&entry->call), now_ms = clock_ms();
	uint64_t left_ms = due_ms > now_ms ? due_ms - now_ms : 0;
	struct timeval after = {
		(time_t)(left_ms / 1000), (suseconds_t)(left_ms % 1000 * 1000)
	};

	if (due_ms == 0)
		event_del(entry->deadline);
	else
		evtimer_add(entry->deadline, &after);
}

/* What has to be known of a request before its actions are carried out. */
static void
take_note(struct entry *entry, struct turn_of_events *turn)
{
	if (turn->result.status != 200)
		return;
	if (turn->event.type == CALL_ON_RING && turn->event.body)
		party_of(entry, turn->event.party)->answer =
		    mail_new(turn->msg);
	if (entry->call.state == CALL_ENDED)
		memcpy(entry->reason, turn->msg->reason,
		    sizeof(entry->reason));
}

/* False: the call is gone. */
static bool
happen(struct entry *entry, struct turn_of_events *turn)
{
	enum call_state before = entry->call.state;
	bool alive = true;
	size_t i;

	turn->event.now_ms = clock_ms();
	call_event(&entry->call, &turn->event, &turn->result);
	if (turn->msg != NULL)
		take_note(entry, turn);
	if (before < CALL_ANSWERED && entry->call.state == CALL_ANSWERED)
		entry->env->answered(entry, entry->env->arg);
	for (i = 0; alive && i < turn->result.n; i++)
		alive = carry_out(entry, turn, &turn->result.actions[i]);
	mail_unref(turn->mail);
	turn->mail = NULL;
	if (alive)
		set_deadline(entry);
	return alive;
}

void
entry_note(struct entry *entry, enum call_event_type type, int party)
{
	struct turn_of_events turn = {
		.event = { .type = type, .party = party }
	};

	happen(entry, &turn);
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

void
entry_request(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	struct entry *entry = party->entry;
	struct turn_of_events turn = {
		.event = { .type = event_of(msg->method),
		    .party = party->index, .body = msg->body_len > 0 },
		.msg = msg
	};

	if (!often_allows(party, msg, reply))
		return;
	happen(entry, &turn);
	reply->status = turn.result.status;
	if (reply->status == 410) {
		snprintf(reply->reason, sizeof(reply->reason), "%s",
		    reason_of(entry, party->index));
	} else if (turn.refused > 0 && turn.passed == 0) {
		reply->status = 429;
		reply->retry_after_s = BUSY_RETRY_S;
		strcpy(reply->reason, "queue-full");
	}
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct entry *entry = arg;
	const struct entry_env *env = entry->env;
	struct turn_of_events turn = {
		.event = { .type = CALL_ON_TICK, .party = CALL_NOBODY }
	};

	(void)fd;
	(void)what;
	if (entry->call.state == CALL_ANSWERED)
		turn.event.media_ms = env->media_ms(entry->session,
		    env->arg);
	happen(entry, &turn);
}

static void
on_pushed(enum push_outcome outcome, void *arg)
{
	struct party *device = arg;

	entry_note(device->entry, outcome == PUSH_WRITTEN ? CALL_ON_PUSHED :
	    CALL_ON_UNREACHABLE, device->index);
}

void
entry_on_line_lost(struct mailbox *box, void *arg)
{
	struct party *party = MAP_ENTRY(box, struct party, box);

	(void)arg;
	entry_note(party->entry, CALL_ON_UNLINKED, party->index);
	if (party->entry->call.state == CALL_ENDED)
		mailbox_clear(box);
}

void
entry_link(struct party *party, struct mail_line *line)
{
	if (party->box.line == line || party->entry->call.state == CALL_ENDED)
		return;
	mailbox_join(&party->box, line);
	entry_note(party->entry, CALL_ON_LINKED, party->index);
}

struct party *
entry_identify(struct entry *entry, const struct calls_who *who)
{
	int i;

	if (strcmp(who->number, entry->caller_number) == 0)
		return &entry->caller;
	if (strcmp(who->number, entry->callee_number) != 0)
		return NULL;
	for (i = 0; i < entry->n_devices; i++)
		if (crypto_equal(entry->devices[i].token_hash, who->token_hash,
		    CRYPTO_SHA256))
			return &entry->devices[i];
	return NULL;
}

void
entry_describe(const struct party *party, struct calls_reply *reply)
{
	struct entry *entry = party->entry;

	reply->session = entry->session;
	if (party->index == CALL_CALLER) {
		strcpy(reply->party, "a");
		return;
	}
	snprintf(reply->party, sizeof(reply->party), "b%d", party->index);
	reply->caller = entry->caller_number;
	if (entry->offer != NULL)
		reply->offer = mail_body(entry->offer, &reply->offer_len);
}

static void
init_party(struct party *party, struct entry *entry, int index)
{
	char target[SIGMSG_TARGET];

	snprintf(target, sizeof(target), "/session/%s", entry->session);
	party->entry = entry;
	party->index = index;
	mailbox_init(&party->box, target);
	mailbox_init(&party->kept, target);
}

struct entry *
entry_new(const struct entry_env *env, const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	int i;

	if (entry == NULL)
		return NULL;
	entry->env = env;
	strcpy(entry->session, session);
	strcpy(entry->caller_number, who->number);
	strcpy(entry->callee_number, callee->number);
	entry->n_devices = (int)callee->n_devices;
	entry->devices = calloc(callee->n_devices, sizeof(*entry->devices));
	entry->deadline = evtimer_new(env->loop, on_deadline, entry);
	entry->offer = mail_new(msg);
	if (entry->devices == NULL || entry->deadline == NULL ||
	    entry->offer == NULL) {
		free(entry->devices);
		if (entry->deadline != NULL)
			event_free(entry->deadline);
		mail_unref(entry->offer);
		free(entry);
		return NULL;
	}
	init_party(&entry->caller, entry, CALL_CALLER);
	for (i = 0; i < entry->n_devices; i++) {
		init_party(&entry->devices[i], entry, i);
		memcpy(entry->devices[i].token_hash,
		    callee->devices[i].token_hash, CRYPTO_SHA256);
	}
	return entry;
}

static void
start_ring(struct party *device, const struct directory_subscriber *callee,
    uint32_t left_ms)
{
	struct entry *entry = device->entry;
	const struct entry_env *env = entry->env;
	struct push_target target = {
		entry->callee_number, &callee->devices[device->index],
		(size_t)device->index
	};
	struct push_call call = {
		entry->caller_number, entry->session,
		env->settings->name, env->answer_port,
		left_ms
	};
	int err;

	err = push_start(&device->ring, env->push, &target, &call,
	    on_pushed, device);
	if (err < 0)
		log_warn("push_not_started", "session=%.8s err=%d",
		    entry->session, -err);
}

bool
entry_begin(struct entry *entry, const struct directory_subscriber *callee)
{
	const struct settings *settings = entry->env->settings;
	struct call_timing timing = {
		.push_ms = (uint64_t)settings->push_ms,
		.ring_ms = (uint64_t)settings->ring_ms,
		.silence_ms = (uint64_t)settings->media_silence_ms,
		.over_ms = (uint64_t)settings->over_ms
	};
	long left_ms = settings->push_ms < settings->ring_ms ?
	    settings->push_ms : settings->ring_ms;
	bool wakeable[CALL_DEVICES], any = false;
	int i;

	for (i = 0; i < entry->n_devices; i++) {
		if (callee->devices[i].push[0] != '\0')
			start_ring(&entry->devices[i], callee,
			    (uint32_t)left_ms);
		wakeable[i] = entry->devices[i].ring != NULL;
		any |= wakeable[i];
	}
	call_init(&entry->call, &timing, wakeable, entry->n_devices,
	    clock_ms());
	set_deadline(entry);
	return any;
}
