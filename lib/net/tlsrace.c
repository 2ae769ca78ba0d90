/*
 * tlsrace: run multiconnect and TLS together, and race on while a ServerHello
 * is late. See tlsrace.h.
 */
#include "net/tlsrace_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "net/connect.h"
#include "net/netwatch.h"

/*
 * A kernel completes TCP even for a process that hangs. So when a winner's
 * ServerHello is late, the others race beside it. Late means later than one
 * lost packet makes it, by as much as the cryptography of a busy host takes.
 */
#define LATE_MS 50

static const char no_hello[] = "connected, but no ServerHello came";

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

static const struct multiconnect_prover prover = {
	tlsrace_runner_begin, tlsrace_runner_drop, "no ServerHello"
};

/* Choose what decides the next race, or the one that has just begun. */
static void
choose(struct tlsrace *race)
{
	race->by_tls = race->options.by == TLSRACE_TLS || race->late ||
	    (race->options.by == TLSRACE_AUTO &&
	    tlsrace_proxy_count(race->proxy) >= TLSRACE_PROXY_RACES);
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
	uint32_t ms = LATE_MS + connect_resend_ms(tls_fd(
	    race->runners[entry]->stream));
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

	event_del(race->turn);
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
	err = tlsrace_runner_start(race, fd, entry);
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
	race->done = done;
	race->arg = arg;
	set_missing(race, options->missing);
	race->patience = evtimer_new(loop, on_patience, race);
	race->turn = evtimer_new(loop, tlsrace_runner_turn, race);
	if (race->patience != NULL && race->turn != NULL)
		err = tlsrace_proxy_new(&race->proxy, options->proxy_races);
	if (err == 0)
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
tlsrace_is_stranded(const struct tlsrace *race, bool *asked)
{
	uint8_t exporter[TLS_EXPORTER];
	const struct tls *stream;
	bool any = false;
	size_t i;

	*asked = false;
	for (i = 0; i < race->n_runners; i++) {
		stream = race->runners[i] == NULL ? NULL :
		    race->runners[i]->stream;
		if (stream == NULL)
			continue;
		if (!netwatch_is_stranded(tls_fd(stream)))
			return false;
		*asked = *asked || tls_exporter(stream, true, exporter) == 0;
		any = true;
	}
	return any;
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

unsigned
tlsrace_proxy_races(const struct tlsrace *race)
{
	return tlsrace_proxy_count(race->proxy);
}

void
tlsrace_free(struct tlsrace *race)
{
	if (race == NULL)
		return;
	multiconnect_free(race->connects);
	tlsrace_runner_free(race);
	tlsrace_proxy_free(race->proxy);
	if (race->patience != NULL)
		event_free(race->patience);
	if (race->turn != NULL)
		event_free(race->turn);
	free(race);
}
