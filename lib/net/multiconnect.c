#include "net/multiconnect.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"

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
	int fd;			/* -1 unless connecting */
	bool proving;		/* connected, and with the prover */
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
	const struct multiconnect_prover *prover;	/* NULL: TCP wins */
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

static bool
is_racing(const struct attempt *a)
{
	return a->fd >= 0 || a->proving;
}

static void
forget_connect(struct attempt *a)
{
	if (a->ready != NULL)
		event_free(a->ready);
	a->ready = NULL;
	a->fd = -1;
}

/* End a racing attempt; its descriptor (-1 if proving) is not closed. */
static int
leave(struct attempt *a, enum multiconnect_outcome outcome, int err)
{
	struct multiconnect_entry *entry = &a->mc->entries[entry_of(a)];
	int fd = a->fd;

	forget_connect(a);
	a->proving = false;
	a->mc->racing--;
	entry->outcome = outcome;
	entry->err = err;
	entry->ms = elapsed_ms(a);
	return fd;
}

/* End it and close it. */
static void
drop(struct attempt *a, enum multiconnect_outcome outcome, int err)
{
	struct multiconnect *mc = a->mc;
	int fd = leave(a, outcome, err);

	if (fd >= 0)
		connect_discard(fd);
	else
		mc->prover->drop(entry_of(a), mc->arg);
}

static void on_ready(evutil_socket_t fd, short what, void *arg);

/* Returns 0 also where the attempt failed: that is its outcome. */
static int
attempt_start(struct attempt *a)
{
	struct multiconnect *mc = a->mc;
	struct multiconnect_entry *entry = &mc->entries[entry_of(a)];

	a->start_ns = clock_ns();
	a->fd = connect_open(&entry->addr);
	/* Somebody will give his back; then it is this one's turn again. */
	if (a->fd < 0 && connect_is_shortage(a->fd) && mc->racing > 0)
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
		if (is_racing(&mc->attempts[i]) &&
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
		if (is_racing(&mc->attempts[i]) && (over ||
		    (waiting > 0 && elapsed_ms(&mc->attempts[i]) >= patience)))
			drop(&mc->attempts[i], MULTICONNECT_FAILED,
			    -ETIMEDOUT);
	if (!over) {
		fill(mc);
		return;
	}
	mc->done(-ETIMEDOUT, -1, 0, mc->arg);
}

/* How far it is: as the kernel saw it if it did, without our lateness. */
static double
connect_ms(const struct attempt *a)
{
	double ms = connect_rtt_ms(a->fd);

	return ms >= 0 ? ms : elapsed_ms(a);
}

static void
set_up(int fd)
{
	static const int on = 1, user_timeout = USER_TIMEOUT_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
	    sizeof(user_timeout));
}

/* It stands, but is there a switch behind it? */
static void
begin_proof(struct multiconnect *mc, struct attempt *a)
{
	struct multiconnect_entry *entry = &mc->entries[entry_of(a)];
	int fd = a->fd, err;

	entry->connect_ms = connect_ms(a);
	forget_connect(a);
	a->proving = true;
	set_up(fd);
	err = mc->prover->begin(fd, entry_of(a), mc->arg);
	if (err < 0)
		leave(a, MULTICONNECT_FAILED, err);
}

/*
 * Sort out all that is ready by now: failures leave the race, and of those
 * that completed the nearest is returned, or NULL. With a prover they are all
 * handed to it instead.
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
		err = connect_result(who[i]->fd);
		if (err < 0) {
			close(leave(who[i], MULTICONNECT_FAILED, err));
			continue;
		}
		if (mc->prover != NULL) {
			begin_proof(mc, who[i]);
			continue;
		}
		ms = connect_ms(who[i]);
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
	size_t i, entry = entry_of(winner);
	int fd;

	if (winner->fd >= 0) {
		mc->entries[entry].connect_ms = connect_ms(winner);
		set_up(winner->fd);
	}
	fd = leave(winner, MULTICONNECT_WON, 0);
	for (i = 0; i < mc->n; i++)
		if (is_racing(&mc->attempts[i]))
			drop(&mc->attempts[i], MULTICONNECT_LOST, 0);
	event_del(mc->timer);
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

void
multiconnect_prove_by(struct multiconnect *mc,
    const struct multiconnect_prover *prover)
{
	mc->prover = prover;
}

void
multiconnect_proved(struct multiconnect *mc, size_t entry, int err)
{
	struct attempt *a = &mc->attempts[entry];

	if (!a->proving)
		return;
	if (err == 0) {
		win(mc, a);
		return;
	}
	leave(a, MULTICONNECT_FAILED, err);
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

void
multiconnect_free(struct multiconnect *mc)
{
	size_t i;

	if (mc == NULL)
		return;
	for (i = 0; i < mc->n; i++)
		if (is_racing(&mc->attempts[i]))
			drop(&mc->attempts[i], MULTICONNECT_LOST, 0);
	if (mc->timer != NULL)
		event_free(mc->timer);
	if (mc->nobody != NULL)
		event_free(mc->nobody);
	free(mc->entries);
	free(mc->attempts);
	free(mc);
}
