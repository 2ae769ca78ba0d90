/*
 * health: the health of one push service, which decides when the next attempt
 * may start. It has a bound on attempts at once, which shrinks while the
 * service is too slow for it. It also has a rate, a circuit breaker, and the
 * wait that the service itself asked for. No timers of its own.
 *
 * A service is judged by its endpoints, and some of them may be dead while it
 * is well. Attempts therefore run in lanes, by how their endpoint did lately
 * (endpoints.h). A failure holds up its own lane and those of worse endpoints,
 * never a better one, and any valid answer ends all holds of the breaker.
 */
#ifndef RP_PUSHSEND_HEALTH_H
#define RP_PUSHSEND_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/endpoints.h"

/*
 * So many different endpoints that fail, without a valid answer of any in
 * between, open the breaker. An endpoint counts once. Failures of attempts that
 * ran at the same time count as one, because they may have shared a broken
 * connection.
 */
#define HEALTH_ILL 5

/* Embedded by the engine; health_init first. */
struct health {
	unsigned limit;			/* attempts at once, at most */
	unsigned rate;			/* per second; 0: unlimited */
	unsigned window;		/* attempts at once, now */
	unsigned answers;		/* since `window` grew */
	unsigned heard, slow;		/* answers and timeouts of late */
	unsigned in_flight;
	unsigned epoch;			/* valid answers so far */
	unsigned failures;		/* of different endpoints, in a row */
	uint64_t asked_by;		/* the endpoint that it asked last */
	bool sure;			/* so did another */
	uint64_t failed_ms;		/* the last failure that counted */
	uint64_t shrunk_ms;		/* when `window` last shrank */
	uint64_t asked_ms;		/* when it last asked to wait */
	uint64_t paced_until_us;	/* the rate is used up until then */
	struct {
		unsigned in_flight;
		unsigned trips;			/* of the breaker, in a row */
		uint64_t hold_until_ms;		/* by the breaker */
		uint64_t asked_until_ms;	/* by the service */
	} lanes[ENDPOINT_LANES];
};

void health_init(struct health *health, unsigned limit, unsigned rate);

/* Change the limits, as the settings did. */
void health_limit(struct health *health, unsigned limit, unsigned rate);

/* health_gate: wait until an attempt ends. */
#define HEALTH_FULL UINT64_MAX

/* Return the milliseconds until an attempt in `lane` may start; 0: now. */
uint64_t health_gate(const struct health *health, enum endpoint_lane lane,
    uint64_t now_ms);

void health_started(struct health *health, enum endpoint_lane lane,
    uint64_t now_ms);

enum health_verdict {
	HEALTH_WELL,		/* a valid answer */
	HEALTH_UNWELL,		/* it disconnected or reported a fault */
	HEALTH_SLOW,		/* no answer in time */
	HEALTH_THROTTLED,	/* it asks all requests to wait */
	HEALTH_UNKNOWN		/* the attempt was cancelled */
};

/* How an attempt ended. */
struct health_end {
	enum health_verdict verdict;
	enum endpoint_lane lane;	/* in which it started */
	uint64_t started_ms;
	/*
	 * The wait that the service asks for with its fault; 0: none. While
	 * one endpoint alone has been told so, it holds others for ten seconds
	 * at most: the fault may be its own. So it is with faults of few
	 * endpoints, while the breaker is closed.
	 */
	uint64_t hold_ms;
	/* endpoint_failed was called before if it failed. */
	struct endpoint *endpoint;
};

void health_ended(struct health *health, const struct health_end *end,
    uint64_t now_ms);

/*
 * Return until when the service asks requests in `lane` to wait, if it has told
 * enough endpoints so, else 0.
 */
uint64_t health_asked_until(const struct health *health,
    enum endpoint_lane lane);

/*
 * Return whether the record can be dropped without harm, if there are too many.
 */
bool health_idle(const struct health *health, uint64_t now_ms);

#endif
