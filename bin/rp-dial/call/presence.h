/*
 * presence: are the switch and the other side still there? Judged by what is
 * heard, and by whether our signalling connection stands. Pure: no clock, no
 * loop, no media.
 */
#ifndef RP_DIAL_PRESENCE_H
#define RP_DIAL_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in a call; written by presence.c only. */
struct presence {
	bool caller;
	bool away;		/* our signalling connection is broken */
	unsigned silent_ticks;
	uint64_t heard;		/* packets, at the last tick */
	uint64_t quiet_since_ns;	/* away, with so many packets heard */
	uint64_t quiet_heard;
};

/* What is seen at the moment of an event. */
struct presence_signs {
	uint64_t now_ns;
	uint64_t heard;		/* packets of the other side's, up to now */
	bool talking;		/* they should come */
	bool online;		/* this host has a way to the relay */
};

void presence_init(struct presence *presence, bool caller);

/* The connection broke; it is back. */
void presence_away(struct presence *presence,
    const struct presence_signs *signs);
void presence_back(struct presence *presence);

/*
 * A second has passed. True: the switch is gone. That is said early, because
 * the caller dials again. Only in mid-talk a callee waits for longer, which is
 * dialled in any case, and so does who has no network and cannot tell.
 */
bool presence_tick(struct presence *presence,
    const struct presence_signs *signs);

/*
 * Nobody listens where the switch was. 0: it is gone. UINT32_MAX: only our way
 * there is closed, since the relay lives. Otherwise ask again after so many
 * milliseconds.
 */
uint32_t presence_nobody(struct presence *presence,
    const struct presence_signs *signs);

/* How long nothing has been heard of who spoke before; 0 while it is. */
uint32_t presence_silent_ms(const struct presence *presence, uint64_t heard);

/* Is the connection broken, or the other side silent, so that it may be gone? */
bool presence_lost(const struct presence *presence);

#endif
