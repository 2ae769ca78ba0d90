/*
 * fault: what goes wrong in a world. Faults are drawn before it runs, each by
 * its own number, so that one can be left out and the others stay.
 *
 * Whatever disturbs calls is noted as a trouble (trouble.h).
 */
#ifndef RP_SIM_FAULT_H
#define RP_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct sim_machine;
struct sim_switch;
struct world_options;

enum fault_kind {
	FAULT_KILL,		/* a switch's process */
	FAULT_POWER,		/* a switch's machine */
	FAULT_HANG,		/* a switch, for a while */
	FAULT_DRAIN,		/* and take it back */
	FAULT_STOP,		/* drain, stop, start: an upgrade if old ones run */
	FAULT_PARTITION,	/* a switch and some of the phones */
	FAULT_LOSS,		/* of packets, between them */
	FAULT_ORDER,		/* packets doubled and late */
	FAULT_DELAY,
	FAULT_CLOCK,		/* a machine's clock jumps */
	FAULT_FULL,		/* no directory can be written */
	FAULT_REPLICA,		/* directories are slow, or cannot be read */
	FAULT_PUSH,		/* pushes lost, doubled, late, refused */
	FAULT_NAMES,		/* name servers fail, or say nothing */
	FAULT_KINDS
};

const char *fault_name(enum fault_kind kind);
/* Return the bit of a kind's name, 0 if there is none; "all" is every one. */
uint32_t fault_bit(const char *name);

/* Draw the faults of a day of that many seconds, and order them. */
void fault_plan(const struct world_options *options);
void fault_reset(void);

/* Has that switch no power now? */
bool fault_is_off(const struct sim_switch *sw);

/*
 * Was there a moment between two times at which no switch of a machine's region
 * took calls? Then who has no other region cannot call.
 */
bool fault_shut(const struct sim_machine *phone, uint64_t from, uint64_t to);

#endif
