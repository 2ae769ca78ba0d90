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
#include "world/fault.h"
#include "world/leg.h"
#include "world/person.h"
#include "world/phone.h"
#include "world/switch.h"
#include "world/trouble.h"

#define BUCKETS 1024
#define LOOK (5 * SIM_S)		/* between two looks at all legs */
/*
 * What may be late, without a trouble near. News of an end takes a way of some
 * 0.1 s, and a lost packet or two.
 */
#define NEWS (5 * SIM_S)
#define CROSSED (2 * SIM_S)
#define RINGS (5 * SIM_S)		/* dial to RING */
#define WAITS (70 * SIM_S)		/* dial to ANSWER; a switch has 45 s */
#define BOTH (20 * SIM_S)		/* two devices think they have it */
/* With a trouble: half a minute of silence, and the end said after it. */
#define NEWS_LATE (100 * SIM_S)
#define WAITS_LATE (200 * SIM_S)
#define BOTH_LATE (100 * SIM_S)
#define BEFORE (30 * SIM_S)		/* a trouble counts for so long */
#define SHORT 8
#define OLD_MANY 20			/* ends tell whether it works */
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
	    sim_now() - latest->ended < NEWS_LATE) ? latest : NULL;
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

static const char *
name(const struct leg *leg)
{
	return sim_machine_name(leg->machine);
}

static const struct sim_machine *
host(const struct leg *leg)
{
	return leg->session != NULL ? leg->session->host : NULL;
}

/* Return the trouble of a leg since that time, or NULL. */
static const char *
trouble(const struct leg *leg, uint64_t from, unsigned effects)
{
	from = from > BEFORE ? from - BEFORE : 0;
	return trouble_near(leg->machine, host(leg), from, sim_now(), effects);
}

/* Return the trouble of any party of a session. */
static const char *
session_trouble(const struct session *s, uint64_t from, unsigned effects)
{
	const struct leg *leg;
	const char *what;

	for (leg = s->legs; leg != NULL; leg = leg->sister) {
		what = trouble(leg, from, effects);
		if (what != NULL)
			return what;
	}
	return NULL;
}

/* In a call with media, only what breaks connections is a trouble. */
static unsigned
effects_on(const struct leg *leg)
{
	return leg->talked != 0 ? TROUBLE_TALK : TROUBLE_ANY;
}

static struct leg *
caller_of(const struct session *s)
{
	struct leg *leg;

	for (leg = s->legs; leg != NULL; leg = leg->sister)
		if (leg->placed)
			return leg;
	return NULL;
}

/* Is an end of it 0.1.0's, or may it be? What that does worse is no failure. */
static bool
is_with_old(const struct leg *leg)
{
	return leg->old || person_has_old(leg->call != NULL ?
	    call_peer(leg->call) : leg->peer);
}

/* What ends of a call belong together: the caller's and the device's. */
static const struct pair {
	enum outcome caller, callee;
} pairs[] = {
	{ OUTCOME_COMPLETED, OUTCOME_COMPLETED },
	{ OUTCOME_MOVED, OUTCOME_MOVED },
	{ OUTCOME_CANCELLED, OUTCOME_CANCELLED },
	{ OUTCOME_CANCELLED, OUTCOME_OVER },
	{ OUTCOME_DECLINED, OUTCOME_DECLINED },
	{ OUTCOME_BUSY, OUTCOME_BUSY },
	{ OUTCOME_BUSY, OUTCOME_OVER },
	{ OUTCOME_NO_ANSWER, OUTCOME_NO_ANSWER },
	{ OUTCOME_NO_ANSWER, OUTCOME_OVER }
};

/*
 * One of them ended it by hand, while the news of another end was on its way:
 * the other's, another device's, or that its time was up.
 */
static bool
is_crossed(const struct leg *caller, const struct leg *callee)
{
	uint64_t between = caller->ended > callee->ended ?
	    caller->ended - callee->ended : callee->ended - caller->ended;

	return caller->talked == 0 && between < CROSSED &&
	    caller->outcome != OUTCOME_COMPLETED &&
	    (caller->outcome == OUTCOME_CANCELLED ||
	    callee->outcome == OUTCOME_COMPLETED ||
	    callee->outcome == OUTCOME_DECLINED);
}

static bool
is_pair(const struct leg *caller, const struct leg *callee)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].caller == caller->outcome &&
		    pairs[i].callee == callee->outcome)
			return true;
	return is_crossed(caller, callee);
}

/* Return a device of that number which nothing keeps from ringing, or NULL. */
static const struct sim_phone *
may_ring(const struct leg *caller)
{
	uint64_t from = caller->began > BEFORE ? caller->began - BEFORE : 0;
	const struct sim_phone *phone;
	char device[SIGMSG_NUMBER + 8];
	unsigned i;

	for (i = 1;; i++) {
		snprintf(device, sizeof(device), "%s/%u", caller->peer, i);
		phone = sim_phone_find(device);
		if (phone == NULL || (sim_phone_is_registered(phone) &&
		    trouble_near(sim_phone_machine(phone), host(caller), from,
		    caller->ended, TROUBLE_ANY) == NULL))
			return phone;
	}
}

/* Somebody waited for long, and no device rang. */
static void
judge_ring(const struct leg *caller)
{
	const struct sim_phone *phone;
	const struct leg *leg;

	if (caller->old || caller->ended - caller->began < RINGS ||
	    caller->session == NULL || caller->outcome == OUTCOME_BUSY ||
	    trouble(caller, caller->began, TROUBLE_ANY) != NULL)
		return;
	for (leg = caller->session->legs; leg != NULL; leg = leg->sister)
		if (!leg->placed && leg->rang != 0)
			return;
	/*
	 * That 0.1.0 rings is not seen. Nor does it always: it registers anew
	 * after each call, as a full directory keeps it from.
	 */
	if (person_has_old(caller->peer))
		return;
	phone = may_ring(caller);
	if (phone != NULL)
		check_fail("rings", "call %s of %s did not ring at %s in "
		    "%.0f s", caller->session->id, name(caller),
		    sim_phone_name(phone),
		    (double)(caller->ended - caller->began) / SIM_S);
}

/*
 * Judge a call once all of its legs are over. The device that had the call is
 * the one that answered and was not told that another did.
 */
static void
judge(struct session *s)
{
	const struct leg *caller = caller_of(s), *leg, *winner = NULL;
	const char *what;
	unsigned won = 0;

	for (leg = s->legs; leg != NULL; leg = leg->sister) {
		if (leg->call != NULL)
			return;
		if (!leg->placed && leg->answered != 0 &&
		    leg->outcome != OUTCOME_OVER) {
			winner = leg;
			won++;
		}
	}
	if (s->judged || caller == NULL)
		return;
	s->judged = true;
	what = session_trouble(s, s->legs->began, TROUBLE_TALK);
	if (won > 1 && what == NULL && !is_with_old(caller))
		check_fail("one_device", "%u devices had the call %s", won,
		    s->id);
	if (winner == NULL)
		for (leg = s->legs; leg != NULL; leg = leg->sister)
			if (!leg->placed && leg->outcome != OUTCOME_OVER)
				winner = leg;
	if (winner == NULL || caller->ghost || winner->ghost)
		return;
	what = session_trouble(s, s->legs->began, effects_on(caller));
	if (!is_pair(caller, winner))
		count_in("odd", what != NULL ? what : "none", 1);
	if (!is_pair(caller, winner) && is_with_old(caller))
		count_add("old.one-reason", 1);
	else if (!is_pair(caller, winner) && what == NULL)
		check_fail("one_reason", "call %s was %s for %s and %s for %s",
		    s->id, outcome_text(caller->outcome), name(caller),
		    outcome_text(winner->outcome), name(winner));
}

/* Is that an end which people cause? */
static bool
is_usual(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_COMPLETED:
	case OUTCOME_NO_ANSWER:
	case OUTCOME_CANCELLED:
	case OUTCOME_BUSY:
	case OUTCOME_DECLINED:
	case OUTCOME_OVER:
		return true;
	default:
		return false;
	}
}

/* Without a trouble near, no call ends but by people. */
static void
judge_loss(const struct leg *leg)
{
	const char *what;

	if (is_usual(leg->outcome))
		return;
	what = trouble(leg, leg->began, effects_on(leg));
	if (what == NULL && leg->session != NULL)
		what = session_trouble(leg->session, leg->began,
		    effects_on(leg));
	if (is_with_old(leg) && what == NULL)
		what = "old";
	if (what == NULL && leg->session == NULL &&
	    fault_shut(leg->machine, leg->began, leg->ended))
		what = "shut";
	count_in(leg->talked != 0 ? "lost" : "failed",
	    what != NULL ? what : "none", 1);
	if (what == NULL)
		check_fail("own_death_only", "call %s of %s, %s, was %s "
		    "without a reason", leg->session != NULL ?
		    leg->session->id : "-", name(leg), leg->talked != 0 ?
		    "with media" : "not answered",
		    outcome_text(leg->outcome));
}

static void
judge_leg(struct leg *leg)
{
	sim_record("leg", "phone=%s placed=%d peer=%s session=%s end=%s",
	    name(leg), leg->placed, leg->peer,
	    leg->session != NULL ? leg->session->id : "-",
	    outcome_text(leg->outcome));
	count_in(leg->placed ? "end" : "taken", outcome_text(leg->outcome),
	    1);
	judge_loss(leg);
	if (!leg->old)
		pairs_over(leg);
	if (leg->placed)
		judge_ring(leg);
	if (leg->session != NULL)
		judge(leg->session);
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

/* Does it ring for a call that is over, and was told so long ago? */
static void
look_at_ring(const struct leg *leg)
{
	const struct session *s = leg->session;

	if (s == NULL || s->ended == 0 || sim_now() <= s->ended + NEWS ||
	    trouble(leg, s->ended, TROUBLE_RING | TROUBLE_TALK) != NULL)
		return;
	check_fail("no_late_ring", "%s begins to ring for call %s, which ended "
	    "%.1f s ago as %s", name(leg), s->id,
	    (double)(sim_now() - s->ended) / SIM_S, s->reason);
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
			look_at_ring(leg);
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

/* Looks at all legs, for what ought to have happened. */

static void
look_at_wait(const struct leg *leg)
{
	uint64_t waits = sim_now() - leg->began;
	const char *what;

	if (waits <= WAITS)
		return;
	what = trouble(leg, leg->began, TROUBLE_ANY);
	if (what == NULL || waits > WAITS_LATE)
		check_fail("no_wait", "%s waits for %.0f s in its %s call "
		    "with %s; trouble: %s", name(leg), (double)waits / SIM_S,
		    leg->placed ? "placed" : "taken", call_peer(leg->call),
		    what != NULL ? what : "none");
}

static void
look_at_end(const struct leg *leg)
{
	const struct session *s = leg->session;
	uint64_t since;
	const char *what;

	if (s == NULL || s->ended == 0)
		return;
	since = sim_now() - s->ended;
	if (since <= NEWS)
		return;
	what = trouble(leg, s->ended, leg->rang == 0 && !leg->placed ?
	    TROUBLE_ANY : TROUBLE_TALK);
	if (what == NULL || since > NEWS_LATE)
		check_fail(leg->answered == 0 && !leg->placed ?
		    "no_late_ring" : "no_wait", "%s does not know after "
		    "%.0f s that call %s is over as %s; trouble: %s",
		    name(leg), (double)since / SIM_S, s->id, s->reason,
		    what != NULL ? what : "none");
}

/* It talks on, and the other end has gone. */
static void
look_at_silence(const struct leg *leg)
{
	const struct leg *other;
	uint64_t last = 0;

	if (leg->answered == 0 || leg->session == NULL)
		return;
	for (other = leg->session->legs; other != NULL; other = other->sister) {
		if (other->placed == leg->placed || other->answered == 0)
			continue;
		if (other->call != NULL)
			return;
		if (other->ended > last)
			last = other->ended;
	}
	if (last != 0 && sim_now() > last + NEWS_LATE)
		check_fail("no_wait", "%s still has call %s, whose other end "
		    "has left it for %.0f s", name(leg), leg->session->id,
		    (double)(sim_now() - last) / SIM_S);
}

static void
look_at_devices(const struct leg *leg)
{
	const struct leg *other;
	uint64_t both;
	const char *what;

	if (leg->placed || leg->answered == 0 || leg->session == NULL)
		return;
	for (other = leg->sister; other != NULL; other = other->sister) {
		if (other->placed || other->answered == 0 ||
		    other->call == NULL || other->ghost)
			continue;
		both = sim_now() - (leg->answered > other->answered ?
		    leg->answered : other->answered);
		what = session_trouble(leg->session, leg->began,
		    TROUBLE_TALK);
		if (both > (what != NULL ? BOTH_LATE : BOTH))
			check_fail("one_device", "%s and %s both have call %s "
			    "for %.0f s; trouble: %s", name(leg), name(other),
			    leg->session->id, (double)both / SIM_S,
			    what != NULL ? what : "none");
	}
}

static void
look(void *arg)
{
	struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next) {
		if (sim_process_is_ghost(leg->process))
			continue;
		join(leg);
		if (call_state(leg->call) < CALL_ANSWERED)
			look_at_wait(leg);
		look_at_end(leg);
		look_at_silence(leg);
		look_at_devices(leg);
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
		if (leg->placed && strcmp(name(leg), machine) == 0) {
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
