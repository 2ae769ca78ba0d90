/*
 * switch: a machine with rp-switchd on it. Its certificate is NAME.pem, with
 * NAME.key, in the working directory, where it also writes NAME.conf; see
 * fixture.sh. Its own name is NAME.example, and REGION.example has the
 * addresses of all switches of the region, whether they run or not.
 *
 * The functions are for orders, not for processes.
 */
#ifndef RP_SIM_SWITCH_H
#define RP_SIM_SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_machine;
struct sim_process;
struct sim_switch;

/*
 * Make the machine, of a world that has begun. sim_switch_reset frees it, after
 * sim_end. With `old` it runs 0.1.0, if that is linked.
 */
struct sim_switch *sim_switch_new(const char *name, const char *region,
    const char *ip, bool old);
void sim_switch_reset(void);

/*
 * The switches by number, in the order in which they were made; NULL: no more.
 * And by their names; NULL: none.
 */
struct sim_switch *sim_switch_at(size_t i);
struct sim_switch *sim_switch_find(const char *name);

const char *sim_switch_name(const struct sim_switch *sw);
const char *sim_switch_region(const struct sim_switch *sw);
const char *sim_switch_ip(const struct sim_switch *sw);
struct sim_machine *sim_switch_machine(const struct sim_switch *sw);

/* The process; NULL if it does not run. A ghost is not meant. */
struct sim_process *sim_switch_process(const struct sim_switch *sw);
bool sim_switch_runs(const struct sim_switch *sw);
/* The switch whose process this is, or of which it is a ghost; NULL: none. */
struct sim_switch *sim_switch_of(const struct sim_process *process);

/*
 * Start it, on a machine that is on. Nothing happens if it runs. It is of the
 * version that was set.
 */
void sim_switch_start(struct sim_switch *sw);
void sim_switch_set_old(struct sim_switch *sw, bool old);
bool sim_switch_is_old(const struct sim_switch *sw);	/* the one that runs */
bool sim_switch_wants_old(const struct sim_switch *sw);	/* what was set */

/*
 * Set a key of its configuration, such as "call.ring_ms", from the next start or
 * reload on. The value is as libconfig has it, with its quotes.
 */
void sim_switch_set(struct sim_switch *sw, const char *key, const char *value);
/* Whole lines, of groups that are not there. */
void sim_switch_conf(struct sim_switch *sw, const char *lines);

/* Nothing happens to one that does not run. */
void sim_switch_kill(struct sim_switch *sw);
void sim_switch_hang(struct sim_switch *sw, bool hangs);
void sim_switch_stop(struct sim_switch *sw);		/* SIGTERM */
void sim_switch_reload(struct sim_switch *sw);		/* SIGHUP */
/*
 * Its power fails: nobody is told. The process is gone when it returns, and
 * then it is as one that was killed.
 */
void sim_switch_power(struct sim_switch *sw, bool on);

/*
 * Drain it, by its control socket, and with `stop` have it end then. What it
 * says is recorded as "operator". Undrain takes that back.
 */
void sim_switch_drain(struct sim_switch *sw, bool stop);
void sim_switch_undrain(struct sim_switch *sw);

/* The bytes that its processes, but for old ones, had not freed at their ends. */
size_t sim_switch_leaked(const struct sim_switch *sw);

/* What happens to switches: each handler may be NULL. Called in no process. */
struct sim_switch_handlers {
	/* Its process has ended by itself, or a ghost's has. */
	void (*ended)(struct sim_switch *sw, int status, bool ghost);
	/* It says that no call is left. This one is called in a process. */
	void (*drained)(struct sim_switch *sw);
};
void sim_switch_on(const struct sim_switch_handlers *handlers);

/*
 * Its state, as it sees itself. One that does not run, or is of an old version,
 * has nothing, but for what its process holds of memory.
 */
struct sim_switch_state {
	bool open;			/* takes new calls */
	bool draining;
	size_t calls;			/* that have not ended */
	size_t connections, known;	/* of them, have authenticated */
	size_t allocations;
	size_t pending;			/* requests to the directory */
	size_t bytes;			/* that it has allocated */
	size_t files, timers;		/* descriptors; timers that are set */
};
void sim_switch_state(const struct sim_switch *sw,
    struct sim_switch_state *out);

#endif
