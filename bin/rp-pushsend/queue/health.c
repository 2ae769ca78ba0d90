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

uint64_t
health_gate(const struct health *health, uint64_t now_ms)
{
	unsigned limit = health->failures >= HEALTH_ILL ? 1 :
	    health->window;
	uint64_t now_us = now_ms * 1000;

	if (health->in_flight >= limit)
		return HEALTH_FULL;
	if (health->hold_until_ms > now_ms)
		return health->hold_until_ms - now_ms;
	if (health->rate > 0 && health->paced_until_us > now_us + BURST_US)
		return (health->paced_until_us - now_us - BURST_US + 999) /
		    1000;
	return 0;
}

void
health_started(struct health *health, uint64_t now_ms)
{
	uint64_t now_us = now_ms * 1000;

	health->in_flight++;
	if (health->rate == 0)
		return;
	if (health->paced_until_us < now_us)
		health->paced_until_us = now_us;
	health->paced_until_us += 1000000 / health->rate;
}

static void
hold(struct health *health, uint64_t until_ms)
{
	if (health->hold_until_ms < until_ms)
		health->hold_until_ms = until_ms;
}

static void
trip(struct health *health, uint64_t now_ms)
{
	uint64_t wait_ms = TRIP_MS;
	unsigned i;

	for (i = 0; i < health->trips && wait_ms < TRIP_MOST_MS; i++)
		wait_ms *= 2;
	if (wait_ms > TRIP_MOST_MS)
		wait_ms = TRIP_MOST_MS;
	health->trips++;
	hold(health, now_ms + wait_ms);
}

static void
answered(struct health *health)
{
	health->failures = 0;
	health->trips = 0;
	if (health->window < health->limit &&
	    ++health->answers >= WINDOW_GROWS) {
		health->answers = 0;
		health->window++;
	}
}

/* Count a failure. Attempts from before the last failure say nothing new. */
static void
failed(struct health *health, uint64_t started_ms, uint64_t now_ms)
{
	if (health->failures > 0 && started_ms <= health->failed_ms)
		return;
	health->failed_ms = now_ms;
	health->failures++;
	if (health->failures >= HEALTH_ILL)
		trip(health, now_ms);
}

/*
 * Shrink the window. With more attempts than the service can answer in time,
 * all would be retried and none answered.
 */
static void
shrink(struct health *health, uint64_t started_ms, uint64_t now_ms)
{
	if (started_ms <= health->shrunk_ms)
		return;
	health->shrunk_ms = now_ms;
	health->answers = 0;
	health->window /= 2;
	if (health->window < WINDOW_MIN)
		health->window = health->limit < WINDOW_MIN ?
		    health->limit : WINDOW_MIN;
}

void
health_ended(struct health *health, enum health_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms)
{
	health->in_flight--;
	if (hold_ms > 0)
		hold(health, now_ms + hold_ms);
	if (verdict == HEALTH_WELL)
		answered(health);
	if (verdict == HEALTH_SLOW)
		shrink(health, started_ms, now_ms);
	if (verdict == HEALTH_SLOW || verdict == HEALTH_UNWELL)
		failed(health, started_ms, now_ms);
}

bool
health_idle(const struct health *health, uint64_t now_ms)
{
	return health->in_flight == 0 && health->hold_until_ms <= now_ms &&
	    health->paced_until_us <= now_ms * 1000;
}
