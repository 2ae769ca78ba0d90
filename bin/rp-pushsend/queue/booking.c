/*
 * booking: whose failure it is, and how long each waits. See booking.h.
 */
#include "queue/booking.h"

#include "base/crypto.h"
#include "providers/providers.h"
#include "queue/health.h"
#include "queue/job.h"
#include "queue/push_service.h"

/*
 * The first retry's wait is random between these. It is doubled this often at
 * most, to 5 s.
 */
#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 300
#define RETRY_DOUBLINGS 4

uint64_t
booking_hold(struct endpoints *endpoints, const struct job *job,
    enum endpoint_lane *lane, uint64_t now_ms)
{
	const struct endpoint *endpoint = endpoints_get(endpoints,
	    job->endpoint, now_ms);

	*lane = endpoint_lane(endpoint);
	return endpoint->hold_until_ms > now_ms ? endpoint->hold_until_ms : 0;
}

/* Return the time until the next attempt, with random jitter. */
static uint64_t
retry_wait_ms(unsigned failures, unsigned asked_ms)
{
	unsigned doublings = failures > 0 ? failures - 1 : 0;
	uint64_t wait;

	if (doublings > RETRY_DOUBLINGS)
		doublings = RETRY_DOUBLINGS;
	wait = (uint64_t)crypto_random_between(RETRY_MIN_MS, RETRY_MAX_MS) <<
	    doublings;
	if (asked_ms > wait)
		wait = asked_ms + crypto_random_between(0, RETRY_MIN_MS);
	return wait;
}

/*
 * Book a start. Other requests to an endpoint that failed wait as if this
 * attempt had failed too, so that many of them try it no more often than one.
 */
void
booking_start(struct endpoints *endpoints, struct job *job, uint64_t now_ms)
{
	struct endpoint *endpoint;

	health_started(&job->service->health, job->lane, now_ms);
	if (job->lane != ENDPOINT_FAILED)
		return;
	endpoint = endpoints_get(endpoints, job->endpoint, now_ms);
	endpoint->hold_until_ms = now_ms +
	    retry_wait_ms(endpoint->failures, 0);
}

static enum health_verdict
verdict_of(const struct provider_outcome *outcome)
{
	if (outcome == NULL)
		return HEALTH_UNKNOWN;
	if (outcome->status != PUSHMSG_RETRY)
		return HEALTH_WELL;
	if (outcome->service_throttled)
		return HEALTH_THROTTLED;
	if (!outcome->service_ill)
		return HEALTH_WELL;
	return outcome->timed_out ? HEALTH_SLOW : HEALTH_UNWELL;
}

static void
book_endpoint(struct endpoint *endpoint, enum pushmsg_status status,
    unsigned epoch)
{
	if (status == PUSHMSG_RETRY)
		endpoint_failed(endpoint, epoch);
	else if (status == PUSHMSG_SENT)
		endpoint_worked(endpoint);
	else
		endpoint_refused(endpoint);
}

/* Set the time of a repeat, and hold the endpoint until then. */
static void
book_repeat(struct job *job, struct endpoint *endpoint, unsigned asked_ms,
    bool started, uint64_t now_ms)
{
	unsigned failures = job->attempts;

	if (started && endpoint->failures > failures)
		failures = endpoint->failures;
	/* A repeat that is the only one has to outlast a restart. */
	if (job->service->instance->provider->attempts_most > 0 &&
	    asked_ms == 0)
		failures = RETRY_DOUBLINGS + 1;
	job->again_ms = now_ms + retry_wait_ms(failures, asked_ms);
	if (started && endpoint->hold_until_ms < job->again_ms)
		endpoint->hold_until_ms = job->again_ms;
}

void
booking_end(struct endpoints *endpoints, struct job *job,
    const struct provider_outcome *outcome, bool started, uint64_t now_ms)
{
	struct health *health = &job->service->health;
	struct endpoint *endpoint = endpoints_get(endpoints, job->endpoint,
	    now_ms);
	struct health_end end = {
		.verdict = verdict_of(outcome),
		.lane = job->lane,
		.started_ms = job->started_ms,
		.endpoint = endpoint
	};

	if (outcome != NULL && started &&
	    end.verdict != HEALTH_THROTTLED)
		book_endpoint(endpoint, outcome->status, health->epoch);
	if (outcome != NULL && end.verdict != HEALTH_WELL)
		end.hold_ms = outcome->retry_after_ms;
	if (outcome != NULL && outcome->status == PUSHMSG_RETRY)
		book_repeat(job, endpoint, outcome->retry_after_ms,
		    started && end.verdict != HEALTH_THROTTLED, now_ms);
	health_ended(health, &end, now_ms);
}
