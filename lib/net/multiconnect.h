/*
 * multiconnect: start a TCP connect to every address in the same turn of the
 * loop, keep the first that completes, close the others in that same turn.
 * Addresses that are found later join the race. See DESIGN, "Multi-connect". An
 * address that fails is only that address's outcome; it never spoils the race.
 */
#ifndef RP_NET_MULTICONNECT_H
#define RP_NET_MULTICONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct multiconnect;

/* Attempts at once; the rest follow as these fail. */
#define MULTICONNECT_AT_ONCE 32

enum multiconnect_outcome {
	MULTICONNECT_WAITING,	/* not started: more than fit at once */
	MULTICONNECT_RACING,
	MULTICONNECT_WON,
	MULTICONNECT_LOST,	/* closed because another won */
	MULTICONNECT_FAILED,	/* err says why */
	MULTICONNECT_STRUCK	/* connected, but proved no working switch, or
				   not in time; err and why say it */
};

struct multiconnect_entry {
	struct addr addr;
	enum multiconnect_outcome outcome;
	int err;		/* negative errno, or 0 */
	const char *why;	/* of a strike: a literal, or NULL */
	double ms;		/* from the start of its attempt to outcome */
	double connect_ms;	/* TCP's round trip, if it ever won; else 0 */
};

/*
 * err 0: fd is connected, non-blocking, TCP_NODELAY, and now the caller's;
 * entry is its index. Else nobody is left: -ECONNREFUSED (refused),
 * -EHOSTUNREACH (none could be tried), -ETIMEDOUT (the deadline), or what the
 * last strike said. Called once for each race, never before the call that
 * started the race returns. All but multiconnect_proved are allowed within.
 */
typedef void multiconnect_handler(int err, int fd, size_t entry, void *arg);

/*
 * Where TCP alone proves nothing, since a proxy completes it for everybody:
 * each attempt that connects is handed to begin and races on until
 * multiconnect_proved is called for it.
 */
struct multiconnect_prover {
	/* fd is yours now, also if you return a negative errno: it failed. */
	int (*begin)(int fd, size_t entry, void *arg);
	/* The race is over for it: close what began. */
	void (*drop)(size_t entry, void *arg);
	const char *late;	/* why it is struck if it proved nothing in time */
};

struct multiconnect_options {
	uint32_t deadline_ms;	/* for all races together; 0: 10,000 */
};

/*
 * Start the first race. addrs are copied; duplicates are dropped. Where
 * several have completed by the time the loop comes round, the one with the
 * shortest round trip of its handshake (TCP_INFO) wins.
 */
int multiconnect_start(struct multiconnect **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct multiconnect_options *options, multiconnect_handler *done,
    void *arg);

/*
 * Further addresses (copied; those that are known are passed over; n may be 0).
 * They join the race that runs, or the next one. more: others may follow, so
 * that nobody is told to be left before the deadline, until a call without it.
 * Nothing is called before this returns. -ENOMEM: some of them are missing, and
 * more counts all the same.
 */
int multiconnect_add(struct multiconnect *mc, const struct addr addrs[],
    size_t n, bool more);

/*
 * The winner proved no working switch: mark it (err, and why: a literal) and
 * race again among those that lost, were late or waited; the refused and
 * timed-out are out. done is called as for the first race. The caller closes its
 * fd.
 */
void multiconnect_strike(struct multiconnect *mc, size_t entry, int err,
    const char *why);

/*
 * The winner has not proved a working switch in good time, but it still may: it
 * stays in the race, as if the prover (which there must be) had begun it, and
 * those that lost or waited race beside it. If another wins, it is dropped and
 * struck. done is called as for the first race.
 */
void multiconnect_late(struct multiconnect *mc, size_t entry);

/* Would anybody race if the winner were struck now? */
bool multiconnect_has_others(const struct multiconnect *mc);

/*
 * From the next race on (before the loop runs: this one) TCP alone does not
 * win, but the proof; NULL: TCP again. done's arg is the prover's too. Must
 * stay valid.
 */
void multiconnect_prove_by(struct multiconnect *mc,
    const struct multiconnect_prover *prover);

/*
 * What begin began is proved: it wins, the others are dropped or closed in this
 * turn, and done is called with fd -1. Or, with a negative errno, it failed and
 * is closed already; others may follow. Never within begin.
 */
void multiconnect_proved(struct multiconnect *mc, size_t entry, int err);

/*
 * What is known of every address, in the order given; valid until addresses are
 * added, or until freed.
 */
const struct multiconnect_entry *multiconnect_entries(
    const struct multiconnect *mc, size_t *n);

/* Milliseconds left of the deadline, 0 when it has passed. */
uint32_t multiconnect_left_ms(const struct multiconnect *mc);

#define MULTICONNECT_TEXT 96

/*
 * "won", "lost", "refused", "timeout", "unreachable", "struck: ..." and so
 * on, for people and for JSON; returns text.
 */
const char *multiconnect_outcome_text(const struct multiconnect_entry *entry,
    char text[static MULTICONNECT_TEXT]);

/* Cancels what runs; no handler follows. NULL is fine. */
void multiconnect_free(struct multiconnect *mc);

#endif
