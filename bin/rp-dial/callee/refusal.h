/*
 * refusal: tell a caller that we are in another call already, by BUSY to the
 * switch that a push named. It is best effort and frees itself.
 */
#ifndef RP_DIAL_REFUSAL_H
#define RP_DIAL_REFUSAL_H

struct dial_context;
struct refusal;
struct reply_push;

/*
 * Send BUSY. `*slot` is set to the refusal, and to NULL again once it is done.
 * On a negative errno `*slot` is unchanged.
 */
int refusal_new(struct refusal **slot, const struct dial_context *context,
    const struct reply_push *push);

/* Free the refusal. NULL is allowed. */
void refusal_free(struct refusal *refusal);

#endif
