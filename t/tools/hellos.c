/*
 * hellos: a stranger that begins TLS handshakes and never ends one. Each
 * connection sends a ClientHello, is reset as soon as the answer comes, and is
 * replaced at once.
 *
 *	hellos -a ADDR:PORT [-b ADDR] [-n CONNECTIONS] [-r RATE]
 *
 * -b is the source address, -n the number of connections at a time (32), -r the
 * number of ClientHellos per second; 0 is no limit.
 *
 * Five times per second it prints a line with the totals so far:
 *
 *	said=HELLOS answered=HELLOS refused=CONNECTIONS
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "tools/clienthello.h"
#include "wire/addr.h"

#define SHOW_MS 200

struct connection {
	int fd;			/* -1: to be opened */
	bool said;
};

struct hellos {
	struct addr to, from;
	size_t n;
	uint64_t rate, began_ns;
	unsigned char hello[CLIENTHELLO_MAX];
	size_t hello_len;
	struct connection *connections;
	struct pollfd *polls;
	uint64_t said, answered, refused;
};

static void
begin(struct hellos *h, struct connection *c)
{
	c->said = false;
	c->fd = socket(h->to.sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		tool_fail(1, "socket", "%s", strerror(errno));
	if (h->from.sa.sa_family != 0 &&
	    bind(c->fd, &h->from.sa, addr_len(&h->from)) < 0)
		tool_fail(1, "bind", "%s", strerror(errno));
	if (connect(c->fd, &h->to.sa, addr_len(&h->to)) == 0 ||
	    errno == EINPROGRESS)
		return;
	close(c->fd);
	c->fd = -1;
	h->refused++;
}

static void
reset(struct connection *c)
{
	static const struct linger now = { 1, 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
	c->fd = -1;
}

static void
serve(struct hellos *h, struct connection *c)
{
	char answer[512];
	ssize_t n;

	if (!c->said) {
		n = send(c->fd, h->hello, h->hello_len, MSG_NOSIGNAL);
		c->said = n == (ssize_t)h->hello_len;
		h->said += c->said;
		h->refused += !c->said;
		if (!c->said)
			reset(c);
		return;
	}
	n = recv(c->fd, answer, sizeof(answer), 0);
	h->answered += n > 0;
	reset(c);
}

/* How many may be begun now, by the rate. */
static uint64_t
allowed(const struct hellos *h, uint64_t begun)
{
	uint64_t due;

	if (h->rate == 0)
		return UINT64_MAX;
	due = (clock_ns() - h->began_ns) / 1000 * h->rate / 1000000;
	return due > begun ? due - begun : 0;
}

static void
turn(struct hellos *h, uint64_t *begun)
{
	uint64_t may = allowed(h, *begun);
	size_t i;

	for (i = 0; i < h->n; i++) {
		struct connection *c = &h->connections[i];

		if (c->fd < 0 && may > 0) {
			begin(h, c);
			may--;
			++*begun;
		}
		h->polls[i].fd = c->fd;
		h->polls[i].events = c->said ? POLLIN : POLLOUT;
		h->polls[i].revents = 0;
	}
	poll(h->polls, h->n, 1);
	for (i = 0; i < h->n; i++)
		if (h->connections[i].fd >= 0 && h->polls[i].revents != 0)
			serve(h, &h->connections[i]);
}

static void
options(struct hellos *h, int argc, char *argv[])
{
	int c;

	h->n = 32;
	while ((c = getopt(argc, argv, "a:b:n:r:")) != -1) {
		if (c == 'a' && addr_parse(&h->to, optarg, 0) < 0)
			tool_fail(1, optarg, "no address");
		else if (c == 'b' && addr_parse(&h->from, optarg, 0) < 0)
			tool_fail(1, optarg, "no address");
		else if (c == 'n')
			h->n = (size_t)atol(optarg);
		else if (c == 'r')
			h->rate = (uint64_t)atol(optarg);
		else if (c == '?')
			exit(1);
	}
	if (addr_port(&h->to) == 0 || h->n == 0)
		tool_fail(1, "-a, -n", "wants an address, and connections");
}

int
main(int argc, char *argv[])
{
	static struct hellos h;
	uint64_t show_ns, begun = 0;
	size_t i;

	tool_name("hellos");
	options(&h, argc, argv);
	tool_raise_files();
	signal(SIGPIPE, SIG_IGN);
	h.hello_len = clienthello_make(h.hello);
	h.connections = calloc(h.n, sizeof(*h.connections));
	h.polls = calloc(h.n, sizeof(*h.polls));
	if (h.connections == NULL || h.polls == NULL)
		tool_fail(1, "start", "out of memory");
	for (i = 0; i < h.n; i++)
		h.connections[i].fd = -1;
	h.began_ns = show_ns = clock_ns();
	for (;;) {
		turn(&h, &begun);
		if (clock_ns() - show_ns < SHOW_MS * CLOCK_MS)
			continue;
		printf("said=%" PRIu64 " answered=%" PRIu64 " refused=%" PRIu64
		    "\n", h.said, h.answered, h.refused);
		fflush(stdout);
		show_ns += SHOW_MS * CLOCK_MS;
	}
}
