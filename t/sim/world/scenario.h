/*
 * scenario: what programs of scenarios/ share: the beginning and the end of a
 * world, accounts, and rp-dials that run by their own main. All of it is for the
 * outside, in no process.
 */
#ifndef RP_SIM_SCENARIO_H
#define RP_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

struct sim_machine;
struct sim_process;

#define SCENARIO_ARGS 16

/* An rp-dial, again and again. It must stay until the world is over. */
struct scenario_dial {
	struct sim_machine *machine;
	const char *name;		/* of the process */
	bool old;			/* 0.1.0, if that is linked */
	const char *args[SCENARIO_ARGS];	/* behind argv[0]; up to NULL */
	struct sim_process *process;	/* NULL: it does not run */
	/* Called at its end, before process is NULL. May be NULL. */
	void (*ended)(struct scenario_dial *dial, int status);
	struct scenario_dial *next;	/* of those that run */
};

/*
 * Begin a world that writes its record to standard output. Paths take 20 ms and
 * up to 5 ms more, and lose `loss` of a million packets.
 */
void scenario_begin(const char *seed, const char *loss);

/* Run it until then, print seed, lines and hash, and free all of it. */
void scenario_end(const char *seed, uint64_t until);

/* End and free a world, with all that it may have. */
void scenario_reset(void);

/* Write an account for the switches of REGION.example. */
void scenario_write_account(const char *file, const char *name,
    const char *region);

/* The same, to NAME.conf, and into the directory; see sim_directory_add. */
void scenario_account(const char *name, const char *region,
    const char *push);

/* Whose push says nothing: it goes to a command that is told of it. */
#define SCENARIO_PUSH "{\"type\":\"command\",\"to\":{\"x\":\"y\"}}"

/* Orders. Start it, and hang up if it runs. Its end is recorded. */
void scenario_dial(void *dial);
void scenario_hang_up(void *dial);

/* Is 0.1.0 linked? */
bool scenario_has_old(void);

#endif
