/*
 * tlsrace_runner: one address of a race that TCP has connected: its turn, its
 * stream, its ServerHello or its end. Called by tlsrace.
 */
#include "net/tlsrace_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"
#include "net/loop_private.h"
#include "net/tickets.h"

/*
 * A stream's own time-out comes after the race's deadline, whose report is more
 * precise.
 */
#define BEHIND_MS 1000
/* Between two turns, however near the switches are. */
#define TURN_LEAST_US 1000

/*
 * Close with a reset, so that the kernel never retransmits early data. Another
 * switch gets it.
 */
static void
drop_stream(struct runner *runner)
{
	if (runner->stream == NULL)
		return;
	connect_discard_on_close(tls_fd(runner->stream));
	tls_free(runner->stream);
	runner->stream = NULL;
}

/* Return the entry's runner, made if necessary. */
static struct runner *
runner_of(struct tlsrace *race, size_t entry)
{
	struct runner **runners;

	if (entry >= race->n_runners) {
		runners = realloc(race->runners,
		    (entry + 1) * sizeof(*runners));
		if (runners == NULL)
			return NULL;
		race->runners = runners;
		while (race->n_runners <= entry)
			runners[race->n_runners++] = NULL;
	}
	if (race->runners[entry] != NULL)
		return race->runners[entry];
	race->runners[entry] = calloc(1, sizeof(struct runner));
	if (race->runners[entry] == NULL)
		return NULL;
	race->runners[entry]->race = race;
	race->runners[entry]->fd = -1;
	race->runners[entry]->entry = entry;
	return race->runners[entry];
}

static void
fail_runner(struct runner *runner, int err, const char *why, const char *text)
{
	struct tlsrace *race = runner->race;

	drop_stream(runner);
	if (race->by_tls) {
		race->struck = err;
		why_set(race->why, "%s", text);
		multiconnect_proved(race->connects, runner->entry, err);
		loop_next(race->turn);
		return;
	}
	tlsrace_strike(race, runner->entry, err, why, text);
}

static void
on_hello(void *arg)
{
	struct runner *runner = arg;
	struct tlsrace *race = runner->race;
	struct tls *stream = runner->stream;

	tlsrace_proxy_hello(race, runner);
	if (race->by_tls) {
		/* This calls back into on_raced. */
		multiconnect_proved(race->connects, runner->entry, 0);
		return;
	}
	event_del(race->patience);
	runner->stream = NULL;
	race->done(0, NULL, stream, runner->entry, race->arg);
}

/* This never precedes on_hello, after which the stream is no longer ours. */
static void
on_ready(void *arg)
{
	(void)arg;
}

static void
on_data(struct buffer *in, void *arg)
{
	(void)in;
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	char text[WHY_TEXT];

	snprintf(text, sizeof(text), "%s", why);
	fail_runner(arg, err != 0 ? err : -ECONNRESET, "closed before TLS",
	    text);
}

int
tlsrace_runner_start(struct tlsrace *race, int fd, size_t entry)
{
	static const struct tls_handlers handlers = {
		on_hello, on_ready, on_data, on_closed
	};
	struct runner *runner = runner_of(race, entry);
	struct tls_options stream = race->options.stream;
	size_t n;

	if (runner == NULL) {
		connect_discard(fd);
		return -ENOMEM;
	}
	stream.handshake_ms = multiconnect_left_ms(race->connects) + BEHIND_MS;
	if (race->options.tickets != NULL)
		stream.session = tickets_find(race->options.tickets,
		    stream.server_name, &multiconnect_entries(race->connects,
		    &n)[entry].addr, tls_config_trust(race->options.config),
		    &stream.session_bytes);
	if (race->by_tls)
		stream.early_bytes = 0;
	runner->connected_ns = clock_ns();
	return tls_new(&runner->stream, race->loop, fd, race->options.config,
	    &stream, &handlers, runner);
}

/* Let the next one begin after the connect time of this one. */
static void
set_turn(struct tlsrace *race, size_t entry)
{
	size_t n;
	double us = 1000 * multiconnect_entries(race->connects,
	    &n)[entry].connect_ms;
	uint32_t wait_us = us > TURN_LEAST_US ? (uint32_t)us : TURN_LEAST_US;
	struct timeval tv = { wait_us / 1000000, wait_us % 1000000 };

	event_add(race->turn, &tv);
}

static struct runner *
next_waiting(const struct tlsrace *race)
{
	struct runner *next = NULL;
	size_t i;

	for (i = 0; i < race->n_runners; i++) {
		struct runner *runner = race->runners[i];

		if (runner != NULL && runner->fd >= 0 &&
		    (next == NULL || runner->turn < next->turn))
			next = runner;
	}
	return next;
}

static void
start_waiting(struct runner *runner)
{
	int fd = runner->fd, err;

	runner->fd = -1;
	err = tlsrace_runner_start(runner->race, fd, runner->entry);
	if (err < 0)
		multiconnect_proved(runner->race->connects, runner->entry,
		    err);
}

void
tlsrace_runner_turn(int fd, short what, void *arg)
{
	struct tlsrace *race = arg;
	struct runner *next = next_waiting(race);
	unsigned left = race->at_once;

	(void)fd;
	(void)what;
	if (next == NULL)
		return;
	set_turn(race, next->entry);
	race->at_once *= 2;
	for (; next != NULL && left > 0; left--) {
		start_waiting(next);
		next = next_waiting(race);
	}
}

int
tlsrace_runner_begin(int fd, size_t entry, void *arg)
{
	struct tlsrace *race = arg;
	struct runner *runner;

	if (!event_pending(race->turn, EV_TIMEOUT, NULL) &&
	    next_waiting(race) == NULL) {
		race->at_once = 1;
		set_turn(race, entry);
		return tlsrace_runner_start(race, fd, entry);
	}
	runner = runner_of(race, entry);
	if (runner == NULL) {
		connect_discard(fd);
		return -ENOMEM;
	}
	runner->fd = fd;
	runner->turn = race->turns++;
	return 0;
}

void
tlsrace_runner_drop(size_t entry, void *arg)
{
	struct tlsrace *race = arg;
	struct runner *runner = race->runners[entry];

	drop_stream(runner);
	if (runner->fd >= 0)
		connect_discard(runner->fd);
	runner->fd = -1;
}

void
tlsrace_runner_free(struct tlsrace *race)
{
	size_t i;

	for (i = 0; i < race->n_runners; i++) {
		if (race->runners[i] != NULL)
			tlsrace_runner_drop(i, race);
		free(race->runners[i]);
	}
	free(race->runners);
}
