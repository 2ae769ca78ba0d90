/*
 * service: what is known of one push service's health, and so when the next
 * attempt may go there: a bound on attempts at once, which shrinks while the
 * service is too slow for it; a rate; a circuit breaker; and the wait that it
 * asked for itself. No timers of its own.
 */
#ifndef RP_PUSHSEND_SERVICE_H
#define RP_PUSHSEND_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * So many failures in a row open the breaker. Those of attempts that were
 * under way together are one: they may have shared a connection that broke.
 */
#define SERVICE_ILL 5

/* Embedded by the engine; service_init first. */
struct service {
	unsigned limit;			/* attempts at once, at most */
	unsigned rate;			/* a second; 0: any */
	unsigned window;		/* attempts at once, now */
	unsigned answers;		/* since window grew */
	unsigned in_flight;
	unsigned failures;		/* in a row */
	unsigned trips;			/* of the breaker, in a row */
	uint64_t failed_ms;		/* the last failure that counted */
	uint64_t shrunk_ms;		/* when window did */
	uint64_t hold_until_ms;		/* nothing starts before */
	uint64_t paced_until_us;	/* how far the rate is used up */
};

void service_init(struct service *service, unsigned limit, unsigned rate);

/* service_gate: wait until an attempt ends. */
#define SERVICE_FULL UINT64_MAX

/* Milliseconds until an attempt may start: 0 is now. */
uint64_t service_gate(const struct service *service, uint64_t now_ms);

void service_started(struct service *service, uint64_t now_ms);

enum service_verdict {
	SERVICE_WELL,		/* it answered sensibly */
	SERVICE_UNWELL,		/* it broke off, or said that it is ill */
	SERVICE_SLOW,		/* it did not answer in time */
	SERVICE_UNKNOWN		/* the attempt was given up */
};

/*
 * An attempt that was started at started_ms ended. hold_ms: how long the
 * service asks all to wait, 0 if it does not.
 */
void service_ended(struct service *service, enum service_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms);

/* Can it be forgotten without harm, if there are too many? */
bool service_idle(const struct service *service, uint64_t now_ms);

#endif
