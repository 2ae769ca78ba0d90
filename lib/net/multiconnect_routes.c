/*
 * multiconnect_routes: addresses to which this host has no route now are tried
 * again, because the route may come back before the deadline. Called by
 * multiconnect and multiconnect_turns.
 */
#include "net/multiconnect_private.h"

#include <event2/event.h>

#include "net/netwatch.h"

/*
 * After a change of the network, an address needs up to 2 s until it is usable
 * (IPv6 DAD), and some changes of routes are not reported to this host.
 */
#define AGAIN_S 1

static bool
has_unrouted(const struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i]->unrouted)
			return true;
	return false;
}

bool
multiconnect_routes_awaited(const struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i]->answered)
			return false;
	return has_unrouted(mc);
}

static void
try_again(struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++) {
		if (!mc->attempts[i]->unrouted)
			continue;
		mc->attempts[i]->unrouted = false;
		mc->entries[i].outcome = MULTICONNECT_WAITING;
	}
	multiconnect_turns_fill(mc);
}

void
multiconnect_routes_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	try_again(arg);
}

static void
on_changed(void *arg)
{
	struct multiconnect *mc = arg;

	if (event_pending(mc->routes, EV_TIMEOUT, NULL))
		try_again(mc);
}

void
multiconnect_routes_watch(struct multiconnect *mc)
{
	static const struct timeval again = { AGAIN_S, 0 };

	if (!has_unrouted(mc) || event_pending(mc->routes, EV_TIMEOUT, NULL))
		return;
	event_add(mc->routes, &again);
	/* Without the watch, the timer must suffice. */
	if (mc->netwatch == NULL)
		(void)netwatch_new(&mc->netwatch, mc->loop, on_changed, mc);
}

void
multiconnect_routes_leave(struct multiconnect *mc)
{
	event_del(mc->routes);
	netwatch_free(mc->netwatch);
	mc->netwatch = NULL;
}
