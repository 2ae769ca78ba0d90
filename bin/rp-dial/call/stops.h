/*
 * stops: the signals that end a call with a goodbye: SIGINT, SIGTERM, SIGQUIT,
 * and SIGHUP, which a closed terminal sends. SIGHUP stays ignored if it was so
 * at the start, as nohup(1) wants it.
 */
#ifndef RP_DIAL_STOPS_H
#define RP_DIAL_STOPS_H

#include "net/loop.h"

struct stops;

/*
 * Call `handler` from the loop for each of these signals.
 *
 *  -ENOMEM  out of memory
 */
int stops_new(struct stops **out, struct event_base *loop,
    loop_handler *handler, void *arg);

/* Give the signals back their defaults. NULL is allowed. */
void stops_free(struct stops *stops);

#endif
