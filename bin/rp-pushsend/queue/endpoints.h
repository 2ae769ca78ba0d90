/*
 * endpoints: what is remembered of the single endpoints, such as a subscription
 * or a device token, so that one that is dead delays itself and no other. The
 * table is bounded; of each set the endpoint unused for longest makes room.
 */
#ifndef RP_PUSHSEND_ENDPOINTS_H
#define RP_PUSHSEND_ENDPOINTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct endpoints;

/* How an endpoint did lately; the better ones first. */
enum endpoint_lane {
	ENDPOINT_PROVEN,	/* it worked, and has not failed since */
	ENDPOINT_FRESH,		/* unknown; or it worked and failed once */
	ENDPOINT_FAILED		/* it failed more often */
};

#define ENDPOINT_LANES 3

struct endpoint {
	uint64_t key;			/* 0: unused */
	uint64_t used_ms;
	uint64_t hold_until_ms;		/* no attempt at it starts before */
	unsigned failures;		/* in a row */
	unsigned row_epoch;		/* of its service, when they began */
	bool counted;			/* health has counted this row */
	bool worked;
};

/* Create an empty table; NULL if out of memory or without random bytes. */
struct endpoints *endpoints_new(void);
void endpoints_free(struct endpoints *endpoints);

/*
 * Return the key of the endpoint `to` at a service: a keyed hash, so that
 * nobody can choose whose record to share or to displace. 0 if out of memory,
 * which is a key as well.
 */
uint64_t endpoints_key(const struct endpoints *endpoints, const char *service,
    const json_t *to);

/*
 * Return the endpoint's record, which is new if there was none. It is valid
 * until the next call.
 */
struct endpoint *endpoints_get(struct endpoints *endpoints, uint64_t key,
    uint64_t now_ms);

enum endpoint_lane endpoint_lane(const struct endpoint *endpoint);

/*
 * Note how an attempt ended: it worked; it failed and may be repeated, while
 * the service was in `epoch` (health.h); it had a final answer.
 */
void endpoint_worked(struct endpoint *endpoint);
void endpoint_failed(struct endpoint *endpoint, unsigned epoch);
void endpoint_refused(struct endpoint *endpoint);

#endif
