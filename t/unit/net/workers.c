/*
 * Threads that compute for a loop. A job runs on another thread, and the loop
 * is told. One that waits can be taken back. Lanes have turns, and so have
 * sources. A job that is further on goes first, and once they wait for long,
 * every second one is the latest. A lane that is freed leaves nothing behind.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "net/loop.h"
#include "net/workers.h"
#include "unit.h"

#define JOBS 8

struct world;

struct task {
	struct workers_job job;
	struct world *world;
	int id;
	bool ran, done, elsewhere;
};

struct world {
	struct event_base *loop;
	struct workers *workers;
	struct workers_lane *a, *b;
	pthread_t own;
	struct task first;	/* it holds the thread until `go` */
	sem_t begun, go;
	struct task task[JOBS];
	int order[JOBS], n;	/* in which they ran, and how many */
	int told;
};

static void
run_task(void *arg)
{
	struct task *task = arg;

	task->ran = true;
	task->elsewhere = !pthread_equal(pthread_self(), task->world->own);
	task->world->order[task->world->n++] = task->id;
}

static void
run_first(void *arg)
{
	struct task *task = arg;

	sem_post(&task->world->begun);
	sem_wait(&task->world->go);
}

static void
on_done(void *arg)
{
	struct task *task = arg;

	ck_assert(pthread_equal(pthread_self(), task->world->own));
	task->done = true;
	task->world->told++;
}

static void
prepare(struct task *task, struct world *w, int id)
{
	task->job.run = run_task;
	task->job.done = on_done;
	task->job.arg = task;
	task->world = w;
	task->id = id;
}

/* One thread, which is busy with the first job. */
static void
world_open(struct world *w)
{
	int i;

	w->loop = loop_new();
	w->own = pthread_self();
	sem_init(&w->begun, 0, 0);
	sem_init(&w->go, 0, 0);
	ck_assert_int_eq(workers_new(&w->workers, 1), 0);
	ck_assert_int_eq(workers_lane_new(&w->a, w->workers, w->loop), 0);
	ck_assert_int_eq(workers_lane_new(&w->b, w->workers, w->loop), 0);
	for (i = 0; i < JOBS; i++)
		prepare(&w->task[i], w, i);
	prepare(&w->first, w, -1);
	w->first.job.run = run_first;
	workers_give(w->a, &w->first.job);
	sem_wait(&w->begun);
}

static void
world_go(struct world *w, int told)
{
	sem_post(&w->go);
	while (w->told < told)
		loop_run_once(w->loop);
}

static void
world_close(struct world *w)
{
	workers_lane_free(w->a);
	workers_lane_free(w->b);
	workers_free(w->workers);
	loop_free(w->loop);
}

static void
is_order(const struct world *w, const char *wanted)
{
	int i;

	for (i = 0; wanted[i] != '\0'; i++)
		ck_assert_int_eq(w->order[i], wanted[i] - '0');
	ck_assert_int_eq(w->n, i);
}

START_TEST(run_elsewhere_in_order)
{
	struct world w = { 0 };
	int i;

	world_open(&w);
	for (i = 0; i < 4; i++)
		workers_give(w.a, &w.task[i].job);
	ck_assert_uint_eq(workers_waiting(w.a), 4);
	world_go(&w, 5);
	is_order(&w, "0123");
	for (i = 0; i < 4; i++)
		ck_assert(w.task[i].done && w.task[i].elsewhere);
	ck_assert_uint_eq(workers_waiting(w.a), 0);
	ck_assert_uint_eq(workers_waited_ms(w.a), 0);
	world_close(&w);
}
END_TEST

/* The other lane has a turn after each, and what is further on goes first. */
START_TEST(have_turns)
{
	struct world w = { 0 };
	int i;

	world_open(&w);
	for (i = 0; i < 4; i++)
		workers_give(w.a, &w.task[i].job);
	w.task[4].job.further = true;
	workers_give(w.a, &w.task[4].job);
	for (i = 5; i < 7; i++)
		workers_give(w.b, &w.task[i].job);
	world_go(&w, 8);
	is_order(&w, "5460123");
	world_close(&w);
}
END_TEST

START_TEST(are_taken_back)
{
	struct world w = { 0 };
	int i;

	world_open(&w);
	for (i = 0; i < 3; i++)
		workers_give(w.a, &w.task[i].job);
	ck_assert(workers_take_back(w.a, &w.task[1].job));
	ck_assert(!workers_take_back(w.a, &w.first.job));
	world_go(&w, 3);
	is_order(&w, "02");
	ck_assert(!w.task[1].done);
	/* It can be given again. */
	workers_give(w.b, &w.task[1].job);
	world_go(&w, 4);
	is_order(&w, "021");
	world_close(&w);
}
END_TEST

/*
 * Count the rounds of eight in which the last of the jobs is among the first two.
 * Two names may share a queue by chance, but not in each round.
 */
static unsigned
rounds_last_is_early(void (*name)(struct workers_job *job, int i))
{
	unsigned early = 0;
	int i, round;

	for (round = 0; round < 8; round++) {
		struct world w = { 0 };

		world_open(&w);
		for (i = 0; i < JOBS; i++) {
			name(&w.task[i].job, i);
			workers_give(w.a, &w.task[i].job);
		}
		world_go(&w, JOBS + 1);
		early += w.order[0] == JOBS - 1 || w.order[1] == JOBS - 1;
		world_close(&w);
	}
	return early;
}

static void
name_source(struct workers_job *job, int i)
{
	job->source = i == JOBS - 1 ? 77 : 0;
}

static void
name_network(struct workers_job *job, int i)
{
	job->source = (uint64_t)i;
	job->network = i == JOBS - 1 ? 77 : 0;
}

/* However many jobs one source gives, another's is among the first. */
START_TEST(have_turns_by_source)
{
	ck_assert_uint_ge(rounds_last_is_early(name_source), 4);
}
END_TEST

/* One network is no more for having many sources. */
START_TEST(have_turns_by_network)
{
	ck_assert_uint_ge(rounds_last_is_early(name_network), 5);
}
END_TEST

START_TEST(begin_with_the_latest_when_late)
{
	static const struct timespec late = { 0, 300000000 };
	struct world w = { 0 };
	int i;

	world_open(&w);
	for (i = 0; i < 3; i++)
		workers_give(w.a, &w.task[i].job);
	nanosleep(&late, NULL);
	ck_assert_uint_ge(workers_waited_ms(w.a), 250);
	workers_give(w.a, &w.task[3].job);
	world_go(&w, 5);
	is_order(&w, "3021");
	world_close(&w);
}
END_TEST

/* All are told of, those that wait are not run, and none comes later. */
START_TEST(end_with_their_lane)
{
	struct world w = { 0 };
	int i;

	world_open(&w);
	for (i = 0; i < 3; i++)
		workers_give(w.a, &w.task[i].job);
	sem_post(&w.go);
	workers_lane_free(w.a);
	w.a = NULL;
	ck_assert_int_eq(w.told, 4);
	ck_assert(w.first.done);
	workers_give(w.b, &w.task[3].job);
	while (w.told < 5)
		loop_run_once(w.loop);
	world_close(&w);
}
END_TEST

static void
run_long(void *arg)
{
	uint64_t until_ns = clock_ns() + 6 * CLOCK_MS;

	(void)arg;
	while (clock_ns() < until_ns)
		continue;
}

/*
 * Not beside others of the lane, and not for longer than what is little. A busy
 * machine may let so much time pass that there is some again, but not each time.
 */
START_TEST(run_on_the_loop_while_few)
{
	struct world w = { 0 };
	unsigned tries = 20;

	world_open(&w);
	ck_assert(workers_run_here(w.b, &w.task[0].job));
	ck_assert(w.task[0].ran && !w.task[0].elsewhere);
	ck_assert(!workers_run_here(w.a, &w.task[1].job));
	w.task[1].job.run = run_long;
	do {
		w.n = 0;
		while (!workers_run_here(w.b, &w.task[1].job))
			continue;
	} while (workers_run_here(w.b, &w.task[2].job) && --tries > 0);
	ck_assert_uint_gt(tries, 0);
	while (!workers_run_here(w.b, &w.task[2].job))
		continue;
	is_order(&w, "2");
	ck_assert_int_eq(w.told, 0);
	world_go(&w, 1);
	world_close(&w);
}
END_TEST

UNIT_SUITE(workers, run_on_the_loop_while_few, run_elsewhere_in_order,
    have_turns, have_turns_by_source, have_turns_by_network, are_taken_back,
    begin_with_the_latest_when_late, end_with_their_lane)
