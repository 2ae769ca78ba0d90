#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "call.h"
#include "gate.h"
#include "mail.h"
#include "metrics.h"
#include "push.h"
#include "settings.h"
#include "wire/base64.h"

#define SESSION_BYTES 16
#define CALLS_PER_CALLER 8	/* ringing or running at once */
#define BUSY_RETRY_S 1		/* 429: a mailbox empties that fast */
#define CALLER_RETRY_S 5	/* 429: too many calls of one caller */

_Static_assert(CALL_DEVICES == DIRECTORY_DEVICES, "one party a device");

struct entry;

struct party {
	struct mailbox box;
	struct entry *entry;
	int index;		/* CALL_CALLER, or the device's */
	/* A device's: */
	uint8_t token_hash[CRYPTO_SHA256];
	struct push_ring *ring;
	struct mail *answer;		/* RING with its side of the media */
	struct mailbox kept;		/* INFOs until that is shown */
};

struct entry {
	struct map_node by_session, by_caller;
	struct calls *calls;
	struct call call;
	char session[SIGMSG_SESSION];
	char caller_number[SIGMSG_NUMBER];
	char callee_number[SIGMSG_NUMBER];
	char reason[SIGMSG_REASON];	/* what who ended it said; "": nothing */
	struct mail *offer;
	struct event *deadline;
	struct party caller;
	struct party *devices;
	int n_devices;
};

struct calls {
	struct calls_options options;
	struct event_base *loop;
	struct map *by_session, *by_caller;
	size_t active;
	uint64_t *started, *answered, *info_dropped;
	uint64_t *ended[CALL_MOVED + 1];
};

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

static void
forget(struct entry *entry)
{
	struct calls *calls = entry->calls;
	int i;

	map_remove(calls->by_session, &entry->by_session);
	map_remove(calls->by_caller, &entry->by_caller);
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

void
calls_reload(struct calls *calls)
{
	gate_set(calls->options.gate, GATE_FULL,
	    calls->active >= (size_t)calls->options.settings->max_calls);
}

static void
count_active(struct calls *calls, int change)
{
	calls->active = (size_t)((long)calls->active + change);
	calls_reload(calls);
	calls->options.changed(calls->options.arg);
}

/* Over: nothing is kept but who they were and why. */
static void
wind_up(struct entry *entry)
{
	struct calls *calls = entry->calls;
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
	calls->options.end_media(entry->session, calls->options.arg);
	++*calls->ended[entry->call.end];
	log_info("call_ended", "session=%.8s reason=%s ms=%llu",
	    entry->session, call_reason(&entry->call, CALL_CALLER),
	    (unsigned long long)(entry->call.ended_ms -
	    entry->call.started_ms));
	count_active(calls, -1);
}

/* The request at hand into a mailbox. INFOs are bounded, the rest is few. */
static void
pass(struct entry *entry, struct turn_of_events *turn, struct mailbox *box)
{
	size_t n_max = 0;

	if (turn->mail == NULL)
		turn->mail = mail_new(turn->msg);
	if (turn->msg->method == SIGMSG_INFO)
		n_max = (size_t)entry->calls->options.settings->info_queue;
	if (turn->mail != NULL && entry->call.state == CALL_ENDED)
		mail_set_reason(turn->mail, reason_of(entry, CALL_CALLER));
	if (turn->mail != NULL && mailbox_put(box, turn->mail, n_max) == 0) {
		turn->passed++;
		return;
	}
	turn->refused++;
	++*entry->calls->info_dropped;
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
		forget(entry);
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
		++*entry->calls->answered;
	for (i = 0; alive && i < turn->result.n; i++)
		alive = carry_out(entry, turn, &turn->result.actions[i]);
	mail_unref(turn->mail);
	turn->mail = NULL;
	if (alive)
		set_deadline(entry);
	return alive;
}

/* An event that is no request. */
static void
note(struct entry *entry, enum call_event_type type, int party)
{
	struct turn_of_events turn = {
		.event = { .type = type, .party = party }
	};

	happen(entry, &turn);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct entry *entry = arg;
	struct calls *calls = entry->calls;
	struct turn_of_events turn = {
		.event = { .type = CALL_ON_TICK, .party = CALL_NOBODY }
	};

	(void)fd;
	(void)what;
	if (entry->call.state == CALL_ANSWERED)
		turn.event.media_ms = calls->options.media_ms(entry->session,
		    calls->options.arg);
	happen(entry, &turn);
}

static void
on_pushed(enum push_outcome outcome, void *arg)
{
	struct party *device = arg;

	note(device->entry, outcome == PUSH_WRITTEN ? CALL_ON_PUSHED :
	    CALL_ON_UNREACHABLE, device->index);
}

static void
on_line_lost(struct mailbox *box, void *arg)
{
	struct party *party = MAP_ENTRY(box, struct party, box);

	(void)arg;
	note(party->entry, CALL_ON_UNLINKED, party->index);
	if (party->entry->call.state == CALL_ENDED)
		mailbox_clear(box);
}

struct mail_line *
calls_line(struct calls *calls,
    int (*send)(const struct sigmsg *msg, void *arg), void *arg)
{
	struct mail_line_handlers handlers = { send, on_line_lost };

	return mail_line_new(&handlers, arg, calls);
}

/* The party speaks on this line from now on. */
static void
link_party(struct party *party, struct mail_line *line)
{
	if (party->box.line == line || party->entry->call.state == CALL_ENDED)
		return;
	mailbox_join(&party->box, line);
	note(party->entry, CALL_ON_LINKED, party->index);
}

static struct entry *
find(const struct calls *calls, const char *session)
{
	struct map_node *node = map_find(calls->by_session, session,
	    strlen(session));

	return node != NULL ? MAP_ENTRY(node, struct entry, by_session) : NULL;
}

/* Which party of the call is that? NULL: none. */
static struct party *
identify(struct entry *entry, const struct calls_who *who)
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

static void
refuse(struct calls_reply *reply, int status, const char *reason)
{
	reply->status = status;
	snprintf(reply->reason, sizeof(reply->reason), "%s", reason);
}

/* What a party needs for its side of the media. */
static void
describe(const struct party *party, struct calls_reply *reply)
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
start_ring(struct party *device, const struct directory_subscriber *callee,
    uint32_t left_ms)
{
	struct entry *entry = device->entry;
	struct calls *calls = entry->calls;
	struct push_target target = {
		entry->callee_number, &callee->devices[device->index],
		(size_t)device->index
	};
	struct push_call call = {
		entry->caller_number, entry->session,
		calls->options.settings->name, calls->options.answer_port,
		left_ms
	};
	int err;

	err = push_start(&device->ring, calls->options.push, &target, &call,
	    on_pushed, device);
	if (err < 0)
		log_warn("push_not_started", "session=%.8s err=%d",
		    entry->session, -err);
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

/* An entry that is in no table yet. */
static struct entry *
entry_new(struct calls *calls, const char *session,
    const struct calls_who *who, const struct directory_subscriber *callee,
    const struct sigmsg *msg)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	int i;

	if (entry == NULL)
		return NULL;
	entry->calls = calls;
	strcpy(entry->session, session);
	strcpy(entry->caller_number, who->number);
	strcpy(entry->callee_number, callee->number);
	entry->n_devices = (int)callee->n_devices;
	entry->devices = calloc(callee->n_devices, sizeof(*entry->devices));
	entry->deadline = evtimer_new(calls->loop, on_deadline, entry);
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

/* Wake the devices. False: none of them can be. */
static bool
begin(struct entry *entry, const struct directory_subscriber *callee)
{
	const struct settings *settings = entry->calls->options.settings;
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
	return any;
}

/*
 * Both dial each other. If one rings already it lives, else the one with the
 * lower session id; false: the new one must not begin.
 */
static bool
resolve_glare(struct calls *calls, const char *session,
    const struct calls_who *who, const char *callee)
{
	struct map_node *node = map_find(calls->by_caller, callee,
	    strlen(callee)), *next;

	for (; node != NULL; node = next) {
		struct entry *other = MAP_ENTRY(node, struct entry, by_caller);

		next = map_find_next(node);
		if (strcmp(other->callee_number, who->number) != 0 ||
		    other->call.state >= CALL_ANSWERED)
			continue;
		if (other->call.state == CALL_RINGING ||
		    strcmp(other->session, session) < 0)
			return false;
		note(other, CALL_ON_GLARE, CALL_NOBODY);
	}
	return true;
}

static size_t
calls_of(const struct calls *calls, const char *caller)
{
	struct map_node *node;
	size_t n = 0;

	for (node = map_find(calls->by_caller, caller, strlen(caller));
	    node != NULL; node = map_find_next(node))
		n += MAP_ENTRY(node, struct entry, by_caller)->call.state !=
		    CALL_ENDED;
	return n;
}

/* May this call begin? If not reply says why. */
static bool
admit(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const char *session,
    const struct sigmsg *msg, struct calls_reply *reply)
{
	unsigned closed = gate_reasons(calls->options.gate);

	if (closed != 0)
		refuse(reply, 503, gate_reason_text(closed));
	else if (msg->body_len == 0)
		refuse(reply, 400, "no-offer");
	else if (strcmp(who->number, callee->number) == 0)
		refuse(reply, 409, "own-number");
	else if (calls_of(calls, who->number) >= CALLS_PER_CALLER) {
		refuse(reply, 429, "too-many-calls");
		reply->retry_after_s = CALLER_RETRY_S;
	} else if (!resolve_glare(calls, session, who, callee->number))
		refuse(reply, 409, "glare");
	else
		return true;
	return false;
}

void
calls_initiate(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	uint8_t random[SESSION_BYTES];
	char session[SIGMSG_SESSION];
	struct entry *entry;

	memset(reply, 0, sizeof(*reply));
	mail_line_hold(who->line);
	if (crypto_random(random, sizeof(random)) < 0) {
		refuse(reply, 500, "");
		return;
	}
	hex_encode(session, random, sizeof(random));
	if (!admit(calls, who, callee, session, msg, reply))
		return;
	entry = entry_new(calls, session, who, callee, msg);
	if (entry == NULL) {
		refuse(reply, 503, "full");
		return;
	}
	map_add(calls->by_session, &entry->by_session, entry->session,
	    strlen(entry->session));
	map_add(calls->by_caller, &entry->by_caller, entry->caller_number,
	    strlen(entry->caller_number));
	if (!begin(entry, callee)) {
		forget(entry);
		refuse(reply, 480, "unreachable");
		return;
	}
	++*calls->started;
	count_active(calls, 1);
	set_deadline(entry);
	link_party(&entry->caller, who->line);
	reply->status = 200;
	describe(&entry->caller, reply);
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
calls_request(struct calls *calls, const struct calls_who *who,
    const char *session, const struct sigmsg *msg, struct calls_reply *reply)
{
	struct entry *entry = find(calls, session);
	struct party *party = entry != NULL ? identify(entry, who) : NULL;
	struct turn_of_events turn = {
		.event = { .type = event_of(msg->method),
		    .body = msg->body_len > 0 },
		.msg = msg
	};

	memset(reply, 0, sizeof(*reply));
	mail_line_hold(who->line);
	if (party == NULL) {
		refuse(reply, 404, "");
		return;
	}
	turn.event.party = party->index;
	link_party(party, who->line);
	happen(entry, &turn);
	reply->status = turn.result.status;
	if (reply->status == 410) {
		refuse(reply, 410, reason_of(entry, party->index));
		return;
	}
	if (turn.refused > 0 && turn.passed == 0) {
		refuse(reply, 429, "queue-full");
		reply->retry_after_s = BUSY_RETRY_S;
		return;
	}
	if (reply->status == 200 && (msg->method == SIGMSG_RING ||
	    msg->method == SIGMSG_RESUME))
		describe(party, reply);
}

size_t
calls_active(const struct calls *calls)
{
	return calls->active;
}

static void
find_oldest(struct map_node *node, void *arg)
{
	const struct entry *entry = MAP_ENTRY(node, struct entry, by_session);
	uint64_t *oldest_ms = arg;

	if (entry->call.state != CALL_ENDED &&
	    entry->call.started_ms < *oldest_ms)
		*oldest_ms = entry->call.started_ms;
}

uint64_t
calls_oldest_ms(const struct calls *calls)
{
	uint64_t now_ms = clock_ms(), oldest_ms = now_ms;

	map_each(calls->by_session, find_oldest, &oldest_ms);
	return now_ms - oldest_ms;
}

static void
list(struct map_node *node, void *arg)
{
	const struct entry *entry = MAP_ENTRY(node, struct entry, by_session);

	if (entry->call.state != CALL_ENDED)
		json_array_append_new(arg, json_pack("{s:s, s:s, s:I}",
		    "session", entry->session,
		    "state", call_state_text(entry->call.state),
		    "age_ms", (json_int_t)(clock_ms() -
		    entry->call.started_ms)));
}

json_t *
calls_list(const struct calls *calls)
{
	json_t *array = json_array();

	if (array != NULL)
		map_each(calls->by_session, list, array);
	return array;
}

static void
collect(struct metrics *metrics, struct evbuffer *out, void *arg)
{
	const struct calls *calls = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_calls_active", "",
	    "Calls that ring or run.", calls->active);
	metrics_emit(out, "gauge", "rp_calls_kept", "",
	    "Calls in the table, also those that are over.",
	    map_count(calls->by_session));
}

static void
count_by(struct calls *calls, struct metrics *metrics)
{
	struct call call = { .winner = CALL_NOBODY };
	char labels[64];
	int i;

	calls->started = metrics_counter(metrics, "rp_calls_started_total",
	    "", "Calls begun.");
	calls->answered = metrics_counter(metrics, "rp_calls_answered_total",
	    "", "Calls answered.");
	calls->info_dropped = metrics_counter(metrics,
	    "rp_info_refused_total", "",
	    "Messages not passed on since the other side's queue is full.");
	for (i = 0; i <= CALL_MOVED; i++) {
		call.end = (enum call_end)i;
		snprintf(labels, sizeof(labels), "reason=\"%s\"",
		    call_reason(&call, CALL_CALLER));
		calls->ended[i] = metrics_counter(metrics,
		    "rp_calls_ended_total", labels,
		    "Calls that are over, by reason.");
	}
	metrics_collector(metrics, collect, calls);
}

int
calls_new(struct calls **out, struct event_base *loop,
    const struct calls_options *options)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	if (calls == NULL)
		return -ENOMEM;
	calls->loop = loop;
	calls->options = *options;
	calls->by_session = map_new();
	calls->by_caller = map_new();
	if (calls->by_session == NULL || calls->by_caller == NULL) {
		calls_free(calls);
		return -ENOMEM;
	}
	count_by(calls, options->metrics);
	*out = calls;
	return 0;
}

static void
shut_down(struct map_node *node, void *arg)
{
	(void)arg;
	note(MAP_ENTRY(node, struct entry, by_session), CALL_ON_SHUTDOWN,
	    CALL_NOBODY);
}

void
calls_shutdown(struct calls *calls)
{
	map_each(calls->by_session, shut_down, NULL);
}

static void
forget_each(struct map_node *node, void *arg)
{
	(void)arg;
	forget(MAP_ENTRY(node, struct entry, by_session));
}

void
calls_free(struct calls *calls)
{
	if (calls == NULL)
		return;
	if (calls->by_session != NULL) {
		calls_shutdown(calls);
		map_each(calls->by_session, forget_each, NULL);
	}
	map_free(calls->by_session);
	map_free(calls->by_caller);
	free(calls);
}
