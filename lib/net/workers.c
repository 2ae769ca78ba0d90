/* workers: threads, and the lanes of jobs that they serve. See workers.h. */
#include "config.h"
#include "net/workers.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/privdrop.h"
#include "net/loop.h"

/*
 * Jobs that are reported per turn of the loop, so that others get one. A first
 * request that follows from a report may take 0.1 ms.
 */
#define DONE_MAX 16
#define LATE_NS (250 * CLOCK_MS)
/*
 * More than the process has: a third of the weight of others. Where all
 * processors are busy, the loops and the relay, which work in microseconds, go
 * first.
 */
#define NICE 5
/*
 * How long a loop may run jobs itself: at once, so that others wait no longer
 * than a keystroke's echo could show, and in the long run half of the time.
 */
#define HERE_NS (5 * CLOCK_MS)
#define HERE_PART 2
/* Both are powers of two: 5 and 4 bits of a hash. */
#define NETWORKS 32
#define SOURCES 16
#define NETWORK_SHIFT 59
#define SOURCE_SHIFT 60
#define THREADS_MAX 64		/* more do not help the machines of today */

TAILQ_HEAD(jobs, workers_job);

/* Jobs that wait to begin, of a network or a few. */
struct network {
	struct jobs begin[SOURCES];
	unsigned turn;			/* of the sources */
	size_t waiting;
};

struct workers_lane {
	TAILQ_ENTRY(workers_lane) next;
	struct workers *workers;
	struct jobs further;		/* which wait, and so do these */
	struct network network[NETWORKS];
	unsigned turn;			/* of the networks */
	bool latest;			/* is to be taken, if they are late */
	struct jobs done;
	size_t waiting, running;
	int fd;				/* readable while `done` has any */
	struct loop_event *reader;
};

struct workers {
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t given;		/* wakes a thread */
	pthread_cond_t rests;		/* a job has run, or a thread began */
	TAILQ_HEAD(, workers_lane) lanes;	/* the next one's turn first */
	bool stop;
	unsigned idle;			/* threads that wait for a job */
	uint64_t seed;			/* odd, and secret */
	unsigned n, began;		/* threads */
	/*
	 * The loop's own, not under the lock: how long it may compute itself,
	 * for all lanes, and since when.
	 */
	uint64_t here_ns, here_since_ns;
	bool here_over;			/* until it has all of that again */
	pthread_t thread[THREADS_MAX];
};

static unsigned
count_processors(void)
{
	cpu_set_t set;

	/* With more than 1,024 processors it fails. */
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return THREADS_MAX;
	return (unsigned)CPU_COUNT(&set);
}

static struct network *
network_of(struct workers_lane *lane, const struct workers_job *job)
{
	return &lane->network[job->network * lane->workers->seed >>
	    NETWORK_SHIFT];
}

/* Return the queue of a job that waits to begin, or is to. */
static struct jobs *
queue_of(const struct workers_lane *lane, struct network *network,
    const struct workers_job *job)
{
	return &network->begin[job->source * lane->workers->seed >>
	    SOURCE_SHIFT];
}

static void
put(struct workers_lane *lane, struct workers_job *job)
{
	struct network *network = network_of(lane, job);

	lane->waiting++;
	if (job->further) {
		TAILQ_INSERT_TAIL(&lane->further, job, next);
		return;
	}
	network->waiting++;
	TAILQ_INSERT_TAIL(queue_of(lane, network, job), job, next);
}

static void
take(struct workers_lane *lane, struct workers_job *job)
{
	struct network *network = network_of(lane, job);

	lane->waiting--;
	if (job->further) {
		TAILQ_REMOVE(&lane->further, job, next);
		return;
	}
	network->waiting--;
	TAILQ_REMOVE(queue_of(lane, network, job), job, next);
}

/* Return the job that begins next, or NULL. The lock is held. */
static struct workers_job *
beginner_of(struct workers_lane *lane)
{
	struct network *network = NULL;
	struct workers_job *job = NULL;
	struct jobs *from = NULL;
	unsigned i;

	for (i = 0; i < NETWORKS; i++) {
		network = &lane->network[lane->turn++ % NETWORKS];
		if (network->waiting > 0)
			break;
	}
	for (i = 0; i < SOURCES && job == NULL; i++) {
		from = &network->begin[network->turn++ % SOURCES];
		job = TAILQ_FIRST(from);
	}
	if (job == NULL || clock_ns() - job->since_ns < LATE_NS)
		return job;
	lane->latest = !lane->latest;
	return lane->latest ? TAILQ_LAST(from, jobs) : job;
}

/* Take the job of a lane whose turn it is, or NULL. The lock is held. */
static struct workers_job *
job_of(struct workers_lane *lane)
{
	struct workers_job *job = TAILQ_FIRST(&lane->further);

	if (job == NULL && lane->waiting > 0)
		job = beginner_of(lane);
	if (job == NULL)
		return NULL;
	take(lane, job);
	return job;
}

/*
 * Take a job from the lane whose turn it is, which then goes behind the others.
 * The lock is held.
 */
static struct workers_job *
next_job(struct workers *workers, struct workers_lane **out)
{
	struct workers_lane *lane;
	struct workers_job *job = NULL;

	TAILQ_FOREACH(lane, &workers->lanes, next) {
		job = job_of(lane);
		if (job != NULL)
			break;
	}
	if (job == NULL)
		return NULL;
	TAILQ_REMOVE(&workers->lanes, lane, next);
	TAILQ_INSERT_TAIL(&workers->lanes, lane, next);
	job->state = WORKERS_RUNS;
	lane->running++;
	*out = lane;
	return job;
}

/* Tell the loop of a job that has run. The lock is held. */
static void
finish_job(struct workers_lane *lane, struct workers_job *job)
{
	static const uint64_t one = 1;

	lane->running--;
	job->state = WORKERS_DONE;
	if (TAILQ_EMPTY(&lane->done))
		(void)!write(lane->fd, &one, sizeof(one));
	TAILQ_INSERT_TAIL(&lane->done, job, next);
	pthread_cond_broadcast(&lane->workers->rests);
}

static void *
run_jobs(void *arg)
{
	struct workers *workers = arg;
	struct workers_lane *lane = NULL;
	struct workers_job *job;

	(void)privdrop_all();	/* they compute, and open nothing */
	/* On Linux it is for this thread alone. */
	(void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICE);
	pthread_mutex_lock(&workers->lock);
	workers->began++;
	pthread_cond_broadcast(&workers->rests);
	while (!workers->stop) {
		job = next_job(workers, &lane);
		if (job == NULL) {
			workers->idle++;
			pthread_cond_wait(&workers->given, &workers->lock);
			workers->idle--;
			continue;
		}
		pthread_mutex_unlock(&workers->lock);
		job->run(job->arg);
		pthread_mutex_lock(&workers->lock);
		finish_job(lane, job);
	}
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

static int
start_threads(struct workers *workers, unsigned n)
{
	sigset_t all, before;
	char name[16];
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (err == 0 && workers->n < n) {
		err = -pthread_create(&workers->thread[workers->n], NULL,
		    run_jobs, workers);
		if (err < 0)
			break;
		snprintf(name, sizeof(name), "worker-%u", workers->n);
		(void)pthread_setname_np(workers->thread[workers->n++], name);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* The caller may serve strangers next, and relies on what they gave up. */
	pthread_mutex_lock(&workers->lock);
	while (workers->began < workers->n)
		pthread_cond_wait(&workers->rests, &workers->lock);
	pthread_mutex_unlock(&workers->lock);
	return err;
}

int
workers_new(struct workers **out, unsigned threads)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	int err;

	if (workers == NULL)
		return -ENOMEM;
	if (crypto_random(&workers->seed, sizeof(workers->seed)) < 0) {
		free(workers);
		return -EIO;
	}
	workers->seed |= 1;
	TAILQ_INIT(&workers->lanes);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->given, NULL);
	pthread_cond_init(&workers->rests, NULL);
	if (threads == 0)
		threads = count_processors();
	err = start_threads(workers, threads < THREADS_MAX ? threads :
	    THREADS_MAX);
	if (err < 0) {
		workers_free(workers);
		return err;
	}
	*out = workers;
	return 0;
}

void
workers_free(struct workers *workers)
{
	unsigned i;

	if (workers == NULL)
		return;
	pthread_mutex_lock(&workers->lock);
	workers->stop = true;
	pthread_cond_broadcast(&workers->given);
	pthread_mutex_unlock(&workers->lock);
	for (i = 0; i < workers->n; i++)
		pthread_join(workers->thread[i], NULL);
	pthread_cond_destroy(&workers->rests);
	pthread_cond_destroy(&workers->given);
	pthread_mutex_destroy(&workers->lock);
	free(workers);
}

unsigned
workers_threads(const struct workers *workers)
{
	return workers->n;
}

/* Take one that is done. The descriptor is read with the last. */
static struct workers_job *
next_done(struct workers_lane *lane)
{
	struct workers_job *job;
	uint64_t n;

	pthread_mutex_lock(&lane->workers->lock);
	job = TAILQ_FIRST(&lane->done);
	if (job != NULL) {
		TAILQ_REMOVE(&lane->done, job, next);
		job->state = WORKERS_IDLE;
		if (TAILQ_EMPTY(&lane->done))
			(void)!read(lane->fd, &n, sizeof(n));
	}
	pthread_mutex_unlock(&lane->workers->lock);
	return job;
}

static void
on_done(void *arg)
{
	struct workers_job *job;
	unsigned left = DONE_MAX;

	while (left-- > 0 && (job = next_done(arg)) != NULL)
		job->done(job->arg);
}

int
workers_lane_new(struct workers_lane **out, struct workers *workers,
    struct event_base *loop)
{
	struct workers_lane *lane = calloc(1, sizeof(*lane));
	unsigned i;
	int err;

	if (lane == NULL)
		return -ENOMEM;
	TAILQ_INIT(&lane->further);
	for (i = 0; i < NETWORKS * SOURCES; i++)
		TAILQ_INIT(&lane->network[i / SOURCES].begin[i % SOURCES]);
	TAILQ_INIT(&lane->done);
	lane->workers = workers;
	lane->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (lane->fd < 0) {
		err = -errno;
		free(lane);
		return err;
	}
	lane->reader = loop_reader_new(loop, lane->fd, on_done, lane);
	if (lane->reader == NULL || loop_event_start(lane->reader) < 0) {
		loop_event_free(lane->reader);
		close(lane->fd);
		free(lane);
		return -ENOMEM;
	}
	pthread_mutex_lock(&workers->lock);
	TAILQ_INSERT_TAIL(&workers->lanes, lane, next);
	pthread_mutex_unlock(&workers->lock);
	*out = lane;
	return 0;
}

void
workers_lane_free(struct workers_lane *lane)
{
	struct workers_job *job;
	unsigned i;

	if (lane == NULL)
		return;
	pthread_mutex_lock(&lane->workers->lock);
	TAILQ_REMOVE(&lane->workers->lanes, lane, next);
	while (lane->running > 0)
		pthread_cond_wait(&lane->workers->rests, &lane->workers->lock);
	TAILQ_CONCAT(&lane->done, &lane->further, next);
	for (i = 0; i < NETWORKS * SOURCES; i++)
		TAILQ_CONCAT(&lane->done,
		    &lane->network[i / SOURCES].begin[i % SOURCES], next);
	pthread_mutex_unlock(&lane->workers->lock);
	while ((job = next_done(lane)) != NULL)
		job->done(job->arg);
	loop_event_free(lane->reader);
	close(lane->fd);
	free(lane);
}

void
workers_give(struct workers_lane *lane, struct workers_job *job)
{
	struct workers *workers = lane->workers;

	job->since_ns = clock_ns();
	pthread_mutex_lock(&workers->lock);
	job->state = WORKERS_WAITS;
	put(lane, job);
	if (workers->idle > 0)
		pthread_cond_signal(&workers->given);
	pthread_mutex_unlock(&workers->lock);
}

/* Return how long the loop may compute now, in ns. */
static uint64_t
here_left(struct workers *workers, uint64_t now_ns)
{
	uint64_t more_ns = (now_ns - workers->here_since_ns) / HERE_PART;

	workers->here_since_ns = now_ns;
	workers->here_ns += more_ns;
	if (workers->here_ns >= HERE_NS) {
		workers->here_ns = HERE_NS;
		workers->here_over = false;
	}
	return workers->here_over ? 0 : workers->here_ns;
}

static bool
is_calm(struct workers_lane *lane)
{
	bool calm;

	pthread_mutex_lock(&lane->workers->lock);
	calm = lane->waiting == 0 && lane->running == 0;
	pthread_mutex_unlock(&lane->workers->lock);
	return calm;
}

bool
workers_run_here(struct workers_lane *lane, struct workers_job *job)
{
	struct workers *workers = lane->workers;
	uint64_t began_ns = clock_ns(), took_ns;

	if (here_left(workers, began_ns) == 0 || !is_calm(lane))
		return false;
	job->run(job->arg);
	took_ns = clock_ns() - began_ns;
	if (took_ns >= workers->here_ns) {
		workers->here_ns = 0;
		workers->here_over = true;
	} else {
		workers->here_ns -= took_ns;
	}
	return true;
}

bool
workers_take_back(struct workers_lane *lane, struct workers_job *job)
{
	bool waits;

	pthread_mutex_lock(&lane->workers->lock);
	waits = job->state == WORKERS_WAITS;
	if (waits) {
		take(lane, job);
		job->state = WORKERS_IDLE;
	}
	pthread_mutex_unlock(&lane->workers->lock);
	return waits;
}

size_t
workers_waiting(struct workers_lane *lane)
{
	size_t n;

	pthread_mutex_lock(&lane->workers->lock);
	n = lane->waiting;
	pthread_mutex_unlock(&lane->workers->lock);
	return n;
}

uint64_t
workers_waited_ms(struct workers_lane *lane)
{
	uint64_t now_ns = clock_ns(), since_ns = now_ns;
	const struct workers_job *job;
	unsigned i;

	pthread_mutex_lock(&lane->workers->lock);
	for (i = 0; i < NETWORKS * SOURCES; i++) {
		job = TAILQ_FIRST(
		    &lane->network[i / SOURCES].begin[i % SOURCES]);
		if (job != NULL && job->since_ns < since_ns)
			since_ns = job->since_ns;
	}
	pthread_mutex_unlock(&lane->workers->lock);
	return (now_ns - since_ns) / CLOCK_MS;
}
