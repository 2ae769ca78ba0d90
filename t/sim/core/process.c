/*
 * process: tasks with descriptors and memory, on a machine. See private.h and
 * sim.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "core/world.h"

#define GHOST_MS 20		/* between signals to one that was killed */
#define GHOST_TIMES 3000	/* after which its memory is given up */
#define FILES_MOST 65536	/* descriptors, unless told */
#define GHOST_STATUS 137	/* as of SIGKILL */

static void
on_process_over(void *arg)
{
	struct sim_process *process = arg;
	struct sim_task *task;

	sim_alarm_stop(&process->haunt);
	sim_thread_forget(process);
	process->unclosed = process->files;
	sim_file_close_all(process, false);
	sim_event_forget(process);
	while ((task = LIST_FIRST(&process->tasks)) != NULL)
		sim_task_free(task);
	TAILQ_REMOVE(&sim_world.processes, process, next);
	if (process->ended != NULL && !sim_world.ending)
		process->ended(process, process->status);
	if (process->bytes > 0)
		sim_memory_free(process);
	free(process);
}

/* No task of it runs any more. */
static void
end_process(struct sim_process *process, int status)
{
	struct sim_task *task;

	process->status = status;
	process->ending = true;
	LIST_FOREACH(task, &process->tasks, of_process)
		sim_alarm_stop(&task->wake);
	sim_alarm_set(&process->over, sim_world.now);
}

void
sim_process_exit(int status)
{
	end_process(sim_process_self(), status);
	sim_task_leave();
}

static void *
run_process(void *arg)
{
	struct sim_process *process = arg;

	return (void *)(intptr_t)process->run(process->arg);
}

static void
haunt(void *arg)
{
	struct sim_process *process = arg;

	if (sim_event_signal(process, SIGTERM))
		process->heeds = true;
	if (!process->heeds || ++process->haunted > GHOST_TIMES) {
		end_process(process, GHOST_STATUS);
		return;
	}
	sim_alarm_set(&process->haunt, sim_world.now + GHOST_MS * SIM_MS);
}

struct sim_process *
sim_process_new(struct sim_machine *machine, const char *name,
    int (*run)(void *arg), void *arg,
    void (*ended)(struct sim_process *process, int status))
{
	struct sim_process *process = calloc(1, sizeof(*process));

	if (process == NULL)
		abort();
	LIST_INIT(&process->tasks);
	process->machine = machine;
	snprintf(process->name, sizeof(process->name), "%s", name);
	process->pid = sim_world.next_pid++;
	process->run = run;
	process->arg = arg;
	process->ended = ended;
	process->files_most = FILES_MOST;
	sim_random_init(&process->random, "short %s %d", name, process->pid);
	sim_alarm_init(&process->over, on_process_over, process);
	sim_alarm_init(&process->haunt, haunt, process);
	TAILQ_INSERT_TAIL(&sim_world.processes, process, next);
	process->main = sim_task_new(process, run_process, process);
	return process;
}

struct sim_machine *
sim_process_machine(const struct sim_process *process)
{
	return process->machine;
}

int
sim_process_pid(const struct sim_process *process)
{
	return process->pid;
}

struct sim_process *
sim_process_of_pid(int pid)
{
	struct sim_process *process;

	TAILQ_FOREACH(process, &sim_world.processes, next)
		if (process->pid == pid)
			return process;
	return NULL;
}

const char *
sim_process_name(const struct sim_process *process)
{
	return process->name;
}

void
sim_process_signal(struct sim_process *process, int number)
{
	if (sim_event_signal(process, number) || process->ending)
		return;
	sim_process_kill(process);
}

void
sim_process_lazy(struct sim_process *process, uint32_t ms)
{
	process->lazy_ms = ms;
	if (ms == 0)
		sim_event_punctual(process);
}

uint64_t
sim_process_lazy_ns(const struct sim_process *process)
{
	return process->lazy_ms * SIM_MS;
}

bool
sim_process_is_frozen(const struct sim_process *process)
{
	return !process->ghost && (process->frozen ||
	    !sim_machine_is_on(process->machine));
}

static void
thaw(struct sim_process *process)
{
	struct sim_task *task;

	LIST_FOREACH(task, &process->tasks, of_process)
		if (task->missed) {
			task->missed = false;
			sim_alarm_set(&task->wake, sim_world.now);
		}
}

void
sim_process_freeze(struct sim_process *process, bool frozen)
{
	process->frozen = frozen;
	if (frozen)
		sim_event_punctual(process);
	if (!sim_process_is_frozen(process))
		thaw(process);
}

void
sim_machine_freeze(struct sim_machine *machine, bool frozen)
{
	struct sim_process *process;

	TAILQ_FOREACH(process, &sim_world.processes, next) {
		if (process->machine != machine)
			continue;
		if (frozen)
			sim_event_punctual(process);
		else
			thaw(process);
	}
}

void
sim_process_kill(struct sim_process *process)
{
	if (process->ghost || process->ending)
		return;
	process->ghost = true;
	sim_file_close_all(process, true);
	thaw(process);
	haunt(process);
}

bool
sim_process_is_ghost(const struct sim_process *process)
{
	return process->ghost;
}

bool
sim_process_is_lost(const struct sim_process *process)
{
	return process->status == GHOST_STATUS;
}

size_t
sim_process_bytes(const struct sim_process *process)
{
	return process->bytes;
}

void
sim_process_memory(struct sim_process *process, ptrdiff_t more)
{
	process->bytes += (size_t)more;
}

uint64_t
sim_process_turns(const struct sim_process *process)
{
	return process->turns;
}

void
sim_process_turned(struct sim_process *process)
{
	process->turns++;
}

void
sim_process_files(struct sim_process *process, int more)
{
	if (process != NULL)
		process->files += (unsigned)more;
}

unsigned
sim_process_files_now(const struct sim_process *process)
{
	return process->files;
}

unsigned
sim_process_unclosed(const struct sim_process *process)
{
	return process->unclosed;
}

unsigned
sim_process_files_most(const struct sim_process *process)
{
	return process->files_most;
}

bool
sim_process_files_left(const struct sim_process *process)
{
	return process->files < process->files_most;
}

void
sim_process_descriptors(struct sim_process *process, unsigned most)
{
	process->files_most = most;
}

void
sim_process_short_of(struct sim_process *process, enum sim_short what,
    uint32_t per_million)
{
	process->shorts[what] = per_million;
}

bool
sim_is_short(enum sim_short what)
{
	struct sim_process *process = sim_process_self();

	return process != NULL && process->shorts[what] > 0 &&
	    !process->ghost &&
	    sim_random_hits(&process->random, process->shorts[what]);
}

size_t
sim_short_of(enum sim_short what, size_t n)
{
	if (n < 2 || !sim_is_short(what))
		return n;
	return 1 + sim_random_below(&sim_process_self()->random, n - 1);
}

void
sim_process_reset(void)
{
	uint64_t last = sim_world.now + GHOST_TIMES * GHOST_MS * SIM_MS;
	struct sim_process *process;

	sim_world.ending = true;
	TAILQ_FOREACH(process, &sim_world.processes, next)
		sim_process_kill(process);
	while (!TAILQ_EMPTY(&sim_world.processes) && sim_alarm_next(last))
		;
	while ((process = TAILQ_FIRST(&sim_world.processes)) != NULL) {
		sim_alarm_stop(&process->over);
		on_process_over(process);
	}
}
