/*
 * callinfo: write the operator's information about a call, as JSON and as a
 * line of the log. See callinfo.h.
 */
#include "calls/callinfo.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "calls/call_record.h"
#include "table/callstats.h"

/* Write the party's name in the relay's credentials. */
static const char *
party_name(char name[static CALLS_PARTY], int index)
{
	if (index == CALL_CALLER)
		strcpy(name, "a");
	else
		snprintf(name, CALLS_PARTY, "b%d", index);
	return name;
}

/* Make a number with two decimal places, which suffice. */
static json_t *
real(double value)
{
	return json_real(round(value * 100) / 100);
}

static json_t *
since(uint64_t then_ms)
{
	uint64_t now_ms = clock_ms();

	if (then_ms == 0)
		return json_null();
	return json_integer(now_ms > then_ms ?
	    (json_int_t)(now_ms - then_ms) : 0);
}

static json_t *
party_json(const struct party *party, const struct callstats_party *p)
{
	char name[CALLS_PARTY];

	return json_pack("{ss sb sI so so sI sI sI sI sI so so so}",
	    "party", party_name(name, party->index),
	    "connected", party->box.link != NULL,
	    "allocations", (json_int_t)p->allocations,
	    "transport", p->name[0] == '\0' ? json_null() :
	    json_string(callstats_via_text(p->via)),
	    "family", p->name[0] == '\0' ? json_null() :
	    json_string(p->ipv6 ? "ipv6" : "ipv4"),
	    "packets", (json_int_t)p->packets,
	    "bytes", (json_int_t)p->bytes,
	    "dropped", (json_int_t)p->dropped,
	    "rtp_packets", (json_int_t)p->rtp.packets,
	    "rtp_lost", (json_int_t)p->rtp.lost,
	    "loss_pct", real(callstats_loss_pct(p)),
	    "jitter_ms", real(p->rtp.jitter_us / 1000.0),
	    "silent_ms", since(p->last_ns / CLOCK_MS));
}

/* Is there anything to report about the party? */
static bool
takes_part(const struct call_record *record, const struct party *party,
    const struct callstats_party *known)
{
	return party->index == CALL_CALLER || known != NULL ||
	    party->box.link != NULL || party->index == record->call.winner;
}

static void
add_party(json_t *parties, const struct call_record *record,
    const struct party *party, const struct callstats *stats)
{
	static const struct callstats_party nothing;
	const struct callstats_party *known;
	char name[CALLS_PARTY];

	known = callstats_find(stats, party_name(name, party->index));
	if (takes_part(record, party, known))
		json_array_append_new(parties, party_json(party,
		    known != NULL ? known : &nothing));
}

json_t *
callinfo_short(const struct call_record *record)
{
	return json_pack("{ss ss so}", "session", record->session,
	    "state", callfsm_state_text(record->call.state),
	    "age_ms", since(record->call.started_ms));
}

json_t *
callinfo_json(const struct call_record *record, const struct callstats *stats)
{
	json_t *object = callinfo_short(record), *parties = json_array();
	int i;

	json_object_set_new(object, "answered_ms",
	    since(record->call.answered_ms));
	add_party(parties, record, &record->caller, stats);
	for (i = 0; i < record->n_devices; i++)
		add_party(parties, record, &record->devices[i], stats);
	json_object_set_new(object, "parties", parties);
	return object;
}

__attribute__((format(printf, 2, 3)))
static void
append(char text[static CALLINFO_TEXT], const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + n, CALLINFO_TEXT - n, format, args);
	va_end(args);
}

static void
append_party(char text[static CALLINFO_TEXT], char side,
    const struct callstats_party *p)
{
	append(text, " %c_via=%s/%s %c_packets=%" PRIu64 " %c_bytes=%" PRIu64
	    " %c_dropped=%" PRIu64, side, callstats_via_text(p->via),
	    p->ipv6 ? "ipv6" : "ipv4", side, p->packets, side, p->bytes,
	    side, p->dropped);
	append(text, " %c_rtp=%" PRIu64 " %c_lost=%" PRIu64
	    " %c_loss_pct=%.2f %c_jitter_ms=%.2f", side, p->rtp.packets,
	    side, p->rtp.lost, side, callstats_loss_pct(p), side,
	    p->rtp.jitter_us / 1000.0);
}

/* Add how long after INITIATE something happened, if it did. */
static void
append_since(char text[static CALLINFO_TEXT], const char *key,
    const struct callfsm *call, uint64_t at_ms)
{
	if (at_ms >= call->started_ms && at_ms != 0)
		append(text, " %s=%" PRIu64, key, at_ms - call->started_ms);
}

const char *
callinfo_text(char text[static CALLINFO_TEXT], const struct call_record *record,
    const struct callstats *stats)
{
	const struct callfsm *call = &record->call;
	const struct callstats_party *a, *b;
	char name[CALLS_PARTY];

	text[0] = '\0';
	append(text, "session=%s reason=%s ms=%" PRIu64, record->session,
	    callfsm_reason(call, CALL_CALLER),
	    call->ended_ms - call->started_ms);
	if (call->answered_ms != 0)
		append(text, " answered_ms=%" PRIu64,
		    call->ended_ms - call->answered_ms);
	append_since(text, "push_ms", call, record->pushed_ms);
	append_since(text, "sent_ms", call, record->sent_ms);
	append_since(text, "ring_ms", call, record->rang_ms);
	append_since(text, "answer_ms", call, call->answered_ms);
	a = callstats_find(stats, party_name(name, CALL_CALLER));
	b = call->winner == CALL_NOBODY ? NULL :
	    callstats_find(stats, party_name(name, call->winner));
	if (a != NULL)
		append_party(text, 'a', a);
	if (b != NULL)
		append_party(text, 'b', b);
	return text;
}
