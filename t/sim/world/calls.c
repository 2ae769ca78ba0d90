/* calls: legs by taps of rp-dial, sessions by logs of switches. See calls.h. */
#include "world/calls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "call/call_events.h"
#include "call/call.h"
#include "core/private.h"
#include "world/check.h"
#include "world/count.h"
#include "world/leg.h"
#include "world/phone.h"
#include "world/switch.h"

#define BUCKETS 1024
#define LOOK (5 * SIM_S)		/* between two looks at all legs */
#define SHORT 8
#define OLD_MANY 20			/* ends tell whether it works */
#define OLD_LATE (100 * SIM_S)		/* its report, after the end */
#define OLD_CALL (130 * SIM_S)		/* 0.1.0's is not longer */

struct legs calls_legs = TAILQ_HEAD_INITIALIZER(calls_legs);
struct legs calls_past = TAILQ_HEAD_INITIALIZER(calls_past);
static struct session *buckets[BUCKETS];
static unsigned n_open;
static bool begun;			/* else nobody wants to know */
static struct {
	unsigned answered, silent;	/* ends of calls */
} old;

#define TAP(type, name, args)						\
	type __real_##name args;					\
	type __wrap_##name args;					\
	type								\
	__wrap_##name args

static struct session *
find_session(const char *id, bool make)
{
	uint32_t hash = 2166136261u;
	struct session *s;
	const char *p;

	for (p = id; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	hash %= BUCKETS;
	for (s = buckets[hash]; s != NULL; s = s->bucket)
		if (strcmp(s->id, id) == 0)
			return s;
	if (!make)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		abort();
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->since = sim_now();
	s->bucket = buckets[hash];
	buckets[hash] = s;
	return s;
}

struct session *
calls_find(bool (*is)(const struct session *s, const void *arg),
    const void *arg)
{
	struct session *s;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (s = buckets[i]; s != NULL; s = s->bucket)
			if (is(s, arg))
				return s;
	return NULL;
}

static struct leg *
find_state(const struct callstate *state)
{
	struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next)
		if (&leg->call->state == state)
			return leg;
	return NULL;
}

/* The log of 0.1.0 has the beginnings of their names. */
static struct session *
find_short(const char *id)
{
	struct session *s;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (s = buckets[i]; s != NULL; s = s->bucket)
			if (strncmp(s->id, id, SHORT) == 0)
				return s;
	return NULL;
}

/* The number of a leg's phone. */
static void
number_of(const struct leg *leg, char out[static SIGMSG_NUMBER])
{
	const char *name = sim_machine_name(leg->machine);

	snprintf(out, SIGMSG_NUMBER, "%.*s", (int)strcspn(name, "/"), name);
}

static void
note_parties(const struct leg *leg)
{
	struct session *s = leg->session;

	number_of(leg, leg->placed ? s->caller : s->callee);
	snprintf(leg->placed ? s->callee : s->caller, SIGMSG_NUMBER, "%s",
	    call_peer(leg->call));
}

/* Return the latest session of two numbers; NULL: none is known. */
static struct session *
find_between(const char *caller, const char *callee)
{
	struct session *s, *latest = NULL;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (s = buckets[i]; s != NULL; s = s->bucket)
			if (strcmp(s->caller, caller) == 0 &&
			    strcmp(s->callee, callee) == 0 &&
			    (latest == NULL || s->since > latest->since))
				latest = s;
	return latest != NULL && (latest->ended == 0 ||
	    sim_now() - latest->ended < OLD_LATE) ? latest : NULL;
}

/* Return the switch of an address with its port, or NULL. */
static struct sim_switch *
at_address(const char *address)
{
	struct sim_switch *sw;
	size_t i, len;

	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++) {
		len = strlen(sim_switch_ip(sw));
		if (strncmp(sim_switch_ip(sw), address, len) == 0 &&
		    address[len] == ':')
			break;
	}
	return sw;
}

static void
add_to(struct leg *leg, struct session *s)
{
	leg->session = s;
	leg->sister = s->legs;
	s->legs = leg;
}

/* 0.1.0 does not say in its log that a call begins. */
static void
note_switch(const struct leg *leg)
{
	const struct sim_switch *sw =
	    at_address(leg->call->report.switch_address);

	if (sw == NULL || !sim_switch_is_old(sw))
		return;
	leg->session->host = sim_switch_machine(sw);
}

/* The session of a leg is known some time after its beginning. */
static void
join(struct leg *leg)
{
	const char *id = leg->call->report.session;

	if (leg->session != NULL || *id == '\0')
		return;
	add_to(leg, find_session(id, true));
	note_parties(leg);
	note_switch(leg);
}

static void
finish(struct leg *leg)
{
	join(leg);
	leg->ghost = sim_process_is_ghost(leg->process);
	leg->outcome = leg->call->report.outcome;
	leg->ended = sim_now();
	snprintf(leg->peer, sizeof(leg->peer), "%s", call_peer(leg->call));
	if (leg->call->report.step_ns[REPORT_ANSWER] != 0 &&
	    leg->answered == 0)
		leg->answered = leg->ended;
	if (!leg->ghost)
		sim_record("ends", "why=\"%s\" says=%s", leg->call->state.why,
		    leg->call->state.reason);
	leg->call = NULL;
	TAILQ_REMOVE(&calls_legs, leg, next);
	TAILQ_INSERT_TAIL(&calls_past, leg, next);
	n_open--;
	if (!leg->ghost)
		judge_leg(leg);
}

static enum outcome
outcome_of(const char *text)
{
	unsigned i = 0;

	while (i < OUTCOME_N && strcmp(outcome_text(i), text) != 0)
		i++;
	if (i == OUTCOME_N)
		abort();
	return i;
}

void
calls_told(const struct sim_machine *machine,
    const struct sim_phone_report *report)
{
	struct leg *leg = calloc(1, sizeof(*leg));
	char number[SIGMSG_NUMBER];
	struct session *s;

	if (leg == NULL)
		abort();
	leg->old = true;
	leg->machine = machine;
	leg->placed = report->placed;
	leg->ended = sim_now();
	leg->began = leg->ended > OLD_CALL ? leg->ended - OLD_CALL : 0;
	leg->answered = report->answered ? leg->ended : 0;
	leg->talked = report->talked ? leg->ended : 0;
	leg->outcome = outcome_of(report->end);
	snprintf(leg->peer, sizeof(leg->peer), "%s", report->peer);
	number_of(leg, number);
	s = leg->placed ? find_between(number, leg->peer) :
	    find_between(leg->peer, number);
	if (s != NULL)
		add_to(leg, s);
	else
		count_add("old.unknown", 1);
	TAILQ_INSERT_TAIL(&calls_past, leg, next);
	count_add(leg->placed ? "old.placed" : "old.taken", 1);
	old.answered += report->answered;
	old.silent += report->answered && !report->talked;
	judge_leg(leg);
}

/* The handlers of a call go by its leg, to see its end at once. */

static void
on_accepted(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;

	leg->handlers.accepted(msg, leg->arg);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct leg *leg = arg;

	leg->handlers.request(msg, leg->arg);
}

static void
on_secure(void *arg)
{
	struct leg *leg = arg;

	leg->handlers.secure(leg->arg);
}

static void
on_ended(void *arg)
{
	struct leg *leg = arg;

	if (leg->call != NULL)
		finish(leg);
	leg->handlers.ended(leg->arg);
}

TAP(int, call_events_init, (struct call *call, char why[static WHY_TEXT]))
{
	static const struct call_handlers ours = {
		.accepted = on_accepted,
		.request = on_request,
		.secure = on_secure,
		.ended = on_ended
	};
	struct leg *leg;

	if (!begun)
		return __real_call_events_init(call, why);
	leg = calloc(1, sizeof(*leg));
	if (leg == NULL)
		abort();
	leg->call = call;
	leg->handlers = call->handlers;
	leg->arg = call->arg;
	call->handlers = ours;
	call->arg = leg;
	leg->process = sim_process_self();
	leg->pid = sim_process_pid(leg->process);
	leg->machine = sim_process_machine(leg->process);
	leg->placed = call->options.caller;
	leg->began = sim_now();
	TAILQ_INSERT_TAIL(&calls_legs, leg, next);
	n_open++;
	count_add(leg->placed ? "legs.placed" : "legs.taken", 1);
	return __real_call_events_init(call, why);
}

TAP(void, callstate_ringing, (struct callstate *state))
{
	struct leg *leg = find_state(state);

	if (leg != NULL && !sim_process_is_ghost(leg->process)) {
		join(leg);
		if (leg->rang == 0)
			leg->rang = sim_now();
		count_add(leg->placed ? "call.rung" : "call.rings", 1);
		if (!leg->placed)
			watch_ring(leg);
	}
	__real_callstate_ringing(state);
}

TAP(void, callstate_answered, (struct callstate *state))
{
	struct leg *leg = find_state(state);

	if (leg != NULL && leg->answered == 0) {
		join(leg);
		leg->answered = sim_now();
		count_add(leg->placed ? "call.answered" : "call.answers", 1);
	}
	__real_callstate_answered(state);
}

/* How soon after ANSWER is there media? */
static void
count_media(const struct leg *leg)
{
	static const struct {
		uint64_t most;
		const char *name;
	} times[] = {
		{ 300 * SIM_MS, "0.3s" }, { SIM_S, "1s" }, { 3 * SIM_S, "3s" },
		{ 10 * SIM_S, "10s" }, { SIM_NEVER, "longer" }
	};
	uint64_t took = leg->talked - leg->answered;
	size_t i = 0;

	while (took > times[i].most)
		i++;
	count_in("media-within", times[i].name, 1);
}

TAP(void, callstate_talking, (struct callstate *state, uint32_t duration_ms))
{
	struct leg *leg = find_state(state);

	if (leg != NULL && leg->talked == 0) {
		leg->talked = sim_now();
		count_add(leg->placed ? "call.talked" : "call.talks", 1);
		count_media(leg);
	}
	__real_callstate_talking(state, duration_ms);
	if (leg != NULL && !sim_process_is_ghost(leg->process))
		pairs_talks(leg);
}

TAP(void, call_events_clear, (struct call *call))
{
	struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next)
		if (leg->call == call)
			break;
	if (leg != NULL)
		finish(leg);
	__real_call_events_clear(call);
}

static void
look(void *arg)
{
	struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next) {
		if (sim_process_is_ghost(leg->process))
			continue;
		join(leg);
		watch_leg(leg);
	}
	pairs_look();
	sim_at(sim_now() + LOOK, look, arg);
}

/* Return the value of "key=" in a line, without quotes; "" if it has none. */
static void
value(char *out, size_t room, const char *text, const char *key)
{
	const char *at = strstr(text, key);
	size_t len;

	*out = '\0';
	if (at == NULL)
		return;
	at += strlen(key);
	at += *at == '"';
	len = strcspn(at, "\" ");
	if (len < room)
		snprintf(out, len + 1, "%s", at);
}

void
calls_heard(struct sim_process *process, const char *event, const char *text)
{
	bool starts = strcmp(event, "call_started") == 0;
	char id[SIGMSG_SESSION];
	struct session *s;

	if (!starts && strcmp(event, "call_ended") != 0)
		return;
	value(id, sizeof(id), text, "session=");
	if (*id == '\0')
		return;
	s = strlen(id) == SHORT ? find_short(id) : find_session(id, true);
	if (s == NULL)
		return;
	s->host = sim_process_machine(process);
	if (starts) {
		count_add("call.started", 1);
		s->pid = sim_process_pid(process);
		value(s->caller, sizeof(s->caller), text, "caller=");
		value(s->callee, sizeof(s->callee), text, "callee=");
		pairs_started(s);
		return;
	}
	s->ended = sim_now();
	value(s->reason, sizeof(s->reason), text, "reason=");
	count_in("switch", s->reason, 1);
	pairs_ended(s);
}

const char *
calls_placed(const char *machine)
{
	struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next)
		if (leg->placed && strcmp(leg_name(leg), machine) == 0) {
			join(leg);
			return leg->session != NULL ? leg->session->id : "";
		}
	return "";
}

unsigned
calls_open(void)
{
	return n_open;
}

void
calls_returned(void)
{
	count_add("old.answered", old.answered);
	count_add("old.silent", old.silent);
	if (old.answered >= OLD_MANY && old.silent > old.answered / 4)
		check_fail("old_works", "of %u calls that 0.1.0 had, %u came "
		    "to no media", old.answered, old.silent);
}

void
calls_begin(void)
{
	begun = true;
	sim_at(LOOK, look, NULL);
}

void
calls_reset(void)
{
	struct session *s;
	struct leg *leg;
	size_t i;

	while ((leg = TAILQ_FIRST(&calls_legs)) != NULL) {
		TAILQ_REMOVE(&calls_legs, leg, next);
		free(leg);
	}
	while ((leg = TAILQ_FIRST(&calls_past)) != NULL) {
		TAILQ_REMOVE(&calls_past, leg, next);
		free(leg);
	}
	for (i = 0; i < BUCKETS; i++)
		while ((s = buckets[i]) != NULL) {
			buckets[i] = s->bucket;
			free(s);
		}
	pairs_reset();
	n_open = 0;
	memset(&old, 0, sizeof(old));
	begun = false;
}
