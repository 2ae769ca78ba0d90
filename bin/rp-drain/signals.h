/*
 * signals: what ends the wait: ^C, a shell's or service manager's TERM, and a
 * terminal that is closed. A signal that the parent ignores stays ignored.
 */
#ifndef RP_DRAIN_SIGNALS_H
#define RP_DRAIN_SIGNALS_H

struct event_base;
struct signals;

/* Called from the loop. */
typedef void signals_handler(int number, void *arg);

/* Catch SIGINT, SIGTERM and SIGHUP. -ENOMEM. */
int signals_new(struct signals **out, struct event_base *loop,
    signals_handler *handler, void *arg);

/* Stop catching them. NULL is fine. */
void signals_free(struct signals *signals);

#endif
