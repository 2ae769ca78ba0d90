/* postgres_dial: the hosts in turn. See postgres_dial.h. */
#include "directory/postgres_dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "wire/addr.h"

#define ADDRS 8			/* of a name; the rest is not tried */
#define RESOLVE_MS 2000		/* as long as a connect may take */
/* Half of it is the mean time until a host that came back is tried again. */
#define AVOID_MS 10000

struct postgres_dial {
	struct event_base *loop;
	const struct postgres_url *url;
	const char *target;
	postgres_dial_handler *done;
	void *arg;
	struct loop_event *timer, *ready;
	struct resolve *resolve;
	PGconn *conn;
	size_t limit;			/* of the hosts to be tried; 0: none */
	size_t host;			/* that is tried, of the URL */
	struct addr addrs[ADDRS];	/* of its name */
	size_t n_addrs, addr;
	unsigned skipped;		/* hosts of this round, as bits */
	bool last;			/* only those are tried */
	bool second;			/* any will do, as none is a standby */
	uint64_t avoid_ms[POSTGRES_HOSTS];
	char why[WHY_TEXT];
};

static const char *
host_text(const struct postgres_dial *d)
{
	const struct postgres_host *h = &d->url->hosts[d->host];

	return h->host != NULL ? h->host : h->hostaddr != NULL ?
	    h->hostaddr : "local socket";
}

/*
 * Add a reason to those of this pass. libpq's begins with many words that are
 * the same for all, and the server's with one.
 */
static void
add_reason(struct postgres_dial *d, const char *message)
{
	const char *failed = strstr(message, " failed: ");
	char why[WHY_TEXT], before[WHY_TEXT];

	if (strncmp(message, "connection to server ", 21) == 0 &&
	    failed != NULL) {
		message = failed + strlen(" failed: ");
		if (strncmp(message, "FATAL:", 6) == 0)
			message += 6;
		postgres_url_reason(before, message);
		why_set(why, "%.100s:%.20s: %.250s", host_text(d),
		    PQport(d->conn), before);
	} else {
		postgres_url_reason(why, message);
	}
	if (strstr(d->why, why) != NULL)
		return;
	strcpy(before, d->why);
	why_set(d->why, "%.250s%s%.250s", before,
	    before[0] != '\0' ? "; " : "", why);
}

/* Stop waiting, whatever for. */
static void
stop_waiting(struct postgres_dial *d)
{
	loop_event_stop(d->timer);
	loop_event_free(d->ready);
	d->ready = NULL;
	resolve_free(d->resolve);
	d->resolve = NULL;
}

static void
drop_conn(struct postgres_dial *d)
{
	stop_waiting(d);
	PQfinish(d->conn);
	d->conn = NULL;
}

/*
 * Log what the server remarks. libpq would print it.
 */
static void
on_notice(void *arg, const char *message)
{
	char why[WHY_TEXT], text[LOG_TEXT];

	(void)arg;
	postgres_url_reason(why, message);
	log_debug("directory_notice", "text=%s", log_text(text, why));
}

static void on_socket(int fd, unsigned ready, void *arg);

/*
 * Wait until libpq can go on. It may have opened another socket, whose number
 * may be the same, so the event is always a new one.
 */
static bool
wait_for_socket(struct postgres_dial *d, unsigned what)
{
	if (PQsocket(d->conn) < 0)
		return false;
	d->ready = loop_watch_new(d->loop, PQsocket(d->conn), what, on_socket,
	    d);
	return d->ready != NULL && loop_event_start(d->ready) == 0;
}

/* Connect to the host at one address (NULL: its own). */
static bool
connect_to(struct postgres_dial *d, const struct addr *addr)
{
	char ip[ADDR_TEXT];
	const char *target = strcmp(d->target, "prefer-standby") != 0 ?
	    d->target : d->second ? "any" : "standby";

	d->conn = postgres_url_connect(d->url, &d->url->hosts[d->host],
	    addr != NULL ? addr_format_ip(addr, ip) : NULL, target);
	if (d->conn == NULL) {
		add_reason(d, "out of memory");
		return false;
	}
	PQsetNoticeProcessor(d->conn, on_notice, NULL);
	if (PQstatus(d->conn) != CONNECTION_BAD &&
	    wait_for_socket(d, LOOP_WRITE) &&
	    loop_timer_set_ms(d->timer, d->url->connect_ms) == 0)
		return true;
	add_reason(d, PQerrorMessage(d->conn));
	drop_conn(d);
	return false;
}

static void try_host(struct postgres_dial *d);

/* Try the addresses of this host that are left, then the next host. */
static void
try_addrs(struct postgres_dial *d)
{
	while (d->addr < d->n_addrs)
		if (connect_to(d, &d->addrs[d->addr++]))
			return;
	d->host++;
	try_host(d);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct postgres_dial *d = arg;
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < found->n && d->n_addrs < ADDRS; i++)
		d->addrs[d->n_addrs++] = found->addrs[i];
	if (found->more)
		return;
	if (d->n_addrs == 0) {
		why_set(why, "%.100s: the name has no address (%.100s)",
		    host_text(d), found->why != NULL ? found->why :
		    "DNS does not answer");
		add_reason(d, why);
	}
	/* The reason goes with it. */
	resolve_free(d->resolve);
	d->resolve = NULL;
	try_addrs(d);
}

static bool
is_name(const struct postgres_host *h)
{
	struct addr addr;

	return h->hostaddr == NULL && h->host != NULL &&
	    h->host[0] != '/' && h->host[0] != '@' &&
	    strchr(h->host, ':') == NULL && addr_parse(&addr, h->host, 0) < 0;
}

/* Start with this host. Return false if it does not serve. */
static bool
begin_host(struct postgres_dial *d)
{
	struct resolve_options options = { .timeout_ms = RESOLVE_MS };
	const struct postgres_host *h = &d->url->hosts[d->host];

	if (d->last != ((d->skipped & 1U << d->host) != 0))
		return false;
	if (!d->last && clock_ms() < d->avoid_ms[d->host]) {
		d->skipped |= 1U << d->host;
		return false;
	}
	d->addr = d->n_addrs = 0;
	if (!is_name(h))
		return connect_to(d, NULL);
	if (resolve_start(&d->resolve, d->loop, h->host, 0, &options,
	    on_resolved, d) == 0)
		return true;
	add_reason(d, "out of memory");
	return false;
}

/*
 * Begin the next round over the hosts, if there is one. Those that were silent
 * are the last resort. Where a standby is preferred, any will do after that.
 */
static bool
next_round(struct postgres_dial *d)
{
	d->host = 0;
	if (!d->last && d->skipped != 0) {
		d->last = true;
		return true;
	}
	if (d->second || d->limit > 0 ||
	    strcmp(d->target, "prefer-standby") != 0)
		return false;
	d->second = true;
	d->last = false;
	d->skipped = 0;
	return true;
}

/* Try the hosts that are left. */
static void
try_host(struct postgres_dial *d)
{
	size_t n_hosts = d->limit > 0 ? d->limit : d->url->n_hosts;

	do {
		for (; d->host < n_hosts; d->host++)
			if (begin_host(d))
				return;
	} while (next_round(d));
	d->done(NULL, d->arg);
}

static void
on_socket(int fd, unsigned ready, void *arg)
{
	struct postgres_dial *d = arg;
	PGconn *conn = d->conn;
	unsigned what = LOOP_READ;

	(void)fd;
	(void)ready;
	loop_event_free(d->ready);
	d->ready = NULL;
	switch (PQconnectPoll(conn)) {
	case PGRES_POLLING_OK:
		stop_waiting(d);
		d->conn = NULL;
		d->avoid_ms[d->host] = 0;
		d->done(conn, d->arg);
		return;
	case PGRES_POLLING_WRITING:
		what = LOOP_WRITE;
		break;
	case PGRES_POLLING_READING:
		break;
	default:
		add_reason(d, PQerrorMessage(conn));
		drop_conn(d);
		try_addrs(d);
		return;
	}
	if (wait_for_socket(d, what))
		return;
	add_reason(d, "out of memory");
	drop_conn(d);
	try_addrs(d);
}

static void
begin_pass(struct postgres_dial *d)
{
	d->host = 0;
	d->skipped = 0;
	d->last = d->second = false;
	d->why[0] = '\0';
	try_host(d);
}

/* Begin the pass, or give up an address that is silent. */
static void
on_timer(void *arg)
{
	struct postgres_dial *d = arg;
	char why[WHY_TEXT];

	if (d->conn == NULL) {
		begin_pass(d);
		return;
	}
	drop_conn(d);
	d->avoid_ms[d->host] = clock_ms() + AVOID_MS;
	why_set(why, "%.200s: does not answer", host_text(d));
	add_reason(d, why);
	try_addrs(d);
}

struct postgres_dial *
postgres_dial_new(struct event_base *loop, const struct postgres_url *url,
    const char *target, postgres_dial_handler *done, void *arg)
{
	struct postgres_dial *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->url = url;
	d->target = target;
	d->done = done;
	d->arg = arg;
	d->timer = loop_timer_new(loop, on_timer, d);
	if (d->timer != NULL)
		return d;
	free(d);
	return NULL;
}

void
postgres_dial_free(struct postgres_dial *dial)
{
	if (dial == NULL)
		return;
	drop_conn(dial);
	loop_event_free(dial->timer);
	free(dial);
}

void
postgres_dial_limit(struct postgres_dial *dial, size_t n_hosts)
{
	dial->limit = n_hosts;
}

size_t
postgres_dial_better(const struct postgres_dial *dial)
{
	return dial->second ? dial->url->n_hosts : dial->host;
}

void
postgres_dial_start(struct postgres_dial *dial, uint64_t ms)
{
	drop_conn(dial);
	loop_timer_set_ms(dial->timer, ms);
}

void
postgres_dial_next(struct postgres_dial *dial, const char *why)
{
	add_reason(dial, why);
	try_addrs(dial);
}

void
postgres_dial_avoid(struct postgres_dial *dial)
{
	if (dial->host < dial->url->n_hosts)
		dial->avoid_ms[dial->host] = clock_ms() + AVOID_MS;
}

const char *
postgres_dial_why(const struct postgres_dial *dial)
{
	return dial->why;
}
