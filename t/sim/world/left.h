/*
 * left: what processes hold when nothing goes on: memory, descriptors, timers,
 * connections. A switch has to be again what it was before anybody came. A
 * process that ends has freed all.
 */
#ifndef RP_SIM_LEFT_H
#define RP_SIM_LEFT_H

#include <stdbool.h>

struct sim_process;

void left_reset(void);

/* Nobody has come yet: note what switches hold. */
void left_baseline(void);
/*
 * All is quiet: note it again. One may be busy with a registration now, so that
 * this is called some times, and the least counts.
 */
void left_quiet(void);
void left_judge(void);

/* The process comes to its end. */
void left_ended(const struct sim_process *process);

#endif
