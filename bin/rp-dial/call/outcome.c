/*
 * outcome: words and exit status for each way in which a call ends. Pure. See
 * outcome.h.
 */
#include "call/outcome.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *text;
	int exit;
} outcomes[] = {
	[OUTCOME_COMPLETED] = { "completed", 0 },
	[OUTCOME_ERROR] = { "error", 1 },
	[OUTCOME_UNREACHABLE] = { "unreachable", 2 },
	[OUTCOME_REFUSED] = { "refused", 2 },
	[OUTCOME_NOT_FOUND] = { "not_found", 3 },
	[OUTCOME_NO_ANSWER] = { "no_answer", 4 },
	[OUTCOME_CANCELLED] = { "cancelled", 4 },
	[OUTCOME_BUSY] = { "busy", 5 },
	[OUTCOME_DECLINED] = { "declined", 5 },
	[OUTCOME_UNAUTHORISED] = { "unauthorised", 6 },
	[OUTCOME_IDENTITY] = { "identity_changed", 7 },
	[OUTCOME_UNVERIFIED] = { "unverified", 7 },
	[OUTCOME_QUALITY] = { "low_quality", 8 },
	[OUTCOME_DROPPED] = { "dropped", 9 },
	[OUTCOME_INCOMPATIBLE] = { "incompatible", 9 },
	[OUTCOME_MOVED] = { "moved", 9 },
	[OUTCOME_UNTRUSTED] = { "untrusted", 10 },
	[OUTCOME_OVER] = { "over", 11 },
	[OUTCOME_RELAY] = { "relay", 12 }
};

const char *
outcome_text(enum outcome outcome)
{
	return outcomes[outcome].text;
}

int
outcome_exit(enum outcome outcome)
{
	return outcomes[outcome].exit;
}

enum outcome
outcome_of_status(int status, const char *reason)
{
	switch (status) {
	case 401:
	case 403:
		return OUTCOME_UNAUTHORISED;
	case 404:
		return OUTCOME_NOT_FOUND;
	case 409:
		return strcmp(reason, "glare") == 0 ? OUTCOME_BUSY :
		    OUTCOME_ERROR;
	case 410:
		return OUTCOME_OVER;
	case 480:
		return OUTCOME_NO_ANSWER;
	case 429:
	case 503:
		return OUTCOME_REFUSED;
	default:
		return OUTCOME_ERROR;
	}
}

enum outcome
outcome_of_end(bool busy, const char *reason, enum outcome_stage stage)
{
	static const struct {
		const char *reason;
		enum outcome before, after;	/* ANSWER */
	} reasons[] = {
		{ "declined", OUTCOME_DECLINED, OUTCOME_COMPLETED },
		{ "busy", OUTCOME_BUSY, OUTCOME_COMPLETED },
		{ "cancelled", OUTCOME_CANCELLED, OUTCOME_COMPLETED },
		{ "identity", OUTCOME_UNVERIFIED, OUTCOME_UNVERIFIED },
		{ "failed", OUTCOME_DROPPED, OUTCOME_DROPPED },
		{ "not-acceptable", OUTCOME_INCOMPATIBLE,
		    OUTCOME_INCOMPATIBLE },
		{ "dropped", OUTCOME_DROPPED, OUTCOME_DROPPED },
		{ "moved", OUTCOME_MOVED, OUTCOME_MOVED },
		{ "glare", OUTCOME_BUSY, OUTCOME_COMPLETED },
		{ "answered-elsewhere", OUTCOME_OVER, OUTCOME_OVER }
	};
	bool answered = stage != OUTCOME_RANG;
	size_t i;

	/* Media that was there is lost: another call may have it. */
	if (stage == OUTCOME_TALKED && strcmp(reason, "failed") == 0)
		return OUTCOME_MOVED;
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reason, reasons[i].reason) == 0)
			return answered ? reasons[i].after : reasons[i].before;
	if (busy)
		return OUTCOME_BUSY;
	return answered ? OUTCOME_COMPLETED : OUTCOME_NO_ANSWER;
}
