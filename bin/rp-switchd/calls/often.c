/*
 * often: limit how often a party repeats RESUME and INFO, by pace. Called by
 * calls. See often.h.
 */
#include "calls/often.h"

#include <string.h>

#include "base/clock.h"
#include "base/pace.h"
#include "calls/callfsm.h"
#include "calls/calls.h"
#include "calls/call_record.h"
#include "conf/settings.h"
#include "ops/metrics.h"

void
often_count_by(struct often_counters *counters, struct metrics *metrics)
{
	static const char name[] = "rp_requests_limited_total";
	static const char help[] = "Requests that a party to a call made too "
	    "often, by the answer.";

	counters->infos_refused = metrics_counter(metrics, name,
	    "method=\"INFO\",answer=\"429\"", help);
	counters->resumes_refused = metrics_counter(metrics, name,
	    "method=\"RESUME\",answer=\"429\"", help);
	counters->resumes_bare = metrics_counter(metrics, name,
	    "method=\"RESUME\",answer=\"no-relay\"", help);
}

static void
refuse_often(struct calls_reply *reply, const char *reason, uint32_t wait_ms)
{
	reply->status = 429;
	reply->retry_after_s = (wait_ms + 999) / 1000;
	strcpy(reply->reason, reason);
}

static bool
allows_resume(struct party *party, struct calls_reply *reply)
{
	const struct call_record_env *env = party->record->env;
	long most = env->settings->resumes, left;
	uint32_t wait_ms = 0;

	left = pace_take(&party->resumes, most, PACE_WINDOW_MS, clock_ms(),
	    &wait_ms);
	if (left < 0) {
		++*env->often.resumes_refused;
		refuse_often(reply, "too-many-resumes", wait_ms);
		return false;
	}
	reply->bare = left < most / 2;
	if (reply->bare)
		++*env->often.resumes_bare;
	return true;
}

static bool
allows_info(struct party *party, struct calls_reply *reply)
{
	const struct call_record_env *env = party->record->env;
	uint32_t wait_ms = 0;

	if (pace_take(&party->infos, env->settings->infos, PACE_WINDOW_MS,
	    clock_ms(), &wait_ms) >= 0)
		return true;
	++*env->often.infos_refused;
	refuse_often(reply, "too-many-infos", wait_ms);
	return false;
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
