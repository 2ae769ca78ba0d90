/*
 * reclaim: the thread that frees memory once no relay thread can see it, and
 * ticks once per second. See reclaim.h.
 */
#include "table/reclaim.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <urcu-qsbr.h>

#include "base/privdrop.h"

#define TICK_S 1

struct reclaim {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct reclaim_item *garbage;
	bool stop;
	void (*tick)(void *arg);
	void *arg;
};

/*
 * ThreadSanitizer cannot see that a grace period orders a reader's last access
 * before the free. These two declare it. In other builds they are empty.
 */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
static char period;
#define PERIOD_ACQUIRE() __tsan_acquire(&period)
#define PERIOD_RELEASE() __tsan_release(&period)
#else
#define PERIOD_ACQUIRE() ((void)0)
#define PERIOD_RELEASE() ((void)0)
#endif

static void
free_all(struct reclaim_item *item)
{
	struct reclaim_item *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (item->end != NULL)
			item->end(item);
		free(item);
	}
}

/* Sleep until there is an item to free, a tick is due, or the end. */
static void
nap(struct reclaim *reclaim, const struct timespec *until)
{
	while (!reclaim->stop && reclaim->garbage == NULL)
		if (pthread_cond_timedwait(&reclaim->wake, &reclaim->mutex,
		    until) == ETIMEDOUT)
			return;
}

static bool
passed(const struct timespec *time)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > time->tv_sec ||
	    (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static void *
run_reclaim(void *arg)
{
	struct reclaim *reclaim = arg;
	struct reclaim_item *garbage;
	struct timespec next;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &next);
	do {
		pthread_mutex_lock(&reclaim->mutex);
		nap(reclaim, &next);
		garbage = reclaim->garbage;
		reclaim->garbage = NULL;
		stop = reclaim->stop;
		pthread_mutex_unlock(&reclaim->mutex);
		if (garbage != NULL) {
			synchronize_rcu();
			PERIOD_ACQUIRE();
			free_all(garbage);
		}
		if (passed(&next)) {
			reclaim->tick(reclaim->arg);
			clock_gettime(CLOCK_MONOTONIC, &next);
			next.tv_sec += TICK_S;
		}
	} while (!stop);
	return NULL;
}

static int
init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attr;
	int err = pthread_condattr_init(&attr);

	if (err != 0)
		return err;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(wake, &attr);
	pthread_condattr_destroy(&attr);
	return err;
}

int
reclaim_new(struct reclaim **out, void (*tick)(void *arg), void *arg)
{
	struct reclaim *reclaim = calloc(1, sizeof(*reclaim));
	int err;

	if (reclaim == NULL)
		return -ENOMEM;
	reclaim->tick = tick;
	reclaim->arg = arg;
	err = pthread_mutex_init(&reclaim->mutex, NULL);
	if (err != 0)
		goto no_mutex;
	err = init_wake(&reclaim->wake);
	if (err != 0)
		goto no_wake;
	err = -privdrop_thread(&reclaim->thread, run_reclaim, reclaim);
	if (err != 0)
		goto no_thread;
	*out = reclaim;
	return 0;

no_thread:
	pthread_cond_destroy(&reclaim->wake);
no_wake:
	pthread_mutex_destroy(&reclaim->mutex);
no_mutex:
	free(reclaim);
	return -err;
}

void
reclaim_later(struct reclaim *reclaim, struct reclaim_item *item)
{
	pthread_mutex_lock(&reclaim->mutex);
	item->next = reclaim->garbage;
	reclaim->garbage = item;
	pthread_cond_signal(&reclaim->wake);
	pthread_mutex_unlock(&reclaim->mutex);
}

void
reclaim_free(struct reclaim *reclaim)
{
	if (reclaim == NULL)
		return;
	pthread_mutex_lock(&reclaim->mutex);
	reclaim->stop = true;
	pthread_cond_signal(&reclaim->wake);
	pthread_mutex_unlock(&reclaim->mutex);
	pthread_join(reclaim->thread, NULL);
	free_all(reclaim->garbage);
	pthread_cond_destroy(&reclaim->wake);
	pthread_mutex_destroy(&reclaim->mutex);
	free(reclaim);
}

void
reclaim_join(void)
{
	rcu_register_thread();
}

void
reclaim_leave(void)
{
	PERIOD_RELEASE();
	rcu_unregister_thread();
}

void
reclaim_sleep(void)
{
	PERIOD_RELEASE();
	rcu_thread_offline();
}

void
reclaim_wake(void)
{
	rcu_thread_online();
}
