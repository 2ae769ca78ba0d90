/*
 * The call's state machine, with its whole transition table. A case is a script
 * of events and the result of the last one: status, state and actions. Parties
 * are c (the caller) and 0, 1, 2 (devices). The timing is push 30 s, ring 45 s,
 * silence 60 s, over 120 s, and 8 s for the offer, where "-" in front of the
 * devices says that it comes late.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/callfsm.h"
#include "unit.h"

static const struct callfsm_timing timing = { 30000, 45000, 60000, 120000, 0 };
static const struct callfsm_timing late = { 30000, 45000, 60000, 120000, 8000 };

static const struct {
	const char *name;
	enum call_event_type type;
	bool body, offer, failed;
} events[] = {
	{ "ring", CALL_ON_RING, false, false, false },
	{ "ready", CALL_ON_RING, true, false, false },	/* RING with its answer */
	{ "answer", CALL_ON_ANSWER, false, false, false },
	{ "info", CALL_ON_INFO, false, false, false },
	{ "offer", CALL_ON_INFO, true, true, false },	/* INFO with a description */
	{ "busy", CALL_ON_BUSY, false, false, false },
	{ "hangup", CALL_ON_HANGUP, false, false, false },
	{ "failed", CALL_ON_HANGUP, false, false, true },
	{ "resume", CALL_ON_RESUME, false, false, false },
	{ "pushed", CALL_ON_PUSHED, false, false, false },
	{ "unreachable", CALL_ON_UNREACHABLE, false, false, false },
	{ "link", CALL_ON_LINKED, false, false, false },
	{ "unlink", CALL_ON_UNLINKED, false, false, false },
	{ "revoked", CALL_ON_REVOKED, false, false, false },
	{ "glare", CALL_ON_GLARE, false, false, false },
	{ "shutdown", CALL_ON_SHUTDOWN, false, false, false },
	{ "tick", CALL_ON_TICK, false, false, false },
};

/* "ring:0", "info:c", "tick@30000", "tick@30000/media" */
static struct callfsm_event
event_of(const char *word, uint64_t now_ms)
{
	struct callfsm_event event = { .party = CALL_NOBODY, .now_ms = now_ms };
	size_t i, len = strcspn(word, ":@");

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strlen(events[i].name) == len &&
		    strncmp(events[i].name, word, len) == 0)
			break;
	ck_assert_msg(i < sizeof(events) / sizeof(events[0]), "%s", word);
	event.type = events[i].type;
	event.body = events[i].body;
	event.offer = events[i].offer;
	event.failed = events[i].failed;
	if (word[len] == ':')
		event.party = word[len + 1] == 'c' ? CALL_CALLER :
		    word[len + 1] - '0';
	if (strchr(word, '/') != NULL)
		event.media_ms = strtoull(strchr(word, '/') + 1, NULL, 10);
	return event;
}

static void
text_of(const struct callfsm_result *result, char text[static 400])
{
	static const char *const names[] = {
		"pass", "show", "keep", "OFFER", "hangup", "stop", "cancel",
		"END", "FORGET"
	};
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < result->n; i++) {
		const struct callfsm_action *action = &result->actions[i];

		n += (size_t)snprintf(text + n, 400 - n, "%s%s",
		    i > 0 ? " " : "", names[action->type]);
		if (action->party == CALL_CALLER)
			n += (size_t)snprintf(text + n, 400 - n, ":c");
		else if (action->party >= 0)
			n += (size_t)snprintf(text + n, 400 - n, ":%d",
			    action->party);
	}
}

/*
 * Runs the script on a call to wakes ("1": can be woken, "0": cannot; "-": the
 * offer is late).
 */
static void
run(struct callfsm *call, const char *wakes, const char *script,
    struct callfsm_result *result)
{
	char copy[400], *word, *rest;
	bool wakeable[CALL_DEVICES], is_late = *wakes == '-';
	uint64_t now_ms = 1000;
	int n;

	wakes += is_late;
	for (n = 0; wakes[n] != '\0'; n++)
		wakeable[n] = wakes[n] == '1';
	callfsm_init(call, is_late ? &late : &timing, wakeable, n, now_ms);
	memset(result, 0, sizeof(*result));
	ck_assert_uint_lt(strlen(script), sizeof(copy));
	strcpy(copy, script);
	for (word = strtok_r(copy, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest)) {
		struct callfsm_event event;

		if (strchr(word, '@') != NULL)
			now_ms = strtoull(strchr(word, '@') + 1, NULL, 10);
		event = event_of(word, now_ms);
		callfsm_event(call, &event, result);
	}
}

struct row {
	const char *wakes, *script;
	int status;
	const char *state, *actions;
};

static void
check_rows(const struct row *rows, size_t n)
{
	struct callfsm_result result;
	struct callfsm call;
	char text[400];
	size_t i;

	for (i = 0; i < n; i++) {
		run(&call, rows[i].wakes, rows[i].script, &result);
		text_of(&result, text);
		ck_assert_msg(result.status == rows[i].status,
		    "%s: status %d", rows[i].script, result.status);
		ck_assert_msg(strcmp(callfsm_state_text(call.state),
		    rows[i].state) == 0, "%s: %s", rows[i].script,
		    callfsm_state_text(call.state));
		ck_assert_msg(strcmp(text, rows[i].actions) == 0, "%s: %s",
		    rows[i].script, text);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows[0]))

START_TEST(waking)
{
	static const struct row rows[] = {
		{ "1", "", 0, "initiated", "" },
		{ "1", "pushed:0", 0, "pushed", "" },
		{ "1", "pushed:0 pushed:0", 0, "pushed", "" },
		{ "1", "ring:0 pushed:0", 0, "ringing", "" },
		{ "1", "unreachable:0", 0, "ended", "hangup:c END" },
		{ "1", "pushed:0 unreachable:0", 0, "ended", "hangup:c END" },
		{ "11", "unreachable:0", 0, "initiated", "" },
		{ "11", "unreachable:0 unreachable:0", 0, "initiated", "" },
		{ "11", "unreachable:1 unreachable:0", 0, "ended",
		    "hangup:c END" },
		{ "01", "unreachable:1", 0, "ended", "hangup:c END" },
		/* It is up: what its push became does not matter. */
		{ "1", "ring:0 unreachable:0", 0, "ringing", "" },
		/* A device that could not be woken came all the same. */
		{ "11", "unreachable:0 ring:0", 200, "ringing",
		    "stop:0 pass:c" },
		{ "11", "busy:0 unreachable:1", 0, "ended", "hangup:c END" },
		{ "1", "tick@30999", 0, "initiated", "" },
		{ "1", "tick@31000", 0, "ended", "hangup:c cancel:0 END" },
		{ "1", "pushed:0 tick@31000", 0, "ended",
		    "hangup:c cancel:0 END" },
		{ "1", "glare", 0, "ended", "hangup:c cancel:0 END" },
		{ "11", "pushed:0 shutdown", 0, "ended",
		    "hangup:c cancel:0 cancel:1 END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(ringing)
{
	static const struct row rows[] = {
		{ "1", "ring:0", 200, "ringing", "stop:0 pass:c" },
		{ "1", "ring:0 ring:0", 200, "ringing", "" },
		{ "1", "ring:0 ready:0", 200, "ringing", "show:0" },
		{ "1", "ready:0", 200, "ringing", "stop:0 show:0" },
		{ "1", "ready:0 ring:0", 200, "ringing", "" },
		{ "1", "ready:0 ready:0", 409, "ringing", "" },
		{ "1", "ring:c", 409, "initiated", "" },
		{ "1", "ready:c", 409, "initiated", "" },
		/* The second device rings too; the caller knows already. */
		{ "11", "ring:0 ring:1", 200, "ringing", "stop:1" },
		{ "11", "ready:0 ready:1", 200, "ringing", "stop:1" },
		{ "11", "ring:0 ready:1", 200, "ringing", "stop:1 show:1" },
		{ "0", "ring:0", 200, "ringing", "stop:0 pass:c" },
		{ "1", "ring:0 tick@31000", 0, "ringing", "" },
		{ "1", "ring:0 tick@45999", 0, "ringing", "" },
		/* Not connected: it may ring on, so a push takes it back. */
		{ "1", "ring:0 tick@46000", 0, "ended",
		    "hangup:c cancel:0 END" },
		{ "1", "ring:0 link:0 tick@46000", 0, "ended",
		    "hangup:c hangup:0 END" },
		{ "11", "ring:0 link:0 glare", 0, "ended",
		    "hangup:c hangup:0 cancel:1 END" },
		{ "1", "ring:0 link:0 shutdown", 0, "ended",
		    "hangup:c hangup:0 END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(answering)
{
	static const struct row rows[] = {
		{ "1", "answer:0", 409, "initiated", "" },
		{ "1", "ring:0 answer:0", 409, "ringing", "" },
		{ "1", "ready:0 answer:c", 409, "ringing", "" },
		{ "1", "ready:0 answer:0", 200, "answered", "pass:c" },
		{ "1", "ready:0 answer:0 answer:0", 200, "answered", "" },
		{ "1", "ready:0 answer:0 ring:0", 200, "answered", "" },
		{ "1", "ready:0 answer:0 ready:0", 409, "answered", "" },
		{ "1", "ready:0 answer:0 ring:c", 409, "answered", "" },
		{ "1", "ready:0 answer:0 busy:0", 409, "answered", "" },
		/* The others stop: told if connected, else by a push. */
		{ "11", "ready:0 answer:0", 200, "answered",
		    "pass:c cancel:1" },
		{ "11", "ring:1 link:1 ready:0 answer:0", 200, "answered",
		    "pass:c hangup:1" },
		{ "11", "link:1 ready:0 answer:0", 200, "answered",
		    "pass:c hangup:1 cancel:1" },
		{ "101", "ring:2 link:2 unlink:2 ready:0 answer:0", 200,
		    "answered", "pass:c cancel:2" },
		{ "11", "busy:1 ready:0 answer:0", 200, "answered", "pass:c" },
		/* Another device's answer than the one shown. */
		{ "11", "ready:0 link:0 ready:1 answer:1", 200, "answered",
		    "show:1 pass:c hangup:0" },
		/* Late ones. */
		{ "11", "ready:0 answer:0 ring:1", 410, "answered", "" },
		{ "11", "ready:0 answer:0 hangup:1", 410, "answered", "" },
		{ "11", "ready:0 ready:1 answer:0 answer:1", 410, "answered",
		    "" },
		{ "1", "ready:0 answer:0 pushed:0", 0, "answered", "" },
		{ "1", "ready:0 answer:0 unreachable:0", 0, "answered", "" },
		{ "1", "ready:0 answer:0 shutdown", 0, "ended",
		    "hangup:c END" },
		{ "1", "ready:0 link:0 answer:0 shutdown", 0, "ended",
		    "hangup:c hangup:0 END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(passing_info)
{
	static const struct row rows[] = {
		{ "1", "info:c", 200, "initiated", "pass:0" },
		{ "110", "info:c", 200, "initiated", "pass:0 pass:1 pass:2" },
		{ "11", "busy:0 info:c", 200, "initiated", "pass:1" },
		{ "1", "info:0", 409, "initiated", "" },
		{ "1", "ring:0 info:0", 200, "ringing", "keep:0" },
		{ "1", "ready:0 info:0", 200, "ringing", "pass:c" },
		{ "11", "ready:0 ready:1 info:1", 200, "ringing", "keep:1" },
		{ "1", "ready:0 answer:0 info:0", 200, "answered", "pass:c" },
		{ "11", "ready:0 answer:0 info:c", 200, "answered", "pass:0" },
		{ "11", "ready:0 answer:0 info:1", 410, "answered", "" },
		{ "11", "busy:0 info:0", 409, "initiated", "" },
		{ "1", "hangup:c info:c", 410, "ended", "" },
	};

	CHECK_ROWS(rows);
}
END_TEST

/* The offer comes after INITIATE. Until then nobody can answer. */
START_TEST(late_offer)
{
	static const struct row rows[] = {
		{ "-1", "offer:c", 200, "initiated", "OFFER" },
		{ "-1", "offer:c offer:c", 200, "initiated", "pass:0" },
		{ "1", "offer:c", 200, "initiated", "pass:0" },
		{ "-1", "offer:0", 409, "initiated", "" },
		{ "-1", "info:c", 200, "initiated", "pass:0" },
		{ "-1", "info:c offer:c", 200, "initiated", "OFFER" },
		{ "-1", "resume:c", 200, "initiated", "" },
		{ "-1", "resume:c offer:c", 200, "initiated", "OFFER" },
		{ "-1", "ring:0", 200, "ringing", "stop:0 pass:c" },
		{ "-1", "ring:0 resume:0", 200, "ringing", "" },
		{ "-1", "ring:0 offer:0", 200, "ringing", "keep:0" },
		{ "-1", "ring:0 offer:c", 200, "ringing", "OFFER" },
		{ "-11", "ring:0 ring:1 offer:c", 200, "ringing", "OFFER" },
		{ "-1", "ready:0", 409, "initiated", "" },
		{ "-1", "ring:0 ready:0", 409, "ringing", "" },
		{ "-1", "ring:0 answer:0", 409, "ringing", "" },
		{ "-1", "ring:0 offer:c ready:0", 200, "ringing", "show:0" },
		{ "-1", "offer:c ready:0 answer:0 offer:c", 200, "answered",
		    "pass:0" },
		{ "-1", "busy:0", 200, "ended", "stop:0 pass:c END" },
		{ "-1", "link:0 ring:0 hangup:c", 200, "ended",
		    "pass:0 END" },
		{ "-1", "hangup:c offer:c", 410, "ended", "" },
		/* Not in time, whatever the caller has said instead. */
		{ "-1", "tick@8999", 0, "initiated", "" },
		{ "-1", "tick@9000", 0, "ended", "hangup:c cancel:0 END" },
		{ "-1", "pushed:0 info:c resume:c tick@9000", 0, "ended",
		    "hangup:c cancel:0 END" },
		{ "-1", "link:0 ring:0 tick@9000", 0, "ended",
		    "hangup:c hangup:0 END" },
		{ "-1", "ring:0 offer:c tick@9000", 0, "ringing", "" },
		{ "-1", "offer:c tick@31000", 0, "ended",
		    "hangup:c cancel:0 END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(busy)
{
	static const struct row rows[] = {
		{ "1", "busy:c", 409, "initiated", "" },
		{ "1", "busy:0", 200, "ended", "stop:0 pass:c END" },
		{ "1", "ring:0 busy:0", 200, "ended", "stop:0 pass:c END" },
		{ "1", "ready:0 busy:0", 200, "ended", "stop:0 pass:c END" },
		{ "11", "busy:0", 200, "initiated", "stop:0" },
		{ "11", "busy:0 busy:0", 200, "initiated", "" },
		{ "11", "busy:0 busy:1", 200, "ended", "stop:1 pass:c END" },
		{ "11", "busy:0 ring:0", 409, "initiated", "" },
		{ "11", "busy:0 hangup:0", 200, "initiated", "" },
		{ "11", "busy:0 resume:0", 409, "initiated", "" },
		{ "10", "busy:0", 200, "ended", "stop:0 pass:c END" },
		/* The next device's answer takes its place. */
		{ "11", "ready:0 ready:1 busy:0", 200, "ringing",
		    "stop:0 show:1" },
		{ "11", "ready:0 ring:1 busy:0", 200, "ringing", "stop:0" },
		{ "11", "ready:0 ring:1 busy:0 ready:1", 200, "ringing",
		    "show:1" },
	};

	CHECK_ROWS(rows);
}
END_TEST

/* One device that cannot does not keep the others from ringing. */
START_TEST(failing)
{
	static const struct row rows[] = {
		{ "11", "link:0 link:1 ready:0 ready:1 failed:0", 200,
		    "ringing", "stop:0 show:1" },
		{ "11", "ready:0 failed:0", 200, "ringing", "stop:0" },
		{ "11", "ready:0 failed:0 failed:0", 200, "ringing", "" },
		{ "11", "ready:0 failed:0 ready:1 answer:1", 200, "answered",
		    "pass:c" },
		{ "11", "ready:0 failed:0 answer:0", 409, "ringing", "" },
		{ "11", "failed:0 failed:1", 200, "ended",
		    "stop:1 pass:c END" },
		{ "1", "ready:0 failed:0", 200, "ended", "stop:0 pass:c END" },
		{ "11", "failed:0 unreachable:1", 0, "ended", "hangup:c END" },
		/* It is over for all. */
		{ "11", "link:0 link:1 ready:0 ready:1 failed:c", 200,
		    "ended", "pass:0 pass:1 END" },
		{ "11", "ready:0 answer:0 failed:0", 200, "ended",
		    "pass:c stop:0 END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(hanging_up)
{
	static const struct row rows[] = {
		{ "1", "hangup:c", 200, "ended", "cancel:0 END" },
		{ "1", "ring:0 link:0 hangup:c", 200, "ended", "pass:0 END" },
		/* Connected, but its RING has not come: told both ways. */
		{ "1", "link:0 hangup:c", 200, "ended",
		    "pass:0 cancel:0 END" },
		{ "11", "ring:0 link:0 hangup:c", 200, "ended",
		    "pass:0 cancel:1 END" },
		{ "1", "hangup:0", 200, "ended", "pass:c stop:0 END" },
		{ "1", "ring:0 hangup:0", 200, "ended", "pass:c stop:0 END" },
		{ "11", "ring:1 link:1 ready:0 hangup:0", 200, "ended",
		    "pass:c stop:0 pass:1 END" },
		{ "1", "ready:0 link:0 answer:0 hangup:0", 200, "ended",
		    "pass:c stop:0 END" },
		{ "1", "ready:0 link:0 answer:0 hangup:c", 200, "ended",
		    "pass:0 END" },
		/* Nobody to tell: 410 does, when it comes back. */
		{ "1", "ready:0 answer:0 hangup:c", 200, "ended", "END" },
		{ "1", "hangup:c hangup:c", 410, "ended", "" },
		{ "1", "hangup:c hangup:0", 410, "ended", "" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(revoking)
{
	static const struct row rows[] = {
		{ "1", "revoked:c", 0, "ended", "cancel:0 END" },
		{ "1", "ring:0 link:0 revoked:c", 0, "ended",
		    "hangup:0 END" },
		{ "1", "pushed:0 revoked:0", 0, "ended",
		    "cancel:0 hangup:c END" },
		{ "11", "ring:0 revoked:0", 0, "ringing", "cancel:0" },
		{ "11", "ring:0 revoked:0 revoked:0", 0, "ringing", "" },
		{ "11", "ring:0 revoked:0 ring:0", 409, "ringing", "" },
		{ "11", "busy:0 revoked:1", 0, "ended",
		    "cancel:1 hangup:c END" },
		/* The next device's answer takes its place. */
		{ "11", "ready:0 ready:1 revoked:0", 0, "ringing",
		    "cancel:0 show:1" },
		/* Those who talk. */
		{ "1", "ready:0 link:0 link:c answer:0 revoked:0", 0, "ended",
		    "hangup:c hangup:0 END" },
		{ "1", "ready:0 link:0 answer:0 revoked:c", 0, "ended",
		    "hangup:c hangup:0 END" },
		/* Another has the call. */
		{ "11", "ready:0 ready:1 answer:0 revoked:1", 0, "answered",
		    "" },
		{ "1", "hangup:c revoked:c", 0, "ended", "" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(after_the_end)
{
	static const struct row rows[] = {
		{ "1", "hangup:c ring:0", 410, "ended", "" },
		{ "1", "hangup:c ready:0", 410, "ended", "" },
		{ "1", "hangup:c answer:0", 410, "ended", "" },
		{ "1", "hangup:c busy:0", 410, "ended", "" },
		{ "1", "hangup:c resume:c", 410, "ended", "" },
		{ "1", "hangup:c pushed:0", 0, "ended", "" },
		{ "1", "hangup:c unreachable:0", 0, "ended", "" },
		{ "1", "hangup:c glare", 0, "ended", "" },
		{ "1", "hangup:c shutdown", 0, "ended", "" },
		{ "1", "hangup:c tick@120999", 0, "ended", "" },
		{ "1", "hangup:c tick@121000", 0, "ended", "FORGET" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(losing_connections)
{
	static const struct row rows[] = {
		{ "1", "resume:c", 200, "initiated", "" },
		{ "1", "resume:0", 409, "initiated", "" },
		{ "1", "ring:0 resume:0", 200, "ringing", "" },
		{ "1", "ready:0 answer:0 resume:0", 200, "answered", "" },
		{ "1", "link:c unlink:c", 0, "initiated", "" },
		/* Connected: as long as they like. */
		{ "1", "link:c ready:0 answer:0 tick@9999999", 0, "answered",
		    "" },
		{ "1", "ready:0 link:0 answer:0 tick@9999999", 0, "answered",
		    "" },
		/* Never connected, from ANSWER on; or since the last left. */
		{ "1", "ready:0 answer:0 tick@60999", 0, "answered", "" },
		{ "1", "ready:0 answer:0 tick@61000", 0, "ended",
		    "hangup:c END" },
		{ "1", "link:c ready:0 answer:0 tick@50000 unlink:c "
		    "tick@109999", 0, "answered", "" },
		{ "1", "link:c ready:0 answer:0 tick@50000 unlink:c "
		    "tick@110000", 0, "ended", "hangup:c END" },
		/* Media flows: not silent before the last of it. */
		{ "1", "ready:0 answer:0 tick@61000/60000", 0, "answered", "" },
		{ "1", "ready:0 answer:0 tick@119999/60000", 0, "answered",
		    "" },
		{ "1", "ready:0 answer:0 tick@120000/60000", 0, "ended",
		    "hangup:c END" },
		{ "1", "ready:0 answer:0 tick@61000/60000 link:0 "
		    "tick@9999999/60000", 0, "answered", "" },
		/* A device that lost the call does not count as anybody. */
		{ "11", "ring:1 link:1 ready:0 answer:0 tick@61000", 0,
		    "ended", "hangup:c END" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(reasons)
{
	static const struct {
		const char *wakes, *script, *caller, *device0, *device1;
	} rows[] = {
		{ "11", "hangup:c", "cancelled", "cancelled", "cancelled" },
		{ "11", "hangup:0", "declined", "declined", "declined" },
		{ "11", "busy:0 busy:1", "busy", "busy", "busy" },
		{ "11", "unreachable:0 unreachable:1", "unreachable",
		    "unreachable", "unreachable" },
		{ "11", "unreachable:0 busy:1", "busy", "busy", "busy" },
		{ "11", "busy:0 unreachable:1", "busy", "busy", "busy" },
		{ "11", "tick@31000", "expired", "expired", "expired" },
		{ "11", "glare", "glare", "glare", "glare" },
		{ "11", "shutdown", "moved", "moved", "moved" },
		{ "11", "ready:0 answer:0 hangup:c", "hung-up", "hung-up",
		    "answered-elsewhere" },
		{ "11", "ready:1 answer:1 tick@61000", "dropped",
		    "answered-elsewhere", "dropped" },
		{ "-11", "ring:0 tick@9000", "no-offer", "no-offer", "no-offer" },
		{ "-11", "offer:c tick@31000", "expired", "expired", "expired" },
	};
	struct callfsm_result result;
	struct callfsm call;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(&call, rows[i].wakes, rows[i].script, &result);
		ck_assert_str_eq(callfsm_reason(&call, CALL_CALLER),
		    rows[i].caller);
		ck_assert_str_eq(callfsm_reason(&call, 0), rows[i].device0);
		ck_assert_str_eq(callfsm_reason(&call, 1), rows[i].device1);
	}
}
END_TEST

/* The deadline that callfsm_deadline_ms names is the one that tick acts on. */
START_TEST(deadlines)
{
	static const struct {
		const char *wakes, *script;
		uint64_t due_ms;
	} rows[] = {
		{ "1", "", 31000 },
		{ "1", "pushed:0", 31000 },
		{ "1", "ring:0", 46000 },
		{ "1", "ready:0", 46000 },
		{ "1", "ready:0 answer:0", 61000 },
		{ "1", "link:c ready:0 answer:0", 0 },
		{ "1", "hangup:c", 121000 },
		{ "-1", "", 9000 },
		{ "-1", "pushed:0", 9000 },
		{ "-1", "ring:0", 9000 },
		{ "-1", "offer:c", 31000 },
		{ "-1", "ring:0 offer:c", 46000 },
		{ "-1", "offer:c ready:0 answer:0", 61000 },
	};
	struct callfsm_result result;
	struct callfsm call;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(&call, rows[i].wakes, rows[i].script, &result);
		ck_assert_uint_eq(callfsm_deadline_ms(&call), rows[i].due_ms);
	}
}
END_TEST

/* The most that one event can ask for: all devices connected, all dismissed. */
START_TEST(full_house)
{
	struct callfsm_result result;
	struct callfsm_event event;
	struct callfsm call;
	char word[16];
	int i;

	run(&call, "1111111111111111", "", &result);
	for (i = 0; i < CALL_DEVICES; i++) {
		event = event_of("ready:0", 2000);
		event.party = i;
		callfsm_event(&call, &event, &result);
		ck_assert_int_eq(result.status, 200);
		snprintf(word, sizeof(word), "link:0");
		event = event_of(word, 2000);
		event.party = i;
		callfsm_event(&call, &event, &result);
	}
	event = event_of("answer:0", 3000);
	event.party = CALL_DEVICES - 1;
	callfsm_event(&call, &event, &result);
	ck_assert_uint_eq(result.n, CALL_DEVICES + 1);
	ck_assert_uint_le(result.n, CALL_ACTIONS);
}
END_TEST

static bool
holds(const struct callfsm_result *result, enum call_action_type type)
{
	size_t i;

	for (i = 0; i < result->n; i++)
		if (result->actions[i].type == type)
			return true;
	return false;
}

/* What must be true of each step, whatever came before. */
static void
check_step(const struct callfsm *call, const struct callfsm_event *event,
    const struct callfsm_result *result, enum call_state before)
{
	size_t i;

	ck_assert_uint_le(result->n, CALL_ACTIONS);
	for (i = 0; i < result->n; i++) {
		ck_assert_int_ge(result->actions[i].party, CALL_NOBODY);
		ck_assert_int_lt(result->actions[i].party, call->n_legs);
	}
	if (event->type <= CALL_ON_RESUME)
		ck_assert(result->status == 200 || result->status == 409 ||
		    result->status == 410);
	else
		ck_assert_int_eq(result->status, 0);
	if (result->status == 409 || result->status == 410)
		ck_assert_uint_eq(result->n, 0);
	ck_assert_int_ge(call->state, before);
	ck_assert_int_eq(holds(result, CALL_DO_END),
	    before != CALL_ENDED && call->state == CALL_ENDED);
	if (before == CALL_ENDED && result->n > 0)
		ck_assert(event->type == CALL_ON_TICK && result->n == 1 &&
		    holds(result, CALL_DO_FORGET));
	if (call->winner != CALL_NOBODY)
		ck_assert_int_eq(call->shown, call->winner);
	for (i = 0; !call->offered && i < (size_t)call->n_legs; i++)
		ck_assert_int_ne(call->legs[i], CALL_LEG_READY);
}

/* Anything in any order. */
START_TEST(walks)
{
	static const bool wakeable[] = { true, true, false };
	struct callfsm_result result;
	struct callfsm call;
	int walk, step;

	srandom(20131);
	for (walk = 0; walk < 4000; walk++) {
		uint64_t now_ms = 1;

		callfsm_init(&call, walk % 2 ? &late : &timing, wakeable, 3,
		    now_ms);
		for (step = 0; step < 40; step++) {
			enum call_state before = call.state;
			struct callfsm_event event = {
				.type = (enum call_event_type)(random() %
				    (CALL_ON_TICK + 1)),
				.body = random() % 2,
				.offer = random() % 2,
				.now_ms = now_ms += (uint64_t)random() % 6000
			};

			/* Pushes are for devices; the rare ends are rarer. */
			event.party = event.type == CALL_ON_PUSHED ||
			    event.type == CALL_ON_UNREACHABLE ?
			    (int)(random() % 3) : (int)(random() % 4) - 1;
			if (event.type >= CALL_ON_GLARE && random() % 4)
				event.type = CALL_ON_TICK;
			callfsm_event(&call, &event, &result);
			check_step(&call, &event, &result, before);
			if (holds(&result, CALL_DO_FORGET))
				break;
		}
	}
}
END_TEST

UNIT_SUITE(callfsm, waking, ringing, answering, passing_info, late_offer, busy, failing,
    hanging_up, revoking, after_the_end, losing_connections, reasons,
    deadlines, full_house, walks)
