/*
 * multiconnect_attempt: one address: connect, watch, pass to the prover, close.
 * Called by multiconnect and multiconnect_turns.
 */
#include "net/multiconnect_private.h"

#include <errno.h>
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
	a->fd = -1;
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
forget_connect(struct attempt *a)
{
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
open_watched(struct attempt *a, event_callback_fn ready)
{
	int fd = connect_open(&entry_of(a)->addr);

	if (fd < 0)
		return fd;
	a->ready = event_new(a->mc->loop, fd, EV_WRITE | EV_PERSIST, ready,
	    a->mc);
	if (a->ready != NULL && event_add(a->ready, NULL) == 0)
		return fd;
	forget_connect(a);
	close(fd);
	return -ENOMEM;
}

int
multiconnect_attempt_start(struct attempt *a, event_callback_fn ready)
{
	struct multiconnect_entry *entry = entry_of(a);
	int fd;

	a->start_ns = clock_ns();
	fd = open_watched(a, ready);
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
