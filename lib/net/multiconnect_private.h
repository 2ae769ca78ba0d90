/*
 * multiconnect_private: the state of a race, for multiconnect.c (how it begins
 * and ends), multiconnect_attempt.c (one address), multiconnect_turns.c (which
 * attempts may run now, and for how long) and multiconnect_routes.c (addresses
 * without a route).
 */
#ifndef RP_NET_MULTICONNECT_PRIVATE_H
#define RP_NET_MULTICONNECT_PRIVATE_H

#include <stdbool.h>

#include <event2/event.h>

#include "net/multiconnect.h"

struct attempt {
	struct multiconnect *mc;
	struct event *ready;
	uint64_t start_ns;
	size_t entry;		/* its index */
	int fd;			/* -1 unless connecting */
	int second;		/* connecting beside it, or -1 */
	struct event *second_ready;
	bool repeated;		/* there was a second */
	bool proving;		/* connected, and the prover has it */
	bool late;		/* its proof is late: others race beside it */
	bool again;		/* it made room and may start again */
	bool unrouted;		/* no route to it; it is tried again */
	bool answered;		/* it failed, or was struck, for good */
	bool slow;		/* struck for lack of time: the last resort */
};

struct netwatch;

struct multiconnect {
	struct event_base *loop;
	struct multiconnect_entry *entries;
	struct attempt **attempts;	/* one for each entry */
	size_t n;
	size_t racing;
	size_t seconds;		/* second descriptors of those racing */
	bool on;		/* a race runs: done is to be called */
	bool more;		/* addresses may be added */
	struct event *timer;	/* the deadline, or the oldest attempt's time */
	struct event *nobody;	/* calls done because nobody is left */
	struct event *routes;	/* tries again those without a route */
	struct netwatch *netwatch;	/* likewise; NULL: none, or not now */
	uint64_t deadline_ns;
	int last_err;		/* of the strikes */
	const struct multiconnect_prover *prover;	/* NULL: TCP wins */
	multiconnect_handler *done;
	void *arg;
};

/*
 * Make an attempt for the last entry, in state waiting. NULL if out of memory.
 * In multiconnect_attempt.c, as all of these.
 */
struct attempt *multiconnect_attempt_new(struct multiconnect *mc);

/* Close and free it in any state. NULL is fine. */
void multiconnect_attempt_free(struct attempt *a);

/*
 * Start to connect; `ready` is called when it may be connected. Return 0 also
 * if the attempt failed, because that is its outcome. Return -EAGAIN if this
 * host is short of a resource that another attempt will give back.
 */
int multiconnect_attempt_start(struct attempt *a, event_callback_fn ready);

/*
 * How long a connect may take before a lost packet explains it better than the
 * distance. The kernel repeats its SYN after a second (RFC 6298 2.1).
 */
#define MULTICONNECT_SECOND_MS 300

/*
 * Connect to the same address once more beside the first try, which goes on.
 * Once only; if it is impossible now, the first try is on its own.
 */
void multiconnect_attempt_repeat(struct attempt *a, event_callback_fn ready);

/* Close the second try, if there is one. */
void multiconnect_attempt_unrepeat(struct attempt *a);

/*
 * Return the outcome of an attempt of whose tries those are ready: 0 if it is
 * connected, by `a->fd` then, -EINPROGRESS, or the error. An answer to one of
 * them, such as a refusal, counts for the address.
 */
int multiconnect_attempt_result(struct attempt *a, bool first_ready,
    bool second_ready);

bool multiconnect_attempt_is_racing(const struct attempt *a);

/* Return the milliseconds since it began. */
double multiconnect_attempt_ms(const struct attempt *a);

/*
 * Record its distance, and set the socket options of a winner. It is connected.
 */
void multiconnect_attempt_connected(struct attempt *a);

/*
 * Return its distance: the kernel's round trip if known, which our delays do
 * not affect.
 */
double multiconnect_attempt_connect_ms(const struct attempt *a);

/*
 * Pass the connected attempt to the prover, which finds out whether a switch
 * answers.
 */
void multiconnect_attempt_prove(struct attempt *a);

/*
 * Take it out of the race, and return its descriptor (-1 if proving) without
 * closing it.
 */
int multiconnect_attempt_leave(struct attempt *a,
    enum multiconnect_outcome outcome, int err);

/*
 * Take it out of the race and close it. If it was connected and had no time
 * left for its proof it is struck, whatever `outcome` says.
 */
void multiconnect_attempt_drop(struct attempt *a,
    enum multiconnect_outcome outcome, int err);

/*
 * Start as many attempts as fit. If nobody races then and nobody can follow,
 * report that from the loop. In multiconnect_turns.c.
 */
void multiconnect_turns_fill(struct multiconnect *mc);

/*
 * Handle the race's timer: the deadline has passed, or an attempt must make
 * room.
 */
void multiconnect_turns_timer(evutil_socket_t fd, short what, void *arg);

/*
 * Does the race go on only because routes may come back? That is so if this
 * host has a route to no address at all: with a route to one, the network is
 * there, and a family without routes does not count. In multiconnect_routes.c,
 * as the next three.
 */
bool multiconnect_routes_awaited(const struct multiconnect *mc);

/*
 * Try the addresses without a route, if there are any, again within a second,
 * and when the network has changed.
 */
void multiconnect_routes_watch(struct multiconnect *mc);

/* Handle the timer of these. */
void multiconnect_routes_timer(evutil_socket_t fd, short what, void *arg);

/* Do no longer. */
void multiconnect_routes_leave(struct multiconnect *mc);

/* Return the errno of a race without a winner. In multiconnect.c. */
int multiconnect_why_nobody(const struct multiconnect *mc);

/* Handle an attempt that is ready. In multiconnect.c. */
void multiconnect_ready(evutil_socket_t fd, short what, void *arg);

#endif
