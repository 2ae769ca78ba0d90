/*
 * multiconnect_private: a race from inside, for multiconnect.c (how it begins
 * and ends), multiconnect_attempt.c (one address) and multiconnect_turns.c
 * (who may race now, and how long).
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
	size_t entry;		/* its number */
	int fd;			/* -1 unless connecting */
	bool proving;		/* connected, and with the prover */
	bool late;		/* and its proof is: others race beside it */
	bool again;		/* it made room, and may race once more */
};

struct multiconnect {
	struct event_base *loop;
	struct multiconnect_entry *entries;
	struct attempt **attempts;	/* one for each entry */
	size_t n;
	size_t racing;
	bool on;		/* a race runs: done is to be called */
	bool more;		/* addresses may be added */
	struct event *timer;	/* the deadline, or the oldest one's patience */
	struct event *nobody;	/* tells done that nobody is left */
	uint64_t deadline_ns;
	int last_err;		/* of the strikes */
	const struct multiconnect_prover *prover;	/* NULL: TCP wins */
	multiconnect_handler *done;
	void *arg;
};

/*
 * multiconnect_attempt.c: a new one for the last entry, which waits. NULL: out
 * of memory.
 */
struct attempt *multiconnect_attempt_new(struct multiconnect *mc);

/* Close it, whatever it does. NULL is fine. */
void multiconnect_attempt_free(struct attempt *a);

/*
 * Connect; when it may have, ready is called. Returns 0 also if the attempt
 * failed, since that is its outcome. -EAGAIN: this host is short of something,
 * and another attempt will give it back.
 */
int multiconnect_attempt_start(struct attempt *a, event_callback_fn ready);

bool multiconnect_attempt_is_racing(const struct attempt *a);

/* Milliseconds since it began. */
double multiconnect_attempt_ms(const struct attempt *a);

/* It stands: for how far it is, and with the options that a winner has. */
void multiconnect_attempt_connected(struct attempt *a);

/* How far it is: as the kernel saw it if it did, without our lateness. */
double multiconnect_attempt_connect_ms(const struct attempt *a);

/* It stands, but is there a switch behind it? The prover begins. */
void multiconnect_attempt_prove(struct attempt *a);

/* It leaves the race; its descriptor (-1 if proving) is not closed. */
int multiconnect_attempt_leave(struct attempt *a,
    enum multiconnect_outcome outcome, int err);

/*
 * It leaves and is closed. One that connected and had no time left for its
 * proof is struck, whatever outcome says.
 */
void multiconnect_attempt_drop(struct attempt *a,
    enum multiconnect_outcome outcome, int err);

/*
 * multiconnect_turns.c: start as many as fit. With nobody racing then and none
 * to come, say so from the loop.
 */
void multiconnect_turns_fill(struct multiconnect *mc);

/* Its timer's: the deadline has come, or somebody must make room. */
void multiconnect_turns_timer(evutil_socket_t fd, short what, void *arg);

/* multiconnect.c: an attempt is ready. */
void multiconnect_ready(evutil_socket_t fd, short what, void *arg);

#endif
