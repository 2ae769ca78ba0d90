/*
 * world: the one mutable global of t/sim. A stand-in for a function of the C
 * library gets no context, so there must be one.
 */
#ifndef RP_SIM_WORLD_H
#define RP_SIM_WORLD_H

#include "core/private.h"

#define SIM_LINES 4000			/* of the record, that are kept */
#define SIM_LINE 240

struct sim_world {
	uint64_t seed, now, order;
	bool stop;
	/* alarm */
	struct sim_alarm **heap;
	size_t n_heap, heap_room;
	/* task */
	struct sim_task *task;		/* runs now */
	TAILQ_HEAD(, sim_process) processes;
	int next_pid;
	bool ending;			/* nobody is told of anything */
	uint64_t effects;
	/* file */
	struct sim_place {
		struct sim_file *file;	/* NULL: free */
		struct sim_process *process;
	} *files;
	size_t n_files, first_free;
	/* machine */
	struct sim_machine **machines;
	size_t n_machines;
	uint64_t addresses;		/* how often they have changed */
	struct sim_path usual;
	struct sim_cost cost;
	/* record */
	FILE *record;
	uint64_t hash, lines;
	char (*kept)[SIM_LINE];
};

extern struct sim_world sim_world;

#endif
