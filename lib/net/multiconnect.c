#include "net/multiconnect.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"

#define DEADLINE_MS 10000
/*
 * How long an attempt may hold its place while others wait for one: a
 * satellite's round trip fits, and with more waiting than fit into the
 * deadline it shrinks.
 */
#define PATIENCE_MS 1000
/* Unacknowledged data of the winner ends it after this long. */
#define USER_TIMEOUT_MS 20000

struct attempt {
	struct multiconnect *mc;
	struct event *ready;
	uint64_t start_ns;
	int fd;			/* -1 unless racing */
};

struct multiconnect {
	struct event_base *loop;
	struct multiconnect_entry *entries;
	struct attempt *attempts;	/* one for each entry */
	size_t n;
	size_t racing;
	struct event *timer;	/* the deadline, or the oldest one's patience */
	struct event *nobody;	/* tells done that nobody is left */
	uint64_t deadline_ns;
	int last_err;		/* of the strikes */
	multiconnect_handler *done;
	void *arg;
};

static double
elapsed_ms(const struct attempt *a)
{
	return (double)(clock_ns() - a->start_ns) / (double)CLOCK_MS;
}

static size_t
entry_of(const struct attempt *a)
{
	return (size_t)(a - a->mc->attempts);
}

/* End a racing attempt; its descriptor is given up, not closed. */
static int
leave(struct attempt *a, enum multiconnect_outcome outcome, int err)
{
	struct multiconnect_entry *entry = &a->mc->entries[entry_of(a)];
	int fd = a->fd;

	event_free(a->ready);
	a->ready = NULL;
	a->fd = -1;
	a->mc->racing--;
	entry->outcome = outcome;
	entry->err = err;
	entry->ms = elapsed_ms(a);
	return fd;
}

/*
 * A loser that completes while it is being closed is reset: its switch then
 * sees an aborted connect and not a client that had nothing to say.
 */
static void
discard(int fd)
{
	static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static bool
is_shortage(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOBUFS ||
	    err == -ENOMEM;
}

static int
open_and_connect(const struct addr *addr)
{
	int fd, err;

	fd = socket(addr->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &addr->sa, addr_len(addr)) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void on_ready(evutil_socket_t fd, short what, void *arg);

/* Returns 0 also where the attempt failed: that is its outcome. */
static int
attempt_start(struct attempt *a)
{
	struct multiconnect *mc = a->mc;
	struct multiconnect_entry *entry = &mc->entries[entry_of(a)];

	a->start_ns = clock_ns();
	a->fd = open_and_connect(&entry->addr);
	/* Somebody will give his back; then it is this one's turn again. */
	if (a->fd < 0 && is_shortage(a->fd) && mc->racing > 0)
		return -EAGAIN;
	if (a->fd >= 0) {
		a->ready = event_new(mc->loop, a->fd,
		    EV_WRITE | EV_PERSIST, on_ready, a);
		if (a->ready == NULL || event_add(a->ready, NULL) < 0) {
			if (a->ready != NULL)
				event_free(a->ready);
			close(a->fd);
			a->fd = -ENOMEM;
		}
	}
	if (a->fd < 0) {
		entry->outcome = MULTICONNECT_FAILED;
		entry->err = a->fd;
		entry->ms = elapsed_ms(a);
		a->fd = -1;
		return 0;
	}
	entry->outcome = MULTICONNECT_RACING;
	mc->racing++;
	return 0;
}

/* How long an attempt may race while others wait: all get their turn. */
static uint32_t
patience_ms(const struct multiconnect *mc, size_t waiting)
{
	size_t turns = waiting / MULTICONNECT_AT_ONCE + 2;
	uint32_t share = multiconnect_left_ms(mc) / (uint32_t)turns;

	return share < PATIENCE_MS ? share : PATIENCE_MS;
}

/* Wake up at the deadline, or when the oldest must make room for others. */
static void
set_timer(struct multiconnect *mc)
{
	uint64_t now = clock_ns(), due = mc->deadline_ns, oldest = UINT64_MAX;
	struct timeval tv;
	size_t i, waiting = 0;

	for (i = 0; i < mc->n; i++) {
		if (mc->entries[i].outcome == MULTICONNECT_WAITING)
			waiting++;
		if (mc->attempts[i].fd >= 0 &&
		    mc->attempts[i].start_ns < oldest)
			oldest = mc->attempts[i].start_ns;
	}
	if (waiting > 0 && oldest != UINT64_MAX) {
		oldest += patience_ms(mc, waiting) * CLOCK_MS;
		due = oldest < due ? oldest : due;
	}
	due = due > now ? due - now : 0;
	tv.tv_sec = (time_t)(due / CLOCK_S);
	tv.tv_usec = (suseconds_t)(due % CLOCK_S / 1000) + 1;
	event_add(mc->timer, &tv);
}

/* Start as many as fit. With nobody racing then, say so from the loop. */
static void
fill(struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n && mc->racing < MULTICONNECT_AT_ONCE; i++)
		if (mc->entries[i].outcome == MULTICONNECT_WAITING &&
		    attempt_start(&mc->attempts[i]) < 0)
			break;
	if (mc->racing > 0) {
		set_timer(mc);
		return;
	}
	event_del(mc->timer);
	event_active(mc->nobody, EV_TIMEOUT, 0);
}

static int
why_nobody(const struct multiconnect *mc)
{
	int err = -EHOSTUNREACH;
	size_t i;

	if (mc->last_err != 0)
		return mc->last_err;
	for (i = 0; i < mc->n; i++) {
		if (mc->entries[i].err == -ETIMEDOUT)
			return -ETIMEDOUT;
		if (mc->entries[i].err == -ECONNREFUSED ||
		    mc->entries[i].err == -ECONNRESET)
			err = -ECONNREFUSED;
	}
	return err;
}

static void
on_nobody(evutil_socket_t fd, short what, void *arg)
{
	struct multiconnect *mc = arg;

	(void)fd;
	(void)what;
	mc->done(why_nobody(mc), -1, 0, mc->arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct multiconnect *mc = arg;
	bool over = multiconnect_left_ms(mc) == 0;
	size_t i, waiting = 0;
	double patience;

	(void)fd;
	(void)what;
	for (i = 0; i < mc->n; i++)
		if (mc->entries[i].outcome == MULTICONNECT_WAITING)
			waiting++;
	patience = patience_ms(mc, waiting);
	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i].fd >= 0 && (over ||
		    (waiting > 0 && elapsed_ms(&mc->attempts[i]) >= patience)))
			discard(leave(&mc->attempts[i], MULTICONNECT_FAILED,
			    -ETIMEDOUT));
	if (!over) {
		fill(mc);
		return;
	}
	mc->done(-ETIMEDOUT, -1, 0, mc->arg);
}

/* What has become of a connect that is said to be ready: 0 or its error. */
static int
result_of(const struct attempt *a)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

/* The round trip of the handshake as the kernel saw it, without our delay. */
static double
handshake_ms(const struct attempt *a)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(a->fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	    info.tcpi_rtt == 0 || info.tcpi_total_retrans > 0)
		return elapsed_ms(a);
	return info.tcpi_rtt / 1000.0;
}

/*
 * Sort out all that is ready by now: failures leave the race, and of those
 * that completed the nearest is returned, or NULL.
 */
static struct attempt *
look(struct multiconnect *mc)
{
	struct pollfd polls[MULTICONNECT_AT_ONCE];
	struct attempt *who[MULTICONNECT_AT_ONCE], *best = NULL;
	double best_ms = 0;
	size_t i, n = 0;

	for (i = 0; i < mc->n && n < MULTICONNECT_AT_ONCE; i++) {
		if (mc->attempts[i].fd < 0)
			continue;
		who[n] = &mc->attempts[i];
		polls[n] = (struct pollfd){ who[n]->fd, POLLOUT, 0 };
		n++;
	}
	if (poll(polls, n, 0) <= 0)
		return NULL;
	for (i = 0; i < n; i++) {
		int err;
		double ms;

		if (polls[i].revents == 0)
			continue;
		err = result_of(who[i]);
		if (err < 0) {
			close(leave(who[i], MULTICONNECT_FAILED, err));
			continue;
		}
		ms = handshake_ms(who[i]);
		if (best == NULL || ms < best_ms) {
			best = who[i];
			best_ms = ms;
		}
	}
	return best;
}

static void
win(struct multiconnect *mc, struct attempt *winner)
{
	static const int on = 1, user_timeout = USER_TIMEOUT_MS;
	size_t i, entry = entry_of(winner);
	int fd;

	fd = leave(winner, MULTICONNECT_WON, 0);
	mc->entries[entry].connect_ms = mc->entries[entry].ms;
	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i].fd >= 0)
			discard(leave(&mc->attempts[i], MULTICONNECT_LOST, 0));
	event_del(mc->timer);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
	    sizeof(user_timeout));
	mc->done(0, fd, entry, mc->arg);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct multiconnect *mc = ((struct attempt *)arg)->mc;
	struct attempt *winner = look(mc);

	(void)fd;
	(void)what;
	if (winner != NULL) {
		win(mc, winner);
		return;
	}
	fill(mc);
}

static size_t
copy_unique(struct multiconnect_entry entries[], const struct addr addrs[],
    size_t n)
{
	size_t i, k, unique = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < unique; k++)
			if (addr_equal(&entries[k].addr, &addrs[i]))
				break;
		if (k == unique)
			entries[unique++].addr = addrs[i];
	}
	return unique;
}

int
multiconnect_start(struct multiconnect **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct multiconnect_options *options, multiconnect_handler *done,
    void *arg)
{
	struct multiconnect *mc = calloc(1, sizeof(*mc));
	uint32_t deadline_ms = options != NULL ? options->deadline_ms : 0;
	size_t i;

	if (mc == NULL)
		return -ENOMEM;
	mc->loop = loop;
	mc->done = done;
	mc->arg = arg;
	mc->deadline_ns = clock_ns() +
	    (deadline_ms != 0 ? deadline_ms : DEADLINE_MS) * CLOCK_MS;
	mc->entries = calloc(n + 1, sizeof(*mc->entries));
	mc->attempts = calloc(n + 1, sizeof(*mc->attempts));
	mc->timer = evtimer_new(loop, on_timer, mc);
	mc->nobody = evtimer_new(loop, on_nobody, mc);
	if (mc->entries == NULL || mc->attempts == NULL || mc->timer == NULL ||
	    mc->nobody == NULL) {
		multiconnect_free(mc);
		return -ENOMEM;
	}
	mc->n = copy_unique(mc->entries, addrs, n);
	for (i = 0; i < mc->n; i++) {
		mc->attempts[i].mc = mc;
		mc->attempts[i].fd = -1;
	}
	fill(mc);
	*out = mc;
	return 0;
}

void
multiconnect_strike(struct multiconnect *mc, size_t entry, int err,
    const char *why)
{
	struct multiconnect_entry *struck = &mc->entries[entry];
	size_t i;

	struck->outcome = MULTICONNECT_STRUCK;
	struck->err = err;
	struck->why = why;
	struck->ms = elapsed_ms(&mc->attempts[entry]);
	mc->last_err = err;
	for (i = 0; i < mc->n; i++)
		if (mc->entries[i].outcome == MULTICONNECT_LOST)
			mc->entries[i].outcome = MULTICONNECT_WAITING;
	fill(mc);
}

const struct multiconnect_entry *
multiconnect_entries(const struct multiconnect *mc, size_t *n)
{
	*n = mc->n;
	return mc->entries;
}

uint32_t
multiconnect_left_ms(const struct multiconnect *mc)
{
	uint64_t now = clock_ns();

	if (now >= mc->deadline_ns)
		return 0;
	return (uint32_t)((mc->deadline_ns - now + CLOCK_MS - 1) / CLOCK_MS);
}

static const char *
failure_text(int err)
{
	switch (-err) {
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "timeout";
	case ECONNRESET:
		return "reset";
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		return "unreachable";
	case EACCES:
	case EPERM:
		return "prohibited";
	case EAFNOSUPPORT:
		return "no such family here";
	case EMFILE:
	case ENFILE:
		return "no descriptor left";
	default:
		return strerror(-err);
	}
}

const char *
multiconnect_outcome_text(const struct multiconnect_entry *entry,
    char text[static MULTICONNECT_TEXT])
{
	static const char *const plain[] = {
		[MULTICONNECT_WAITING] = "waiting",
		[MULTICONNECT_RACING] = "racing",
		[MULTICONNECT_WON] = "won",
		[MULTICONNECT_LOST] = "lost",
	};

	if (entry->outcome == MULTICONNECT_STRUCK)
		snprintf(text, MULTICONNECT_TEXT, "struck: %s",
		    entry->why != NULL ? entry->why :
		    failure_text(entry->err));
	else if (entry->outcome == MULTICONNECT_FAILED)
		snprintf(text, MULTICONNECT_TEXT, "%s",
		    failure_text(entry->err));
	else
		snprintf(text, MULTICONNECT_TEXT, "%s",
		    plain[entry->outcome]);
	return text;
}

void
multiconnect_free(struct multiconnect *mc)
{
	size_t i;

	if (mc == NULL)
		return;
	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i].fd >= 0)
			discard(leave(&mc->attempts[i], MULTICONNECT_LOST, 0));
	if (mc->timer != NULL)
		event_free(mc->timer);
	if (mc->nobody != NULL)
		event_free(mc->nobody);
	free(mc->entries);
	free(mc->attempts);
	free(mc);
}
