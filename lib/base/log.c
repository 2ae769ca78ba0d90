/*
 * log: format one line, quote its values, and send it to standard error,
 * syslog or the journal. See log.h.
 */
#include "base/log.h"

#include <errno.h>
#include <paths.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/logsocket.h"

#define LINE_BYTES 1024
/*
 * Room for some 3,000 lines of ended calls, and as many that are being written.
 * A switch with a thousand calls ends them all in a moment, and a reader that
 * is being restarted misses nothing.
 */
#define BUFFER_BYTES (1 << 20)
#define RETRY_MS 200		/* while there is no log daemon */
#define LAST_MS 100		/* for a process that crashes */

static const char *const level_names[] = { "error", "warn", "info", "debug" };

/* Lines, each preceded by a byte that is its level, and ended by a newline. */
struct buffer {
	size_t len;
	char bytes[BUFFER_BYTES];
};

static struct {
	const char *tool;
	enum log_sink sink;
	_Atomic int level;
	pthread_mutex_t lock;	/* guards socket before log_start, and the
				 * rest */
	struct logsocket socket;

	_Atomic bool started, stopping;
	_Atomic uint64_t lost;
	_Atomic unsigned waiting;	/* lines not written yet */
	pthread_t thread;
	pthread_cond_t more, over;
	bool is_over;
	struct buffer *filled, *spare;	/* spare is being written, or empty */
	uint64_t gap;		/* lines lost since filled was full */
} state = {
	.tool = "rp",
	.level = LOG_LEVEL_INFO,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.more = PTHREAD_COND_INITIALIZER,
};

void
log_open(const char *tool, enum log_sink sink, enum log_level level)
{
	state.tool = tool;
	state.sink = sink;
	log_set_level(level);
	logsocket_init(&state.socket, _PATH_LOG, tool);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&state.level, (int)level);
}

int
log_level_parse(enum log_level *out, const char *text)
{
	int i;

	for (i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(text, level_names[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

/* Format the whole line with its newline, and return its length. */
static size_t
format_line(char line[static LINE_BYTES], enum log_level level,
    const char *event, const char *format, va_list ap)
{
	char stamp[40];
	struct timespec now;
	struct tm utc;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	n = (size_t)snprintf(line, LINE_BYTES, "time=%s.%03ldZ tool=%s "
	    "level=%s event=%s ", stamp, now.tv_nsec / 1000000, state.tool,
	    level_names[level], event);
	vsnprintf(line + n, LINE_BYTES - n - 1, format, ap);
	/* An event is one line, whatever its values hold. */
	for (n = 0; line[n] != '\0'; n++)
		if ((line[n] & 0xff) < ' ' || line[n] == 0x7f)
			line[n] = '?';
	line[n++] = '\n';
	line[n] = '\0';
	return n;
}

/* Write a line with one write(2), so that threads and processes do not mix. */
static int
write_stderr(const char *line, size_t len)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n;

	while (len > 0) {
		n = write(STDERR_FILENO, line, len);
		/* Others share the pipe, and may have made it non-blocking. */
		if (n < 0 && errno == EAGAIN)
			poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			line += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
send_syslog(enum log_level level, char *line, size_t len, bool wait)
{
	static const int severities[] = {
		LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG
	};
	int err;

	line[len - 1] = '\0';
	err = logsocket_send(&state.socket, severities[level], line, wait);
	line[len - 1] = '\n';
	return err;
}

/* Write a line now, and wait if necessary. */
static void
write_now(enum log_level level, char *line, size_t len)
{
	int err = -ENOTCONN;

	if (state.sink == LOG_TO_SYSLOG) {
		pthread_mutex_lock(&state.lock);
		err = send_syslog(level, line, len, false);
		pthread_mutex_unlock(&state.lock);
	}
	if (err < 0)
		(void)write_stderr(line, len);	/* nobody can be told of an
						 * error */
}

/* Write a line from the thread. A missing daemon may be restarting. */
static int
write_out(enum log_level level, char *line, size_t len)
{
	int err;

	if (state.sink == LOG_TO_STDERR)
		return write_stderr(line, len);
	for (;;) {
		err = send_syslog(level, line, len, true);
		if (err == 0 || err == -EMSGSIZE ||
		    atomic_load(&state.stopping))
			return err;
		poll(NULL, 0, RETRY_MS);
	}
}

static size_t
format_event(char line[static LINE_BYTES], enum log_level level,
    const char *event, const char *format, ...)
{
	size_t len;
	va_list ap;

	va_start(ap, format);
	len = format_line(line, level, event, format, ap);
	va_end(ap);
	return len;
}

/* Write how many lines are missing, in their place. */
static void
tell_lost(uint64_t *untold)
{
	char line[LINE_BYTES];
	size_t len;

	if (*untold == 0)
		return;
	len = format_event(line, LOG_LEVEL_ERROR, "log_lost", "lost=%llu",
	    (unsigned long long)*untold);
	if (write_out(LOG_LEVEL_ERROR, line, len) == 0)
		*untold = 0;
}

static void
write_buffer(struct buffer *buffer, uint64_t *untold)
{
	char *at = buffer->bytes, *end = at + buffer->len, *next;

	for (; at < end; at = next) {
		next = (char *)memchr(at, '\n', (size_t)(end - at)) + 1;
		tell_lost(untold);
		if (write_out((enum log_level)*at, at + 1,
		    (size_t)(next - at - 1)) < 0) {
			++*untold;
			atomic_fetch_add(&state.lost, 1);
		}
		atomic_fetch_sub(&state.waiting, 1);
	}
	buffer->len = 0;
}

/* Take all lines to write, and the number of lines missing after them. */
static struct buffer *
take_lines(uint64_t *gap)
{
	struct buffer *buffer;

	pthread_mutex_lock(&state.lock);
	while (state.filled->len == 0 && !atomic_load(&state.stopping))
		pthread_cond_wait(&state.more, &state.lock);
	buffer = state.filled;
	state.filled = state.spare;
	state.spare = buffer;
	*gap = state.gap;
	state.gap = 0;
	pthread_mutex_unlock(&state.lock);
	return buffer;
}

static void *
run_log(void *arg)
{
	struct buffer *buffer;
	uint64_t gap, untold = 0;

	(void)arg;
	while ((buffer = take_lines(&gap))->len > 0) {
		write_buffer(buffer, &untold);
		untold += gap;
		tell_lost(&untold);
	}
	pthread_mutex_lock(&state.lock);
	state.is_over = true;
	pthread_cond_signal(&state.over);
	pthread_mutex_unlock(&state.lock);
	return NULL;
}

/*
 * Queue a line for the thread. After a gap nothing is queued until the gap can
 * be reported.
 */
static void
put(enum log_level level, const char *line, size_t len)
{
	struct buffer *buffer;

	pthread_mutex_lock(&state.lock);
	buffer = state.filled;
	if (state.gap > 0 || buffer->len + 1 + len > BUFFER_BYTES) {
		state.gap++;
		atomic_fetch_add(&state.lost, 1);
	} else {
		buffer->bytes[buffer->len] = (char)level;
		memcpy(buffer->bytes + buffer->len + 1, line, len);
		buffer->len += 1 + len;
		atomic_fetch_add(&state.waiting, 1);
		pthread_cond_signal(&state.more);
	}
	pthread_mutex_unlock(&state.lock);
}

static void
emit(enum log_level level, const char *event, const char *format, va_list ap)
{
	char line[LINE_BYTES];
	size_t len;

	if ((int)level > atomic_load(&state.level))
		return;
	len = format_line(line, level, event, format, ap);
	if (atomic_load(&state.started))
		put(level, line, len);
	else
		write_now(level, line, len);
}

/*
 * Make the buffers, which are never freed, because another thread may still use
 * one when log_stop returns.
 */
static int
make_buffers(void)
{
	if (state.filled == NULL)
		state.filled = calloc(1, sizeof(*state.filled));
	if (state.spare == NULL)
		state.spare = calloc(1, sizeof(*state.spare));
	return state.filled == NULL || state.spare == NULL ? -ENOMEM : 0;
}

int
log_start(void)
{
	static const int faults[] = {
		SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT
	};
	pthread_condattr_t attr;
	sigset_t most, old;
	size_t i;
	int err;

	err = make_buffers();
	if (err < 0)
		return err;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&state.over, &attr);
	pthread_condattr_destroy(&attr);
	state.is_over = false;
	atomic_store(&state.stopping, false);
	/*
	 * Signals belong to the loop, and a terminal stops nobody who blocks
	 * SIGTTOU.
	 */
	sigfillset(&most);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&most, faults[i]);
	pthread_sigmask(SIG_SETMASK, &most, &old);
	err = -pthread_create(&state.thread, NULL, run_log, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	atomic_store(&state.started, err == 0);
	return err;
}

void
log_stop(unsigned most_ms)
{
	uint64_t until_ns = clock_ns() + most_ms * CLOCK_MS;
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / CLOCK_S),
		.tv_nsec = (long)(until_ns % CLOCK_S)
	};
	bool over;

	if (!atomic_load(&state.started))
		return;
	pthread_mutex_lock(&state.lock);
	atomic_store(&state.stopping, true);
	pthread_cond_signal(&state.more);
	while (!state.is_over && pthread_cond_timedwait(&state.over,
	    &state.lock, &until) != ETIMEDOUT)
		;
	over = state.is_over;
	pthread_mutex_unlock(&state.lock);
	/* Otherwise the thread waits for a reader until the process exits. */
	if (!over)
		return;
	pthread_join(state.thread, NULL);
	atomic_store(&state.started, false);
}

uint64_t
log_lost(void)
{
	return atomic_load(&state.lost);
}

int
log_last_moment(void)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	int i;

	for (i = 0; i < LAST_MS && atomic_load(&state.waiting) > 0; i++)
		poll(NULL, 0, 1);
	return poll(&room, 1, 0) == 1;
}

#define LOG_FUNCTION(name, level)					\
void									\
name(const char *event, const char *format, ...)			\
{									\
	va_list ap;							\
									\
	va_start(ap, format);						\
	emit(level, event, format, ap);					\
	va_end(ap);							\
}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

const char *
log_text(char out[static LOG_TEXT], const char *text)
{
	size_t n = 0;

	out[n++] = '"';
	for (; *text != '\0' && n < LOG_TEXT - 2; text++)
		out[n++] = *text < ' ' || *text > '~' || *text == '"' ||
		    *text == '\\' ? '?' : *text;
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
