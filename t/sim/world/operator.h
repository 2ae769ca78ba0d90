/*
 * operator: what an operator asks a switch, by its control socket as rp-drain
 * does: a process on the machine of the switch. See rp-ctl(7).
 */
#ifndef RP_SIM_OPERATOR_H
#define RP_SIM_OPERATOR_H

#include <stdbool.h>

struct sim_machine;

enum operator_asks {
	OPERATOR_DRAIN,
	OPERATOR_DRAIN_STOP,		/* and stop when no call is left */
	OPERATOR_UNDRAIN
};

/*
 * Ask, and until a drain ends follow it; `drained`, which may be NULL, is called
 * when it has. The record has what is heard.
 */
void sim_operator_ask(struct sim_machine *machine, enum operator_asks what,
    void (*drained)(void *arg), void *arg);

#endif
