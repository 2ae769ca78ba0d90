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

#include <gnutls/gnutls.h>

#include "base/clock.h"
#include "base/tool.h"
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
	unsigned char hello[4096];
	size_t hello_len;
	struct connection *connections;
	struct pollfd *polls;
	uint64_t said, answered, refused;
};

static ssize_t
keep(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct hellos *h = arg;

	if (len > sizeof(h->hello) - h->hello_len)
		tool_fail(1, "TLS", "too long a ClientHello");
	memcpy(h->hello + h->hello_len, data, len);
	h->hello_len += len;
	return (ssize_t)len;
}

static ssize_t
no_answer(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	errno = EAGAIN;
	return -1;
}

/* Make a ClientHello, which all connections say. */
static void
make_hello(struct hellos *h)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
	    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0 ||
	    gnutls_set_default_priority(session) < 0 ||
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	    credentials) < 0)
		tool_fail(1, "TLS", "cannot be set up");
	gnutls_transport_set_ptr(session, h);
	gnutls_transport_set_push_function(session, keep);
	gnutls_transport_set_pull_function(session, no_answer);
	(void)gnutls_handshake(session);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
}

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
	make_hello(&h);
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
