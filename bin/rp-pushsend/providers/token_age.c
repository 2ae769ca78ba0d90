/*
 * token_age: the age of a token by two clocks. See token_age.h.
 */
#include "providers/token_age.h"

#include "base/clock.h"

struct token_moment
token_moment_now(void)
{
	return (struct token_moment){
		.mono_ms = clock_ms(), .wall_s = clock_wall_s()
	};
}

/* A moment that the wall clock has not reached yet was told by a wrong one. */
static bool
within(const struct token_moment *then, const struct token_moment *now,
    unsigned life_s)
{
	return now->wall_s >= then->wall_s &&
	    now->wall_s - then->wall_s < (int64_t)life_s &&
	    now->mono_ms - then->mono_ms < (uint64_t)life_s * 1000;
}

bool
token_age_below(const struct token_age *age, const struct token_moment *now,
    unsigned life_s)
{
	return age->valid && within(&age->made, now, life_s);
}

void
token_age_made(struct token_age *age, const struct token_moment *now)
{
	age->made = *now;
	age->valid = true;
	age->serial++;
}

bool
token_age_refused(struct token_age *age, unsigned serial,
    const struct token_moment *now, unsigned young_s)
{
	if (serial != age->serial || !age->valid)
		return true;	/* it was replaced already, or will be */
	if (within(&age->made, now, young_s)) {
		if (age->was_forced && within(&age->forced, now, young_s))
			return false;
		age->was_forced = true;
		age->forced = *now;
	}
	age->valid = false;
	return true;
}
