/*
 * tlsrace_proxy: does something on the way complete TCP for every address? Only
 * addresses that are compared can tell, because a busy switch is slow too.
 * Called by tlsrace and tlsrace_runner.
 */
#include "net/tlsrace_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/connect.h"

/*
 * A ServerHello takes one round trip, as TCP did, plus some milliseconds of
 * cryptography, or tens on a busy host. More than this means a path beyond the
 * one that TCP has measured, or a very busy host.
 */
#define PROXY_CONNECTS 3
#define PROXY_MS 50
/*
 * Through a proxy, the round trips to all addresses are one and the same, but
 * for the variation of a radio link. Those to switches of different cities are
 * not.
 */
#define ALIKE_MS 2.0
#define ALIKE_PART 4
/* Enough to compare with; each costs its switch no more than a lost race. */
#define OTHERS 3

struct other {
	struct event *ready;	/* while it connects */
	int fd;
	double connect_ms;	/* 0: not connected */
};

struct tlsrace_proxy {
	unsigned races;		/* that spoke for a proxy, in a row */
	bool slow;		/* this one may, if the others are alike */
	double connect_ms, most_ms;	/* of the winner; of others like it */
	struct other others[OTHERS];
	size_t n;
};

int
tlsrace_proxy_new(struct tlsrace_proxy **out, unsigned races)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return -ENOMEM;
	(*out)->races = races;
	return 0;
}

static void
end_connect(struct other *other)
{
	if (other->ready == NULL)
		return;
	event_free(other->ready);
	other->ready = NULL;
	connect_discard(other->fd);
}

static void
forget_others(struct tlsrace_proxy *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		end_connect(&p->others[i]);
	p->n = 0;
}

static void
on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct other *other = arg;

	(void)what;
	if (connect_result(fd) == 0)
		other->connect_ms = connect_rtt_ms(fd);
	end_connect(other);
}

/* Connect to an address that lost, for its round trip only. */
static void
compare_with(struct tlsrace *race, const struct addr *addr)
{
	struct other *other = &race->proxy->others[race->proxy->n];
	int fd = connect_open(addr);

	if (fd < 0)
		return;
	*other = (struct other){ .fd = fd };
	other->ready = event_new(race->loop, fd, EV_WRITE, on_connected,
	    other);
	if (other->ready == NULL || event_add(other->ready, NULL) < 0) {
		if (other->ready != NULL)
			event_free(other->ready);
		connect_discard(fd);
		return;
	}
	race->proxy->n++;
}

/*
 * Gather the others to compare with: of the winner's family, because both
 * families of one switch are alike too.
 */
static void
gather_others(struct tlsrace *race, size_t winner)
{
	struct tlsrace_proxy *p = race->proxy;
	size_t i, n;
	const struct multiconnect_entry *entries =
	    multiconnect_entries(race->connects, &n);

	for (i = 0; i < n && p->n < OTHERS; i++) {
		if (i == winner || addr_is_v4(&entries[i].addr) !=
		    addr_is_v4(&entries[winner].addr))
			continue;
		if (entries[i].connect_ms > 0)
			p->others[p->n++] = (struct other){
				.connect_ms = entries[i].connect_ms
			};
		else if (entries[i].outcome == MULTICONNECT_LOST)
			compare_with(race, &entries[i].addr);
	}
}

void
tlsrace_proxy_hello(struct tlsrace *race, const struct runner *runner)
{
	struct tlsrace_proxy *p = race->proxy;
	size_t n;
	double connect_ms = multiconnect_entries(race->connects,
	    &n)[runner->entry].connect_ms;
	double hello_ms = (double)(clock_ns() - runner->connected_ns) /
	    (double)CLOCK_MS;

	forget_others(p);
	p->slow = false;
	/* With lost packets the time says nothing. */
	if (race->options.by != TLSRACE_AUTO ||
	    connect_lost_packets(tls_fd(runner->stream)))
		return;
	/*
	 * If TLS decides, the nearest of all answers soon even behind a proxy,
	 * so only the multiple counts.
	 */
	p->connect_ms = connect_ms;
	p->most_ms = (hello_ms - (race->by_tls ? 0 : PROXY_MS)) /
	    PROXY_CONNECTS;
	p->slow = connect_ms < p->most_ms;
	if (p->slow)
		gather_others(race, runner->entry);
	else
		p->races = 0;
}

static bool
is_alike(const struct tlsrace_proxy *p, double ms)
{
	double margin = p->connect_ms / ALIKE_PART;
	double apart = ms > p->connect_ms ? ms - p->connect_ms :
	    p->connect_ms - ms;

	return ms < p->most_ms &&
	    apart <= (margin > ALIKE_MS ? margin : ALIKE_MS);
}

unsigned
tlsrace_proxy_count(const struct tlsrace_proxy *p)
{
	size_t i, alike = 0;

	if (!p->slow)
		return p->races;
	for (i = 0; i < p->n; i++) {
		if (p->others[i].connect_ms <= 0)
			continue;
		if (!is_alike(p, p->others[i].connect_ms))
			return 0;
		alike++;
	}
	if (alike == 0)
		return 0;
	return p->races < TLSRACE_PROXY_RACES ? p->races + 1 : p->races;
}

void
tlsrace_proxy_free(struct tlsrace_proxy *p)
{
	if (p == NULL)
		return;
	forget_others(p);
	free(p);
}
