/*
 * stops: one event for each signal that ends a call. See stops.h.
 */
#include "call/stops.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP };

#define N (sizeof(numbers) / sizeof(numbers[0]))

struct stops {
	struct loop_event *events[N];
};

static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN;
}

int
stops_new(struct stops **out, struct event_base *loop, loop_handler *handler,
    void *arg)
{
	struct stops *stops = calloc(1, sizeof(*stops));
	size_t i;

	if (stops == NULL)
		return -ENOMEM;
	for (i = 0; i < N; i++) {
		if (numbers[i] == SIGHUP && is_ignored(SIGHUP))
			continue;
		stops->events[i] = loop_signal_new(loop, numbers[i], handler,
		    arg);
		if (stops->events[i] == NULL ||
		    loop_event_start(stops->events[i]) < 0) {
			stops_free(stops);
			return -ENOMEM;
		}
	}
	*out = stops;
	return 0;
}

void
stops_free(struct stops *stops)
{
	size_t i;

	if (stops == NULL)
		return;
	for (i = 0; i < N; i++)
		loop_event_free(stops->events[i]);
	free(stops);
}
