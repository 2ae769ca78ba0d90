/*
 * trouble: what disturbs calls, where, and how long. An invariant asks for one
 * near a call before it calls an end unusual. A trouble excuses no more than it
 * can cause: it is of one machine, or of the path between two, and disturbs some
 * parts of a call only.
 */
#ifndef RP_SIM_TROUBLE_H
#define RP_SIM_TROUBLE_H

#include <stdint.h>

struct sim_machine;

enum {
	TROUBLE_SETUP = 1,	/* no call can be placed, or answered */
	TROUBLE_RING = 2,	/* no device is woken, or told in its sleep */
	TROUBLE_TALK = 4,	/* connections break, or stand still */
	TROUBLE_BACK = 8,	/* 0.1.0's switches take nobody back */
	TROUBLE_ANY = 15
};

/*
 * Note one of a machine, or of the path between two. Without any (NULL), it is
 * everybody's.
 */
void trouble_add(const struct sim_machine *machine,
    const struct sim_machine *other, uint64_t from, uint64_t to,
    unsigned effects, const char *what);
void trouble_reset(void);

/*
 * Return what disturbed a phone that uses a switch, in one of these ways and
 * between two times; NULL if nothing did. Without a switch (NULL) it is not
 * known which one: those of the phone and its paths count. Without a phone,
 * those of the switch.
 */
const char *trouble_near(const struct sim_machine *phone,
    const struct sim_machine *host, uint64_t from, uint64_t to,
    unsigned effects);

#endif
