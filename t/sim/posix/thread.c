/*
 * thread: threads as tasks. One runs at a time and until it waits, so that a
 * lock is contended only if its holder waits for something else.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "posix/wrap.h"

#define TRY_US 10


/* A task that waits at a condition or semaphore. */
struct waiter {
	LIST_ENTRY(waiter) next;
	const void *at;
	struct sim_task *task;
	const struct sim_process *process;
	bool called;
};

static LIST_HEAD(, waiter) waiters;

void
sim_thread_forget(const struct sim_process *process)
{
	struct waiter *waiter, *next;

	for (waiter = LIST_FIRST(&waiters); waiter != NULL; waiter = next) {
		next = LIST_NEXT(waiter, next);
		if (waiter->process == process)
			LIST_REMOVE(waiter, next);
	}
}

WRAP(int, pthread_create, (pthread_t *out, const pthread_attr_t *attr,
    void *(*run)(void *arg), void *arg))
{
	(void)attr;
	*out = (pthread_t)sim_task_new(sim_process_self(), run, arg);
	return 0;
}

WRAP(int, pthread_join, (pthread_t thread, void **result))
{
	void *is = sim_task_join((struct sim_task *)thread);

	if (result != NULL)
		*result = is;
	return 0;
}

WRAP(int, pthread_setname_np, (pthread_t thread, const char *name))
{
	(void)thread;
	(void)name;
	return 0;
}

WRAP(pthread_t, pthread_self, (void))
{
	return (pthread_t)sim_task_self();
}

WRAP(int, pthread_mutex_lock, (pthread_mutex_t *mutex))
{
	while (pthread_mutex_trylock(mutex) != 0)
		sim_task_wait(sim_now() + TRY_US * 1000);
	return 0;
}

WRAP(int, pthread_rwlock_rdlock, (pthread_rwlock_t *lock))
{
	while (pthread_rwlock_tryrdlock(lock) != 0)
		sim_task_wait(sim_now() + TRY_US * 1000);
	return 0;
}

WRAP(int, pthread_rwlock_wrlock, (pthread_rwlock_t *lock))
{
	while (pthread_rwlock_trywrlock(lock) != 0)
		sim_task_wait(sim_now() + TRY_US * 1000);
	return 0;
}

/* Wait at `at`. Return false at that time. */
static bool
wait_at(const void *at, uint64_t until)
{
	struct waiter waiter = { .at = at, .task = sim_task_self(),
	    .process = sim_process_self() };

	LIST_INSERT_HEAD(&waiters, &waiter, next);
	while (!waiter.called && sim_now() < until)
		sim_task_wait(until);
	LIST_REMOVE(&waiter, next);
	return waiter.called;
}

/* Call those who wait there: the one who came first, or all. */
static void
call(const void *at, bool all)
{
	struct waiter *waiter, *first = NULL;

	LIST_FOREACH(waiter, &waiters, next) {
		if (waiter->at != at || waiter->called)
			continue;
		first = waiter;
		if (!all)
			continue;
		waiter->called = true;
		sim_task_wake(waiter->task);
	}
	if (all || first == NULL)
		return;
	first->called = true;
	sim_task_wake(first->task);
}

WRAP(int, pthread_cond_wait, (pthread_cond_t *cond, pthread_mutex_t *mutex))
{
	pthread_mutex_unlock(mutex);
	(void)wait_at(cond, SIM_NEVER);
	return __wrap_pthread_mutex_lock(mutex);
}

/*
 * All conditions of the product have the monotonic clock. One who waits for a
 * time only to look round may be late if the process is lazy.
 */
WRAP(int, pthread_cond_timedwait, (pthread_cond_t *cond,
    pthread_mutex_t *mutex, const struct timespec *until))
{
	bool called;

	pthread_mutex_unlock(mutex);
	called = wait_at(cond, (uint64_t)(until->tv_sec - SIM_UP_S) * SIM_S +
	    (uint64_t)until->tv_nsec +
	    sim_process_lazy_ns(sim_process_self()));
	__wrap_pthread_mutex_lock(mutex);
	return called ? 0 : ETIMEDOUT;
}

WRAP(int, pthread_cond_signal, (pthread_cond_t *cond))
{
	call(cond, false);
	return 0;
}

WRAP(int, pthread_cond_broadcast, (pthread_cond_t *cond))
{
	call(cond, true);
	return 0;
}

WRAP(int, sem_wait, (sem_t *sem))
{
	while (sem_trywait(sem) < 0)
		(void)wait_at(sem, SIM_NEVER);
	return 0;
}

WRAP(int, sem_post, (sem_t *sem))
{
	int err = __real_sem_post(sem);

	call(sem, false);
	return err;
}

/* Who waits for another in this way has to let time pass. */
WRAP(int, sched_yield, (void))
{
	sim_task_wait(sim_now() + TRY_US * 1000);
	return 0;
}

WRAP(int, pthread_sigmask, (int how, const sigset_t *set, sigset_t *old))
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

/* A machine has two processors. */
WRAP(int, sched_getaffinity, (pid_t pid, size_t size, cpu_set_t *set))
{
	(void)pid;
	CPU_ZERO_S(size, set);
	CPU_SET_S(0, size, set);
	CPU_SET_S(1, size, set);
	return 0;
}
