#include "keeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include <urcu-qsbr.h>

#define TICK_S 1

struct keeper {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct keeper_item *buried;
	bool stop;
	void (*tick)(void *arg);
	void *arg;
};

/*
 * ThreadSanitizer cannot see that a grace period orders a reader's last look
 * before the free; these two say so. In other builds they are nothing.
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
free_all(struct keeper_item *item)
{
	struct keeper_item *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (item->end != NULL)
			item->end(item);
		free(item);
	}
}

/* Sleep until something is buried, it is time to tick, or the end. */
static void
nap(struct keeper *keeper, const struct timespec *until)
{
	while (!keeper->stop && keeper->buried == NULL)
		if (pthread_cond_timedwait(&keeper->wake, &keeper->mutex,
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
run(void *arg)
{
	struct keeper *keeper = arg;
	struct keeper_item *buried;
	struct timespec next;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &next);
	do {
		pthread_mutex_lock(&keeper->mutex);
		nap(keeper, &next);
		buried = keeper->buried;
		keeper->buried = NULL;
		stop = keeper->stop;
		pthread_mutex_unlock(&keeper->mutex);
		if (buried != NULL) {
			synchronize_rcu();
			PERIOD_ACQUIRE();
			free_all(buried);
		}
		if (passed(&next)) {
			keeper->tick(keeper->arg);
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
keeper_new(struct keeper **out, void (*tick)(void *arg), void *arg)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));
	int err;

	if (keeper == NULL)
		return -ENOMEM;
	keeper->tick = tick;
	keeper->arg = arg;
	err = pthread_mutex_init(&keeper->mutex, NULL);
	if (err != 0)
		goto no_mutex;
	err = init_wake(&keeper->wake);
	if (err != 0)
		goto no_wake;
	err = pthread_create(&keeper->thread, NULL, run, keeper);
	if (err != 0)
		goto no_thread;
	*out = keeper;
	return 0;

no_thread:
	pthread_cond_destroy(&keeper->wake);
no_wake:
	pthread_mutex_destroy(&keeper->mutex);
no_mutex:
	free(keeper);
	return -err;
}

void
keeper_bury(struct keeper *keeper, struct keeper_item *item)
{
	pthread_mutex_lock(&keeper->mutex);
	item->next = keeper->buried;
	keeper->buried = item;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->mutex);
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	pthread_mutex_lock(&keeper->mutex);
	keeper->stop = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->mutex);
	pthread_join(keeper->thread, NULL);
	free_all(keeper->buried);
	pthread_cond_destroy(&keeper->wake);
	pthread_mutex_destroy(&keeper->mutex);
	free(keeper);
}

void
keeper_join(void)
{
	rcu_register_thread();
}

void
keeper_leave(void)
{
	PERIOD_RELEASE();
	rcu_unregister_thread();
}

void
keeper_sleep(void)
{
	PERIOD_RELEASE();
	rcu_thread_offline();
}

void
keeper_wake(void)
{
	rcu_thread_online();
}
