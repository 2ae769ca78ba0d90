/*
 * dnschannel: put a c-ares channel on the loop. Called by resolve. See
 * dnschannel.h.
 */
#include "net/dnschannel.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>

/*
 * The cost of one lost packet. Then other servers are tried, then the time is
 * doubled.
 */
#define TRY_MS 700
#define TRIES 4
/* The size that passes every path unfragmented (DNS flag day 2020). */
#define EDNS_BYTES 1232

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

static int
open_ares(struct dnschannel *c, const char *servers, bool search)
{
	static char dns_only[] = "b";
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS | (search ? 0 : ARES_FLAG_NOSEARCH),
		.ednspsz = EDNS_BYTES,
		.timeout = TRY_MS,
		.tries = TRIES,
		.lookups = dns_only,
		.sock_state_cb = on_state,
		.sock_state_cb_data = c,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
	    ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;

	if (ares_init_options(&c->ares, &options, mask) != ARES_SUCCESS) {
		c->ares = NULL;
		return -ENOMEM;
	}
	if (servers != NULL && ares_set_servers_ports_csv(c->ares,
	    servers) != ARES_SUCCESS)
		return -EINVAL;
	return 0;
}

int
dnschannel_new(struct dnschannel **out, struct event_base *loop,
    const char *servers, bool search)
{
	struct dnschannel *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->retry = evtimer_new(loop, on_retry, c);
	if (c->retry != NULL)
		err = open_ares(c, servers, search);
	if (err < 0) {
		dnschannel_free(c);
		return err;
	}
	*out = c;
	return 0;
}

static void
format_server(const struct ares_addr_port_node *server,
    char text[static ADDR_TEXT])
{
	bool v4 = server->family == AF_INET;
	const void *ip = v4 ? (const void *)&server->addr.addr4 :
	    (const void *)&server->addr.addr6;
	struct addr addr;

	text[0] = '\0';
	if (addr_from_bytes(&addr, ip, v4 ? 4 : 16, 0) == 0)
		addr_format_ip(&addr, text);
}

size_t
dnschannel_servers(const char *servers, char out[][ADDR_TEXT], size_t max)
{
	struct ares_addr_port_node *list = NULL, *server;
	struct dnschannel c = { .loop = NULL };
	size_t n = 0;

	if (open_ares(&c, servers, false) == 0 &&
	    ares_get_servers_ports(c.ares, &list) == ARES_SUCCESS)
		for (server = list; server != NULL && n < max;
		    server = server->next)
			format_server(server, out[n++]);
	ares_free_data(list);
	if (c.ares != NULL)
		ares_destroy(c.ares);
	return n;
}

ares_channel
dnschannel_ares(const struct dnschannel *c)
{
	return c->ares;
}

void
dnschannel_asked(struct dnschannel *c)
{
	set_retry(c);
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
