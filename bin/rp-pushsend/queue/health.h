/*
 * health: what is known of one push service's health, and so when the next
 * attempt may go there: a bound on attempts at once, which shrinks while the
 * service is too slow for it; a rate; a circuit breaker; and the wait that it
 * asked for itself. No timers of its own.
 */
#ifndef RP_PUSHSEND_HEALTH_H
#define RP_PUSHSEND_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * So many failures in a row open the breaker. Those of attempts that were
 * under way together are one: they may have shared a connection that broke.
 */
#define HEALTH_ILL 5

/* Embedded by the engine; health_init first. */
struct health {
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

void health_init(struct health *health, unsigned limit, unsigned rate);

/* health_gate: wait until an attempt ends. */
#define HEALTH_FULL UINT64_MAX

/* Milliseconds until an attempt may start: 0 is now. */
uint64_t health_gate(const struct health *health, uint64_t now_ms);

void health_started(struct health *health, uint64_t now_ms);

enum health_verdict {
	HEALTH_WELL,		/* it answered sensibly */
	HEALTH_UNWELL,		/* it broke off, or said that it is ill */
	HEALTH_SLOW,		/* it did not answer in time */
	HEALTH_UNKNOWN		/* the attempt was given up */
};

/*
 * An attempt that was started at started_ms ended. hold_ms: how long the
 * service asks all to wait, 0 if it does not.
 */
void health_ended(struct health *health, enum health_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms);

/* Can it be forgotten without harm, if there are too many? */
bool health_idle(const struct health *health, uint64_t now_ms);

#endif
