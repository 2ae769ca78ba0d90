/*
 * often: limit how often a party repeats RESUME and INFO, by quotas. Called by
 * call_record. See often.h.
 */
#include "calls/often.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "calls/callfsm.h"
#include "calls/calls.h"
#include "calls/call_record.h"
#include "ops/quotas.h"

/* Claim one of the row for this party, which may use any connection. */
static struct quotas_claim
claim_of(const struct party *party, enum quotas_row row)
{
	char key[SIGMSG_SESSION + 12];

	snprintf(key, sizeof(key), "%s/%d", party->record->session,
	    party->index);
	return quotas_by_text(row, key);
}

static bool
is_within(const struct party *party, const struct quotas_claim *claim,
    const char *reason, struct calls_reply *reply)
{
	uint32_t wait_ms = quotas_take(party->record->env->quotas, claim, 1);

	if (wait_ms == 0)
		return true;
	reply->status = 429;
	reply->retry_after_s = (wait_ms + 999) / 1000;
	strcpy(reply->reason, reason);
	return false;
}

static bool
allows_resume(const struct party *party, struct calls_reply *reply)
{
	const struct call_record_env *env = party->record->env;
	struct quotas_claim claim = claim_of(party, QUOTAS_RESUME);
	long most, left;

	if (!is_within(party, &claim, "too-many-resumes", reply))
		return false;
	left = quotas_left(env->quotas, &claim, &most);
	reply->bare = left < most / 2;
	*env->resumes_bare += reply->bare;
	return true;
}

static bool
allows_info(const struct party *party, struct calls_reply *reply)
{
	struct quotas_claim claim = claim_of(party, QUOTAS_INFO);

	return is_within(party, &claim, "too-many-infos", reply);
}

bool
often_allows(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply)
{
	/* Anybody may ask whether a call has ended, and why. */
	if (party->record->call.state == CALL_ENDED)
		return true;
	if (msg->method == SIGMSG_RESUME)
		return allows_resume(party, reply);
	return msg->method != SIGMSG_INFO || allows_info(party, reply);
}
