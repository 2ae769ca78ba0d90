/*
 * multiconnect_attempt: one address: connect, watch, pass to the prover, close.
 * Called by multiconnect and multiconnect_turns.
 */
#include "net/multiconnect_private.h"

#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"

/*
 * How long the winner's data may stay unacknowledged before the connection
 * ends.
 */
#define USER_TIMEOUT_MS 20000

static struct multiconnect_entry *
entry_of(const struct attempt *a)
{
	return &a->mc->entries[a->entry];
}

struct attempt *
multiconnect_attempt_new(struct multiconnect *mc)
{
	struct attempt *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->mc = mc;
	a->entry = mc->n;
	a->fd = a->second = -1;
	return a;
}

void
multiconnect_attempt_free(struct attempt *a)
{
	if (a == NULL)
		return;
	if (multiconnect_attempt_is_racing(a))
		multiconnect_attempt_drop(a, MULTICONNECT_LOST, 0);
	free(a);
}

bool
multiconnect_attempt_is_racing(const struct attempt *a)
{
	return a->fd >= 0 || a->proving;
}

double
multiconnect_attempt_ms(const struct attempt *a)
{
	return (double)(clock_ns() - a->start_ns) / (double)CLOCK_MS;
}

static void
forget_second(struct attempt *a)
{
	if (a->second_ready != NULL)
		event_free(a->second_ready);
	a->second_ready = NULL;
	if (a->second >= 0)
		a->mc->seconds--;
	a->second = -1;
}

static void
forget_connect(struct attempt *a)
{
	multiconnect_attempt_unrepeat(a);
	if (a->ready != NULL)
		event_free(a->ready);
	a->ready = NULL;
	a->fd = -1;
}

/*
 * Return a descriptor that is connecting and watched by the loop, or a negative
 * errno.
 */
static int
open_watched(struct attempt *a, struct event **event, event_callback_fn ready)
{
	int fd = connect_open(&entry_of(a)->addr);

	if (fd < 0)
		return fd;
	*event = event_new(a->mc->loop, fd, EV_WRITE | EV_PERSIST, ready,
	    a->mc);
	if (*event != NULL && event_add(*event, NULL) == 0)
		return fd;
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
	close(fd);
	return -ENOMEM;
}

int
multiconnect_attempt_start(struct attempt *a, event_callback_fn ready)
{
	struct multiconnect_entry *entry = entry_of(a);
	int fd;

	a->start_ns = clock_ns();
	a->repeated = false;
	fd = open_watched(a, &a->ready, ready);
	/*
	 * Another attempt will release its descriptor; then this one gets its
	 * turn again.
	 */
	if (fd < 0 && connect_is_shortage(fd) && a->mc->racing > 0)
		return -EAGAIN;
	a->late = a->again = a->slow = false;
	if (fd < 0) {
		a->unrouted = connect_lacks_route(fd);
		entry->outcome = MULTICONNECT_FAILED;
		entry->err = fd;
		entry->ms = multiconnect_attempt_ms(a);
		return 0;
	}
	a->fd = fd;
	entry->outcome = MULTICONNECT_RACING;
	a->mc->racing++;
	return 0;
}

void
multiconnect_attempt_repeat(struct attempt *a, event_callback_fn ready)
{
	int fd = open_watched(a, &a->second_ready, ready);

	a->repeated = true;
	if (fd < 0)
		return;
	a->second = fd;
	a->mc->seconds++;
}

void
multiconnect_attempt_unrepeat(struct attempt *a)
{
	int fd = a->second;

	forget_second(a);
	if (fd >= 0)
		connect_discard(fd);
}

/* A handshake with a lost packet tells no distance. */
static double
distance_ms(int fd)
{
	double ms = connect_rtt_ms(fd);

	return ms >= 0 ? ms : INFINITY;
}

static void
swap_tries(struct attempt *a)
{
	struct event *ready = a->ready;
	int fd = a->fd;

	a->ready = a->second_ready;
	a->fd = a->second;
	a->second_ready = ready;
	a->second = fd;
}

int
multiconnect_attempt_result(struct attempt *a, bool first_ready,
    bool second_ready)
{
	int first = first_ready ? connect_result(a->fd) : -EINPROGRESS;
	int second = second_ready ? connect_result(a->second) : -EINPROGRESS;

	if (second == 0 && (first != 0 ||
	    distance_ms(a->second) < distance_ms(a->fd))) {
		swap_tries(a);
		return 0;
	}
	return first != -EINPROGRESS ? first : second;
}

double
multiconnect_attempt_connect_ms(const struct attempt *a)
{
	double ms = connect_rtt_ms(a->fd);

	return ms >= 0 ? ms : multiconnect_attempt_ms(a);
}

void
multiconnect_attempt_connected(struct attempt *a)
{
	static const int on = 1, user_timeout = USER_TIMEOUT_MS;

	entry_of(a)->connect_ms = multiconnect_attempt_connect_ms(a);
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(a->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
	    sizeof(user_timeout));
}

void
multiconnect_attempt_prove(struct attempt *a)
{
	struct multiconnect *mc = a->mc;
	int fd = a->fd, err;

	multiconnect_attempt_connected(a);
	forget_connect(a);
	a->proving = true;
	err = mc->prover->begin(fd, a->entry, mc->arg);
	if (err < 0)
		multiconnect_attempt_leave(a, MULTICONNECT_FAILED, err);
}

int
multiconnect_attempt_leave(struct attempt *a,
    enum multiconnect_outcome outcome, int err)
{
	struct multiconnect_entry *entry = entry_of(a);
	int fd = a->fd;

	forget_connect(a);
	a->proving = false;
	a->mc->racing--;
	if (outcome == MULTICONNECT_FAILED) {
		a->unrouted = connect_lacks_route(err);
		a->answered = !a->unrouted && err != -ETIMEDOUT;
	}
	entry->outcome = outcome;
	entry->err = err;
	entry->ms = multiconnect_attempt_ms(a);
	return fd;
}

void
multiconnect_attempt_drop(struct attempt *a,
    enum multiconnect_outcome outcome, int err)
{
	struct multiconnect *mc = a->mc;
	bool late = a->late || (a->proving && err == -ETIMEDOUT);
	int fd = multiconnect_attempt_leave(a, late ? MULTICONNECT_STRUCK :
	    outcome, late ? -ETIMEDOUT : err);

	if (late)
		entry_of(a)->why = mc->prover->late;
	if (fd >= 0)
		connect_discard(fd);
	else
		mc->prover->drop(a->entry, mc->arg);
}
