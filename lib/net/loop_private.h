/*
 * loop_private: the same for lib/net's own files, which use the event library
 * itself.
 */
#ifndef RP_NET_LOOP_PRIVATE_H
#define RP_NET_LOOP_PRIVATE_H

#include <stdbool.h>

struct event;

/*
 * Run the handler in the loop's next turn, after descriptors and timers had
 * theirs; if it is to run then already, that is all. For an event without a
 * descriptor: event_new(loop, -1, 0, ...).
 */
void loop_next(struct event *event);

/* Is that to come? */
bool loop_is_next(const struct event *event);

#endif
