/*
 * workers: threads that compute for loops. A step that takes a millisecond,
 * such as a signature, is a job. A thread runs it, and the loop that gave it is
 * told when it is done. The loop itself goes on meanwhile.
 *
 * A loop gives its jobs in lanes. The threads serve lanes by turns, so that
 * those who flood one port do not delay the other's. In a lane, networks have
 * turns, and in a network its sources: there are 32 times 16 queues, chosen by
 * hashes, so that whoever sends many jobs delays hardly anybody but himself. A job that is further on goes before those
 * that begin: what was paid for is finished first. When the first in a queue
 * has waited for 250 ms, every second job taken is the latest. More come then
 * than can be served, and by order of arrival all of them would be late.
 *
 * To hand a job over costs two switches of threads. So a loop may run one itself
 * while there are few of them: see workers_run_here.
 *
 * A lane holds as many jobs as its loop gives it. A loop that gives each
 * connection one, and bounds connections, has bounded the lane.
 */
#ifndef RP_NET_WORKERS_H
#define RP_NET_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct event_base;
struct workers;
struct workers_lane;

/* Part of what it is for. The lane's until it is done or was cancelled. */
struct workers_job {
	TAILQ_ENTRY(workers_job) next;
	void (*run)(void *arg);		/* on a thread */
	void (*done)(void *arg);	/* later, on the lane's loop */
	void *arg;
	bool further;		/* it goes before those that begin */
	uint64_t network, source;	/* whose it is */
	enum { WORKERS_IDLE, WORKERS_WAITS, WORKERS_RUNS, WORKERS_DONE } state;
	uint64_t since_ns;	/* when it was given; while it waits */
};

/*
 * Start threads, as many as the process has processors if `threads` is 0. They
 * block all signals, and have a lower priority than others. -ENOMEM, -EAGAIN,
 * -EIO.
 */
int workers_new(struct workers **out, unsigned threads);

/* End the threads. All lanes must have been freed. NULL is fine. */
void workers_free(struct workers *workers);

unsigned workers_threads(const struct workers *workers);

/* Make a lane of jobs for a loop. -ENOMEM, or another errno of eventfd(2). */
int workers_lane_new(struct workers_lane **out, struct workers *workers,
    struct event_base *loop);

/*
 * Wait for those that run, call `done` of all that were given, and free the
 * lane. Those that wait are not run. For the loop's thread, or after its end.
 * NULL is fine.
 */
void workers_lane_free(struct workers_lane *lane);

/*
 * Run a job at once, on the loop, if none of the lane waits or runs and the loop
 * has spent little time in this way lately. Return false if it should be given.
 * `done` is not called. Only one loop of those that share the threads may do so.
 */
bool workers_run_here(struct workers_lane *lane, struct workers_job *job);

/* Give a job. It must not be given already. */
void workers_give(struct workers_lane *lane, struct workers_job *job);

/*
 * Take a job back. Return false if it is too late; `done` is called then.
 * Otherwise it is not.
 */
bool workers_take_back(struct workers_lane *lane, struct workers_job *job);

/* How many jobs wait, and for how long the first of them has. */
size_t workers_waiting(struct workers_lane *lane);
uint64_t workers_waited_ms(struct workers_lane *lane);

#endif
