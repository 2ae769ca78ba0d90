/*
 * arrivals: the fastest and slowest packet of each fifth of a second. Pure;
 * called by jitter. See arrivals.h.
 */
#include "media/audio/arrivals.h"

#include <string.h>

#include "media/audio/codec.h"

#define SLOT (CODEC_RATE / 5)
#define STALE 50 /* slots without a packet: clocks drift, routes change */
#define WORST 3		/* the worst slots but two count... */
#define FEW 8		/* ...but one, until there are that many */

void
arrivals_add(struct arrivals *arrivals, int64_t transit, int64_t now)
{
	int64_t slot = now / SLOT;

	if (slot - arrivals->began > STALE)
		arrivals->n = 0;
	if (arrivals->n == 0 || slot != arrivals->began) {
		arrivals->began = slot;
		arrivals->newest = (arrivals->newest + 1) % ARRIVALS_SLOTS;
		arrivals->slots[arrivals->newest].fastest = transit;
		arrivals->slots[arrivals->newest].slowest = transit;
		if (arrivals->n < ARRIVALS_SLOTS)
			arrivals->n++;
	}
	if (transit < arrivals->slots[arrivals->newest].fastest)
		arrivals->slots[arrivals->newest].fastest = transit;
	if (transit > arrivals->slots[arrivals->newest].slowest)
		arrivals->slots[arrivals->newest].slowest = transit;
}

/*
 * Return the slot that is `age` slots before the newest. The newest and those
 * before it are in use.
 */
static unsigned
slot_before(const struct arrivals *arrivals, unsigned age)
{
	return (arrivals->newest + ARRIVALS_SLOTS - age) % ARRIVALS_SLOTS;
}

int64_t
arrivals_base(const struct arrivals *arrivals)
{
	int64_t base = arrivals->slots[arrivals->newest].fastest;
	unsigned age;

	for (age = 1; age < arrivals->n; age++) {
		int64_t fastest =
		    arrivals->slots[slot_before(arrivals, age)].fastest;

		if (fastest < base)
			base = fastest;
	}
	return base;
}

int64_t
arrivals_spread(const struct arrivals *arrivals)
{
	int64_t base = arrivals_base(arrivals), worst[WORST] = { 0 };
	unsigned age, i;

	for (age = 0; age < arrivals->n; age++) {
		int64_t spread = arrivals->slots[slot_before(arrivals,
		    age)].slowest - base;

		for (i = 0; i < WORST; i++)
			if (spread > worst[i]) {
				int64_t less = worst[i];

				worst[i] = spread;
				spread = less;
			}
	}
	return worst[arrivals->n < FEW ? WORST - 2 : WORST - 1];
}
