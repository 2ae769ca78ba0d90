/*
 * logqueue: lines of the log that wait in memory, within a bound, for a thread
 * to write them. Lines that do not fit are counted, and told in their place.
 * There is one queue, the log's. Any thread may add lines.
 */
#ifndef RP_BASE_LOGQUEUE_H
#define RP_BASE_LOGQUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/logpace.h"
#include "base/logsink.h"

struct logqueue_buffer;

/* Only `lock` needs a value, PTHREAD_MUTEX_INITIALIZER. The rest is zero. */
struct logqueue {
	const char *tool;
	struct logsink *sink;
	_Atomic bool started, stopping;
	_Atomic uint64_t lost;
	_Atomic unsigned waiting;	/* lines not written yet */
	pthread_t thread;
	pthread_mutex_t lock;		/* guards all that follows */
	pthread_cond_t more, over;
	bool is_over;
	struct logqueue_buffer *filled, *spare;	/* spare is being written, or
						 * empty */
	uint64_t gap;			/* lines lost since filled was full */
	struct logpace pace;
};

/*
 * Start the thread, which alone uses `sink` from now on. Both must stay valid.
 * -ENOMEM, -EAGAIN.
 */
int logqueue_start(struct logqueue *queue, const char *tool,
    struct logsink *sink);

/* See log_stop. */
void logqueue_stop(struct logqueue *queue, unsigned most_ms);

/* Was it started, and has the thread not ended? */
bool logqueue_runs(struct logqueue *queue);

/* Add a line, newline included. */
void logqueue_put(struct logqueue *queue, enum log_level level,
    const char *line, size_t len);

/* May a line of that kind be added? If not, it counts as left out. */
bool logqueue_may(struct logqueue *queue, const char *kind);

#endif
