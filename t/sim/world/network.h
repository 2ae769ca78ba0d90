/*
 * network: how phones reach the rest of the world. A path from a phone is made
 * of its network's delay and loss, the region of the other end, and what a
 * fault or a story adds. Whoever changes a path of a phone does so here, so that
 * one change does not undo another.
 */
#ifndef RP_SIM_NETWORK_H
#define RP_SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct sim_machine;

/* Add to the path between two machines, in place of what was added before. */
struct sim_trouble {
	uint32_t delay_us, jitter_us;
	uint32_t loss, twice, late;	/* of a million packets */
	bool cut;
};
void sim_network_trouble(struct sim_machine *a, struct sim_machine *b,
    const struct sim_trouble *trouble);	/* NULL: none */

/*
 * Put a machine into a network: "wifi", "mobile" or "none" is a phone's, "wire"
 * that of a switch. Regions are far from each other. Paths between two phones
 * stay as sim_path_usual has them.
 */
void sim_network_place(struct sim_machine *machine, const char *region,
    const char *kind);

/* Return the region of a machine, NULL if it was put nowhere. */
const char *sim_network_region(const struct sim_machine *machine);

void sim_network_reset(void);

#endif
