#include "net/tlsrace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/tickets.h"

/*
 * A kernel completes TCP for a process that hangs, so the winner's ServerHello
 * must come within the larger of these.
 */
#define HELLO_LEAST_MS 250
#define HELLO_CONNECTS 2
/*
 * It takes one round trip, as TCP did, and some milliseconds of cryptography, or
 * tens of a busy host; more is a path beyond the one that TCP has measured.
 */
#define SMELL_CONNECTS 3
#define SMELL_MS 50

struct runner {
	struct tlsrace *race;
	struct tls *stream;	/* while it is ours */
	uint64_t connected_ns;
};

struct tlsrace {
	struct event_base *loop;
	struct multiconnect *connects;
	struct tlsrace_options options;
	struct runner *runners;		/* one for each entry */
	struct event *patience;		/* of the one that won by TCP */
	size_t winner;			/* the last */
	bool by_tls;			/* this race */
	bool smells;
	int struck;			/* err of the last strike, or 0 */
	char why[TLS_WHY];
	tlsrace_handler *done;
	void *arg;
};

int
tlsrace_by_parse(enum tlsrace_by *out, const char *text)
{
	static const char *const names[] = {
		[TLSRACE_AUTO] = "auto",
		[TLSRACE_TCP] = "tcp",
		[TLSRACE_TLS] = "tls",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum tlsrace_by)i;
			return 0;
		}
	return -EINVAL;
}

static size_t
entry_of(const struct runner *runner)
{
	return (size_t)(runner - runner->race->runners);
}

static void
drop_stream(struct runner *runner)
{
	tls_free(runner->stream);
	runner->stream = NULL;
}

/*
 * The nose: how long hello took, against connect. Among all the nearest says
 * hello soon even behind a proxy: there the multiple alone counts.
 */
static void
smell(struct tlsrace *race, const struct runner *runner)
{
	size_t n;
	double connect_ms = multiconnect_entries(race->connects,
	    &n)[entry_of(runner)].connect_ms;
	double hello_ms = (double)(clock_ns() - runner->connected_ns) /
	    (double)CLOCK_MS;

	race->smells = hello_ms > SMELL_CONNECTS * connect_ms +
	    (race->by_tls ? 0 : SMELL_MS);
}

static void
fail(struct runner *runner, int err, const char *why, const char *text)
{
	struct tlsrace *race = runner->race;

	drop_stream(runner);
	if (race->by_tls) {
		race->struck = err;
		snprintf(race->why, sizeof(race->why), "%s", text);
		multiconnect_proved(race->connects, entry_of(runner), err);
		return;
	}
	tlsrace_strike(race, entry_of(runner), err, why, text);
}

static void
on_hello(void *arg)
{
	struct runner *runner = arg;
	struct tlsrace *race = runner->race;
	struct tls *stream = runner->stream;

	smell(race, runner);
	if (race->by_tls) {
		/* This comes back in on_raced. */
		multiconnect_proved(race->connects, entry_of(runner), 0);
		return;
	}
	event_del(race->patience);
	runner->stream = NULL;
	race->done(0, NULL, stream, entry_of(runner), race->arg);
}

/* Not before hello: then it is no longer ours. */
static void
on_ready(void *arg)
{
	(void)arg;
}

static void
on_data(struct evbuffer *in, void *arg)
{
	(void)in;
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	char text[TLS_WHY];

	snprintf(text, sizeof(text), "%s", why);
	fail(arg, err != 0 ? err : -ECONNRESET, "closed before TLS", text);
}

static int
start_stream(struct tlsrace *race, int fd, size_t entry)
{
	static const struct tls_handlers handlers = {
		on_hello, on_ready, on_data, on_closed
	};
	struct runner *runner = &race->runners[entry];
	struct tls_options stream = race->options.stream;
	size_t n;

	stream.handshake_ms = multiconnect_left_ms(race->connects) + 1;
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

static int
begin(int fd, size_t entry, void *arg)
{
	return start_stream(arg, fd, entry);
}

static void
drop(size_t entry, void *arg)
{
	struct tlsrace *race = arg;

	drop_stream(&race->runners[entry]);
}

static const struct multiconnect_prover prover = { begin, drop };

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct tlsrace *race = arg;

	(void)fd;
	(void)what;
	/* A proxy before a dead switch looks so too: from now on all are asked. */
	race->smells = true;
	fail(&race->runners[race->winner], -ETIMEDOUT, "no ServerHello",
	    "connected, but no ServerHello came");
}

static void
wait_for_hello(struct tlsrace *race, size_t entry)
{
	size_t n;
	double connects = HELLO_CONNECTS * multiconnect_entries(
	    race->connects, &n)[entry].connect_ms;
	uint32_t ms = connects > HELLO_LEAST_MS ? (uint32_t)connects :
	    HELLO_LEAST_MS;
	uint32_t left = multiconnect_left_ms(race->connects);
	struct timeval tv;

	ms = ms < left ? ms : left;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	event_add(race->patience, &tv);
}

static void
on_raced(int err, int fd, size_t entry, void *arg)
{
	struct tlsrace *race = arg;
	struct tls *stream;

	if (err < 0) {
		/* What one did that connected says more than the rest. */
		if (race->struck != 0)
			race->done(race->struck, race->why, NULL, 0,
			    race->arg);
		else
			race->done(err, strerror(-err), NULL, 0, race->arg);
		return;
	}
	race->winner = entry;
	if (fd < 0) {
		stream = race->runners[entry].stream;
		race->runners[entry].stream = NULL;
		race->done(0, NULL, stream, entry, race->arg);
		return;
	}
	err = start_stream(race, fd, entry);
	if (err < 0)
		tlsrace_strike(race, entry, err, "no TLS here",
		    strerror(-err));
	else
		wait_for_hello(race, entry);
}

/* Before a race: what decides it? */
static void
choose(struct tlsrace *race)
{
	race->by_tls = race->options.by == TLSRACE_TLS ||
	    (race->options.by == TLSRACE_AUTO && race->smells);
	multiconnect_prove_by(race->connects, race->by_tls ? &prover : NULL);
}

int
tlsrace_start(struct tlsrace **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct tlsrace_options *options,
    tlsrace_handler *done, void *arg)
{
	struct multiconnect_options connects = { options->deadline_ms };
	struct tlsrace *race = calloc(1, sizeof(*race));
	size_t i;
	int err = -ENOMEM;

	if (race == NULL)
		return -ENOMEM;
	race->loop = loop;
	race->options = *options;
	race->smells = options->smelt;
	race->done = done;
	race->arg = arg;
	race->runners = calloc(n + 1, sizeof(*race->runners));
	race->patience = evtimer_new(loop, on_patience, race);
	for (i = 0; race->runners != NULL && i < n; i++)
		race->runners[i].race = race;
	if (race->runners != NULL && race->patience != NULL)
		err = multiconnect_start(&race->connects, loop, addrs, n,
		    &connects, on_raced, race);
	if (err < 0) {
		tlsrace_free(race);
		return err;
	}
	choose(race);
	*out = race;
	return 0;
}

void
tlsrace_strike(struct tlsrace *race, size_t entry, int err, const char *why,
    const char *text)
{
	event_del(race->patience);
	race->struck = err;
	snprintf(race->why, sizeof(race->why), "%s", text);
	choose(race);
	multiconnect_strike(race->connects, entry, err, why);
}

const struct multiconnect_entry *
tlsrace_entries(const struct tlsrace *race, size_t *n)
{
	return multiconnect_entries(race->connects, n);
}

uint32_t
tlsrace_left_ms(const struct tlsrace *race)
{
	return multiconnect_left_ms(race->connects);
}

uint64_t
tlsrace_connected_ns(const struct tlsrace *race)
{
	return race->runners[race->winner].connected_ns;
}

bool
tlsrace_smells(const struct tlsrace *race)
{
	return race->smells;
}

void
tlsrace_free(struct tlsrace *race)
{
	size_t i, n = 0;

	if (race == NULL)
		return;
	if (race->connects != NULL)
		multiconnect_entries(race->connects, &n);
	multiconnect_free(race->connects);
	for (i = 0; i < n; i++)
		drop_stream(&race->runners[i]);
	if (race->patience != NULL)
		event_free(race->patience);
	free(race->runners);
	free(race);
}
