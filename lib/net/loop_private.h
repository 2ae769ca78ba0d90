/*
 * loop_private: what loop.h does, for lib/net's own files, which use the event
 * library directly.
 */
#ifndef RP_NET_LOOP_PRIVATE_H
#define RP_NET_LOOP_PRIVATE_H

#include <stdbool.h>

struct event;

/*
 * Run the handler in the loop's next turn, after descriptors and timers.
 * Nothing changes if it is scheduled already. For an event without a
 * descriptor: event_new(loop, -1, 0, ...).
 */
void loop_next(struct event *event);

/* Is the handler scheduled for the next turn? */
bool loop_is_next(const struct event *event);

#endif
