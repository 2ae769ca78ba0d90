/*
 * logqueue: two buffers of lines, one to fill and one that the thread writes.
 * Called by log. See logqueue.h.
 */
#include "base/logqueue.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/logline.h"

/*
 * Room for some 3,000 lines of ended calls, and as many that are being written.
 * A switch with a thousand calls ends them all in a moment, and a reader that
 * is being restarted misses nothing.
 */
#define BUFFER_BYTES (1 << 20)
#define TELL_MS 500		/* between looks at what was left out */

/* Lines, each preceded by a byte that is its level, and ended by a newline. */
struct logqueue_buffer {
	size_t len;
	char bytes[BUFFER_BYTES];
};

static int
write_line(struct logqueue *queue, enum log_level level, const char *line,
    size_t len)
{
	return logsink_write(queue->sink, level, line, len, &queue->stopping);
}

/*
 * Say that the lines go elsewhere, because the journal reads standard error no
 * more.
 */
static void
tell_moved(struct logqueue *queue)
{
	char line[LOGLINE_BYTES];
	size_t len;

	len = logline_event(line, queue->tool, LOG_LEVEL_WARN, "log_moved",
	    "to=%s why=\"the journal was restarted\"",
	    queue->sink->socket.path);
	(void)write_line(queue, LOG_LEVEL_WARN, line, len);
}

/* Write how many lines are missing, in their place. */
static void
tell_lost(struct logqueue *queue, uint64_t *untold)
{
	char line[LOGLINE_BYTES];
	size_t len;

	if (*untold == 0)
		return;
	len = logline_event(line, queue->tool, LOG_LEVEL_ERROR, "log_lost",
	    "lost=%llu", (unsigned long long)*untold);
	if (write_line(queue, LOG_LEVEL_ERROR, line, len) == 0)
		*untold = 0;
}

static void
write_buffer(struct logqueue *queue, struct logqueue_buffer *buffer,
    uint64_t *untold)
{
	char *at = buffer->bytes, *end = at + buffer->len, *next;
	bool moved;

	for (; at < end; at = next) {
		next = (char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		moved = queue->sink->moved;
		tell_lost(queue, untold);
		if (write_line(queue, (enum log_level)*at, at + 1,
		    (size_t)(next - at - 1)) < 0) {
			++*untold;
			atomic_fetch_add(&queue->lost, 1);
		}
		if (queue->sink->moved != moved)
			tell_moved(queue);
		atomic_fetch_sub(&queue->waiting, 1);
	}
	buffer->len = 0;
}

/* Add a line. After a gap none is added until the gap can be reported. */
static void
append_line(struct logqueue *queue, enum log_level level, const char *line,
    size_t len)
{
	struct logqueue_buffer *buffer = queue->filled;

	if (queue->gap > 0 || buffer->len + 1 + len > BUFFER_BYTES) {
		queue->gap++;
		atomic_fetch_add(&queue->lost, 1);
		return;
	}
	buffer->bytes[buffer->len] = (char)level;
	memcpy(buffer->bytes + buffer->len + 1, line, len);
	buffer->len += 1 + len;
	atomic_fetch_add(&queue->waiting, 1);
}

/* Add a line for each kind of which lines were left out. */
static void
append_left_out(struct logqueue *queue, bool all)
{
	char line[LOGLINE_BYTES], kind[LOGPACE_KIND];
	unsigned n;
	size_t len;

	while ((n = logpace_told(&queue->pace, kind, clock_ms(), all)) > 0) {
		len = logline_event(line, queue->tool, LOG_LEVEL_DEBUG,
		    "left_out", "kind=\"%s\" lines=%u", kind, n);
		append_line(queue, LOG_LEVEL_DEBUG, line, len);
	}
}

static struct timespec
time_in(unsigned ms)
{
	uint64_t ns = clock_ns() + ms * CLOCK_MS;

	return (struct timespec){
		.tv_sec = (time_t)(ns / CLOCK_S),
		.tv_nsec = (long)(ns % CLOCK_S)
	};
}

/* Wait until there are lines, or lines were left out and may be told. */
static void
await_lines(struct logqueue *queue)
{
	struct timespec until;

	while (queue->filled->len == 0 && !atomic_load(&queue->stopping)) {
		until = time_in(TELL_MS);
		if (queue->pace.untold == 0)
			pthread_cond_wait(&queue->more, &queue->lock);
		else
			(void)pthread_cond_timedwait(&queue->more,
			    &queue->lock, &until);
		append_left_out(queue, false);
	}
	append_left_out(queue, atomic_load(&queue->stopping));
}

/* Take all lines to write, and the number of lines missing after them. */
static struct logqueue_buffer *
take_lines(struct logqueue *queue, uint64_t *gap)
{
	struct logqueue_buffer *buffer;

	pthread_mutex_lock(&queue->lock);
	await_lines(queue);
	buffer = queue->filled;
	queue->filled = queue->spare;
	queue->spare = buffer;
	*gap = queue->gap;
	queue->gap = 0;
	pthread_mutex_unlock(&queue->lock);
	return buffer;
}

static void *
run_queue(void *arg)
{
	struct logqueue *queue = arg;
	struct logqueue_buffer *buffer;
	uint64_t gap, untold = 0;

	while ((buffer = take_lines(queue, &gap))->len > 0) {
		write_buffer(queue, buffer, &untold);
		untold += gap;
		tell_lost(queue, &untold);
	}
	pthread_mutex_lock(&queue->lock);
	queue->is_over = true;
	pthread_cond_signal(&queue->over);
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

/*
 * Make the buffers, which are never freed, because another thread may still use
 * one when logqueue_stop returns.
 */
static int
make_buffers(struct logqueue *queue)
{
	pthread_condattr_t attr;

	if (queue->filled != NULL)
		return 0;
	queue->filled = calloc(1, sizeof(*queue->filled));
	queue->spare = calloc(1, sizeof(*queue->spare));
	if (queue->filled == NULL || queue->spare == NULL) {
		free(queue->filled);
		free(queue->spare);
		queue->filled = queue->spare = NULL;
		return -ENOMEM;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->more, &attr);
	pthread_cond_init(&queue->over, &attr);
	pthread_condattr_destroy(&attr);
	return 0;
}

int
logqueue_start(struct logqueue *queue, const char *tool, struct logsink *sink)
{
	static const int faults[] = {
		SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT
	};
	sigset_t most, old;
	size_t i;
	int err = make_buffers(queue);

	if (err < 0)
		return err;
	queue->tool = tool;
	queue->sink = sink;
	queue->is_over = false;
	atomic_store(&queue->stopping, false);
	/*
	 * Signals belong to the loop, and a terminal stops nobody who blocks
	 * SIGTTOU.
	 */
	sigfillset(&most);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&most, faults[i]);
	pthread_sigmask(SIG_SETMASK, &most, &old);
	err = -pthread_create(&queue->thread, NULL, run_queue, queue);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	atomic_store(&queue->started, err == 0);
	return err;
}

void
logqueue_stop(struct logqueue *queue, unsigned most_ms)
{
	struct timespec until = time_in(most_ms);
	bool over;

	if (!logqueue_runs(queue))
		return;
	pthread_mutex_lock(&queue->lock);
	atomic_store(&queue->stopping, true);
	pthread_cond_signal(&queue->more);
	while (!queue->is_over && pthread_cond_timedwait(&queue->over,
	    &queue->lock, &until) != ETIMEDOUT)
		;
	over = queue->is_over;
	pthread_mutex_unlock(&queue->lock);
	/* Otherwise the thread waits for a reader until the process exits. */
	if (!over)
		return;
	pthread_join(queue->thread, NULL);
	atomic_store(&queue->started, false);
}

bool
logqueue_runs(struct logqueue *queue)
{
	return atomic_load(&queue->started);
}

void
logqueue_put(struct logqueue *queue, enum log_level level, const char *line,
    size_t len)
{
	bool wakes;

	pthread_mutex_lock(&queue->lock);
	wakes = queue->filled->len == 0;
	append_line(queue, level, line, len);
	pthread_mutex_unlock(&queue->lock);
	/* Afterwards, lest the thread wake to wait for the lock. */
	if (wakes)
		pthread_cond_signal(&queue->more);
}

bool
logqueue_may(struct logqueue *queue, const char *kind)
{
	size_t untold;
	bool may;

	pthread_mutex_lock(&queue->lock);
	untold = queue->pace.untold;
	may = logpace_take(&queue->pace, kind, clock_ms());
	/* From now on the thread looks whether it can tell. */
	if (untold == 0 && queue->pace.untold > 0)
		pthread_cond_signal(&queue->more);
	pthread_mutex_unlock(&queue->lock);
	return may;
}
