#include "service.h"

/* The breaker's first wait, and its most; the phone rings for 30 s. */
#define TRIP_MS 200
#define TRIP_MOST_MS 10000

/* A rate may be saved up for this long, and then spent at once. */
#define BURST_US 100000

uint64_t
service_gate(const struct service *service, uint64_t now_ms)
{
	unsigned limit = service->failures >= SERVICE_ILL ? 1 : service->limit;
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
	service->tripped_ms = now_ms;
	hold(service, now_ms + wait_ms);
}

void
service_ended(struct service *service, enum service_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms)
{
	service->in_flight--;
	if (hold_ms > 0)
		hold(service, now_ms + hold_ms);
	if (verdict == SERVICE_WELL) {
		service->failures = 0;
		service->trips = 0;
	}
	if (verdict != SERVICE_UNWELL)
		return;
	service->failures++;
	/* Attempts from before the breaker opened say nothing new. */
	if (service->failures >= SERVICE_ILL &&
	    (service->trips == 0 || started_ms > service->tripped_ms))
		trip(service, now_ms);
}

bool
service_idle(const struct service *service, uint64_t now_ms)
{
	return service->in_flight == 0 && service->hold_until_ms <= now_ms &&
	    service->paced_until_us <= now_ms * 1000;
}
