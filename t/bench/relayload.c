/*
 * relayload: many two-party calls over any TURN server. Each party sends
 * packets of a voice call's size by channel, paced or in a closed loop.
 *
 *	relayload -c CALLS [-d SECONDS] [-w WINDOW] [-s SECRET] [-u USERS] [-i]
 *	          [-f] [-p] [-S] [-n ADDRESS] [-P PID]... SERVER
 *
 * -w WINDOW is a closed loop with that many packets under way in all. Without
 * it each party sends 50 packets per second, evenly spread. -i uses Send
 * indications. -u takes the parties for users of another application, of so many
 * names, and each pair has two of them. -f says that the server is a bare
 * forwarder (t/bench/forward) without TURN. -p makes the second party of each
 * call a plain UDP peer. -S sleeps when there is nothing to do. Otherwise it
 * spins, so that no server pays for waking it, as none would over a wire. -P
 * names the server's process, whose CPU time and memory are read; the CPU time of
 * further ones counts as well. Prints one line of key=value.
 *
 * All parties share one socket. On loopback each may have an address of its
 * own, 127.1.0.0 and up, so that the generator can send in batches. With an
 * IPv6 server these are fd00:7::1:0 and up, which a route has to make local, and
 * with -n they begin with the first half of that IPv4 address, likewise. A
 * packet's delay ends at the kernel's time of arrival. The host of a virtual
 * machine takes a CPU away for milliseconds now and then, whatever the server.
 * Quantiles are therefore taken per half second, and their median is shown.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../tools/tclient.h"
#include "base/clock.h"
#include "base/tool.h"
#include "net/udp_batch.h"
#include "proc.h"
#include "stamp.h"
#include "wire/rtp.h"

#define PAYLOAD 172		/* RTP and 160 bytes of speech */
#define INTERVAL_NS (20 * CLOCK_MS)
#define CHANNEL 0x4000
#define BINS 40000		/* of the delays' histogram, one a slice */
#define BIN_NS 5000
#define SLICE_NS (500 * CLOCK_MS)
#define SECONDS_MAX 60
#define SLICES (2 * SECONDS_MAX)
#define WARM_NS (500 * CLOCK_MS)
#define PIDS_MAX 16
#define SENDS 16		/* at once; the last is late by their time */

struct party {
	struct addr addr, to;
	size_t message_len;
	uint8_t message[STUN_CHANNEL_HEADER + PAYLOAD + 64];
	size_t payload_at;
	struct rtp rtp;			/* of the next packet */
};

struct load {
	struct udp_batch_socket socket;
	struct addr bound, server;
	struct udp_batch *batch;
	struct stamp *stamp;
	struct party *parties;
	size_t n;			/* of them; neighbours are a call */
	const char *secret;
	bool indications, bare, plain, sleeps;
	uint8_t net[2];			/* that IPv4 parties' addresses are in */
	long pids[PIDS_MAX];
	size_t n_pids;
	uint64_t seconds, window;
	size_t users;			/* 0: parties of calls */

	uint64_t measure_ns, end_ns;
	uint64_t sent, received;	/* while measuring */
	uint32_t in_slice[SLICES];
	uint32_t bins[SLICES][BINS];
};

static bool
readable(const struct load *load, uint64_t wait_ns)
{
	struct pollfd pfd = { .fd = load->socket.fd, .events = POLLIN };
	struct timespec wait = { (time_t)(wait_ns / CLOCK_S),
	    (long)(wait_ns % CLOCK_S) };

	return ppoll(&pfd, 1, &wait, NULL) > 0;
}

/* tclient's way: the party's address on the shared socket. */
static int
send_one(struct tclient *c, const void *data, size_t len)
{
	struct load *load = c->arg;

	udp_batch_send(load->batch, &load->socket, &load->server,
	    &load->parties[c->fd].addr, data, len);
	return udp_batch_flush(load->batch) == 0 ? 0 : -1;
}

static bool
arrives(const struct load *load, const struct stamp_datagram **in,
    uint64_t wait_ns)
{
	uint64_t end_ns = clock_ns() + wait_ns;
	int n;

	if (load->sleeps && !readable(load, wait_ns))
		return false;
	while ((n = stamp_receive(load->stamp, in)) == 0 &&
	    clock_ns() < end_ns)
		;
	return n > 0;
}

static ssize_t
receive_one(struct tclient *c, void *data, size_t max, int ms)
{
	struct load *load = c->arg;
	const struct stamp_datagram *in;

	if (!arrives(load, &in, (uint64_t)ms * CLOCK_MS) || in[0].len > max)
		return -1;
	memcpy(data, in[0].data, in[0].len);
	return (ssize_t)in[0].len;
}

static const struct tclient_way shared = { send_one, receive_one };

static void
need(int code, const char *what, size_t i)
{
	if (code != 0)
		tool_fail(1, what, "party %zu: %d", i, code);
}

static void
set_message(struct load *load, struct party *party, const struct addr *peer)
{
	static const uint8_t zero[STUN_TRANSACTION], payload[PAYLOAD];
	struct stun_builder b;

	party->to = load->server;
	if (load->indications) {
		stun_begin(&b, party->message, sizeof(party->message),
		    STUN_SEND | STUN_INDICATION, zero);
		stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
		stun_add(&b, STUN_ATTR_DATA, payload, PAYLOAD);
		party->message_len = b.len;
	} else {
		stun_channel_header(party->message, CHANNEL, PAYLOAD);
		party->message_len = STUN_CHANNEL_HEADER + PAYLOAD;
	}
	party->payload_at = party->message_len - PAYLOAD;
}

/* To a client's relayed address there goes nothing but the payload. */
static void
set_plain(struct party *party, const struct addr *relayed)
{
	party->to = *relayed;
	party->message_len = PAYLOAD;
	party->payload_at = 0;
}

static void
allocate(struct load *load, struct tclient *c, size_t i)
{
	char name[32];

	memset(c, 0, sizeof(*c));
	c->way = &shared;
	c->arg = load;
	c->fd = (int)i;
	/* One user's requests must differ, or they are one that is repeated. */
	c->serial = (uint32_t)i << 8;
	if (load->users > 0) {
		snprintf(name, sizeof(name), "user%zu", i % load->users);
		tclient_user(c, name, 3600, load->secret);
	} else {
		snprintf(name, sizeof(name), "call%zu", i / 2);
		tclient_credential(c, name, i % 2 == 0 ? "a" : "b", 3600,
		    load->secret);
	}
	need(tclient_allocate(c), "allocate", i);
}

static void
lead_to(struct load *load, struct tclient *c, const struct addr *peer)
{
	size_t i = (size_t)c->fd;

	if (load->indications)
		need(tclient_permit(c, peer), "permit", i);
	else
		need(tclient_bind(c, CHANNEL, peer), "bind", i);
	set_message(load, &load->parties[i], peer);
}

static void
set_up_call(struct load *load, size_t first)
{
	struct tclient c[2];

	allocate(load, &c[0], first);
	if (load->plain) {
		lead_to(load, &c[0], &load->parties[first + 1].addr);
		set_plain(&load->parties[first + 1], &c[0].relayed);
		return;
	}
	allocate(load, &c[1], first + 1);
	lead_to(load, &c[0], &c[1].relayed);
	lead_to(load, &c[1], &c[0].relayed);
}

static void
name_party(struct load *load, size_t i)
{
	uint8_t ip[16] = { 0xfd, 0, 0, 7, [13] = 1 };
	uint8_t v4[4] = { load->net[0], load->net[1] };
	bool is_v4 = addr_is_v4(&load->server);
	uint8_t *end = is_v4 ? v4 + 4 : ip + 16;

	end[-1] = (uint8_t)i;
	end[-2] = (uint8_t)(i >> 8);
	end[-3] = (uint8_t)(end[-3] + (i >> 16));
	addr_from_bytes(&load->parties[i].addr, is_v4 ? v4 : ip,
	    is_v4 ? 4 : 16, addr_port(&load->bound));
	load->parties[i].rtp.ssrc = (uint32_t)i + 1;
}

static void
set_up(struct load *load)
{
	size_t i;

	for (i = 0; i < load->n; i++)
		name_party(load, i);
	for (i = 0; i < load->n; i += 2) {
		if (!load->bare) {
			set_up_call(load, i);
			continue;
		}
		set_message(load, &load->parties[i], &load->server);
		set_message(load, &load->parties[i + 1], &load->server);
	}
}

static void
send_from(struct load *load, size_t i)
{
	struct party *party = &load->parties[i];
	uint64_t now = stamp_now_ns();

	rtp_write(party->message + party->payload_at, &party->rtp);
	memcpy(party->message + party->payload_at + RTP_HEADER, &now,
	    sizeof(now));
	party->rtp.sequence++;
	party->rtp.timestamp += 960;
	udp_batch_send(load->batch, &load->socket, &party->to, &party->addr,
	    party->message, party->message_len);
	load->sent += now >= load->measure_ns && now < load->end_ns;
}

/* Behind RTP's header it says when it was sent; 0 if it is another packet. */
static uint64_t
sent_ns(const struct stamp_datagram *in)
{
	const uint8_t *payload = in->data + in->len - PAYLOAD;
	struct stun_attr data;
	struct stun_msg msg;
	uint64_t ns;

	if (in->len < PAYLOAD)
		return 0;
	/* A server may end an indication with attributes of its own. */
	if (stun_is(in->data, in->len)) {
		if (stun_parse(&msg, in->data, in->len) < 0 ||
		    stun_find(&msg, STUN_ATTR_DATA, &data) < 0 ||
		    data.len != PAYLOAD)
			return 0;
		payload = data.value;
	}
	memcpy(&ns, payload + RTP_HEADER, sizeof(ns));
	return ns;
}

static void
note(struct load *load, const struct stamp_datagram *in)
{
	uint64_t ns = sent_ns(in), bin, slice;

	if (ns < load->measure_ns || ns >= load->end_ns || ns > in->at_ns)
		return;
	load->received++;
	slice = (ns - load->measure_ns) / SLICE_NS;
	bin = (in->at_ns - ns) / BIN_NS;
	load->in_slice[slice]++;
	load->bins[slice][bin < BINS ? bin : BINS - 1]++;
}

static unsigned
receive(struct load *load, uint64_t wait_ns)
{
	const struct stamp_datagram *in;
	int i, n;

	if (wait_ns > 0 && !readable(load, wait_ns))
		return 0;
	n = stamp_receive(load->stamp, &in);
	for (i = 0; i < n; i++)
		note(load, &in[i]);
	return (unsigned)n;
}

/* Each party every 20 ms, their phases spread evenly. */
static void
run_paced(struct load *load)
{
	uint64_t start = clock_ns(), k = 0, now, due, queued;

	while (stamp_now_ns() < load->end_ns) {
		now = clock_ns();
		for (queued = 0; queued < SENDS; queued++, k++) {
			due = start + k / load->n * INTERVAL_NS +
			    k % load->n * INTERVAL_NS / load->n;
			if (due > now)
				break;
			send_from(load, k % load->n);
		}
		(void)udp_batch_flush(load->batch);
		due = start + k / load->n * INTERVAL_NS +
		    k % load->n * INTERVAL_NS / load->n;
		now = clock_ns();
		(void)receive(load, load->sleeps && due > now ? due - now : 0);
	}
}

/* A packet for each that comes; what is lost is replaced after a while. */
static void
run_closed(struct load *load)
{
	uint64_t k = 0, i, credit = load->window, n;

	while (stamp_now_ns() < load->end_ns) {
		for (i = 0; i < UDP_BATCH_MAX && credit > 0; i++, credit--)
			send_from(load, k++ % load->n);
		(void)udp_batch_flush(load->batch);
		n = receive(load, credit > 0 ? 0 : 20 * CLOCK_MS);
		if (n > 0)
			credit += n;
		else if (credit == 0)
			credit = load->window;
	}
}

/* Packets that start between now and so much later are counted. */
static void
run(struct load *load, uint64_t length_ns, bool counts)
{
	uint64_t now = stamp_now_ns();

	load->measure_ns = counts ? now : UINT64_MAX;
	load->end_ns = now + length_ns;
	if (load->window > 0)
		run_closed(load);
	else
		run_paced(load);
}

/* The delay that so much of a slice's packets had at most. */
static uint64_t
slice_quantile_ns(const struct load *load, size_t slice, double part)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < BINS; i++) {
		sum += load->bins[slice][i];
		if (sum > 0 && (double)sum >=
		    part * (double)load->in_slice[slice])
			break;
	}
	return (i + 1) * BIN_NS;
}

static int
by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The median of that over the slices, in microseconds. */
static double
quantile(const struct load *load, double part)
{
	uint64_t ns[SLICES];
	size_t i, n = 2 * load->seconds;

	for (i = 0; i < n; i++)
		ns[i] = slice_quantile_ns(load, i, part);
	qsort(ns, n, sizeof(ns[0]), by_size);
	return (double)ns[n / 2] / 1000;
}

static uint64_t
cpu_ns(const struct load *load)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < load->n_pids; i++)
		sum += proc_cpu_ns(load->pids[i]);
	return sum;
}

static void
measure(struct load *load)
{
	uint64_t set_up_ns, cpu, kb = proc_memory_kb(load->pids[0]);
	double per_packet, lost, allocations;

	allocations = load->bare ? 0 : load->plain ? (double)load->n / 2 :
	    (double)load->n;
	set_up_ns = cpu_ns(load);
	set_up(load);
	set_up_ns = cpu_ns(load) - set_up_ns;
	kb = proc_memory_kb(load->pids[0]) - kb;
	run(load, WARM_NS, false);
	cpu = cpu_ns(load);
	run(load, load->seconds * CLOCK_S, true);
	cpu = cpu_ns(load) - cpu;
	while (receive(load, 200 * CLOCK_MS) > 0)
		;
	per_packet = load->received == 0 ? 0 :
	    (double)cpu / 1000 / (double)load->received;
	lost = load->sent == 0 ? 0 : 100 * (1 -
	    (double)load->received / (double)load->sent);
	printf("calls=%zu sent=%" PRIu64 " received=%" PRIu64
	    " lost_pct=%.2f offered=%.0f pps=%.0f cpu_us=%.2f busy_pct=%.0f"
	    " p50_us=%.0f p99_us=%.0f p999_us=%.0f alloc_us=%.1f alloc_bytes=%.0f\n",
	    load->n / 2, load->sent, load->received, lost < 0 ? 0 : lost,
	    (double)load->sent / (double)load->seconds,
	    (double)load->received / (double)load->seconds, per_packet,
	    (double)cpu / (double)load->seconds / 1e7, quantile(load, 0.5),
	    quantile(load, 0.99), quantile(load, 0.999),
	    allocations > 0 ? (double)set_up_ns / 1000 / allocations : 0,
	    allocations > 0 ? (double)kb * 1024 / allocations : 0);
}

static void
open_socket(struct load *load)
{
	static const int on = 1;
	bool v4 = addr_is_v4(&load->server);

	addr_parse(&load->bound, v4 ? "0.0.0.0:0" : "[::]:0", 0);
	if (udp_batch_socket_open(&load->socket, &load->bound, false) < 0)
		tool_fail(1, "socket", "cannot open one");
	if (!v4 && setsockopt(load->socket.fd, IPPROTO_IPV6, IPV6_FREEBIND,
	    &on, sizeof(on)) < 0)
		tool_fail(1, "socket", "cannot send from everywhere");
}

static void
start(struct load *load)
{
	open_socket(load);
	load->parties = calloc(load->n, sizeof(*load->parties));
	load->batch = udp_batch_new();
	load->stamp = stamp_new(load->socket.fd);
	if (load->parties == NULL || load->batch == NULL ||
	    load->stamp == NULL)
		tool_fail(1, "start", "out of memory");
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
}

static void
take_net(struct load *load, const char *text)
{
	struct addr net;
	size_t n;

	if (addr_parse(&net, text, 1) < 0 || !addr_is_v4(&net))
		tool_fail(1, text, "not an IPv4 address");
	memcpy(load->net, addr_ip(&net, &n), sizeof(load->net));
}

static void
take_options(struct load *load, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:d:w:s:u:n:P:ifpS")) != -1) {
		switch (c) {
		case 'c':
			load->n = 2 * strtoul(optarg, NULL, 10);
			break;
		case 'd':
			load->seconds = strtoul(optarg, NULL, 10);
			break;
		case 'w':
			load->window = strtoul(optarg, NULL, 10);
			break;
		case 's':
			load->secret = optarg;
			break;
		case 'u':
			load->users = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			take_net(load, optarg);
			break;
		case 'P':
			if (load->n_pids < PIDS_MAX)
				load->pids[load->n_pids++] =
				    strtol(optarg, NULL, 10);
			break;
		case 'i':
			load->indications = true;
			break;
		case 'f':
			load->bare = true;
			break;
		case 'p':
			load->plain = true;
			break;
		case 'S':
			load->sleeps = true;
			break;
		default:
			exit(1);
		}
	}
	if (optind + 1 != argc || load->n < 2 || load->n > 200000 ||
	    load->seconds < 1 || load->seconds > SECONDS_MAX ||
	    addr_parse(&load->server, argv[optind], 0) < 0)
		tool_fail(1, "usage", "relayload -c CALLS [-d SECONDS] "
		    "[-w WINDOW] [-s SECRET] [-u USERS] [-i] [-f] [-p] [-S] "
		    "[-n ADDRESS] [-P PID]... SERVER");
}

int
main(int argc, char **argv)
{
	static struct load load = { .n = 2, .seconds = 5, .secret = "north",
		.net = { 127, 1 } };

	tool_name("relayload");
	take_options(&load, argc, argv);
	start(&load);
	measure(&load);
	stamp_free(load.stamp);
	udp_batch_free(load.batch);
	free(load.parties);
	udp_batch_socket_close(&load.socket);
	return 0;
}
