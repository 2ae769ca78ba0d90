/*
 * sim: a small operating system without an outside: machines with addresses
 * and clocks, processes of real code, a network between them, and one time for
 * all. Whatever happens is decided by a seed. There is one world, and one
 * thread of the real system runs it, so it has no handle.
 *
 * A world is made of machines and the paths between them. On a machine run
 * processes, whose code calls POSIX, libevent and so on by names that the
 * linker has led here (README). The caller of sim_run stands outside: it gives
 * orders, and the functions of this header are for it unless they say so.
 */
#ifndef RP_SIM_H
#define RP_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SIM_MS 1000000ULL		/* nanoseconds */
#define SIM_S 1000000000ULL
#define SIM_NEVER UINT64_MAX

struct addr;
struct sim_machine;
struct sim_process;

/*
 * Begin a world at time 0; end it and free all of it. Processes that run then
 * come to their end by their own code, and nobody is told. Orders are dropped,
 * but what their `arg` leads to is not freed.
 */
void sim_begin(uint64_t seed);
void sim_end(void);

/* Return the nanoseconds since the world began. Code in a process may, too. */
uint64_t sim_now(void);

/*
 * Run the world until that time, or until nothing can happen any more. Then it
 * is that time in any case, unless it is SIM_NEVER.
 */
void sim_run(uint64_t until);

/* Make sim_run return now. For an order, or code in a process. */
void sim_stop(void);

/* Give an order for a time: `run` is called by sim_run, in no process. */
void sim_at(uint64_t at, void (*run)(void *arg), void *arg);

/*
 * Random numbers. Each user has a generator of its own, made of the seed and a
 * name. So what one of them draws does not depend on how much others do, and a
 * world without one of its phones leaves the rest as they were.
 */
struct sim_random {
	uint64_t state[4];
};

void sim_random_init(struct sim_random *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
uint64_t sim_random_next(struct sim_random *r);
/* Return one of 0 to n - 1. */
uint64_t sim_random_below(struct sim_random *r, uint64_t n);
/* Return true in `per_million` cases of a million. */
bool sim_random_hits(struct sim_random *r, uint32_t per_million);
void sim_random_fill(struct sim_random *r, void *data, size_t len);

/*
 * The record of all events: a line each, "time machine what key=value". Nothing
 * in it may come from the real system: no address in memory, no descriptor's
 * number. Code in a process may write to it. sim_record_hash is over all lines
 * so far, and the last of them are kept.
 */
void sim_record(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_record_to(FILE *file);		/* write each line there, too */
uint64_t sim_record_hash(void);
uint64_t sim_record_count(void);
void sim_record_last(FILE *file, size_t n);

/*
 * A machine. Its name must stay valid, and is unique. Its wall clock shows
 * `sim_start_s` and the time that passed, and what it was set off by.
 */
#define SIM_START_S 1767225600		/* 2026-01-01 00:00 UTC */
struct sim_machine *sim_machine_new(const char *name);
const char *sim_machine_name(const struct sim_machine *machine);

/* Give it an address, or take it: the machine is told by netlink. */
void sim_machine_add(struct sim_machine *machine, const char *ip);
void sim_machine_drop(struct sim_machine *machine, const char *ip);
/*
 * Its NAT forgets what it knew: datagrams come from other ports from now on,
 * and those to the ports before are lost. The machine is not told. Streams are
 * not affected.
 */
void sim_machine_rebind(struct sim_machine *machine);
void sim_machine_clock(struct sim_machine *machine, int64_t off_s);

/*
 * Off: nothing leaves it, nothing arrives, and nobody is told. Its processes
 * are frozen.
 */
void sim_machine_power(struct sim_machine *machine, bool on);

/* The path from one machine to another; both directions are set. */
struct sim_path {
	uint32_t delay_us, jitter_us;	/* one way */
	uint32_t loss, twice, late;	/* of a million packets */
	bool cut;
};
void sim_path_set(struct sim_machine *a, struct sim_machine *b,
    const struct sim_path *path);
/* What paths are that nobody has set. */
void sim_path_usual(const struct sim_path *path);

/*
 * What it costs when a handler of an event loop has done something: up to
 * `most_us`, drawn, and for `slow` of a million `slow_ms`, as on a busy machine.
 * The loop handles nothing meanwhile. With `any_order`, descriptors that are
 * ready at once are handled in a drawn order. Usually all this is nothing.
 */
struct sim_cost {
	uint32_t most_us, slow, slow_ms;
	bool any_order;
};
/* NULL: of all machines that are not set. */
void sim_spend(struct sim_machine *machine, const struct sim_cost *cost);

/*
 * Start a process: `run` is its main function, whose return value or exit(3) is
 * its status. `ended` is called in no process, and may be NULL.
 */
struct sim_process *sim_process_new(struct sim_machine *machine,
    const char *name, int (*run)(void *arg), void *arg,
    void (*ended)(struct sim_process *process, int status));

/* The process that runs now; NULL outside. */
struct sim_process *sim_process_self(void);
struct sim_machine *sim_process_machine(const struct sim_process *process);
const char *sim_process_name(const struct sim_process *process);

/* Send it a signal: what it watches for by the loop, or its end. */
void sim_process_signal(struct sim_process *process, int number);

/*
 * Freeze it: it does nothing, but its sockets stand, as those of a process that
 * hangs. What it has missed is due when it is thawed.
 */
void sim_process_freeze(struct sim_process *process, bool frozen);

/*
 * The bytes that it has allocated, and those of the libraries that work for it.
 * `ended` sees what it has left; after that this is freed, too, so that the
 * world must not keep what the product's code gave it.
 */
size_t sim_process_bytes(const struct sim_process *process);

/* How many descriptors it has, and timers that are set. */
unsigned sim_process_files_now(const struct sim_process *process);
size_t sim_process_timers(const struct sim_process *process);
/* For `ended`: how many it had not closed. */
unsigned sim_process_unclosed(const struct sim_process *process);

/* How many turns its loops have made: one that spins makes 100,000 a second. */
uint64_t sim_process_turns(const struct sim_process *process);

/* Let it have so many descriptors from now on; it can ask for the limit. */
void sim_process_descriptors(struct sim_process *process, unsigned most);

/*
 * Let it be short of something in `per_million` cases, drawn; 0: no more.
 *   SIM_TRANSFERS    streams that do not block move fewer bytes than asked for
 *   SIM_DESCRIPTORS  none is given out (EMFILE)
 *   SIM_BUFFERS      a datagram cannot be sent (ENOBUFS)
 *   SIM_MEMORY       malloc returns NULL, but within GnuTLS and jansson
 */
enum sim_short {
	SIM_TRANSFERS, SIM_DESCRIPTORS, SIM_BUFFERS, SIM_MEMORY, SIM_SHORTS
};
void sim_process_short_of(struct sim_process *process, enum sim_short what,
    uint32_t per_million);

/*
 * Let what it does every now and then, and what has no effect, come up to `ms`
 * late: its ticks are run together, each as of its own time, before anything
 * else happens in it. Those are timers of a second or less that are set again
 * by their own handler, which did nothing but to read and count. So what it
 * answers is the same, and an idle process costs a tenth. 0: not late (usual).
 */
void sim_process_lazy(struct sim_process *process, uint32_t ms);

/*
 * Kill it: its peers see a reset at once. It becomes a ghost, whose output goes
 * nowhere, and which gets SIGTERM until it has ended, so that its memory is
 * freed by its own code. Code that writes anything but to descriptors asks
 * sim_process_is_ghost.
 */
void sim_process_kill(struct sim_process *process);
bool sim_process_is_ghost(const struct sim_process *process);
/* Had it no end of its own, so that its memory was not freed? */
bool sim_process_is_lost(const struct sim_process *process);

#endif
