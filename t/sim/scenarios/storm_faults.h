/* storm_faults: what goes wrong in a storm, at random, by a draw of its own. */
#ifndef RP_SIM_SCENARIOS_STORM_FAULTS_H
#define RP_SIM_SCENARIOS_STORM_FAULTS_H

#include <stdint.h>

struct sim_random;

#define STORM_SWITCHES 3

/* In a world that has begun. */
void storm_faults_begin(void);

/* Draw a fault, and have it happen now. It may be mended by itself, later. */
void storm_fault(void);
/* Draw how long it is until the next. */
uint64_t storm_fault_pause(void);
/* Mend all that can be mended at once. */
void storm_mend(void);

/* Start a switch, a struct sim_switch, as those of a storm are. */
void storm_start(void *sw);

uint64_t storm_draw(struct sim_random *r, uint64_t least, uint64_t most);

#endif
