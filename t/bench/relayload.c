/*
 * relayload: many two-party calls over a TURN server, whoever's, each party
 * sending packets of a voice call's size by channel, paced or in closed loop.
 *
 *	relayload -c CALLS [-d SECONDS] [-w WINDOW] [-s SECRET] [-i] [-f]
 *	          [-P PID] SERVER
 *
 * -w WINDOW: closed loop with that many packets under way in all; else paced,
 * 50 packets a second from each party. -i: by Send indication. -f: the server
 * is a bare forwarder (t/bench/forward) and no TURN. -P: the server's process,
 * whose CPU time and memory are read. Prints one line of key=value.
 *
 * All parties share one socket: on loopback each may have an address of its
 * own, 127.1.0.0 and up, so that the generator can send by the batch.
 */
#include "config.h"

#include <dirent.h>
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
#include "batch.h"
#include "wire/rtp.h"

#define PAYLOAD 172		/* RTP and 160 bytes of speech */
#define INTERVAL_NS (20 * CLOCK_MS)
#define CHANNEL 0x4000
#define BINS 4000		/* of the delay's histogram, 25 us each */
#define BIN_NS 25000
#define WARM_NS (500 * CLOCK_MS)

struct party {
	struct addr addr;
	size_t message_len;
	uint8_t message[STUN_CHANNEL_HEADER + PAYLOAD + 64];
	size_t payload_at;
	struct rtp rtp;			/* of the next packet */
};

struct load {
	struct batch_socket socket;
	struct addr bound, server;
	struct batch *batch;
	struct party *parties;
	size_t n;			/* of them; neighbours are a call */
	const char *secret;
	bool indications, bare;
	long pid;
	uint64_t seconds, window;

	uint64_t measure_ns, end_ns;
	uint64_t sent, received;	/* while measuring */
	uint64_t bins[BINS];
	struct batch_datagram *in;
	int n_in;
};

/* CPU time of all threads of the server, and its resident memory. */
static uint64_t
cpu_ns(long pid)
{
	char path[300];
	uint64_t sum = 0, one;
	struct dirent *entry;
	DIR *tasks;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return 0;
	while ((entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/schedstat",
		    pid, entry->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%" SCNu64, &one) == 1)
			sum += one;
		fclose(file);
	}
	closedir(tasks);
	return sum;
}

static uint64_t
memory_kb(long pid)
{
	char path[64], line[128];
	uint64_t kb = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmRSS: %" SCNu64, &kb) == 1)
			break;
	fclose(file);
	return kb;
}

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

	batch_send(load->batch, &load->socket, &load->server,
	    &load->parties[c->fd].addr, data, len);
	return batch_flush(load->batch) == 0 ? 0 : -1;
}

static ssize_t
receive_one(struct tclient *c, void *data, size_t max, int ms)
{
	struct load *load = c->arg;

	if (!readable(load, (uint64_t)ms * CLOCK_MS))
		return -1;
	load->n_in = batch_receive(load->batch, &load->socket, &load->bound,
	    &load->in);
	if (load->n_in <= 0 || load->in[0].len > max)
		return -1;
	memcpy(data, load->in[0].data, load->in[0].len);
	return (ssize_t)load->in[0].len;
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

static void
set_up_call(struct load *load, size_t first)
{
	struct tclient c[2];
	char call[32];
	size_t i;

	snprintf(call, sizeof(call), "call%zu", first / 2);
	for (i = 0; i < 2; i++) {
		memset(&c[i], 0, sizeof(c[i]));
		c[i].way = &shared;
		c[i].arg = load;
		c[i].fd = (int)(first + i);
		tclient_credential(&c[i], call, i == 0 ? "a" : "b", 3600,
		    load->secret);
		need(tclient_allocate(&c[i]), "allocate", first + i);
	}
	for (i = 0; i < 2; i++) {
		const struct addr *peer = &c[1 - i].relayed;

		if (load->indications)
			need(tclient_permit(&c[i], peer), "permit",
			    first + i);
		else
			need(tclient_bind(&c[i], CHANNEL, peer), "bind",
			    first + i);
		set_message(load, &load->parties[first + i], peer);
	}
}

static void
set_up(struct load *load)
{
	uint32_t ip;
	uint8_t bytes[4];
	size_t i;

	load->parties = calloc(load->n, sizeof(*load->parties));
	load->batch = batch_new();
	if (load->parties == NULL || load->batch == NULL)
		tool_fail(1, "start", "out of memory");
	for (i = 0; i < load->n; i++) {
		ip = 0x7f010000 + (uint32_t)i;
		bytes[0] = (uint8_t)(ip >> 24);
		bytes[1] = (uint8_t)(ip >> 16);
		bytes[2] = (uint8_t)(ip >> 8);
		bytes[3] = (uint8_t)ip;
		addr_from_bytes(&load->parties[i].addr, bytes, 4, 0);
		load->parties[i].rtp.ssrc = ip;
	}
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
send_from(struct load *load, size_t i, uint64_t now)
{
	struct party *party = &load->parties[i];

	rtp_write(party->message + party->payload_at, &party->rtp);
	memcpy(party->message + party->payload_at + RTP_HEADER, &now,
	    sizeof(now));
	party->rtp.sequence++;
	party->rtp.timestamp += 960;
	batch_send(load->batch, &load->socket, &load->server, &party->addr,
	    party->message, party->message_len);
	load->sent += now >= load->measure_ns && now < load->end_ns;
}

/* What is behind RTP's header says when it was sent, in either form. */
static uint64_t
sent_ns(const struct batch_datagram *in)
{
	uint64_t ns;

	if (in->len < PAYLOAD)
		return 0;
	memcpy(&ns, in->data + in->len - PAYLOAD + RTP_HEADER, sizeof(ns));
	return ns;
}

static void
note(struct load *load, const struct batch_datagram *in, uint64_t now)
{
	uint64_t ns = sent_ns(in), bin;

	if (ns < load->measure_ns || ns >= load->end_ns || ns > now)
		return;
	load->received++;
	bin = (now - ns) / BIN_NS;
	load->bins[bin < BINS ? bin : BINS - 1]++;
}

static int
receive(struct load *load, uint64_t wait_ns)
{
	uint64_t now;
	int i;

	load->n_in = 0;
	if (!readable(load, wait_ns))
		return 0;
	load->n_in = batch_receive(load->batch, &load->socket, &load->bound,
	    &load->in);
	now = clock_ns();
	for (i = 0; i < load->n_in; i++)
		note(load, &load->in[i], now);
	return load->n_in;
}

/* Each party every 20 ms, their phases spread evenly. */
static void
run_paced(struct load *load)
{
	uint64_t start = clock_ns(), k = 0, now, due, queued;

	while ((now = clock_ns()) < load->end_ns) {
		for (queued = 0; queued < BATCH_MAX; queued++, k++) {
			due = start + k / load->n * INTERVAL_NS +
			    k % load->n * INTERVAL_NS / load->n;
			if (due > now)
				break;
			send_from(load, k % load->n, now);
		}
		(void)batch_flush(load->batch);
		due = start + k / load->n * INTERVAL_NS +
		    k % load->n * INTERVAL_NS / load->n;
		now = clock_ns();
		(void)receive(load, due > now ? due - now : 0);
	}
}

/* A packet for each that comes; what is lost is replaced after a while. */
static void
run_closed(struct load *load)
{
	uint64_t k = 0, i, credit = load->window, now;

	while ((now = clock_ns()) < load->end_ns) {
		for (i = 0; i < BATCH_MAX && credit > 0; i++, credit--)
			send_from(load, k++ % load->n, now);
		(void)batch_flush(load->batch);
		if (receive(load, credit > 0 ? 0 : 20 * CLOCK_MS) > 0)
			credit += (uint64_t)load->n_in;
		else if (credit == 0)
			credit = load->window;
	}
}

/* The delay that so much of the packets had at most, in microseconds. */
static double
quantile(const struct load *load, double part)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < BINS; i++) {
		sum += load->bins[i];
		if (sum > 0 && (double)sum >= part * (double)load->received)
			return (double)(i + 1) * BIN_NS / 1000;
	}
	return 0;
}

static void
measure(struct load *load)
{
	uint64_t set_up_ns, cpu, kb = memory_kb(load->pid), now;
	double per_packet, lost;

	set_up_ns = cpu_ns(load->pid);
	set_up(load);
	set_up_ns = cpu_ns(load->pid) - set_up_ns;
	kb = memory_kb(load->pid) - kb;
	/* Warm up, then take the time between two moments. */
	now = clock_ns();
	load->measure_ns = UINT64_MAX;
	load->end_ns = now + WARM_NS;
	if (load->window > 0)
		run_closed(load);
	else
		run_paced(load);
	cpu = cpu_ns(load->pid);
	load->measure_ns = clock_ns();
	load->end_ns = load->measure_ns + load->seconds * CLOCK_S;
	if (load->window > 0)
		run_closed(load);
	else
		run_paced(load);
	cpu = cpu_ns(load->pid) - cpu;
	while (receive(load, 200 * CLOCK_MS) > 0)
		;
	per_packet = load->received == 0 ? 0 :
	    (double)cpu / 1000 / (double)load->received;
	lost = load->sent == 0 ? 0 : 100 * (1 -
	    (double)load->received / (double)load->sent);
	printf("calls=%zu sent=%" PRIu64 " received=%" PRIu64
	    " lost_pct=%.2f pps=%.0f cpu_us=%.2f busy_pct=%.0f p50_us=%.0f"
	    " p99_us=%.0f alloc_us=%.1f alloc_bytes=%.0f\n", load->n / 2,
	    load->sent, load->received, lost < 0 ? 0 : lost,
	    (double)load->received / (double)load->seconds, per_packet,
	    (double)cpu / (double)load->seconds / 1e7, quantile(load, 0.5),
	    quantile(load, 0.99), (double)set_up_ns / 1000 / (double)load->n,
	    (double)kb * 1024 / (double)load->n);
}

int
main(int argc, char **argv)
{
	struct load load = { .n = 2, .seconds = 5, .secret = "north" };
	int c;

	tool_name("relayload");
	while ((c = getopt(argc, argv, "c:d:w:s:P:if")) != -1) {
		switch (c) {
		case 'c':
			load.n = 2 * strtoul(optarg, NULL, 10);
			break;
		case 'd':
			load.seconds = strtoul(optarg, NULL, 10);
			break;
		case 'w':
			load.window = strtoul(optarg, NULL, 10);
			break;
		case 's':
			load.secret = optarg;
			break;
		case 'P':
			load.pid = strtol(optarg, NULL, 10);
			break;
		case 'i':
			load.indications = true;
			break;
		case 'f':
			load.bare = true;
			break;
		default:
			return 1;
		}
	}
	if (optind + 1 != argc || load.n < 2 || load.n > 200000 ||
	    load.seconds < 1 || addr_parse(&load.server, argv[optind], 0) < 0)
		tool_fail(1, "usage", "relayload -c CALLS [-d SECONDS] "
		    "[-w WINDOW] [-s SECRET] [-i] [-f] [-P PID] SERVER");
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	addr_parse(&load.bound, "0.0.0.0:0", 0);
	if (batch_socket_open(&load.socket, &load.bound, false) < 0)
		tool_fail(1, "socket", "cannot open one");
	measure(&load);
	batch_free(load.batch);
	free(load.parties);
	batch_socket_close(&load.socket);
	return 0;
}
