/*
 * task: threads as coroutines. See private.h. The scheduler is the loop of
 * alarms: a task that waits has one.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/process.h"
#include "core/world.h"

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

void
sim_task_free(struct sim_task *task)
{
	sim_alarm_stop(&task->wake);
	LIST_REMOVE(task, of_process);
	sim_fiber_free(&task->fiber);
	free(task);
}

void
sim_task_leave(void)
{
	struct sim_task *task = sim_world.task;

	task->done = true;
	sim_fiber_switch(&task->fiber, &scheduler, true);
	abort();
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
	sim_task_leave();
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
	sim_task_free(task);
	return result;
}
