/*
 * multiconnect: start a TCP connect to every address in the same turn of the
 * loop, keep the first that completes, and close the others in that same turn.
 * Addresses that are found later join the race. See DESIGN, "Multi-connect". A
 * failing address is only that address's outcome; it never spoils the race. An
 * address without a route is tried again each second and after a change of the
 * network. One that does not answer for 300 ms gets a second connect beside the
 * first, because a SYN may be lost.
 */
#ifndef RP_NET_MULTICONNECT_H
#define RP_NET_MULTICONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct multiconnect;

/*
 * Simultaneous attempts; the rest follow as these fail. 24 switches, the most
 * for a region (rp-regionprobe(8)), each with an address of both families, race
 * at once. The nearest may be any of them.
 */
#define MULTICONNECT_AT_ONCE 48

enum multiconnect_outcome {
	MULTICONNECT_WAITING,	/* not started: too many at once */
	MULTICONNECT_RACING,
	MULTICONNECT_WON,
	MULTICONNECT_LOST,	/* closed because another won */
	MULTICONNECT_FAILED,	/* err says why */
	MULTICONNECT_STRUCK	/* connected, but proved not to be a working
				 * switch in time; see err and why */
};

struct multiconnect_entry {
	struct addr addr;
	enum multiconnect_outcome outcome;
	int err;		/* negative errno, or 0 */
	const char *why;	/* of a strike; a literal or NULL */
	double ms;		/* from the attempt's start to its outcome */
	double connect_ms;	/* TCP's round trip, if it ever won; else 0 */
};

/*
 * The end of a race. With `err` 0, `fd` is connected, non-blocking and
 * TCP_NODELAY, and now the caller's; `entry` is its index. Otherwise nobody is
 * left, and `err` is one of these or the error of the last strike:
 *
 *   -ECONNREFUSED  refused
 *   -EHOSTUNREACH  no address could be tried, until the deadline if only a
 *                  route was missing
 *   -ETIMEDOUT     the deadline has passed
 *
 * Called once per race, never before the call that started the race returns. It
 * may call everything but multiconnect_proved.
 */
typedef void multiconnect_handler(int err, int fd, size_t entry, void *arg);

/*
 * For paths where TCP alone proves nothing, because a proxy completes it for
 * every address. Each attempt that connects is passed to `begin` and stays in
 * the race until multiconnect_proved is called for it.
 */
struct multiconnect_prover {
	/*
	 * Takes over `fd`, also on a negative errno, which means that the
	 * attempt failed.
	 */
	int (*begin)(int fd, size_t entry, void *arg);
	/* The race is over for this entry. Close what `begin` started. */
	void (*drop)(size_t entry, void *arg);
	const char *late;	/* `why` of a strike for lack of proof in
				 * time */
};

struct multiconnect_options {
	uint32_t deadline_ms;	/* for all races together; 0: 10,000 */
};

/*
 * Start the first race. `addrs` are copied, and duplicates are dropped. If
 * several have completed in the same turn of the loop, the one with the
 * shortest round trip of its handshake (TCP_INFO) wins.
 */
int multiconnect_start(struct multiconnect **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct multiconnect_options *options, multiconnect_handler *done,
    void *arg);

/*
 * Add further addresses, which are copied; known ones are skipped, and `n` may
 * be 0. They join the current race, or the next one. `more` says that others
 * may follow: until a call without it, the race does not end before the
 * deadline for lack of addresses. Nothing is called before this returns. After
 * -ENOMEM some addresses are missing, but `more` counts.
 */
int multiconnect_add(struct multiconnect *mc, const struct addr addrs[],
    size_t n, bool more);

/*
 * Strike the winner, which proved not to be a working switch, with `err` and
 * `why` (a literal). Race again among those that lost, were late or waited;
 * those that were refused or timed out take no part. With -ETIMEDOUT it races
 * again once nobody else is left. `done` is called as for the first race. The
 * caller closes the fd.
 */
void multiconnect_strike(struct multiconnect *mc, size_t entry, int err,
    const char *why);

/*
 * Put the winner back into the race, because it has not proved a working switch
 * in good time but still may. It counts as begun by the prover, which must be
 * set. Those that lost or waited race beside it. If another wins, it is dropped
 * and struck. `done` is called as for the first race.
 */
void multiconnect_late(struct multiconnect *mc, size_t entry);

/* Would anybody race if the winner were struck now? */
bool multiconnect_has_others(const struct multiconnect *mc);

/*
 * Decide the race by proof instead of TCP, from the next race on; before the
 * loop runs, from this one. NULL means TCP again. The prover gets the `arg` of
 * `done` and must stay valid.
 */
void multiconnect_prove_by(struct multiconnect *mc,
    const struct multiconnect_prover *prover);

/*
 * Report that an entry passed to `begin` is proved. It wins, the others are
 * dropped or closed in this turn, and `done` is called with `fd` -1. A negative
 * `err` says that it failed and is closed already; others may follow. It must
 * not be called within `begin`.
 */
void multiconnect_proved(struct multiconnect *mc, size_t entry, int err);

/*
 * Return the state of every address, in the order given. It is valid until
 * addresses are added or `mc` is freed.
 */
const struct multiconnect_entry *multiconnect_entries(
    const struct multiconnect *mc, size_t *n);

/* Return the milliseconds left of the deadline, 0 when it has passed. */
uint32_t multiconnect_left_ms(const struct multiconnect *mc);

#define MULTICONNECT_TEXT 96

/*
 * Write "won", "lost", "refused", "timeout", "unreachable", "struck: ..." and
 * so on into `text`, for people and for JSON, and return it.
 */
const char *multiconnect_outcome_text(const struct multiconnect_entry *entry,
    char text[static MULTICONNECT_TEXT]);

/* Cancel the race and free it; no handler follows. NULL is fine. */
void multiconnect_free(struct multiconnect *mc);

#endif
