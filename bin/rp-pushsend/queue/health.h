/*
 * health: the health of one push service, which decides when the next attempt
 * may start. It has a bound on attempts at once, which shrinks while the
 * service is too slow for it. It also has a rate, a circuit breaker, and the
 * wait that the service itself asked for. No timers of its own.
 */
#ifndef RP_PUSHSEND_HEALTH_H
#define RP_PUSHSEND_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * This many failures in a row open the breaker. Failures of attempts that ran
 * at the same time count as one, because they may have shared a broken
 * connection.
 */
#define HEALTH_ILL 5

/* Embedded by the engine; health_init first. */
struct health {
	unsigned limit;			/* attempts at once, at most */
	unsigned rate;			/* per second; 0: unlimited */
	unsigned window;		/* attempts at once, now */
	unsigned answers;		/* since `window` grew */
	unsigned in_flight;
	unsigned failures;		/* in a row */
	unsigned trips;			/* of the breaker, in a row */
	uint64_t failed_ms;		/* the last failure that counted */
	uint64_t shrunk_ms;		/* when `window` last shrank */
	uint64_t hold_until_ms;		/* no attempt starts before */
	uint64_t paced_until_us;	/* the rate is used up until then */
};

void health_init(struct health *health, unsigned limit, unsigned rate);

/* Change the limits, as the settings did. */
void health_limit(struct health *health, unsigned limit, unsigned rate);

/* health_gate: wait until an attempt ends. */
#define HEALTH_FULL UINT64_MAX

/* Return the milliseconds until an attempt may start; 0: now. */
uint64_t health_gate(const struct health *health, uint64_t now_ms);

void health_started(struct health *health, uint64_t now_ms);

enum health_verdict {
	HEALTH_WELL,		/* a valid answer */
	HEALTH_UNWELL,		/* it disconnected or reported a fault */
	HEALTH_SLOW,		/* no answer in time */
	HEALTH_UNKNOWN		/* the attempt was cancelled */
};

/*
 * Note the end of an attempt that started at `started_ms`. `hold_ms` is the
 * wait that the service asks of all requests, or 0.
 */
void health_ended(struct health *health, enum health_verdict verdict,
    uint64_t started_ms, uint64_t hold_ms, uint64_t now_ms);

/*
 * Return whether the record can be dropped without harm, if there are too many.
 */
bool health_idle(const struct health *health, uint64_t now_ms);

#endif
