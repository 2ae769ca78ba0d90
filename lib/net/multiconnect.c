/*
 * multiconnect: the race as a whole: begin, win, strike, add, and report that
 * nobody is left. Attempts and turns are in their own files. See
 * multiconnect.h.
 */
#include "net/multiconnect_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"
#include "net/netwatch.h"

#define DEADLINE_MS 10000

int
multiconnect_why_nobody(const struct multiconnect *mc)
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
	mc->on = false;
	mc->done(multiconnect_why_nobody(mc), -1, 0, mc->arg);
}

/*
 * Examine all attempts that are ready by now. Failures leave the race. Of the
 * completed ones the nearest is returned, or NULL. With a prover they are all
 * passed to it instead.
 */
static struct attempt *
look(struct multiconnect *mc)
{
	struct pollfd polls[2 * MULTICONNECT_AT_ONCE];
	struct attempt *who[MULTICONNECT_AT_ONCE], *best = NULL;
	double best_ms = 0;
	size_t i, n = 0;

	for (i = 0; i < mc->n && n < MULTICONNECT_AT_ONCE; i++) {
		struct attempt *a = mc->attempts[i];

		if (a->fd < 0)
			continue;
		/* One without a second has -1 there, which poll skips. */
		polls[2 * n] = (struct pollfd){ a->fd, POLLOUT, 0 };
		polls[2 * n + 1] = (struct pollfd){ a->second, POLLOUT, 0 };
		who[n++] = a;
	}
	if (poll(polls, 2 * n, 0) <= 0)
		return NULL;
	for (i = 0; i < n; i++) {
		int err = multiconnect_attempt_result(who[i],
		    polls[2 * i].revents != 0, polls[2 * i + 1].revents != 0);
		double ms;

		if (err == -EINPROGRESS)
			continue;
		if (err < 0) {
			close(multiconnect_attempt_leave(who[i],
			    MULTICONNECT_FAILED, err));
			continue;
		}
		if (mc->prover != NULL) {
			multiconnect_attempt_prove(who[i]);
			continue;
		}
		ms = multiconnect_attempt_connect_ms(who[i]);
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
	size_t i;
	int fd;

	if (winner->fd >= 0)
		multiconnect_attempt_connected(winner);
	winner->late = false;
	fd = multiconnect_attempt_leave(winner, MULTICONNECT_WON, 0);
	for (i = 0; i < mc->n; i++)
		if (multiconnect_attempt_is_racing(mc->attempts[i]))
			multiconnect_attempt_drop(mc->attempts[i],
			    MULTICONNECT_LOST, 0);
	event_del(mc->timer);
	multiconnect_routes_leave(mc);
	mc->on = false;
	mc->done(0, fd, winner->entry, mc->arg);
}

void
multiconnect_ready(evutil_socket_t fd, short what, void *arg)
{
	struct multiconnect *mc = arg;
	struct attempt *winner = look(mc);

	(void)fd;
	(void)what;
	if (winner != NULL) {
		win(mc, winner);
		return;
	}
	multiconnect_turns_fill(mc);
}

static bool
is_known(const struct multiconnect *mc, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (addr_equal(&mc->entries[i].addr, addr))
			return true;
	return false;
}

/* Make room for `n` more. */
static int
grow(struct multiconnect *mc, size_t n)
{
	struct multiconnect_entry *entries;
	struct attempt **attempts;

	entries = realloc(mc->entries, (mc->n + n + 1) * sizeof(*entries));
	if (entries == NULL)
		return -ENOMEM;
	mc->entries = entries;
	attempts = realloc(mc->attempts, (mc->n + n + 1) * sizeof(*attempts));
	if (attempts == NULL)
		return -ENOMEM;
	mc->attempts = attempts;
	return 0;
}

static int
take_addrs(struct multiconnect *mc, const struct addr addrs[], size_t n)
{
	size_t i;

	if (grow(mc, n) < 0)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (is_known(mc, &addrs[i]))
			continue;
		mc->attempts[mc->n] = multiconnect_attempt_new(mc);
		if (mc->attempts[mc->n] == NULL)
			return -ENOMEM;
		mc->entries[mc->n++] = (struct multiconnect_entry){
			.addr = addrs[i]
		};
	}
	return 0;
}

int
multiconnect_start(struct multiconnect **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct multiconnect_options *options, multiconnect_handler *done,
    void *arg)
{
	struct multiconnect *mc = calloc(1, sizeof(*mc));
	uint32_t deadline_ms = options != NULL ? options->deadline_ms : 0;

	if (mc == NULL)
		return -ENOMEM;
	mc->loop = loop;
	mc->done = done;
	mc->arg = arg;
	mc->deadline_ns = clock_ns() +
	    (deadline_ms != 0 ? deadline_ms : DEADLINE_MS) * CLOCK_MS;
	mc->timer = evtimer_new(loop, multiconnect_turns_timer, mc);
	mc->nobody = evtimer_new(loop, on_nobody, mc);
	mc->routes = evtimer_new(loop, multiconnect_routes_timer, mc);
	if (mc->timer == NULL || mc->nobody == NULL || mc->routes == NULL ||
	    take_addrs(mc, addrs, n) < 0) {
		multiconnect_free(mc);
		return -ENOMEM;
	}
	mc->on = true;
	multiconnect_turns_fill(mc);
	*out = mc;
	return 0;
}

int
multiconnect_add(struct multiconnect *mc, const struct addr addrs[], size_t n,
    bool more)
{
	int err = n > 0 ? take_addrs(mc, addrs, n) : 0;

	mc->more = more;
	if (mc->on)
		multiconnect_turns_fill(mc);
	return err;
}

/*
 * Race again with the others. Struck ones take part only if just time was
 * lacking.
 */
static void
race_again(struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (mc->entries[i].outcome == MULTICONNECT_LOST ||
		    (mc->entries[i].outcome == MULTICONNECT_STRUCK &&
		    mc->attempts[i]->late))
			mc->entries[i].outcome = MULTICONNECT_WAITING;
	mc->on = true;
	multiconnect_turns_fill(mc);
}

void
multiconnect_strike(struct multiconnect *mc, size_t entry, int err,
    const char *why)
{
	struct multiconnect_entry *struck = &mc->entries[entry];

	struck->outcome = MULTICONNECT_STRUCK;
	struck->err = err;
	struck->why = why;
	struck->ms = multiconnect_attempt_ms(mc->attempts[entry]);
	mc->last_err = err;
	/* Slowness does not count as an answer, so it is the last resort. */
	mc->attempts[entry]->slow = err == -ETIMEDOUT;
	mc->attempts[entry]->answered = err != -ETIMEDOUT;
	race_again(mc);
}

void
multiconnect_late(struct multiconnect *mc, size_t entry)
{
	struct attempt *a = mc->attempts[entry];

	mc->entries[entry].outcome = MULTICONNECT_RACING;
	a->proving = a->late = true;
	mc->racing++;
	race_again(mc);
}

bool
multiconnect_has_others(const struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (mc->entries[i].outcome == MULTICONNECT_LOST ||
		    mc->entries[i].outcome == MULTICONNECT_WAITING ||
		    mc->attempts[i]->late || mc->attempts[i]->again)
			return true;
	return false;
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
	struct attempt *a = mc->attempts[entry];

	if (!a->proving)
		return;
	if (err == 0) {
		win(mc, a);
		return;
	}
	a->late = false;
	multiconnect_attempt_leave(a, MULTICONNECT_FAILED, err);
	multiconnect_turns_fill(mc);
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
		multiconnect_attempt_free(mc->attempts[i]);
	if (mc->timer != NULL)
		event_free(mc->timer);
	if (mc->nobody != NULL)
		event_free(mc->nobody);
	if (mc->routes != NULL)
		event_free(mc->routes);
	netwatch_free(mc->netwatch);
	free(mc->entries);
	free(mc->attempts);
	free(mc);
}
