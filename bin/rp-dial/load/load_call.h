/*
 * load_call: one call of a load run, from INITIATE to its report. It is placed
 * once: a call that its switch drops counts as it ended.
 */
#ifndef RP_DIAL_LOAD_CALL_H
#define RP_DIAL_LOAD_CALL_H

#include "wire/why.h"

struct call;
struct load_call;
struct load_pair;

/* The call is over and its report complete. Free it, now or later. */
typedef void load_call_ended(struct load_call *call, void *arg);

/*
 * Begin a call. `pair` must outlive it. Return 0, or a negative errno with
 * `why`.
 */
int load_call_new(struct load_call **out, struct load_pair *pair,
    load_call_ended *ended, void *arg, char why[static WHY_TEXT]);

/* Hang up, and say so to the other side. `ended` follows. */
void load_call_stop(struct load_call *call);

struct call *load_call_call(struct load_call *call);
struct load_pair *load_call_pair(struct load_call *call);

/* Free it. NULL is allowed. Allowed within `ended`. */
void load_call_free(struct load_call *call);

#endif
