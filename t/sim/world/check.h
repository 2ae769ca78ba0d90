/*
 * check: what must hold in a world at all times. The first thing that does not
 * stops it: the invariant's name, and a sentence, are kept and recorded.
 *
 * calls.c looks at calls, check.c at logs, pushes and switches. Both are told
 * by taps (README) and by the rest of the world.
 */
#ifndef RP_SIM_CHECK_H
#define RP_SIM_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define CHECK_NAME 32
#define CHECK_WHY 400

/* Begin, in a world that has begun; and forget all of it, after sim_end. */
void check_begin(void);
void check_reset(void);

/*
 * An invariant is broken. Return nevertheless, since the code that finds it may
 * be that of a process; the world stops soon.
 */
void check_fail(const char *invariant, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Return the name of what is broken, or NULL. `why` may be NULL. */
const char *check_broken(char why[static CHECK_WHY]);

/*
 * A text that may never stand in a line of a switch's log above debug, and one
 * that may stand in none of anybody.
 */
void check_secret(const char *text);
void check_key(const char *text);
/* What rp-dial says to its user. */
void check_said(const char *text);

/* A push request was given to a sender; it has had a result. */
void check_push(const char *id);
void check_pushed(const char *id, const char *status);

/* All is over, and quiet for an hour: what is left of it? */
void check_returned(void);

#endif
