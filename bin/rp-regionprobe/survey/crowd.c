/* crowd: threads that take the next piece of work. See crowd.h. */
#include "survey/crowd.h"

#include <pthread.h>
#include <stdatomic.h>

/* All servers of a zone at once (ZONE_SERVERS); each thread only waits. */
#define THREADS 32

struct crowd {
	crowd_work *work;
	void *arg;
	size_t n;
	atomic_size_t next;
};

static void *
work_on(void *arg)
{
	struct crowd *crowd = arg;
	size_t which;

	while ((which = atomic_fetch_add(&crowd->next, 1)) < crowd->n)
		crowd->work(crowd->arg, which);
	return NULL;
}

void
crowd_run(size_t n, crowd_work *work, void *arg)
{
	struct crowd crowd = { .work = work, .arg = arg, .n = n };
	pthread_t thread[THREADS];
	size_t i, started = 0;

	for (i = 1; i < n && i < THREADS; i++) {
		if (pthread_create(&thread[started], NULL, work_on,
		    &crowd) != 0)
			break;
		started++;
	}
	work_on(&crowd);
	for (i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
}
