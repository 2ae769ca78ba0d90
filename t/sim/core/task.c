/*
 * task: threads as coroutines, and processes of them. See private.h and sim.h.
 * The scheduler is the loop of alarms: a task that waits has one.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/fiber.h"
#include "core/world.h"

#define GHOST_MS 20		/* between signals to one that was killed */
#define GHOST_TIMES 3000	/* after which its memory is given up */
#define FILES_MOST 65536	/* descriptors, unless told */
#define GHOST_STATUS 137	/* as of SIGKILL */

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
	unsigned files, files_most;
	bool heeds;			/* it has its own end, by SIGTERM */
	unsigned haunted;
	struct sim_alarm haunt;
	int (*run)(void *arg);
	void *arg;
	void (*ended)(struct sim_process *process, int status);
	struct sim_alarm over;
};

static struct sim_fiber scheduler;

struct sim_task *
sim_task_self(void)
{
	return sim_world.task;
}

struct sim_process *
sim_process_self(void)
{
	return sim_world.task == NULL ? NULL : sim_world.task->process;
}

uint64_t
sim_task_now(void)
{
	const struct sim_task *task = sim_world.task;

	return task == NULL || task->as_of == SIM_NEVER ? sim_world.now :
	    task->as_of;
}

void
sim_task_as_of(uint64_t at)
{
	sim_world.task->as_of = at;
}

void
sim_effect(void)
{
	sim_world.effects++;
}

static void
free_task(struct sim_task *task)
{
	sim_alarm_stop(&task->wake);
	LIST_REMOVE(task, of_process);
	sim_fiber_free(&task->fiber);
	free(task);
}

static void
on_process_over(void *arg)
{
	struct sim_process *process = arg;
	struct sim_task *task;

	sim_alarm_stop(&process->haunt);
	sim_thread_forget(process);
	sim_file_close_all(process, false);
	sim_event_forget(process);
	while ((task = LIST_FIRST(&process->tasks)) != NULL)
		free_task(task);
	TAILQ_REMOVE(&sim_world.processes, process, next);
	if (process->ended != NULL && !sim_world.ending)
		process->ended(process, process->status);
	if (process->bytes > 0)
		sim_memory_free(process);
	free(process);
}

/* Leave the task for good. */
static void __attribute__((noreturn))
leave(void)
{
	struct sim_task *task = sim_world.task;

	task->done = true;
	sim_fiber_switch(&task->fiber, &scheduler, true);
	abort();
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
	leave();
}

static void
enter(void)
{
	struct sim_task *task = sim_world.task;

	sim_fiber_begin(&task->fiber);
	task->result = task->run(task->arg);
	if (task == task->process->main)
		sim_process_exit((int)(intptr_t)task->result);
	if (task->joiner != NULL)
		sim_task_wake(task->joiner);
	leave();
}

static void
on_wake(void *arg)
{
	struct sim_task *task = arg;

	if (sim_process_is_frozen(task->process)) {
		task->missed = true;
		return;
	}
	task->waits = false;
	sim_world.task = task;
	errno = task->error;
	sim_fiber_switch(&scheduler, &task->fiber, false);
	task->error = errno;
	sim_world.task = NULL;
}

struct sim_task *
sim_task_new(struct sim_process *process, void *(*run)(void *arg), void *arg)
{
	struct sim_task *task = calloc(1, sizeof(*task));

	if (task == NULL)
		abort();
	task->process = process;
	task->run = run;
	task->arg = arg;
	task->as_of = SIM_NEVER;
	sim_fiber_init(&task->fiber, enter);
	sim_alarm_init(&task->wake, on_wake, task);
	LIST_INSERT_HEAD(&process->tasks, task, of_process);
	sim_alarm_set(&task->wake, sim_world.now);
	return task;
}

bool
sim_task_wait(uint64_t until)
{
	struct sim_task *task = sim_world.task;
	bool woken;

	if (!task->woken) {
		task->waits = true;
		sim_alarm_set(&task->wake, until);
		sim_fiber_switch(&task->fiber, &scheduler, false);
	}
	woken = task->woken;
	task->woken = false;
	return woken;
}

void
sim_task_wake(struct sim_task *task)
{
	if (task->woken || task->done)
		return;
	task->woken = true;
	sim_effect();
	if (task->waits && !task->process->ending)
		sim_alarm_set(&task->wake, sim_world.now);
}

void *
sim_task_join(struct sim_task *task)
{
	void *result;

	task->joiner = sim_world.task;
	while (!task->done)
		sim_task_wait(SIM_NEVER);
	result = task->result;
	free_task(task);
	return result;
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
