/*
 * live: one status line of a running call, on standard error. The words to
 * compare get lines of their own once audio runs, whole on narrow terminals
 * too. Nothing is shown if standard error is not a terminal or we are in the
 * background.
 */
#ifndef RP_DIAL_LIVE_H
#define RP_DIAL_LIVE_H

struct call;
struct event_base;
struct live;

/*
 * Create the status line. `*out` is NULL if nobody can see it; all functions
 * accept NULL.
 */
int live_new(struct live **out, struct event_base *loop);

/*
 * Show this call from now on (NULL: none). The call must outlive its display.
 */
void live_watch(struct live *live, struct call *call);

/* Clear the line, so that others may write. */
void live_clear(struct live *live);

void live_free(struct live *live);

#endif
