/*
 * live: one line on the terminal that tells how a call goes while it goes, on
 * standard error. Nothing if that is no terminal or we are in the background.
 */
#ifndef RP_DIAL_LIVE_H
#define RP_DIAL_LIVE_H

struct call;
struct event_base;
struct live;

/* *out is NULL if there is nobody to see it; all functions take NULL. */
int live_new(struct live **out, struct event_base *loop);

/* Show this call from now on (NULL: none). It must outlive that. */
void live_watch(struct live *live, struct call *call);

/* Take the line away, so that others may write. */
void live_clear(struct live *live);

void live_free(struct live *live);

#endif
