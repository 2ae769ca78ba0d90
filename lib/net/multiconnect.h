/*
 * multiconnect: start a TCP connect to every address in the same turn of the
 * loop, keep the first that completes, close the others in that same turn.
 * See DESIGN, "Multi-connect". An address that fails is only that address's
 * outcome; it never spoils the race.
 */
#ifndef RP_NET_MULTICONNECT_H
#define RP_NET_MULTICONNECT_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct multiconnect;

enum multiconnect_outcome {
	MULTICONNECT_WAITING,	/* not started: more than 32 at once */
	MULTICONNECT_RACING,
	MULTICONNECT_WON,
	MULTICONNECT_LOST,	/* closed because another won */
	MULTICONNECT_FAILED,	/* err says why */
	MULTICONNECT_STRUCK	/* won, then failed as a switch; err says why */
};

struct multiconnect_entry {
	struct addr addr;
	enum multiconnect_outcome outcome;
	int err;		/* negative errno, or 0 */
	const char *why;	/* of a strike: a literal, or NULL */
	double ms;		/* from the start of its attempt to outcome */
};

/*
 * err 0: fd is connected, non-blocking, TCP_NODELAY, and now the caller's;
 * entry is its index. Else nobody is left: -ECONNREFUSED (all refused),
 * -EHOSTUNREACH (none could be tried), -ETIMEDOUT (the deadline). Called once
 * for each race, never before the call that started the race returns.
 */
typedef void multiconnect_handler(int err, int fd, size_t entry, void *arg);

struct multiconnect_options {
	uint32_t deadline_ms;	/* for all races together; 0: 10,000 */
};

/* Start the first race. addrs are copied; duplicates are dropped. */
int multiconnect_start(struct multiconnect **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct multiconnect_options *options, multiconnect_handler *done,
    void *arg);

/*
 * The winner proved no working switch: mark it (err, and why: a literal) and
 * race again among those that lost or waited; the refused and timed-out are
 * out. done is called as for the first race.
 */
void multiconnect_strike(struct multiconnect *mc, size_t entry, int err,
    const char *why);

/* What is known of every address, in the order given; valid until freed. */
const struct multiconnect_entry *multiconnect_entries(
    const struct multiconnect *mc, size_t *n);

/* Milliseconds left of the deadline, 0 when it has passed. */
uint32_t multiconnect_left_ms(const struct multiconnect *mc);

/* "won", "lost", "refused", "timeout", "unreachable", "struck: ..." ... */
const char *multiconnect_outcome_text(const struct multiconnect_entry *entry);

/* Cancels what runs; no handler follows. NULL is fine. */
void multiconnect_free(struct multiconnect *mc);

#endif
