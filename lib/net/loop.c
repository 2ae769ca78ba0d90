#include "net/loop.h"

#include <stddef.h>
#include <sys/time.h>

#include <event2/event.h>

#define PRIORITIES 2		/* 0 goes first; events have 1 unless told */
/* Many times what one handler takes, a fraction of what a timer may wait. */
#define TURN_MS 50

struct event_base *
loop_new(void)
{
	static const struct timeval turn = { 0, TURN_MS * 1000 };
	struct event_config *config = event_config_new();
	struct event_base *loop = NULL;

	if (config != NULL &&
	    event_config_set_max_dispatch_interval(config, &turn, -1, 1) == 0)
		loop = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	if (loop != NULL && event_base_priority_init(loop, PRIORITIES) < 0) {
		event_base_free(loop);
		return NULL;
	}
	return loop;
}

void
loop_put_first(struct event *event)
{
	(void)event_priority_set(event, 0);
}

/*
 * A timer that is over at once comes up with the next turn's. Set anew before it
 * has run it would wait for yet another turn, and for ever if somebody is quick
 * enough.
 */
void
loop_next(struct event *event)
{
	static const struct timeval now = { 0, 0 };

	if (loop_is_next(event))
		return;
	/* Short of memory this turn is better than never. */
	if (event_add(event, &now) < 0)
		event_active(event, EV_TIMEOUT, 0);
}

bool
loop_is_next(const struct event *event)
{
	return event_pending(event, EV_TIMEOUT, NULL) != 0;
}
