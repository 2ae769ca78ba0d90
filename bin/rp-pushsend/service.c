#include "service.h"

/* The breaker's first wait, and its most; the phone rings for 30 s. */
#define TRIP_MS 200
#define TRIP_MOST_MS 10000

/* What the window shrinks to at least, and after how many answers it grows. */
#define WINDOW_MIN 8
#define WINDOW_GROWS 4

/* A rate may be saved up for this long, and then spent at once. */
#define BURST_US 100000

void
service_init(struct service *service, unsigned limit, unsigned rate)
{
	*service = (struct service){
		.limit = limit, .rate = rate, .window = limit
	};
}

uint64_t
service_gate(const struct service *service, uint64_t now_ms)
{
	unsigned limit = service->failures >= SERVICE_ILL ? 1 :
	    service->window;
	uint64_t now_us = now_ms * 1000;

	if (service->in_flight >= limit)
		return SERVICE_FULL;
	if (service->hold_until_ms > now_ms)
		return service->hold_until_ms - now_ms;
	if (service->rate > 0 && service->paced_until_us > now_us + BURST_US)
		return (service->paced_until_us - now_us - BURST_US + 999) /
		    1000;
	return 0;
}

void
service_started(struct service *service, uint64_t now_ms)
{
	uint64_t now_us = now_ms * 1000;

	service->in_flight++;
	if (service->rate == 0)
		return;
	if (service->paced_until_us < now_us)
		service->paced_until_us = now_us;
	service->paced_until_us += 1000000 / service->rate;
}

static void
hold(struct service *service, uint64_t until_ms)
{
	if (service->hold_until_ms < until_ms)
		service->hold_until_ms = until_ms;
}

static void
trip(struct service *service, uint64_t now_ms)
{
	uint64_t wait_ms = TRIP_MS;
	unsigned i;

	for (i = 0; i < service->trips && wait_ms < TRIP_MOST_MS; i++)
		wait_ms *= 2;
	if (wait_ms > TRIP_MOST_MS)
		wait_ms = TRIP_MOST_MS;
	service->trips++;
	hold(service, now_ms + wait_ms);
}

static void
answered(struct service *service)
{
	service->failures = 0;
	service->trips = 0;
	if (service->window < service->limit &&
	    ++service->answers >= WINDOW_GROWS) {
		service->answers = 0;
		service->window++;
	}
}

/* Attempts from before the last failure say nothing new. */
static void
failed(struct service *service, uint64_t started_ms, uint64_t now_ms)
{
	if (service->failures > 0 && started_ms <= service->failed_ms)
		return;
	service->failed_ms = now_ms;
	service->failures++;
	if (service->failures >= SERVICE_ILL)
		trip(service, now_ms);
}

/*
 * More at once than it can answer in time: all would be tried again, and none
 * be answered.
 */
static void
shrink(struct service *service, uint64_t started_ms, uint64_t now_ms)
{
	if (started_ms <= service->shrunk_ms)
		return;
	service->shrunk_ms = now_ms;
	service->answers = 0;
	service->window /= 2;
	if (service->window < WINDOW_MIN)
		service->window = service->limit < WINDOW_MIN ?
		    service->limit : WINDOW_MIN;
}

void
service_ended(struct service *service, enum service_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms)
{
	service->in_flight--;
	if (hold_ms > 0)
		hold(service, now_ms + hold_ms);
	if (verdict == SERVICE_WELL)
		answered(service);
	if (verdict == SERVICE_SLOW)
		shrink(service, started_ms, now_ms);
	if (verdict == SERVICE_SLOW || verdict == SERVICE_UNWELL)
		failed(service, started_ms, now_ms);
}

bool
service_idle(const struct service *service, uint64_t now_ms)
{
	return service->in_flight == 0 && service->hold_until_ms <= now_ms &&
	    service->paced_until_us <= now_ms * 1000;
}
