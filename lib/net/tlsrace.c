/*
 * tlsrace: run multiconnect and TLS together, and race on while a ServerHello
 * is late. See tlsrace.h.
 */
#include "net/tlsrace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"
#include "net/tickets.h"
#include "wire/why.h"

/*
 * A kernel completes TCP even for a process that hangs. So when a winner's
 * ServerHello is late, the others race beside it. A lost ClientHello is sent
 * again one round trip and a margin later, and is answered after one more. The
 * margin is four times the variation, which is half of the first sample, and at
 * least RESEND_LEAST_MS with Linux (RFC 6298, 2.2 and 2.4). The others are no
 * nearer and need two round trips. If they begin after the margin and LATE_MS,
 * which a busy host takes, the nearest wins although it lost a packet.
 */
#define RESEND_LEAST_MS 200
#define RESEND_CONNECTS 2
#define LATE_MS 50
/*
 * A ServerHello takes one round trip, as TCP did, plus some milliseconds of
 * cryptography, or tens on a busy host. More than this means a path beyond the
 * one that TCP has measured.
 */
#define PROXY_CONNECTS 3
#define PROXY_MS 50
/*
 * A stream's own time-out comes after the race's deadline, whose report is more
 * precise.
 */
#define BEHIND_MS 1000

static const char no_hello[] = "connected, but no ServerHello came";

struct runner {
	struct tlsrace *race;
	struct tls *stream;	/* while it belongs to the race */
	uint64_t connected_ns;
	size_t entry;
};

struct tlsrace {
	struct event_base *loop;
	struct multiconnect *connects;
	struct tlsrace_options options;
	struct runner **runners;	/* by entry; NULL: TCP never
					 * connected */
	size_t n_runners;
	struct event *patience;		/* time for the winner by TCP */
	size_t winner;			/* the last winner */
	bool by_tls;			/* TLS decides this race */
	bool late;			/* a winner's ServerHello was late */
	bool suspects_proxy;
	int struck;			/* err of the last strike, or 0 */
	char why[WHY_TEXT];
	char missing[WHY_TEXT / 2];	/* as in tlsrace_options, or "" */
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
	race->runners[entry]->entry = entry;
	return race->runners[entry];
}

/*
 * Suspect a proxy by how long the ServerHello took compared with the connect.
 * If TLS decides, the nearest of all answers soon even behind a proxy, so only
 * the multiple counts. With lost packets the time says nothing.
 */
static void
suspect_proxy(struct tlsrace *race, const struct runner *runner)
{
	size_t n;
	double connect_ms = multiconnect_entries(race->connects,
	    &n)[runner->entry].connect_ms;
	double hello_ms = (double)(clock_ns() - runner->connected_ns) /
	    (double)CLOCK_MS;

	if (connect_lost_packets(tls_fd(runner->stream)))
		return;
	race->suspects_proxy = hello_ms > PROXY_CONNECTS * connect_ms +
	    (race->by_tls ? 0 : PROXY_MS);
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

	suspect_proxy(race, runner);
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

static int
start_stream(struct tlsrace *race, int fd, size_t entry)
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

static int
begin_hello(int fd, size_t entry, void *arg)
{
	return start_stream(arg, fd, entry);
}

static void
drop_runner(size_t entry, void *arg)
{
	struct tlsrace *race = arg;

	drop_stream(race->runners[entry]);
}

static const struct multiconnect_prover prover = {
	begin_hello, drop_runner, "no ServerHello"
};

/* Choose what decides the next race, or the one that has just begun. */
static void
choose(struct tlsrace *race)
{
	race->by_tls = race->options.by == TLSRACE_TLS || race->late ||
	    (race->options.by == TLSRACE_AUTO && race->suspects_proxy);
	multiconnect_prove_by(race->connects, race->by_tls ? &prover : NULL);
}

/*
 * Ask all from now on, and let the first ServerHello win. The late winner hangs
 * or is busy, its packets are lost, or a proxy hides a dead switch.
 */
static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct tlsrace *race = arg;

	(void)fd;
	(void)what;
	race->late = true;
	race->struck = -ETIMEDOUT;
	why_set(race->why, "%s", no_hello);
	choose(race);
	multiconnect_late(race->connects, race->winner);
}

static void
wait_for_hello(struct tlsrace *race, size_t entry)
{
	size_t n;
	double connects = RESEND_CONNECTS * multiconnect_entries(
	    race->connects, &n)[entry].connect_ms;
	uint32_t ms = LATE_MS + (connects > RESEND_LEAST_MS ?
	    (uint32_t)connects : RESEND_LEAST_MS);
	uint32_t left = multiconnect_left_ms(race->connects);
	struct timeval tv;

	ms = ms < left ? ms : left;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	event_add(race->patience, &tv);
}

static bool
has_connected(const struct tlsrace *race)
{
	size_t i;

	for (i = 0; i < race->n_runners; i++)
		if (race->runners[i] != NULL)
			return true;
	return false;
}

static void
tell_nobody(struct tlsrace *race, int err)
{
	char why[2 * WHY_TEXT];
	const char *text = strerror(-err);

	/* A failure after a connect says more than the rest. */
	if (race->struck != 0) {
		err = race->struck;
		text = race->why;
	} else if (err == -ETIMEDOUT && has_connected(race)) {
		text = no_hello;
	}
	why_set(why, "%s%s%s", text,
	    *race->missing != '\0' ? "; " : "", race->missing);
	race->done(err, why, NULL, 0, race->arg);
}

static void
on_raced(int err, int fd, size_t entry, void *arg)
{
	struct tlsrace *race = arg;
	struct tls *stream;

	if (err < 0) {
		tell_nobody(race, err);
		return;
	}
	race->winner = entry;
	if (fd < 0) {
		stream = race->runners[entry]->stream;
		race->runners[entry]->stream = NULL;
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

static void
set_missing(struct tlsrace *race, const char *missing)
{
	snprintf(race->missing, sizeof(race->missing), "%s",
	    missing != NULL ? missing : "");
}

int
tlsrace_start(struct tlsrace **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct tlsrace_options *options,
    tlsrace_handler *done, void *arg)
{
	struct multiconnect_options connects = { options->deadline_ms };
	struct tlsrace *race = calloc(1, sizeof(*race));
	int err = -ENOMEM;

	if (race == NULL)
		return -ENOMEM;
	race->loop = loop;
	race->options = *options;
	race->suspects_proxy = options->suspects_proxy;
	race->done = done;
	race->arg = arg;
	set_missing(race, options->missing);
	race->patience = evtimer_new(loop, on_patience, race);
	if (race->patience != NULL)
		err = multiconnect_start(&race->connects, loop, addrs, n,
		    &connects, on_raced, race);
	if (err < 0) {
		tlsrace_free(race);
		return err;
	}
	if (options->more)
		(void)multiconnect_add(race->connects, NULL, 0, true);
	choose(race);
	*out = race;
	return 0;
}

int
tlsrace_add(struct tlsrace *race, const struct addr addrs[], size_t n,
    bool more, const char *missing)
{
	set_missing(race, missing);
	return multiconnect_add(race->connects, addrs, n, more);
}

bool
tlsrace_has_others(const struct tlsrace *race)
{
	return multiconnect_has_others(race->connects);
}

void
tlsrace_strike(struct tlsrace *race, size_t entry, int err, const char *why,
    const char *text)
{
	event_del(race->patience);
	race->struck = err;
	why_set(race->why, "%s", text);
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
	return race->runners[race->winner]->connected_ns;
}

bool
tlsrace_suspects_proxy(const struct tlsrace *race)
{
	return race->suspects_proxy;
}

void
tlsrace_free(struct tlsrace *race)
{
	size_t i;

	if (race == NULL)
		return;
	multiconnect_free(race->connects);
	for (i = 0; i < race->n_runners; i++) {
		if (race->runners[i] != NULL)
			drop_stream(race->runners[i]);
		free(race->runners[i]);
	}
	if (race->patience != NULL)
		event_free(race->patience);
	free(race->runners);
	free(race);
}
