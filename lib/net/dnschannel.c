/*
 * dnschannel: put a c-ares channel on the loop. Called by resolve. See
 * dnschannel.h.
 */
#include "net/dnschannel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "net/dnsconf.h"
#include "net/dnszone.h"

/*
 * The cost of one lost packet. Then other servers are tried, then the time is
 * doubled.
 */
#define TRY_MS 700
#define TRIES 4
#define WHY 128			/* one line */
#define NAME_MAX_BYTES 256	/* of a name, its last dot and a NUL */

/* One of c-ares' sockets, which it opens and closes at will. */
struct watch {
	struct watch *next;
	struct dnschannel *channel;
	struct event *event;
	ares_socket_t fd;
};

struct dnschannel {
	struct event_base *loop;
	ares_channel ares;
	struct watch *watches;
	struct event *retry;	/* c-ares' own time-outs */
	struct dnsconf conf;
	char silent[WHY];	/* what to say when no server answers */
};

static void
set_retry(struct dnschannel *c)
{
	struct timeval tv;

	if (ares_timeout(c->ares, NULL, &tv) != NULL)
		event_add(c->retry, &tv);
	else
		event_del(c->retry);
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct dnschannel *c = arg;

	(void)fd;
	(void)what;
	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_retry(c);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dnschannel *c = ((struct watch *)arg)->channel;

	/* This may close the socket and thereby free the watch. */
	ares_process_fd(c->ares, what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	set_retry(c);
}

static void
unwatch(struct dnschannel *c, ares_socket_t fd)
{
	struct watch **at, *found;

	for (at = &c->watches; *at != NULL; at = &(*at)->next) {
		if ((*at)->fd != fd)
			continue;
		found = *at;
		*at = found->next;
		event_free(found->event);
		free(found);
		return;
	}
}

/* Watch what c-ares waits for. Without memory its retry must suffice. */
static void
on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dnschannel *c = arg;
	struct watch *watch;
	short what = EV_PERSIST;

	unwatch(c, fd);
	if (!readable && !writable)
		return;
	watch = calloc(1, sizeof(*watch));
	if (watch == NULL)
		return;
	what |= (short)((readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
	watch->channel = c;
	watch->fd = fd;
	watch->event = event_new(c->loop, fd, what, on_socket, watch);
	if (watch->event == NULL || event_add(watch->event, NULL) < 0) {
		if (watch->event != NULL)
			event_free(watch->event);
		free(watch);
		return;
	}
	watch->next = c->watches;
	c->watches = watch;
}

/*
 * Without EDNS (RFC 6891): a resolver that does not know it answers FORMERR,
 * NOTIMP, SERVFAIL or nothing. At the first FORMERR c-ares turns it off for the
 * channel and fails the other question that is under way. 512 bytes hold 29 A
 * or 16 AAAA records; a longer answer comes by TCP.
 */
static int
open_ares(struct dnschannel *c, const char *servers)
{
	static char dns_only[] = "b";
	struct ares_options options = {
		.flags = 0,		/* from 1.22 on EDNS is the default */
		.timeout = TRY_MS,
		.tries = TRIES,
		.ndots = 1,		/* see is_full */
		.lookups = dns_only,
		.sock_state_cb = on_state,
		.sock_state_cb_data = c,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_NDOTS | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;

	if (ares_init_options(&c->ares, &options, mask) != ARES_SUCCESS) {
		c->ares = NULL;
		return -ENOMEM;
	}
	if (servers != NULL)
		return ares_set_servers_ports_csv(c->ares, servers) ==
		    ARES_SUCCESS ? 0 : -EINVAL;
	if (!c->conf.zones)
		return 0;
	dnszone_use(c->ares);
	return ares_set_servers_csv(c->ares, c->conf.csv) == ARES_SUCCESS ?
	    0 : -ENOMEM;
}

/*
 * Write the meaning of ECONNREFUSED. c-ares also reports it of a server that
 * has answered with an error only. Like libc it asks 127.0.0.1 if none is named.
 */
static void
describe(struct dnschannel *c, const char *servers)
{
	if (*servers != '\0')
		snprintf(c->silent, sizeof(c->silent),
		    "no answer from the name server %.80s", servers);
	else
		snprintf(c->silent, sizeof(c->silent), "%s names no name "
		    "server, and none answers at 127.0.0.1", DNSCONF_FILE);
}

int
dnschannel_new(struct dnschannel **out, struct event_base *loop,
    const char *servers)
{
	struct dnschannel *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	dnsconf_read(&c->conf, DNSCONF_FILE);
	describe(c, servers != NULL ? servers : c->conf.servers);
	c->retry = evtimer_new(loop, on_retry, c);
	if (c->retry != NULL)
		err = open_ares(c, servers);
	if (err < 0) {
		dnschannel_free(c);
		return err;
	}
	*out = c;
	return 0;
}

/*
 * c-ares could tell its list, but each of its two ways is missing or deprecated
 * in some version.
 */
size_t
dnschannel_servers(const char *servers, char out[][ADDR_TEXT], size_t max)
{
	char list[DNSCONF_TEXT], *item, *rest;
	struct dnsconf conf;
	struct addr server;
	size_t n = 0;

	dnsconf_read(&conf, DNSCONF_FILE);
	snprintf(list, sizeof(list), "%.*s", DNSCONF_TEXT - 1,
	    servers != NULL ? servers : conf.servers);
	for (item = strtok_r(list, ", ", &rest); item != NULL && n < max;
	    item = strtok_r(NULL, ", ", &rest)) {
		if (addr_parse(&server, item, 0) == 0)
			addr_format_ip(&server, out[n++]);
		else	/* with its zone, as it was written */
			snprintf(out[n++], ADDR_TEXT, "%.*s", ADDR_TEXT - 1,
			    item);
	}
	/* As libc and c-ares have it. */
	if (n == 0 && max > 0)
		strcpy(out[n++], "127.0.0.1");
	return n;
}

static size_t
count_dots(const char *name)
{
	size_t n = 0;

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

/*
 * Is the name a full one, which is not looked up under the local domains? One
 * dot makes it so, as libc has it, unless resolv.conf wants more (ndots).
 */
static bool
is_full(const struct dnschannel *c, const char *name)
{
	size_t dots = count_dots(name);

	return dots > 0 && dots >= c->conf.ndots;
}

void
dnschannel_ask(struct dnschannel *c, const char *name, int family,
    ares_addrinfo_callback answered, void *arg)
{
	struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};
	char full[NAME_MAX_BYTES];
	size_t len = strlen(name);
	const char *dot = len > 0 && name[len - 1] == '.' ? "" : ".";

	/* c-ares looks a name with a last dot up as it is, and only so. */
	if (is_full(c, name) && len + 1 < sizeof(full)) {
		snprintf(full, sizeof(full), "%s%s", name, dot);
		name = full;
	}
	ares_getaddrinfo(c->ares, name, NULL, &hints, answered, arg);
	set_retry(c);
}

void
dnschannel_hosts(const char *name, ares_addrinfo_callback answered, void *arg)
{
	static const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT, .ai_socktype = SOCK_STREAM
	};
	static char file_only[] = "f";
	struct ares_options options = { .lookups = file_only };
	char plain[NAME_MAX_BYTES];
	size_t len = strlen(name);
	ares_channel ares;

	if (len >= sizeof(plain) || ares_init_options(&ares, &options,
	    ARES_OPT_LOOKUPS) != ARES_SUCCESS)
		return;
	strcpy(plain, name);
	if (len > 0 && plain[len - 1] == '.')
		plain[len - 1] = '\0';
	ares_getaddrinfo(ares, plain, NULL, &hints, answered, arg);
	ares_destroy(ares);
}

const char *
dnschannel_why(const struct dnschannel *c, int status)
{
	return status == ARES_ECONNREFUSED ? c->silent : ares_strerror(status);
}

void
dnschannel_free(struct dnschannel *c)
{
	if (c == NULL)
		return;
	if (c->ares != NULL)
		ares_destroy(c->ares);
	while (c->watches != NULL)
		unwatch(c, c->watches->fd);
	if (c->retry != NULL)
		event_free(c->retry);
	free(c);
}
