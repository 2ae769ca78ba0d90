/*
 * pushsend: rp-pushsend as a program that switches may start; see stand.h. Its
 * configuration is pushsend.conf in the working directory. If vapid.pem is
 * there, it signs with that.
 */
#ifndef RP_SIM_PUSHSEND_H
#define RP_SIM_PUSHSEND_H

#include <stdbool.h>

struct sim_machine;

void sim_pushsend_register(void);

/* Kill those that run on a machine, or let them hang. */
void sim_pushsend_kill(const struct sim_machine *machine);
void sim_pushsend_hang(const struct sim_machine *machine, bool hangs);

#endif
