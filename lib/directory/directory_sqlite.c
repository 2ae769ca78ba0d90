/*
 * directory_sqlite: the engine on SQLite. It has two threads, each with its own
 * connection, so that a look-up never waits for a write (with WAL a writer does
 * not delay readers, not even those of another process). The loop's thread
 * passes requests on under a lock and is woken by an eventfd. It makes no
 * SQLite call after opening.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "directory/directory_engine.h"
#include "directory/directory_store.h"
#include "directory/store_log.h"
#include "net/loop.h"
#include "wire/why.h"

#define RETRY_MS 250		/* between tries to reopen a lost one */
#define CHECK_MS 1000		/* between looks whether it was replaced */

struct queue {
	struct directory_request *first, **last;
};

struct worker {
	struct sqlite *sqlite;		/* the engine */
	pthread_t thread;
	bool started;
	pthread_cond_t more;
	struct directory_store_options options;
	struct queue todo;		/* under the engine's lock, as are: */
	bool usable;
	char why[WHY_TEXT];		/* it is not usable; "": it is */
	char why_read[WHY_TEXT];	/* the last read that failed alone */
	uint64_t check_ns;		/* the thread's own, as are: */
	uint64_t again_ns;		/* no read is repeated before */
	struct directory_store *store;	/* NULL: lost */
};

struct sqlite {
	struct directory_engine engine;
	struct directory *directory;
	char *path;
	struct store_log *log;
	bool usable;			/* as it was told */
	struct loop_event *wake;
	int wake_fd;
	atomic_bool stop;
	pthread_mutex_t lock;
	struct queue done;		/* under lock */
	struct worker reader, writer;
};

static void
queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void
queue_add(struct queue *q, struct directory_request *request)
{
	request->next = NULL;
	*q->last = request;
	q->last = &request->next;
}

static struct directory_request *
queue_take(struct queue *q)
{
	struct directory_request *request = q->first;

	if (request == NULL)
		return NULL;
	q->first = request->next;
	if (q->first == NULL)
		q->last = &q->first;
	return request;
}

static void
wake_loop(struct sqlite *s)
{
	uint64_t one = 1;

	/*
	 * This fails only if the counter is full, and then the loop is woken
	 * anyway.
	 */
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return;
}

/* Publish whether the store is usable. Lock held. */
static void
publish(struct worker *w, bool usable, const char *why)
{
	w->usable = usable;
	why_set(w->why, "%s", why);
	w->check_ns = clock_ns() +
	    (usable ? CHECK_MS : RETRY_MS) * CLOCK_MS;
	wake_loop(w->sqlite);
}

/* Wait for a request, or for the time of the next check. Lock held. */
static void
wait_for_more(struct worker *w)
{
	struct timespec until = {
		.tv_sec = (time_t)(w->check_ns / CLOCK_S),
		.tv_nsec = (long)(w->check_ns % CLOCK_S),
	};

	pthread_cond_timedwait(&w->more, &w->sqlite->lock, &until);
}

/* Open the store afresh. Lock not held. */
static bool
open_again(struct worker *w, bool quiet, char why[static WHY_TEXT])
{
	directory_store_close(w->store);
	w->store = NULL;
	if (directory_store_open(&w->store, &w->options, why) == 0 &&
	    directory_store_probe(w->store, quiet, why) == 0) {
		/* If its tables go, another one is not made. */
		w->options.create = false;
		why_set(why, "%s", "");
		return true;
	}
	directory_store_close(w->store);
	w->store = NULL;
	return false;
}

/*
 * Open a lost store, or one whose file was replaced. Lock held, except
 * meanwhile.
 */
static void
check_store(struct worker *w)
{
	char why[WHY_TEXT] = "";
	bool usable = w->usable;

	pthread_mutex_unlock(&w->sqlite->lock);
	if (!usable || directory_store_stale(w->store))
		/* The loss was logged once, and its repetitions are not. */
		usable = open_again(w, !usable && w->why[0] != '\0', why);
	pthread_mutex_lock(&w->sqlite->lock);
	publish(w, usable, why);
}

/*
 * A request failed. Return whether the store is usable nevertheless; if not,
 * and of a read that fails nevertheless, there is one line in `why`. A read is
 * repeated with the file opened afresh. If it fails again although the probe is
 * good, its own rows are damaged. That is the answer to this read, because
 * anybody who asks for them could close the gate again and again. Lock not
 * held.
 */
static bool
survives(struct worker *w, struct directory_request *request,
    char why[static WHY_TEXT])
{
	if (w->options.writes)
		return false;
	if (clock_ns() < w->again_ns)
		return true;
	if (!open_again(w, false, why))
		return false;
	directory_found_clear(request);
	request->err = directory_store_run(w->store, request, why);
	w->again_ns = clock_ns() + RETRY_MS * CLOCK_MS;
	return true;
}

static void
run_one(struct worker *w, struct directory_request *request)
{
	struct sqlite *s = w->sqlite;
	char why[WHY_TEXT];
	bool usable = w->usable;

	request->err = -EIO;
	if (usable) {
		pthread_mutex_unlock(&s->lock);
		request->err = directory_store_run(w->store, request, why);
		usable = request->err != -EIO || survives(w, request, why);
		pthread_mutex_lock(&s->lock);
		if (!usable)
			publish(w, false, why);
		else if (request->err == -EIO)
			strcpy(w->why_read, why);
	}
	queue_add(&s->done, request);
	/*
	 * The loop would wait for the lock at once. That is two more switches
	 * of threads, which take as long as the look-up.
	 */
	pthread_mutex_unlock(&s->lock);
	wake_loop(s);
	pthread_mutex_lock(&s->lock);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct sqlite *s = w->sqlite;
	struct directory_request *request;

	(void)privdrop_bound();	/* it needs no ports */
	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->stop)) {
		if (clock_ns() >= w->check_ns) {
			check_store(w);
			continue;
		}
		request = queue_take(&w->todo);
		if (request != NULL)
			run_one(w, request);
		else
			wait_for_more(w);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/*
 * Pass on what the threads know. Calls only read, so another process's lock or
 * a full disk does not count as a loss.
 */
static void
tell_state(struct sqlite *s, bool usable, const char *why,
    const char *why_write)
{
	char text[LOG_TEXT];

	if (s->usable != usable)
		log_warn("directory_state", "readable=%d err=%s", usable,
		    log_text(text, why));
	s->usable = usable;
	directory_readable(s->directory, usable, why);
	directory_writable(s->directory, why_write);
}

static void
on_wake(void *arg)
{
	struct sqlite *s = arg;
	struct directory_request *first, *request;
	char why[WHY_TEXT], why_write[WHY_TEXT], why_read[WHY_TEXT];
	uint64_t count;
	bool usable;

	if (read(s->wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("directory_wake", "err=%s", strerror(errno));
	pthread_mutex_lock(&s->lock);
	first = s->done.first;
	queue_init(&s->done);
	usable = s->reader.usable;
	strcpy(why, s->reader.why);
	strcpy(why_write, s->writer.why);
	strcpy(why_read, s->reader.why_read);
	pthread_mutex_unlock(&s->lock);
	tell_state(s, usable, why, why_write);
	directory_read_failed(s->directory, why_read);
	while ((request = first) != NULL) {
		first = request->next;
		directory_finished(request);
	}
}

static int
sqlite_submit(struct directory_engine *engine,
    struct directory_request *request)
{
	struct sqlite *s = (struct sqlite *)engine;
	struct worker *w = directory_writes(request->op) ? &s->writer :
	    &s->reader;

	pthread_mutex_lock(&s->lock);
	queue_add(&w->todo, request);
	pthread_mutex_unlock(&s->lock);
	/* Afterwards, lest it be woken to wait for the lock. */
	pthread_cond_signal(&w->more);
	return 0;
}

static void
release_all(struct queue *q)
{
	struct directory_request *request;

	while ((request = queue_take(q)) != NULL)
		directory_release(request);
}

static void
worker_stop(struct worker *w)
{
	if (w->started) {
		pthread_mutex_lock(&w->sqlite->lock);
		pthread_cond_signal(&w->more);
		pthread_mutex_unlock(&w->sqlite->lock);
		pthread_join(w->thread, NULL);
	}
	directory_store_close(w->store);
	release_all(&w->todo);
	pthread_cond_destroy(&w->more);
}

static void
sqlite_close(struct directory_engine *engine)
{
	struct sqlite *s = (struct sqlite *)engine;

	atomic_store(&s->stop, true);
	worker_stop(&s->reader);
	worker_stop(&s->writer);
	release_all(&s->done);
	loop_event_free(s->wake);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	pthread_mutex_destroy(&s->lock);
	store_log_free(s->log);
	free(s->path);
	free(s);
}

static void
worker_init(struct worker *w, struct sqlite *s, bool writes, bool create)
{
	pthread_condattr_t monotonic;

	w->sqlite = s;
	w->options = (struct directory_store_options){
		.path = s->path, .log = s->log, .create = writes && create,
		.writes = writes, .stop = &s->stop
	};
	queue_init(&w->todo);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->more, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

/*
 * Open the store, and start the thread. A store that cannot be opened is looked
 * for again. A writer may have to wait for another process, so its thread opens
 * it, unless the file is to be made, which the reader opens next.
 */
static int
worker_start(struct worker *w)
{
	int err;

	if (!w->options.writes || w->options.create) {
		w->usable = open_again(w, false, w->why);
		w->check_ns = clock_ns() + RETRY_MS * CLOCK_MS;
	}
	err = pthread_create(&w->thread, NULL, work, w);
	w->started = err == 0;
	return -err;
}

/* Do the rest of opening. After a failure close cleans up. */
static int
start_sqlite(struct sqlite *s, struct event_base *loop)
{
	int err;

	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return -errno;
	s->wake = loop_reader_new(loop, s->wake_fd, on_wake, s);
	if (s->wake == NULL || loop_event_start(s->wake) < 0)
		return -ENOMEM;
	err = worker_start(&s->writer);
	return err < 0 ? err : worker_start(&s->reader);
}

int
directory_sqlite_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *path,
    bool create, char why[static WHY_TEXT])
{
	struct sqlite *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (s == NULL || (s->path = strdup(path)) == NULL ||
	    (s->log = store_log_new(path)) == NULL)
		goto failed;
	s->engine.submit = sqlite_submit;
	s->engine.close = sqlite_close;
	s->directory = directory;
	s->wake_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	queue_init(&s->done);
	worker_init(&s->reader, s, false, create);
	worker_init(&s->writer, s, true, create);
	err = start_sqlite(s, loop);
	if (err == 0) {
		s->usable = true;
		on_wake(s);
		*out = &s->engine;
		return 0;
	}
	sqlite_close(&s->engine);
	s = NULL;
failed:
	if (s != NULL)
		free(s->path);
	free(s);
	why_set(why, "%.100s: %s", path, strerror(-err));
	return err;
}
