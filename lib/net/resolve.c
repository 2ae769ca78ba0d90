#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ares.h>
#include <event2/event.h>

#include "base/clock.h"
#include "net/dnschannel.h"
#include "net/lastgood.h"

#define TIMEOUT_MS 5000
/* With a last good answer at hand DNS has two tries, no more. */
#define CACHED_TIMEOUT_MS 2000
/* Bounds of the wait for the second family once the first is there. */
#define GRACE_MIN_MS 50
#define GRACE_MAX_MS 250

enum { V6, V4, FAMILIES };

struct answer {
	struct resolve *resolve;
	struct addr *addrs;
	size_t n;
	bool known;
	int err;
	int status;		/* what c-ares said */
};

struct resolve {
	struct event_base *loop;
	struct dnschannel *channel;
	struct event *limit;	/* the whole look-up's, then the grace */
	struct event *finish;	/* tells done from the loop */
	struct answer answers[FAMILIES];
	uint64_t start_ns;
	char *name;
	const char *cache_file;	/* NULL as well where DNS was not asked */
	uint16_t port;
	bool allow_loopback;
	bool refused;		/* an address was dropped */
	bool over;		/* done has been told, or is about to be */
	resolve_handler *done;
	void *arg;
};

static struct timeval
after_ms(uint32_t ms)
{
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

/* May a name in DNS have this address? */
static bool
is_plausible(const struct resolve *r, const struct addr *a)
{
	struct addr plain = *a;

	addr_unmap(&plain);
	if (addr_is_loopback(&plain))
		return r->allow_loopback;
	if (addr_is_v4(&plain)) {
		uint32_t ip = ntohl(plain.v4.sin_addr.s_addr);

		return ip >> 24 != 0 && ip >> 28 < 0xe;
	}
	return !addr_is_any(&plain) &&
	    !IN6_IS_ADDR_MULTICAST(&plain.v6.sin6_addr);
}

static void
add(struct answer *answer, const struct addr *a)
{
	size_t i;

	for (i = 0; i < answer->n; i++)
		if (addr_equal_ip(&answer->addrs[i], a))
			return;
	if (answer->n == RESOLVE_MAX)
		return;
	answer->addrs[answer->n] = *a;
	addr_set_port(&answer->addrs[answer->n], answer->resolve->port);
	answer->n++;
}

static int
err_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return -ENOENT;
	case ARES_ETIMEOUT:
		return -ETIMEDOUT;
	case ARES_ENOMEM:
		return -ENOMEM;
	default:
		return -EAGAIN;
	}
}

/* Both are known, or one is and the other has had its grace. */
static void
consider(struct resolve *r)
{
	const struct answer *a6 = &r->answers[V6], *a4 = &r->answers[V4];
	uint64_t grace_ms = (clock_ns() - r->start_ns) / CLOCK_MS;
	struct timeval tv;

	if (r->over)
		return;
	if (a6->known && a4->known) {
		event_active(r->finish, EV_TIMEOUT, 0);
		return;
	}
	if (a6->n == 0 && a4->n == 0)
		return;
	grace_ms = grace_ms < GRACE_MIN_MS ? GRACE_MIN_MS :
	    grace_ms > GRACE_MAX_MS ? GRACE_MAX_MS : grace_ms;
	tv = after_ms((uint32_t)grace_ms);
	event_add(r->limit, &tv);
}

static void
on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct answer *answer = arg;
	struct resolve *r = answer->resolve;
	struct ares_addrinfo_node *node;
	struct addr a;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	answer->known = true;
	answer->status = status;
	answer->err = err_of(status);
	for (node = info != NULL ? info->nodes : NULL; node != NULL;
	    node = node->ai_next) {
		if (addr_from_sockaddr(&a, node->ai_addr,
		    node->ai_addrlen) < 0)
			continue;
		if (is_plausible(r, &a))
			add(answer, &a);
		else
			r->refused = true;
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
	consider(r);
}

/* Nothing was found: the graver of the two reasons. */
static int
why_nothing(const struct resolve *r, const char **why)
{
	const struct answer *a4 = &r->answers[V4], *a6 = &r->answers[V6];
	const struct answer *worse = a4;

	if (r->refused) {
		*why = "the answer holds only addresses that a public name "
		    "cannot have";
		return -EAGAIN;
	}
	if (!a4->known || !a6->known) {
		*why = "no answer from DNS in time";
		return -ETIMEDOUT;
	}
	if (a4->err == -ENOENT)
		worse = a6;
	*why = ares_strerror(worse->status);
	return worse->err;
}

/* DNS failed: the last good answer will do. That there is none is an answer. */
static void
fall_back(struct resolve *r)
{
	struct addr addrs[LASTGOOD_ADDRS];
	const char *why;
	char line[256];
	size_t n;
	int64_t age_s;
	int err = why_nothing(r, &why);

	if (err == -ENOENT || r->cache_file == NULL || lastgood_load(
	    r->cache_file, r->name, r->port, addrs, &n, &age_s) < 0) {
		r->done(err, why, NULL, 0, r->arg);
		return;
	}
	snprintf(line, sizeof(line), "%s; using the last good answer, %lld "
	    "%s old", why, (long long)(age_s < 7200 ? age_s / 60 :
	    age_s / 3600), age_s < 7200 ? "minutes" : "hours");
	r->done(0, line, addrs, n, r->arg);
}

static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	struct addr all[RESOLVE_MAX];
	size_t i, family, n = 0;

	(void)fd;
	(void)what;
	/* The limit and the last answer may come in one turn of the loop. */
	event_del(r->limit);
	event_del(r->finish);
	r->over = true;
	for (i = 0; i < RESOLVE_MAX; i++)
		for (family = 0; family < FAMILIES; family++)
			if (i < r->answers[family].n && n < RESOLVE_MAX)
				all[n++] = r->answers[family].addrs[i];
	if (n == 0) {
		fall_back(r);
		return;
	}
	/* Without the file the next time is only as good as DNS is. */
	if (r->cache_file != NULL)
		(void)lastgood_save(r->cache_file, r->name, all, n);
	r->done(0, NULL, all, n, r->arg);
}

/* An address as the name, or what the hosts file says. */
static void
ask_here(struct resolve *r, const char *name, bool hosts_file)
{
	static const int families[FAMILIES] = { AF_INET6, AF_INET };
	ares_channel ares = dnschannel_ares(r->channel);
	struct addr a;
	size_t i;

	if (addr_parse(&a, name, r->port) == 0) {
		if (addr_port(&a) == r->port)
			add(&r->answers[addr_is_v6(&a) ? V6 : V4], &a);
		return;
	}
	for (i = 0; i < FAMILIES && hosts_file; i++) {
		struct hostent *host;
		char **ip;

		if (ares_gethostbyname_file(ares, name, families[i],
		    &host) != ARES_SUCCESS)
			continue;
		for (ip = host->h_addr_list; *ip != NULL; ip++)
			if (addr_from_bytes(&a, (const uint8_t *)*ip,
			    (size_t)host->h_length, r->port) == 0)
				add(&r->answers[i], &a);
		ares_free_hostent(host);
	}
}

static void
ask_dns(struct resolve *r, const char *name)
{
	struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_socktype = SOCK_STREAM,
	};
	ares_channel ares = dnschannel_ares(r->channel);

	hints.ai_family = AF_INET6;
	ares_getaddrinfo(ares, name, NULL, &hints, on_answer,
	    &r->answers[V6]);
	hints.ai_family = AF_INET;
	ares_getaddrinfo(ares, name, NULL, &hints, on_answer,
	    &r->answers[V4]);
	dnschannel_asked(r->channel);
}

static void
set_limit(struct resolve *r, uint32_t ms)
{
	struct addr addrs[LASTGOOD_ADDRS];
	struct timeval tv;
	size_t n;
	int64_t age_s;

	if (ms > CACHED_TIMEOUT_MS && r->cache_file != NULL && lastgood_load(
	    r->cache_file, r->name, r->port, addrs, &n, &age_s) == 0)
		ms = CACHED_TIMEOUT_MS;
	tv = after_ms(ms);
	event_add(r->limit, &tv);
}

static int
prepare(struct resolve *r, const char *name, const struct resolve_options *o)
{
	size_t i;

	for (i = 0; i < FAMILIES; i++) {
		r->answers[i].resolve = r;
		r->answers[i].addrs = calloc(RESOLVE_MAX, sizeof(struct addr));
		if (r->answers[i].addrs == NULL)
			return -ENOMEM;
	}
	r->name = strdup(name);
	r->limit = evtimer_new(r->loop, on_finish, r);
	r->finish = evtimer_new(r->loop, on_finish, r);
	if (r->name == NULL || r->limit == NULL || r->finish == NULL)
		return -ENOMEM;
	/* A full name is not looked for under the local domains as well. */
	return dnschannel_new(&r->channel, r->loop, o->servers,
	    strchr(name, '.') == NULL);
}

int
resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg)
{
	static const struct resolve_options defaults;
	const struct resolve_options *o =
	    options != NULL ? options : &defaults;
	struct resolve *r = calloc(1, sizeof(*r));
	bool local = strcasecmp(name, "localhost") == 0;
	int err;

	if (r == NULL)
		return -ENOMEM;
	r->loop = loop;
	r->done = done;
	r->arg = arg;
	r->port = port;
	r->start_ns = clock_ns();
	r->allow_loopback = o->allow_loopback || local;
	err = prepare(r, name, o);
	if (err < 0) {
		resolve_free(r);
		return err;
	}
	*out = r;
	ask_here(r, name, o->servers == NULL || local);
	if (r->answers[V4].n + r->answers[V6].n > 0) {
		event_active(r->finish, EV_TIMEOUT, 0);
		return 0;
	}
	r->cache_file = o->cache_file;
	set_limit(r, o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS);
	ask_dns(r, name);
	return 0;
}

void
resolve_free(struct resolve *r)
{
	size_t i;

	if (r == NULL)
		return;
	dnschannel_free(r->channel);
	if (r->limit != NULL)
		event_free(r->limit);
	if (r->finish != NULL)
		event_free(r->finish);
	for (i = 0; i < FAMILIES; i++)
		free(r->answers[i].addrs);
	free(r->name);
	free(r);
}
