/*
 * presence: judge whether the switch and the other side are still there, by the
 * packets received and by the state of our signalling connection. Pure: no
 * clock, no loop, no media.
 */
#ifndef RP_DIAL_PRESENCE_H
#define RP_DIAL_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in a call; written by presence.c only. */
struct presence {
	bool caller;
	bool away;		/* our signalling connection is broken */
	bool answered;		/* the switch has said that we come too early */
	unsigned silent_ticks;	/* from when we went away, if that was later */
	unsigned unheard_ticks;	/* in all */
	unsigned reached_ticks;	/* those with a path to the switch */
	uint64_t heard;		/* packets, at the last tick */
	/* away since then, after quiet_heard packets */
	uint64_t quiet_since_ns;
	uint64_t quiet_heard;
};

/* The observations at the moment of an event. */
struct presence_signs {
	uint64_t now_ns;
	uint64_t heard; /* packets received from the other side so far */
	bool talking;		/* packets are expected */
	bool held;		/* the other side has said that it sends none */
	uint32_t unanswered_ms;	/* it answers no check of the path; 0: it does */
	bool online;		/* this host has a path to the relay */
};

void presence_init(struct presence *presence, bool caller);

/* Note that the connection broke, or that it is back. */
void presence_away(struct presence *presence,
    const struct presence_signs *signs);
void presence_back(struct presence *presence);

/*
 * Note whether the latest try to come back was answered, by a switch that does
 * not take us yet. It is there, so that there is no gain in dialling again.
 */
void presence_answered(struct presence *presence, bool answered);

/*
 * Note that a second has passed. Return true if the switch is gone. A caller
 * decides early, because it dials again. A callee waits longer in mid-talk,
 * because it is dialled in any case. A host without a network waits longer too,
 * because it cannot tell, and once it has one, the short wait begins. So does one
 * whose switch has answered, until it no longer does.
 */
bool presence_tick(struct presence *presence,
    const struct presence_signs *signs);

/*
 * Judge whether the switch is gone after its address has refused a connection.
 *
 *  0           the switch is gone
 *  UINT32_MAX  only our path there is closed, because the relay lives
 *  otherwise   ask again after this many milliseconds
 */
uint32_t presence_nobody(struct presence *presence,
    const struct presence_signs *signs);

/*
 * Return for how long a peer that spoke before has been silent; 0 while it is
 * heard. One that sends no audio, or that has yet to be heard when both talk, is
 * silent if it answers no check of the path.
 */
uint32_t presence_silent_ms(const struct presence *presence,
    const struct presence_signs *signs);
/* The same, but what was silent before our connection broke counts, too. */
uint32_t presence_unheard_ms(const struct presence *presence,
    const struct presence_signs *signs);

/*
 * Return whether the connection is broken or the other side is silent, so that
 * it may be gone.
 */
bool presence_lost(const struct presence *presence);

#endif
