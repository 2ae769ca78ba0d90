/* signals: one event for each signal that ends the wait. See signals.h. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "net/loop.h"

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct caught {
	struct signals *signals;
	struct loop_event *event;
	int number;
};

struct signals {
	signals_handler *handler;
	void *arg;
	struct caught caught[N_NUMBERS];
};

static void
on_signal(void *arg)
{
	const struct caught *caught = arg;

	caught->signals->handler(caught->number, caught->signals->arg);
}

static int
catch_one(struct caught *caught, struct event_base *loop)
{
	struct sigaction was;

	if (sigaction(caught->number, NULL, &was) == 0 &&
	    was.sa_handler == SIG_IGN)
		return 0;
	caught->event = loop_signal_new(loop, caught->number, on_signal,
	    caught);
	return caught->event == NULL ? -ENOMEM :
	    loop_event_start(caught->event);
}

int
signals_new(struct signals **out, struct event_base *loop,
    signals_handler *handler, void *arg)
{
	struct signals *signals = calloc(1, sizeof(*signals));
	int err = 0;
	size_t i;

	if (signals == NULL)
		return -ENOMEM;
	signals->handler = handler;
	signals->arg = arg;
	for (i = 0; err == 0 && i < N_NUMBERS; i++) {
		signals->caught[i].signals = signals;
		signals->caught[i].number = numbers[i];
		err = catch_one(&signals->caught[i], loop);
	}
	if (err < 0) {
		signals_free(signals);
		return err;
	}
	*out = signals;
	return 0;
}

void
signals_free(struct signals *signals)
{
	size_t i;

	if (signals == NULL)
		return;
	for (i = 0; i < N_NUMBERS; i++)
		loop_event_free(signals->caught[i].event);
	free(signals);
}
