/*
 * flood: a stranger that repeats one message as fast as it can.
 *
 *	flood -a ADDR:PORT [-p] [-n CONNECTIONS] [-k KBITS] [-f TEXT]
 *	      -t TEXT | -x HEX
 *
 * It uses TLS and accepts any certificate; -p uses TCP alone. -n is the number
 * of connections (1). -k limits the bits sent on all of them together, in
 * kilobits per second; 0 is no limit. -f is sent once, first. In TEXT \r and \n
 * have their usual meaning. Answers are read and discarded. A connection that
 * ends is replaced a tenth of a second later.
 *
 * Five times per second it prints a line with the totals so far:
 *
 *	sent=BYTES heard=BYTES opened=CONNECTIONS ended=CONNECTIONS
 *
 * opened counts the connections on which data could be sent, after the
 * handshake.
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
#include "base/crypto.h"
#include "base/tool.h"
#include "wire/addr.h"

#define SAY 16384		/* bytes at once: a TLS record */
#define ANEW_MS 100
#define SHOW_MS 200
#define BURST_MS 10		/* of the rate, at once */

struct connection {
	int fd;			/* -1: to be opened at due_ms */
	uint64_t due_ms;
	gnutls_session_t tls;	/* NULL: plain */
	bool ready, began;
	size_t at;		/* how much of what is being said is */
	bool blocked;		/* a record is on its way */
};

struct flood {
	struct addr to;
	bool plain;
	size_t n;
	uint64_t bits_per_ms;
	uint64_t may, since_ms;	/* bytes, and when they were counted */
	char first[1024], say[SAY];
	size_t first_len, say_len;
	gnutls_certificate_credentials_t credentials;
	struct connection *connections;
	struct pollfd *polls;
	uint64_t sent, heard, opened, ended;
};

static void
start(struct flood *f, struct connection *c)
{
	int fd = socket(f->to.sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->began = f->first_len == 0;
	if (fd < 0 || (connect(fd, &f->to.sa, addr_len(&f->to)) < 0 &&
	    errno != EINPROGRESS))
		tool_fail(1, "connect", "%s", strerror(errno));
	if (f->plain)
		return;
	if (gnutls_init(&c->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0 ||
	    gnutls_set_default_priority(c->tls) < 0 ||
	    gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE,
	    f->credentials) < 0)
		tool_fail(1, "TLS", "cannot be set up");
	gnutls_transport_set_int(c->tls, fd);
}

static void
end(struct flood *f, struct connection *c)
{
	if (c->tls != NULL)
		gnutls_deinit(c->tls);
	close(c->fd);
	c->fd = -1;
	c->due_ms = clock_ms() + ANEW_MS;
	f->ended++;
}

/* Bytes; -EAGAIN, or another negative errno at the end. */
static ssize_t
put(struct connection *c, const char *data, size_t len)
{
	ssize_t n;

	if (c->tls == NULL) {
		n = send(c->fd, data, len, MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	/* What could not be sent is kept by GnuTLS, and wants nothing new. */
	n = c->blocked ? gnutls_record_send(c->tls, NULL, 0) :
	    gnutls_record_send(c->tls, data, len);
	if (n < 0)
		return gnutls_error_is_fatal((int)n) ? -EPIPE : -EAGAIN;
	return n;
}

static ssize_t
get(struct connection *c, char *data, size_t len)
{
	ssize_t n;

	if (c->tls == NULL) {
		n = recv(c->fd, data, len, 0);
		return n < 0 ? -errno : n;
	}
	n = gnutls_record_recv(c->tls, data, len);
	if (n < 0)
		return gnutls_error_is_fatal((int)n) ? -EPIPE : -EAGAIN;
	return n;
}

/* False: not yet, or it is over. */
static bool
prepare(struct flood *f, struct connection *c)
{
	int err;

	if (c->ready)
		return true;
	err = c->tls != NULL ? gnutls_handshake(c->tls) : 0;
	if (err < 0) {
		if (gnutls_error_is_fatal(err))
			end(f, c);
		return false;
	}
	c->ready = true;
	f->opened++;
	return true;
}

static void
listen_to(struct flood *f, struct connection *c)
{
	char data[SAY];
	ssize_t n = 0;
	int left = 16;

	while (left-- > 0 && (n = get(c, data, sizeof(data))) > 0)
		f->heard += (uint64_t)n;
	if (n == 0 || (n < 0 && n != -EAGAIN))
		end(f, c);
}

/* What may be said now, by the rate. */
static size_t
allowed(struct flood *f, size_t len)
{
	uint64_t now_ms = clock_ms(), burst = f->bits_per_ms * BURST_MS / 8;

	if (f->bits_per_ms == 0)
		return len;
	f->may += (now_ms - f->since_ms) * f->bits_per_ms / 8;
	f->since_ms = now_ms;
	if (f->may > burst)
		f->may = burst;
	return f->may < len ? (size_t)f->may : len;
}

static void
talk(struct flood *f, struct connection *c)
{
	const char *text = c->began ? f->say : f->first;
	size_t all = c->began ? f->say_len : f->first_len;
	size_t len = allowed(f, all - c->at);
	ssize_t n;

	if (len == 0)
		return;
	n = put(c, text + c->at, len);
	c->blocked = n == -EAGAIN;
	if (n < 0 && n != -EAGAIN)
		end(f, c);
	if (n < 0)
		return;
	f->sent += (uint64_t)n;
	if (f->bits_per_ms != 0)
		f->may -= (uint64_t)n < f->may ? (uint64_t)n : f->may;
	c->at += (size_t)n;
	if (c->at >= all) {
		c->at = 0;
		c->began = true;
	}
}

static void
serve(struct flood *f, struct connection *c, short what)
{
	if (what == 0 || !prepare(f, c))
		return;
	if (what & (POLLIN | POLLHUP | POLLERR))
		listen_to(f, c);
	if (c->fd >= 0 && what & POLLOUT)
		talk(f, c);
}

/* What to wait for: with nothing to be said by the rate, not for room. */
static void
turn(struct flood *f)
{
	bool talks = allowed(f, 1) > 0;
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct connection *c = &f->connections[i];

		if (c->fd < 0 && clock_ms() >= c->due_ms)
			start(f, c);
		f->polls[i].fd = c->fd;
		f->polls[i].events = POLLIN;
		if (talks || !c->ready)
			f->polls[i].events |= POLLOUT;
		f->polls[i].revents = 0;
	}
	poll(f->polls, f->n, talks ? 50 : 1);
	for (i = 0; i < f->n; i++)
		if (f->connections[i].fd >= 0)
			serve(f, &f->connections[i], f->polls[i].revents);
}

static void
show(const struct flood *f)
{
	printf("sent=%" PRIu64 " heard=%" PRIu64 " opened=%" PRIu64
	    " ended=%" PRIu64 "\n", f->sent, f->heard, f->opened, f->ended);
	fflush(stdout);
}

static size_t
unescape(char *out, size_t max, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < max; text++) {
		if (*text == '\\' && (text[1] == 'r' || text[1] == 'n'))
			out[n++] = *++text == 'r' ? '\r' : '\n';
		else
			out[n++] = *text;
	}
	return n;
}

static size_t
unhex(char *out, size_t max, const char *text)
{
	size_t n = 0;
	unsigned byte;

	for (; n < max && sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (char)byte;
	return n;
}

/* As often as it fits whole. */
static void
repeat(struct flood *f)
{
	size_t one = f->say_len;

	if (one == 0)
		tool_fail(1, "-t, -x", "wants something to say");
	for (; f->say_len + one <= sizeof(f->say); f->say_len += one)
		memcpy(f->say + f->say_len, f->say, one);
}

static void
options(struct flood *f, int argc, char *argv[])
{
	int c;

	f->n = 1;
	while ((c = getopt(argc, argv, "a:pn:k:f:t:x:")) != -1) {
		if (c == 'a' && addr_parse(&f->to, optarg, 0) < 0)
			tool_fail(1, optarg, "no address");
		else if (c == 'p')
			f->plain = true;
		else if (c == 'n')
			f->n = (size_t)atol(optarg);
		else if (c == 'k')
			f->bits_per_ms = (uint64_t)atol(optarg);
		else if (c == 'f')
			f->first_len = unescape(f->first, sizeof(f->first),
			    optarg);
		else if (c == 't')
			f->say_len = unescape(f->say, sizeof(f->say), optarg);
		else if (c == 'x')
			f->say_len = unhex(f->say, sizeof(f->say), optarg);
		else if (c == '?')
			exit(1);
	}
	if (addr_port(&f->to) == 0 || f->n == 0)
		tool_fail(1, "-a, -n", "wants an address, and connections");
	repeat(f);
}

int
main(int argc, char *argv[])
{
	static struct flood f;
	uint64_t show_ms;
	size_t i;

	tool_name("flood");
	options(&f, argc, argv);
	tool_raise_files();
	signal(SIGPIPE, SIG_IGN);
	f.connections = calloc(f.n, sizeof(*f.connections));
	f.polls = calloc(f.n, sizeof(*f.polls));
	if (f.connections == NULL || f.polls == NULL ||
	    gnutls_certificate_allocate_credentials(&f.credentials) < 0)
		tool_fail(1, "start", "out of memory");
	for (i = 0; i < f.n; i++)
		f.connections[i].fd = -1;
	f.since_ms = show_ms = clock_ms();
	for (;;) {
		turn(&f);
		if (clock_ms() - show_ms < SHOW_MS)
			continue;
		show(&f);
		show_ms += SHOW_MS;
	}
}
