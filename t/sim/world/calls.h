/*
 * calls: all calls of a world, seen at both ends and by the switches' logs, and
 * what must hold for them (check.h).
 *
 * A leg is what rp-dial calls a call: one end of one attempt. A session is the
 * switch's call, which has a leg of the caller and one for each device that
 * came. A switch that dies leaves a session behind, and the legs that follow
 * are of another.
 *
 * Of 0.1.0 there are no taps. A leg of it is known by its report, when it is
 * over; see versions.h for what is asked of it.
 */
#ifndef RP_SIM_CALLS_H
#define RP_SIM_CALLS_H

#include <stdbool.h>
#include <stdint.h>

struct sim_machine;
struct sim_phone_report;
struct sim_process;

void calls_begin(void);
void calls_reset(void);

/* A line of a switch's log. */
void calls_heard(struct sim_process *process, const char *event,
    const char *text);

/* What an rp-dial of 0.1.0 on this machine reports of its call. */
void calls_told(const struct sim_machine *machine,
    const struct sim_phone_report *report);

/* Return the session of the call that this machine places; "" if none is. */
const char *calls_placed(const char *machine);

/* Return how many legs are not over. */
unsigned calls_open(void);

/* The day is over: did most calls of 0.1.0 work? */
void calls_returned(void);

#endif
