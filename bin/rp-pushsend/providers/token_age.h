/*
 * token_age: how old a token is by both clocks, and whether one that a service
 * refused is worth another. The wall clock may be set, and the monotonic one
 * stands still while the host sleeps; a token must be young by each. Pure.
 */
#ifndef RP_PUSHSEND_TOKEN_AGE_H
#define RP_PUSHSEND_TOKEN_AGE_H

#include <stdbool.h>
#include <stdint.h>

struct token_moment {
	uint64_t mono_ms;
	int64_t wall_s;
};

/* Embedded by the token's owner; all zero: there is no token yet. */
struct token_age {
	struct token_moment made;
	struct token_moment forced;	/* when a young one was given up */
	bool valid;		/* there is one, and nobody refused it */
	bool was_forced;
	unsigned serial;		/* of the token */
};

/* Return what the two clocks say. */
struct token_moment token_moment_now(void);

/* Return whether there is a token, and neither clock says `life_s` or more. */
bool token_age_below(const struct token_age *age,
    const struct token_moment *now, unsigned life_s);

/* Note that a token was made. */
void token_age_made(struct token_age *age, const struct token_moment *now);

/*
 * Note that a service refused the token of that serial. Return true if the next
 * attempt is to have another: make it. A token younger than `young_s` is made
 * anew only once in that time, because it is not its age that is wrong.
 */
bool token_age_refused(struct token_age *age, unsigned serial,
    const struct token_moment *now, unsigned young_s);

#endif
