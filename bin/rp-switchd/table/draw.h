/*
 * draw: what one datagram takes from the meters of its sender. It takes from all
 * of them or from none: every one is checked first. The relay's program in the
 * kernel includes it too.
 */
#ifndef RP_SWITCHD_DRAW_H
#define RP_SWITCHD_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/inkernel.h"
#include "table/meter.h"

/* How long anybody may send at twice its rate: the depth of all meters. */
#define ALLOC_BURST_NS 1000000000ull

/* Bytes that a user's datagram counts as at least: an empty one is work, too. */
#define ALLOC_DATAGRAM_MIN 64

#define DRAW_PS 1000			/* picoseconds in a nanosecond */

/* Whose rate a datagram would exceed. */
enum alloc_rate {
	ALLOC_RATE_USER,
	ALLOC_RATE_SERVICE,
	ALLOC_RATE_TOTAL,
	ALLOC_RATES			/* nobody's */
};

/* The cost of a datagram at one rate, and in the user's even share of it. */
struct draw {
	struct meter *meter;		/* NULL: no limit, as with no cost */
	uint64_t cost_ns;
	struct meter *even;		/* NULL: nobody shares it */
	uint64_t even_ns;
};

/* Return the time that a datagram of so many bytes takes at a rate. */
static inline uint64_t
draw_cost(uint64_t len, uint64_t byte_ps)
{
	return (len > ALLOC_DATAGRAM_MIN ? len : ALLOC_DATAGRAM_MIN) *
	    byte_ps / DRAW_PS;
}

static inline struct draw
draw_from(struct alloc_rate_limit *rate, struct meter *even, uint64_t len)
{
	uint64_t cost_ns = draw_cost(len, METER_LOAD(&rate->byte_ps));

	return (struct draw){ &rate->meter, cost_ns, even,
	    cost_ns * METER_LOAD(&rate->users) };
}

static inline bool
draw_is_even(const struct draw *draw, uint64_t now_ns)
{
	return draw->even == NULL || meter_has(draw->even, draw->even_ns,
	    ALLOC_BURST_NS, now_ns);
}

static inline bool
draw_fits(const struct draw *draw, uint64_t now_ns)
{
	return draw->meter == NULL || draw->cost_ns == 0 ||
	    meter_has(draw->meter, draw->cost_ns,
	    draw_is_even(draw, now_ns) ? ALLOC_BURST_NS : ALLOC_BURST_NS / 2,
	    now_ns);
}

/* The excess over an even share is not taken from it: nobody gets into debt. */
static inline void
draw_take(const struct draw *draw, uint64_t now_ns)
{
	if (draw->meter == NULL || draw->cost_ns == 0)
		return;
	meter_take(draw->meter, draw->cost_ns, now_ns);
	if (draw->even != NULL && draw_is_even(draw, now_ns))
		meter_take(draw->even, draw->even_ns, now_ns);
}

/* The draws of a user's datagram, sent or heard, in the order of the checks. */
struct draw_user {
	struct draw user, service, total;
};

static inline struct draw_user
draw_user(struct alloc_share *share, bool sent,
    struct alloc_rate_limit *service, struct alloc_rate_limit *total,
    uint64_t len)
{
	return (struct draw_user){
		.user = {
			.meter = sent ? &share->sent : &share->heard,
			.cost_ns = draw_cost(len,
			    METER_LOAD(&service->user_byte_ps))
		},
		.service = draw_from(service, &share->even[0], len),
		.total = draw_from(total, &share->even[1], len)
	};
}

/* Return whose rate it would exceed, or ALLOC_RATES. */
static inline enum alloc_rate
draw_user_over(const struct draw_user *draws, uint64_t now_ns)
{
	if (!draw_fits(&draws->user, now_ns))
		return ALLOC_RATE_USER;
	if (!draw_fits(&draws->service, now_ns))
		return ALLOC_RATE_SERVICE;
	if (!draw_fits(&draws->total, now_ns))
		return ALLOC_RATE_TOTAL;
	return ALLOC_RATES;
}

static inline void
draw_user_take(const struct draw_user *draws, uint64_t now_ns)
{
	draw_take(&draws->user, now_ns);
	draw_take(&draws->service, now_ns);
	draw_take(&draws->total, now_ns);
}

/* Return the time of a byte at a party's rate; 0: no limit. */
static inline uint64_t
draw_byte_ns(unsigned kbps)
{
	return kbps > 0 ? 8000000ull / kbps : 0;
}

/* The draws of a datagram of our own calls; either share may be NULL. */
struct draw_call {
	struct draw party, call;
};

/* `byte_ns` is of one party's share; 0: no limit. */
static inline struct draw_call
draw_call(struct alloc_share *party, struct alloc_share *call, bool sent,
    uint64_t len, uint64_t byte_ns)
{
	struct draw_call draws = { { 0 }, { 0 } };
	uint64_t cost_ns = len * byte_ns;

	if (party != NULL) {
		draws.party.meter = sent ? &party->sent : &party->heard;
		draws.party.cost_ns = cost_ns;
	}
	if (call != NULL) {
		draws.call.meter = sent ? &call->sent : &call->heard;
		draws.call.cost_ns = cost_ns * METER_LOAD(&call->half) / 2;
	}
	return draws;
}

static inline bool
draw_call_fits(const struct draw_call *draws, uint64_t now_ns)
{
	return draw_fits(&draws->party, now_ns) &&
	    draw_fits(&draws->call, now_ns);
}

static inline void
draw_call_take(const struct draw_call *draws, uint64_t now_ns)
{
	draw_take(&draws->party, now_ns);
	draw_take(&draws->call, now_ns);
}

/*
 * Count a datagram of our own calls in the total, which never refuses one: they
 * are bounded by call and party.
 */
static inline void
draw_note(struct alloc_rate_limit *total, uint64_t len, uint64_t now_ns)
{
	uint64_t cost_ns = draw_cost(len, METER_LOAD(&total->byte_ps));

	/* A full one stays so, and users do not pay for more than its depth. */
	if (cost_ns != 0 && meter_has(&total->meter, cost_ns, ALLOC_BURST_NS,
	    now_ns))
		meter_take(&total->meter, cost_ns, now_ns);
}

#endif
