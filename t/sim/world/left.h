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

/*
 * Note what switches hold before anybody has come, and when all is quiet. One
 * may be busy with a registration then, or with its own start, so that each is
 * called some times, and the least counts.
 */
void left_baseline(void);
void left_quiet(void);
void left_judge(void);

/* The process comes to its end. */
void left_ended(const struct sim_process *process);

#endif
