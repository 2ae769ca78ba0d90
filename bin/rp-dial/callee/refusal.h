/*
 * refusal: tell a caller that we are in another call already: BUSY to the
 * switch that a push named. Best effort; it frees itself.
 */
#ifndef RP_DIAL_REFUSAL_H
#define RP_DIAL_REFUSAL_H

struct dial_context;
struct refusal;
struct reply_push;

/*
 * *slot is set to the refusal, and to NULL again once it is through. A
 * negative errno, then *slot is as before.
 */
int refusal_new(struct refusal **slot, const struct dial_context *context,
    const struct reply_push *push);

/* NULL is fine. */
void refusal_free(struct refusal *refusal);

#endif
