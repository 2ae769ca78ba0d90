/*
 * process: what a task and a process are, for the files of core that make them.
 */
#ifndef RP_SIM_PROCESS_H
#define RP_SIM_PROCESS_H

#include "core/fiber.h"
#include "core/private.h"

struct sim_task {
	LIST_ENTRY(sim_task) of_process;
	struct sim_process *process;
	struct sim_fiber fiber;
	struct sim_alarm wake;
	bool waits, woken, done, missed;
	void *(*run)(void *arg);
	void *arg, *result;
	struct sim_task *joiner;
	int error;			/* its errno */
	uint64_t as_of;
};

struct sim_process {
	TAILQ_ENTRY(sim_process) next;
	LIST_HEAD(, sim_task) tasks;
	struct sim_task *main;
	struct sim_machine *machine;
	char name[32];
	int pid, status;
	bool frozen, ghost, ending;
	uint32_t lazy_ms;
	size_t bytes;
	uint64_t turns;
	unsigned files, files_most, unclosed;
	uint32_t shorts[SIM_SHORTS];
	struct sim_random random;	/* of what it is short of */
	bool heeds;			/* it has its own end, by SIGTERM */
	unsigned haunted;
	struct sim_alarm haunt;
	int (*run)(void *arg);
	void *arg;
	void (*ended)(struct sim_process *process, int status);
	struct sim_alarm over;
};

/* Leave the task that runs for good. */
void sim_task_leave(void) __attribute__((noreturn));
void sim_task_free(struct sim_task *task);

#endif
