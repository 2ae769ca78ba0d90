/*
 * swarm: many strangers at once, from addresses all over 127.7.0.0/16.
 *
 *	swarm hello -a ADDR:PORT -r RATE	connect, send a ClientHello, and
 *						reset the connection upon the
 *						first byte of the answer
 *	swarm idle -a ADDR:PORT -n CONNECTIONS	connect, and say nothing; who is
 *						cut off connects again
 *	swarm spoof -a ADDR:PORT -r RATE	datagrams with a forged source:
 *						TURN's Allocate, or rubbish
 *
 * -m BITS takes another part of 127.0.0.0/8: with 8 all of it, with 24
 * 127.7.7.0/24. RATE is per second. Each second it prints a line with the totals so far:
 *
 *	sent=N answered=N ended=N open=N
 *
 * ended counts the connections that the other side ended without an answer.
 * IPv4 only. "spoof" needs a raw socket.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"
#include "tools/clienthello.h"
#include "wire/addr.h"

#define EVENTS 512
#define SHOW_MS 1000
#define OPEN_MAX 30000		/* at once, for "hello" */
#define LATE_MS 5		/* of the rate, made up for at once: no bursts */
#define BATCH 64		/* datagrams per system call */
#define STUN_LEN 20

struct swarm {
	struct addr to;
	uint64_t rate, n;
	uint32_t hosts;		/* a mask of the bits that vary */
	bool speaks;
	uint64_t began_ms, due, sent, answered, ended, open;
	int fd;			/* of epoll, or the raw socket */
	unsigned char hello[CLIENTHELLO_MAX];
	size_t hello_len;
	struct datagram *datagrams;	/* BATCH of them */
};

struct datagram {
	struct ip ip;
	struct udphdr udp;
	uint8_t stun[STUN_LEN];
} __attribute__((packed));

static struct sockaddr_in
anywhere(const struct swarm *s)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	uint32_t host = (uint32_t)random() & s->hosts;

	from.sin_addr.s_addr = htonl((0x7f070702 & ~s->hosts) | host | 2);
	return from;
}

static void
open_one(struct swarm *s)
{
	int on = 1, fd = socket(AF_INET,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct linger reset = { .l_onoff = 1 };
	struct sockaddr_in from = anywhere(s);
	struct epoll_event event = { .data.fd = fd };

	event.events = EPOLLIN | (s->speaks ? EPOLLOUT : 0);
	if (fd < 0)
		tool_fail(1, "socket", "%s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    (connect(fd, &s->to.sa, addr_len(&s->to)) < 0 &&
	    errno != EINPROGRESS) ||
	    epoll_ctl(s->fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		s->ended++;
		return;
	}
	s->open++;
	s->sent += !s->speaks;
}

static void
serve(struct swarm *s, const struct epoll_event *event)
{
	int fd = event->data.fd;
	struct epoll_event next = { .events = EPOLLIN, .data.fd = fd };
	char byte;

	if (event->events == EPOLLOUT) {
		if (send(fd, s->hello, s->hello_len, MSG_NOSIGNAL) > 0)
			s->sent++;
		epoll_ctl(s->fd, EPOLL_CTL_MOD, fd, &next);
		return;
	}
	if (recv(fd, &byte, 1, 0) > 0)
		s->answered++;
	else
		s->ended++;
	close(fd);
	s->open--;
}

static void
serve_all(struct swarm *s)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(s->fd, events, EVENTS, 1);

	for (i = 0; i < n; i++)
		serve(s, &events[i]);
}

/* How many are due now, by the rate. What is too late is left out. */
static uint64_t
due(struct swarm *s)
{
	uint64_t all = (clock_ms() - s->began_ms) * s->rate / 1000;
	uint64_t now = all - s->due, most = s->rate * LATE_MS / 1000 + 1;

	s->due = all;
	return now < most ? now : most;
}

static void
turn_hello(struct swarm *s)
{
	uint64_t n = due(s);

	while (n-- > 0 && s->open < OPEN_MAX)
		open_one(s);
	serve_all(s);
}

static void
turn_idle(struct swarm *s)
{
	unsigned at_once = EVENTS;

	while (at_once-- > 0 && s->open < s->n)
		open_one(s);
	serve_all(s);
}

static void
forge(const struct swarm *s, struct datagram *d)
{
	struct sockaddr_in from = anywhere(s);

	memset(d, 0, sizeof(*d));
	d->ip.ip_v = 4;
	d->ip.ip_hl = sizeof(d->ip) / 4;
	d->ip.ip_len = htons(sizeof(*d));
	d->ip.ip_ttl = 64;
	d->ip.ip_p = IPPROTO_UDP;
	d->ip.ip_src = from.sin_addr;
	d->ip.ip_dst = s->to.v4.sin_addr;
	d->udp.uh_sport = htons((uint16_t)(1024 + random() % 60000));
	d->udp.uh_dport = s->to.v4.sin_port;
	d->udp.uh_ulen = htons(sizeof(d->udp) + sizeof(d->stun));
	if (random() % 2 == 0)
		memcpy(d->stun, "\0\3\0\0\x21\x12\xa4\x42", 8);
}

static void
turn_spoof(struct swarm *s)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	uint64_t i, n, left = due(s);
	int sent;

	if (left == 0)
		usleep(500);
	for (; left > 0; left -= n) {
		n = left < BATCH ? left : BATCH;
		for (i = 0; i < n; i++) {
			forge(s, &s->datagrams[i]);
			parts[i].iov_base = &s->datagrams[i];
			parts[i].iov_len = sizeof(s->datagrams[i]);
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
			messages[i].msg_hdr.msg_name = &s->to;
			messages[i].msg_hdr.msg_namelen = addr_len(&s->to);
		}
		sent = sendmmsg(s->fd, messages, (unsigned)n, 0);
		s->sent += sent > 0 ? (uint64_t)sent : 0;
	}
}

static void
show(const struct swarm *s)
{
	printf("sent=%" PRIu64 " answered=%" PRIu64 " ended=%" PRIu64
	    " open=%" PRIu64 "\n", s->sent, s->answered, s->ended, s->open);
	fflush(stdout);
}

static void
options(struct swarm *s, int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "a:r:n:m:")) != -1) {
		if (c == 'a' && addr_parse(&s->to, optarg, 0) < 0)
			tool_fail(1, optarg, "invalid address");
		else if (c == 'r')
			s->rate = strtoull(optarg, NULL, 10);
		else if (c == 'n')
			s->n = strtoull(optarg, NULL, 10);
		else if (c == 'm')
			s->hosts = UINT32_MAX >> atoi(optarg);
		else if (c == '?')
			exit(1);
	}
	if (addr_port(&s->to) == 0 || s->to.sa.sa_family != AF_INET)
		tool_fail(1, "-a", "wants an IPv4 address and a port");
}

int
main(int argc, char *argv[])
{
	static struct swarm s;
	void (*turn)(struct swarm *) = NULL;
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t show_ms;

	tool_name("swarm");
	if (strcmp(what, "hello") == 0)
		turn = turn_hello;
	else if (strcmp(what, "idle") == 0)
		turn = turn_idle;
	else if (strcmp(what, "spoof") == 0)
		turn = turn_spoof;
	else
		tool_fail(1, what, "wants hello, idle or spoof");
	s.hosts = 0xffff;
	options(&s, argc - 1, argv + 1);
	tool_raise_files();
	s.speaks = turn == turn_hello;
	if (s.speaks)
		s.hello_len = clienthello_make(s.hello);
	s.datagrams = calloc(BATCH, sizeof(*s.datagrams));
	s.fd = turn == turn_spoof ?
	    socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW) :
	    epoll_create1(EPOLL_CLOEXEC);
	if (s.fd < 0 || s.datagrams == NULL)
		tool_fail(1, "start", "%s", strerror(errno));
	s.began_ms = show_ms = clock_ms();
	for (;;) {
		turn(&s);
		if (clock_ms() - show_ms < SHOW_MS)
			continue;
		show(&s);
		show_ms += SHOW_MS;
	}
}
