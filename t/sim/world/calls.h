/*
 * calls: all calls of a world, seen at both ends and by the switches' logs, and
 * what must hold for them (check.h).
 *
 * A leg is what rp-dial calls a call: one end of one attempt. A session is the
 * switch's call, which has a leg of the caller and one for each device that
 * came. A switch that dies leaves a session behind, and the legs that follow
 * are of another.
 */
#ifndef RP_SIM_CALLS_H
#define RP_SIM_CALLS_H

#include <stdbool.h>
#include <stdint.h>

struct sim_process;

void calls_begin(void);
void calls_reset(void);

/* A line of a switch's log. */
void calls_heard(struct sim_process *process, const char *event,
    const char *text);

/* Return the session of the call that this machine places; "" if none is. */
const char *calls_placed(const char *machine);

/* Return how many legs are not over. */
unsigned calls_open(void);

#endif
