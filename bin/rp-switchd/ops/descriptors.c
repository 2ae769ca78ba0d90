/*
 * descriptors: plan by the limit, look every 100 ms how many are used, and set
 * the gate's reason with hysteresis. See descriptors.h.
 */
#include "ops/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/settings.h"
#include "net/loop.h"
#include "ops/gate.h"

/*
 * A switch without clients has so many open: standard descriptors, loops and
 * their signals, log, push command, database. Each relay thread and each
 * address to listen on adds to it.
 */
#define OWN 40
#define OWN_PER_THREAD 4
/*
 * 32 clients of the control socket, 16 of the metrics, and 16 for a directory
 * that connects again, a push command that is started again, and reloads.
 */
#define RESERVE 64
/* The page takes at most one descriptor of so many, because calls come first. */
#define PAGES 16
#define LEFT_FEW 16		/* fewer than these are few */
#define EVERY_MS 100
#define CALM_TIMES 10		/* in a row, until the gate opens again */

struct descriptors {
	struct gate *gate;
	const struct settings *settings;
	struct descriptors_plan plan;
	struct loop_event *tick;
	size_t (*connections)(void *arg);
	void *arg;
	bool closed;
	bool failed;			/* accept did, after the last tick */
	unsigned calm;
};

static unsigned long
own_of(const struct settings *s)
{
	return OWN + OWN_PER_THREAD * (unsigned long)s->relay_threads +
	    s->listen.n + s->answer_listen.n + s->relay_listen.n +
	    s->relay_tcp_listen.n + s->relay_tls_listen.n + s->web_listen.n;
}

static unsigned long
pages_of(const struct settings *s, unsigned long limit)
{
	unsigned long most = (unsigned long)s->web_connections;
	unsigned long share = limit / PAGES + 1;

	if (s->web_listen.n == 0)
		return 0;
	return most < share ? most : share;
}

/* Has each allocation a relay socket? */
static bool
has_relay_sockets(const struct settings *s)
{
	return strcmp(s->relay_peers, "any") == 0 ||
	    (strcmp(s->relay_peers, "clients") == 0 &&
	    s->relay_allowed_peers.n > 0);
}

void
descriptors_plan(struct descriptors_plan *out, const struct settings *settings,
    unsigned long limit)
{
	unsigned long connections = (unsigned long)settings->max_connections;
	unsigned long streams = settings->relay_tcp_listen.n +
	    settings->relay_tls_listen.n > 0 ?
	    (unsigned long)settings->relay_max_streams : 0;
	unsigned long pages = pages_of(settings, limit);
	unsigned long own = own_of(settings) + RESERVE + pages, wanted;
	unsigned long room = limit / 4;

	/* Even a tiny limit leaves some for calls. */
	if (limit > own && limit - own > room)
		room = limit - own;
	/* An allocation with a socket of its own has at most two. */
	wanted = connections + streams;
	if (has_relay_sockets(settings) &&
	    wanted + 2 * (unsigned long)settings->relay_allocations > room)
		room /= 2;
	out->limit = limit;
	out->connections = connections;
	out->pages = pages;
	out->streams = streams;
	out->lowered = wanted > room;
	if (!out->lowered)
		return;
	out->connections = (unsigned long)((double)room /
	    (double)wanted * (double)connections) + 1;
	out->streams = room > out->connections ? room - out->connections : 1;
}

static unsigned long
limit_now(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur > (rlim_t)10000000)
		return 10000000;	/* more than any setting */
	return (unsigned long)files.rlim_cur;
}

static void
make_plan(struct descriptors *d)
{
	const struct settings *s = d->settings;
	struct descriptors_plan *plan = &d->plan;

	descriptors_plan(plan, s, limit_now());
	if (plan->lowered)
		log_warn("descriptors", "limit=%lu connections_max=%ld "
		    "lowered_to=%lu max_streams=%ld streams_lowered_to=%lu "
		    "why=\"the limit of open files is too low (LimitNOFILE, "
		    "ulimit -n)\"", plan->limit, s->max_connections,
		    plan->connections, s->relay_max_streams, plan->streams);
}

/*
 * Are fewer than `n` descriptors left? The lowest free one is the next to be
 * given out, so that all below it are in use.
 */
static bool
are_few(const struct descriptors *d, unsigned long n)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return true;
	close(fd);
	return (unsigned long)fd + n >= d->plan.limit;
}

/* Is the plan's number of connections reached, in eighths? */
static bool
is_full(const struct descriptors *d, size_t eighths)
{
	return d->plan.lowered && d->connections(d->arg) * 8 >=
	    descriptors_most(d, true) * eighths;
}

static unsigned long
few(const struct descriptors *d)
{
	return d->plan.limit / 8 < LEFT_FEW ? d->plan.limit / 8 : LEFT_FEW;
}

static void
set_closed(struct descriptors *d, bool closed)
{
	if (d->closed == closed)
		return;
	d->closed = closed;
	d->calm = 0;
	if (closed)
		log_warn("descriptors", "limit=%lu connections=%zu "
		    "connections_max=%lu why=\"%s\"", d->plan.limit,
		    d->connections(d->arg), d->plan.connections,
		    d->failed ? "none can be accepted" : "few are left");
	gate_set(d->gate, GATE_NO_DESCRIPTORS, closed);
}

static void
on_tick(void *arg)
{
	struct descriptors *d = arg;

	if (d->failed || is_full(d, 8) || are_few(d, few(d)))
		set_closed(d, true);
	else if (d->closed && !is_full(d, 7) && !are_few(d, 2 * few(d)))
		d->calm++;
	else
		d->calm = 0;
	d->failed = false;
	if (d->calm >= CALM_TIMES)
		set_closed(d, false);
}

struct descriptors *
descriptors_new(struct event_base *loop, struct gate *gate,
    const struct settings *settings)
{
	struct descriptors *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->gate = gate;
	d->settings = settings;
	d->tick = loop_ticker_new(loop, on_tick, d);
	if (d->tick == NULL) {
		free(d);
		return NULL;
	}
	make_plan(d);
	return d;
}

void
descriptors_free(struct descriptors *descriptors)
{
	if (descriptors == NULL)
		return;
	loop_event_free(descriptors->tick);
	free(descriptors);
}

void
descriptors_reload(struct descriptors *descriptors)
{
	make_plan(descriptors);
}

const struct descriptors_plan *
descriptors_now(const struct descriptors *descriptors)
{
	return &descriptors->plan;
}

size_t
descriptors_most(const struct descriptors *descriptors, bool without_reserve)
{
	size_t most = descriptors->plan.connections;

	return without_reserve ? most - most / 10 : most;
}

int
descriptors_watch(struct descriptors *descriptors,
    size_t (*connections)(void *arg), void *arg)
{
	descriptors->connections = connections;
	descriptors->arg = arg;
	return loop_timer_set_ms(descriptors->tick, EVERY_MS);
}

void
descriptors_exhausted(struct descriptors *descriptors)
{
	descriptors->failed = true;
	set_closed(descriptors, true);
}
