/*
 * loop: what keeps a libevent loop turning, whatever its peers do. A turn looks
 * at the sockets and the timers, and then runs what they brought. Whatever is
 * made active by event_active meanwhile runs in the same turn: a handler that
 * calls itself back so, while its peer sends, is the only one that ever runs.
 */
#ifndef RP_NET_LOOP_H
#define RP_NET_LOOP_H

#include <stdbool.h>

struct event;
struct event_base;

/*
 * A loop that looks at its sockets and timers anew at least every 50 ms, even
 * if not all have had their turn by then; they go on where they were. NULL if
 * out of memory.
 */
struct event_base *loop_new(void);

/*
 * Before it is added: of a loop_new's loop, this event goes before all others.
 * For what is rare and short.
 */
void loop_put_first(struct event *event);

/*
 * Run the handler in the loop's next turn, once the sockets and timers have been
 * looked at; if it is to run then already, that is all. For an event without a
 * descriptor: event_new(loop, -1, 0, ...).
 */
void loop_next(struct event *event);

/* Is that to come? */
bool loop_is_next(const struct event *event);

#endif
