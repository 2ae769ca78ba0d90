/*
 * health: from the outcomes of one service: how many attempts at once, and
 * when the next. See health.h.
 */
#include "queue/health.h"

/* The breaker's first and longest wait. The phone rings for 30 s. */
#define TRIP_MS 200
#define TRIP_MOST_MS 10000

/* The smallest window, and after how many answers it grows. */
#define WINDOW_MIN 8
#define WINDOW_GROWS 4

/* An unused rate accumulates for this long, and may then be used at once. */
#define BURST_US 100000

/*
 * A part of the window for endpoints that failed: enough for many repeats at
 * once, and too little to stand in the way of others where repeats stall. As
 * much is kept for endpoints that worked, once there are any.
 */
#define SHARE 4

/* So many answers and timeouts of late; then the older half is forgotten. */
#define LATE 64

void
health_init(struct health *health, unsigned limit, unsigned rate)
{
	*health = (struct health){
		.limit = limit, .rate = rate, .window = limit
	};
}

void
health_limit(struct health *health, unsigned limit, unsigned rate)
{
	/* A window that was whole stays whole; one that has shrunk may grow. */
	if (health->window == health->limit || health->window > limit)
		health->window = limit;
	health->limit = limit;
	health->rate = rate;
}

static bool
is_ill(const struct health *health)
{
	return health->failures >= HEALTH_ILL;
}

/* Return whether the lane uses all that it may of the window. */
static bool
is_full(const struct health *health, enum endpoint_lane lane)
{
	unsigned share = health->window / SHARE;
	unsigned failed = health->lanes[ENDPOINT_FAILED].in_flight;
	unsigned fresh = health->lanes[ENDPOINT_FRESH].in_flight;
	unsigned reserved = health->epoch > 0 ? share : 0;

	if (health->in_flight >= health->window)
		return true;
	if (is_ill(health) && health->lanes[lane].in_flight > 0)
		return true;
	if (lane == ENDPOINT_PROVEN)
		return false;
	if (lane == ENDPOINT_FAILED && failed >= (share > 0 ? share : 1))
		return true;
	return failed + fresh >= health->window - reserved;
}

uint64_t
health_gate(const struct health *health, enum endpoint_lane lane,
    uint64_t now_ms)
{
	uint64_t until = health->lanes[lane].hold_until_ms;
	uint64_t now_us = now_ms * 1000;

	if (is_full(health, lane))
		return HEALTH_FULL;
	if (until < health->lanes[lane].asked_until_ms)
		until = health->lanes[lane].asked_until_ms;
	if (until > now_ms)
		return until - now_ms;
	if (health->rate > 0 && health->paced_until_us > now_us + BURST_US)
		return (health->paced_until_us - now_us - BURST_US + 999) /
		    1000;
	return 0;
}

void
health_started(struct health *health, enum endpoint_lane lane,
    uint64_t now_ms)
{
	uint64_t now_us = now_ms * 1000;

	health->in_flight++;
	health->lanes[lane].in_flight++;
	if (health->rate == 0)
		return;
	if (health->paced_until_us < now_us)
		health->paced_until_us = now_us;
	health->paced_until_us += 1000000 / health->rate;
}

/* Hold `lane` and those of worse endpoints, as the service asks. */
static void
hold_asked(struct health *health, enum endpoint_lane lane, uint64_t until_ms,
    uint64_t now_ms)
{
	size_t i;

	health->asked_ms = now_ms;
	for (i = lane; i < ENDPOINT_LANES; i++)
		if (health->lanes[i].asked_until_ms < until_ms)
			health->lanes[i].asked_until_ms = until_ms;
}

static void
trip_lane(struct health *health, size_t lane, uint64_t now_ms)
{
	uint64_t wait_ms = TRIP_MS;
	unsigned i;

	for (i = 0; i < health->lanes[lane].trips && wait_ms < TRIP_MOST_MS;
	    i++)
		wait_ms *= 2;
	if (wait_ms > TRIP_MOST_MS)
		wait_ms = TRIP_MOST_MS;
	health->lanes[lane].trips++;
	if (health->lanes[lane].hold_until_ms < now_ms + wait_ms)
		health->lanes[lane].hold_until_ms = now_ms + wait_ms;
}

/* Forget the older half, so that a change shows soon. */
static void
age(struct health *health)
{
	if (health->heard + health->slow < LATE)
		return;
	health->heard /= 2;
	health->slow /= 2;
}

/*
 * Take a valid answer as the end of trouble. A wait that was asked for goes on,
 * unless the attempt is younger: others may have been taken before.
 */
static void
answered(struct health *health, uint64_t started_ms)
{
	size_t i;

	health->epoch++;
	health->failures = 0;
	for (i = 0; i < ENDPOINT_LANES; i++) {
		health->lanes[i].trips = 0;
		health->lanes[i].hold_until_ms = 0;
		if (started_ms > health->asked_ms)
			health->lanes[i].asked_until_ms = 0;
	}
	if (started_ms > health->asked_ms) {
		health->asked_by = 0;
		health->sure = false;
	}
	health->heard++;
	age(health);
	if (health->window < health->limit &&
	    ++health->answers >= WINDOW_GROWS) {
		health->answers = 0;
		health->window++;
	}
}

/*
 * Return whether the failure says something new of the service: the endpoint
 * has not been counted, and its failures began after the last valid answer. One
 * that began to fail while the service was well is dead itself.
 */
static bool
is_news(const struct health *health, struct endpoint *endpoint)
{
	if (endpoint->counted || endpoint->row_epoch != health->epoch)
		return false;
	endpoint->counted = true;
	return true;
}

/* Count a failure. Attempts from before the last failure say nothing new. */
static void
failed(struct health *health, const struct health_end *end, uint64_t now_ms)
{
	bool news;
	size_t i;

	if (health->failures > 0 && end->started_ms <= health->failed_ms)
		return;
	news = is_news(health, end->endpoint);
	if (news)
		health->failures++;
	if (!is_ill(health) && !news)
		return;
	health->failed_ms = now_ms;
	if (!is_ill(health))
		return;
	for (i = end->lane; i < ENDPOINT_LANES; i++)
		trip_lane(health, i, now_ms);
}

/*
 * Shrink the window if a third of the attempts time out. With more attempts
 * than the service can answer in time, all would be retried and none answered.
 * Repeats at endpoints that failed say nothing of it.
 */
static void
shrink(struct health *health, const struct health_end *end, uint64_t now_ms)
{
	if (end->lane == ENDPOINT_FAILED)
		return;
	health->slow++;
	age(health);
	if (end->started_ms <= health->shrunk_ms ||
	    health->slow * 2 < health->heard)
		return;
	health->shrunk_ms = now_ms;
	health->answers = 0;
	health->window /= 2;
	if (health->window < WINDOW_MIN)
		health->window = health->limit < WINDOW_MIN ?
		    health->limit : WINDOW_MIN;
}

/* Heed the wait that the service asks for. */
static void
heed(struct health *health, const struct health_end *end, uint64_t now_ms)
{
	uint64_t hold_ms = end->hold_ms;
	enum endpoint_lane lane = end->lane;

	if (hold_ms == 0)
		return;
	health->sure = is_ill(health);
	if (end->verdict == HEALTH_THROTTLED) {
		lane = ENDPOINT_PROVEN;
		health->sure |= health->asked_by != 0 &&
		    health->asked_by != end->endpoint->key;
		health->asked_by = end->endpoint->key;
	}
	if (!health->sure && hold_ms > TRIP_MOST_MS)
		hold_ms = TRIP_MOST_MS;
	hold_asked(health, lane, now_ms + hold_ms, now_ms);
}

void
health_ended(struct health *health, const struct health_end *end,
    uint64_t now_ms)
{
	health->in_flight--;
	health->lanes[end->lane].in_flight--;
	if (end->verdict == HEALTH_WELL)
		answered(health, end->started_ms);
	if (end->verdict == HEALTH_SLOW)
		shrink(health, end, now_ms);
	if (end->verdict == HEALTH_SLOW || end->verdict == HEALTH_UNWELL)
		failed(health, end, now_ms);
	heed(health, end, now_ms);
}

uint64_t
health_asked_until(const struct health *health, enum endpoint_lane lane)
{
	return health->sure ? health->lanes[lane].asked_until_ms : 0;
}

bool
health_idle(const struct health *health, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < ENDPOINT_LANES; i++)
		if (health->lanes[i].hold_until_ms > now_ms ||
		    health->lanes[i].asked_until_ms > now_ms)
			return false;
	return health->in_flight == 0 &&
	    health->paced_until_us <= now_ms * 1000;
}
