/*
 * kerneldiff: is the relay's program in the kernel the same as its user space?
 * Two relays have the same tables; random and mutated packets go to one of them
 * as they are, and to the other by the program, which may pass them up. What is
 * sent must be the same to the byte, and so must all statistics and meters.
 *
 *	kerneldiff [-n PACKETS] [-s SEED] OBJECT
 *
 * OBJECT is the program, compiled with clock_bpf.h. It runs as root in a network
 * namespace of its own (see net.h). It ends with 0 and the sums, with 1 at the
 * first difference, and with 77 if there is no BPF. The seed says it all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/tool.h"
#include "frame.h"
#include "net.h"
#include "program.h"
#include "table/alloc_private.h"
#include "table/rtpsee.h"
#include "table/taught.h"
#include "wire/bytes.h"
#include "wire/rtp.h"
#include "wire/stun.h"
#include "world.h"

#define WORLD_PACKETS 3000	/* until the next world */
#define COMPARE_ALL 64		/* packets */
#define CHANGES 32		/* one in so many packets */

struct sums {
	uint64_t relayed[PROGRAM_KINDS][2];	/* by family */
	uint64_t up, unread, dropped, sent;
	uint64_t passed[INKERNEL_REASONS_N];
};

/* One packet, on its way through both. */
struct trial {
	struct world *world;
	enum program_kind kind;
	enum net_device device;
	bool segments, locked;
	struct frame before, after;
	struct datagram datagram;
	bool delivered;			/* the stack would, at all */
	bool relayed;
	struct world_sent user, both;
};

static uint64_t packet_number;

/* End with what was being done. */
static void
differ(const struct trial *t, const char *what)
{
	size_t i;

	fprintf(stderr, "packet %" PRIu64 " by %s on device %d, %srelayed:",
	    packet_number, t->kind == PROGRAM_TC ? "tc" : "xdp",
	    (int)t->device, t->relayed ? "" : "not ");
	for (i = 0; i < t->before.len && i < 96; i++)
		fprintf(stderr, "%s%02x", i % 16 == 0 ? "\n " : " ",
		    t->before.data[i]);
	fputc('\n', stderr);
	tool_fail(1, "difference", "%s", what);
}

static unsigned
any(unsigned n)
{
	return (unsigned)frame_random(n);
}

/* Write an RTP header, mostly the stream's next. Return its length. */
static size_t
write_rtp(struct world_client *c, uint8_t *out)
{
	size_t len = 12 + 4 * (size_t)(any(4) == 0 ? any(16) : 0);
	uint16_t sequence;

	switch (any(24)) {
	case 0:
		c->sequence = (uint16_t)(c->sequence + any(5000));
		break;
	case 1:
		c->sequence = (uint16_t)any(0x10000);
		break;
	case 2:
		c->ssrc = any(UINT32_MAX);
		break;
	default:
		c->sequence++;
		break;
	}
	c->timestamp += any(16) == 0 ? any(UINT32_MAX) : 960;
	sequence = (uint16_t)(c->sequence - (any(12) == 0 ? any(200) : 0));
	memset(out, 0, len);
	out[0] = (uint8_t)(0x80 | (len - 12) / 4);
	out[1] = (uint8_t)(any(16) == 0 ? any(256) : 111);
	bytes_put16(out + 2, sequence);
	bytes_put32(out + 4, c->timestamp);
	bytes_put32(out + 8, any(32) == 0 ? 7 : c->ssrc);
	if (any(4) == 0) {
		out[0] |= 0x10;
		bytes_put16(out + len, 0xbede);
		bytes_put16(out + len + 2, (uint16_t)any(any(4) == 0 ? 400 : 3));
		len += 4;
	}
	return len;
}

/* Write what a client might send. Return its length. */
static size_t
write_payload(struct world_client *c, uint8_t *out)
{
	size_t len = any(8) == 0 ? any(FRAME_PAYLOAD) : any(200), i, header = 0;

	if (any(8) != 0)
		header = write_rtp(c, out);
	for (i = header; i < len; i++)
		out[i] = (uint8_t)any(256);
	/* Also one that is cut. */
	return header > len && any(4) != 0 ? header : len;
}

/* Choose a client and its channel, or one that it does not have. */
static struct world_client *
any_channel(struct world *world, uint16_t *number)
{
	struct world_client *c;
	unsigned i = 0;

	do {
		c = &world->clients[any(WORLD_CLIENTS)];
		*number = c->channels[any(WORLD_GROUP)][any(2)];
	} while (*number == 0 && i++ < 16);
	if (*number == 0 || any(32) == 0)
		*number = (uint16_t)(0x4000 + any(0x1010));
	return c;
}

static void
make_trial(struct trial *t)
{
	uint8_t message[FRAME_MAX], *payload = message + STUN_CHANNEL_HEADER;
	struct world_client *c;
	uint16_t number;
	size_t len;

	c = any_channel(t->world, &number);
	t->kind = (enum program_kind)any(PROGRAM_KINDS);
	t->device = net_device_of(c->place);
	len = write_payload(c, payload);
	stun_channel_header(message, number, (uint16_t)len);
	len += STUN_CHANNEL_HEADER;
	/* RFC 8656 12.5: it may be padded. */
	while (len % 4 != 0 && any(32) == 0)
		message[len++] = 0;
	if (any(64) == 0)
		message[0] = (uint8_t)any(256);
	frame_make(&t->before, t->world->net->links[t->device].mac, &c->addr,
	    any(32) != 0 ? &c->local : &t->world->clients[0].local, message,
	    len);
	if (any(4) == 0)
		frame_mutate(&t->before);
	t->segments = t->kind == PROGRAM_TC && any(64) == 0;
	/* XDP sees the tag, and tc the device of the VLAN. */
	if (t->kind == PROGRAM_XDP && t->device == NET_TAGGED)
		frame_tag(&t->before, any(32) == 0 ? NET_VLAN + 1 : NET_VLAN);
}

/* Let the way of that packet end now, or in a nanosecond. */
static void
wait_for_end(const struct trial *t)
{
	struct inkernel_key key;
	struct inkernel_chan way;
	struct world *w = t->world;
	struct alloc *a = world_alloc(w, WORLD_BOTH, &t->datagram.from,
	    &t->datagram.to);

	if (!t->delivered || t->datagram.len < STUN_CHANNEL_HEADER || a == NULL)
		return;
	taught_key(&key, a, bytes_get16(t->datagram.data));
	if (program_find(w->program, &key, &way) &&
	    way.expires_ns > w->now_ns)
		world_wait(w, way.expires_ns - w->now_ns - any(2));
}

/* Let another relay thread have the lock, or no longer. */
static bool
lock(struct trial *t, bool locks)
{
	struct alloc *a = world_alloc(t->world, WORLD_BOTH, &t->datagram.from,
	    &t->datagram.to);

	if (!t->delivered || a == NULL || a->traffic == &a->own)
		return false;
	a->traffic->lock = locks;
	return locks;
}

/* Does the device that it came by forward? */
static bool
forwards(const struct trial *t)
{
	return t->world->forwards || t->device != NET_MAIN;
}

static void
run_program(struct trial *t)
{
	const struct net *net = t->world->net;
	enum net_device by = t->device;
	enum program_verdict verdict;

	if (t->kind == PROGRAM_XDP && by == NET_TAGGED)
		by = NET_MAIN;
	t->after = t->before;
	t->locked = any(256) == 0 && lock(t, true);
	verdict = program_run(t->world->program, t->kind, &net->links[by],
	    t->segments, &t->after);
	if (t->locked)
		(void)lock(t, false);
	t->relayed = verdict == PROGRAM_RELAYED;
	if (verdict == PROGRAM_UNREAD)
		t->delivered = false;
}

/* The frame must be the same but for what RFC 8656 changes. */
static void
compare_frame(const struct trial *t)
{
	const struct datagram *at = &t->datagram;
	const struct world_client *to = world_client(t->world, &t->user.to);
	const struct net_link *links = t->world->net->links;
	struct frame want = t->before;
	uint8_t *ip = want.data + at->ip, *udp = want.data + at->udp;
	const uint8_t *out = t->after.data;
	size_t bytes = at->v6 ? 16 : 4, n;

	if (to == NULL)
		differ(t, "it went to no client");
	net_next_hop(to->place, to->i, want.data);
	memcpy(want.data + 6, links[net_device_of(to->place)].mac, 6);
	ip[at->v6 ? 7 : 8]--;
	memcpy(ip + (at->v6 ? 8 : 12), addr_ip(&t->user.local, &n), bytes);
	memcpy(ip + (at->v6 ? 24 : 16), addr_ip(&t->user.to, &n), bytes);
	bytes_put16(udp, addr_port(&t->user.local));
	bytes_put16(udp + 2, addr_port(&t->user.to));
	memcpy(udp + 8, t->user.data, at->len);
	/* Checksums have two forms of zero, so they are summed up instead. */
	if (!at->v6)
		memcpy(ip + 10, out + at->ip + 10, 2);
	memcpy(udp + 6, out + at->udp + 6, 2);
	if (memcmp(want.data, out, want.len) != 0)
		differ(t, "the frame is not as it should be");
}

/* A right checksum stays right, none none, and a wrong one as wrong. */
static void
compare_checksum(const struct trial *t)
{
	const uint8_t *before = t->before.data + t->datagram.udp + 6;
	const uint8_t *after = t->after.data + t->datagram.udp + 6;
	struct datagram out;

	if ((bytes_get16(before) == 0) != (bytes_get16(after) == 0))
		differ(t, "the checksum of UDP came or went");
	if (bytes_get16(before) != 0 &&
	    frame_udp_sum(&t->before, &t->datagram) !=
	    frame_udp_sum(&t->after, &t->datagram))
		differ(t, "the checksum of UDP is wrong");
	if (!frame_read(&t->after, t->after.data, t->kind == PROGRAM_XDP &&
	    t->device == NET_TAGGED ? NET_VLAN : 0, &out))
		differ(t, "the frame cannot be read");
}

/* What only the program has to look at: user space never sees it. */
static void
compare_limits(const struct trial *t)
{
	const struct datagram *at = &t->datagram;
	const struct world_client *to = world_client(t->world, &t->user.to);
	uint8_t hops = t->before.data[at->ip + (at->v6 ? 7 : 8)];

	if (hops <= 1)
		differ(t, "it has come as far as it may");
	if (at->v6 && bytes_get16(t->before.data + at->udp + 6) == 0)
		differ(t, "it has no checksum");
	if (t->locked || t->segments || !forwards(t) ||
	    t->world->now_ns >= t->world->program->control->lease_until_ns)
		differ(t, "it should not have been relayed now");
	if (t->kind == PROGRAM_XDP && (to == NULL ||
	    net_device_of(to->place) != t->device))
		differ(t, "it should have left by another device");
	if (t->kind == PROGRAM_XDP && frame_looks_unfinished(&t->before, at))
		differ(t, "its checksum is not finished");
}

static void
compare_relayed(const struct trial *t)
{
	if (!t->delivered)
		differ(t, "the stack would have dropped it");
	if (t->user.n != 1)
		differ(t, "user space would not have relayed it");
	if (t->user.len != t->datagram.len)
		differ(t, "user space would have changed its length");
	compare_limits(t);
	compare_frame(t);
	compare_checksum(t);
}

/* Was the program right to pass up what user space then relayed? */
static void
check_passed(const struct trial *t)
{
	const struct world *w = t->world;
	const struct program *program = w->program;
	const struct alloc_traffic *traffic = program->inkernel.traffic;
	const struct world_client *to = world_client(w, &t->user.to);
	struct inkernel_key key;
	struct inkernel_chan way;
	struct alloc *a = world_alloc(w, WORLD_BOTH, &t->datagram.from,
	    &t->datagram.to);

	if (t->before.changed || t->segments || t->locked || !forwards(t) ||
	    t->user.n != 1 || a == NULL || to == NULL ||
	    t->datagram.len != t->user.len || (t->kind == PROGRAM_XDP &&
	    frame_looks_unfinished(&t->before, &t->datagram)))
		return;
	taught_key(&key, a, bytes_get16(t->datagram.data));
	if (w->now_ns >= program->control->lease_until_ns ||
	    !program_find(program, &key, &way) ||
	    w->now_ns >= way.expires_ns ||
	    traffic[way.from].serial != way.from_serial ||
	    traffic[way.to].serial != way.to_serial)
		return;
	if (!net_reaches(to->place, t->datagram.v6, (uint32_t)
	    (t->datagram.len + 8 + t->datagram.udp - t->datagram.ip)) ||
	    (t->kind == PROGRAM_XDP && net_device_of(to->place) != t->device))
		return;
	differ(t, "nothing kept the program from relaying it");
}

static void
compare_sent(const struct trial *t)
{
	const struct world_sent *a = &t->user, *b = &t->both;

	if (a->n != b->n)
		differ(t, "just one of them sent it");
	if (a->n == 0)
		return;
	if (!addr_equal(&a->to, &b->to) || !addr_equal(&a->local, &b->local) ||
	    a->len != b->len)
		differ(t, "they sent it elsewhere");
	if (memcmp(a->data, b->data, a->len) != 0)
		differ(t, "they sent something else");
}

/* A full meter is full, whenever it became so. */
static void
compare_meter(const struct trial *t, const struct meter *user,
    const struct meter *both, const char *what)
{
	if (meter_after(user->full_ns, 0, t->world->now_ns) !=
	    meter_after(both->full_ns, 0, t->world->now_ns))
		differ(t, what);
}

static void
compare_share(const struct trial *t, const struct alloc_share *user,
    const struct alloc_share *both, const char *what)
{
	if (user == NULL || both == NULL) {
		if (user != both)
			differ(t, what);
		return;
	}
	compare_meter(t, &user->sent, &both->sent, what);
	compare_meter(t, &user->heard, &both->heard, what);
	compare_meter(t, &user->even[0], &both->even[0],
	    "a share of a service's rate");
	compare_meter(t, &user->even[1], &both->even[1],
	    "a share of the total rate");
	if (user->half != both->half)
		differ(t, what);
}

/* Say at which word the statistics differ: see struct alloc_traffic. */
static void
compare_traffic(const struct trial *t, const struct alloc_traffic *user,
    const struct alloc_traffic *both)
{
	const uint64_t *a = (const uint64_t *)user;
	const uint64_t *b = (const uint64_t *)both;
	size_t i;

	for (i = offsetof(struct alloc_traffic, packets) / sizeof(*a);
	    i < sizeof(*user) / sizeof(*a); i++)
		if (a[i] != b[i]) {
			fprintf(stderr, "word %zu of the traffic: %" PRIx64
			    ", and with the program %" PRIx64 "\n", i, a[i],
			    b[i]);
			differ(t, "the statistics are not the same");
		}
}

/* Compare all that is kept of the client at that address. */
static void
compare_client(const struct trial *t, const struct addr *client,
    const struct addr *local)
{
	const struct alloc *a = world_alloc(t->world, WORLD_USER, client,
	    local);
	const struct alloc *b = world_alloc(t->world, WORLD_BOTH, client,
	    local);

	if (a == NULL || b == NULL) {
		if (a != b)
			differ(t, "just one has the allocation");
		return;
	}
	compare_traffic(t, a->traffic, b->traffic);
	compare_share(t, a->share, b->share, "a party's share");
	compare_share(t, alloc_call_share(a), alloc_call_share(b),
	    "a call's share");
	if (a->service != NULL)
		compare_meter(t, &a->service->rate->meter,
		    &b->service->rate->meter, "a service's rate");
}

/* Compare the counters of both relays, and the total's meter. */
static void
compare_counts(const struct trial *t)
{
	const struct world *w = t->world;
	const struct relay_counts *a = relay_counts(w->relays[WORLD_USER]);
	const struct relay_counts *b = relay_counts(w->relays[WORLD_BOTH]);
	struct inkernel_counts in;
	size_t i;

	program_counts(w->program, &in);
	for (i = 0; i < CALLSTATS_FLOWS; i++)
		if (a->flows[i].packets != b->flows[i].packets +
		    in.flows[i].packets || a->flows[i].bytes !=
		    b->flows[i].bytes + in.flows[i].bytes)
			differ(t, "the flows are not the same");
	if (a->rtp_packets != b->rtp_packets + in.rtp_packets ||
	    a->rtp_expected != b->rtp_expected + in.rtp_expected)
		differ(t, "the numbers of RTP packets are not the same");
	if (memcmp(a->dropped, b->dropped, sizeof(a->dropped)) != 0)
		differ(t, "the numbers of dropped packets are not the same");
	compare_meter(t, &w->tables[WORLD_USER]->users.rates[0].meter,
	    &w->tables[WORLD_BOTH]->users.rates[0].meter, "the total rate");
}

/* The header must be read as lib/wire reads it. */
static void
compare_rtp(const struct trial *t)
{
	const uint8_t *data = t->datagram.data + STUN_CHANNEL_HEADER;
	size_t len = t->datagram.len - STUN_CHANNEL_HEADER;
	struct rtpsee seen = { 0 };
	struct rtp rtp = { 0 };
	bool is = rtp_is(data, len) && !rtcp_is(data, len) &&
	    rtp_header(&rtp, data, len) == 0;

	if (rtpsee_header(&seen, data, (uint32_t)len, data + len) != is ||
	    (is && (seen.ssrc != rtp.ssrc || seen.sequence != rtp.sequence ||
	    seen.timestamp != rtp.timestamp)))
		differ(t, "the RTP header is read in another way");
}

/*
 * Repeat what was relayed with other media, so that its checksum is computed to
 * be 0, which must be sent as all ones.
 */
static bool
repeat_trial(struct trial *t, const struct trial *last)
{
	uint16_t sum;

	if (last->world == NULL)
		return false;
	*t = *last;
	t->after = (struct frame){ 0 };
	t->user.n = t->both.n = 0;
	sum = bytes_get16(last->after.data + last->datagram.udp + 6);
	frame_add(&t->before, &last->datagram, sum);
	return true;
}

static void
try_packet(struct world *world, struct trial *last, struct sums *sums)
{
	struct trial t = { .world = world };
	uint16_t vid;

	if (any(128) != 0 || !repeat_trial(&t, last))
		make_trial(&t);
	vid = t.kind == PROGRAM_XDP && t.device == NET_TAGGED ? NET_VLAN : 0;
	t.delivered = frame_read(&t.before, world->net->links[t.device].mac,
	    vid, &t.datagram);
	if (any(1024) == 0)
		wait_for_end(&t);
	run_program(&t);
	sums->up += !t.relayed;
	if (t.relayed) {
		sums->relayed[t.kind][t.datagram.v6]++;
		if (t.delivered)
			world_deliver(world, WORLD_USER, &t.datagram, &t.user);
		compare_relayed(&t);
		if (!t.datagram.wrong_checksum && t.datagram.len > 32 &&
		    bytes_get16(t.before.data + t.datagram.udp + 6) != 0)
			*last = t;
	} else if (t.delivered && !t.datagram.wrong_checksum) {
		world_deliver(world, WORLD_USER, &t.datagram, &t.user);
		check_passed(&t);
		world_deliver(world, WORLD_BOTH, &t.datagram, &t.both);
		compare_sent(&t);
		sums->sent += t.both.n;
		sums->dropped += t.both.n == 0;
	} else {
		sums->unread++;
		return;
	}
	if (t.datagram.len > STUN_CHANNEL_HEADER)
		compare_rtp(&t);
	compare_client(&t, &t.datagram.from, &t.datagram.to);
}

static void
compare_all(struct world *world)
{
	const struct trial t = { .world = world };
	size_t i;

	compare_counts(&t);
	for (i = 0; i < WORLD_CLIENTS; i++)
		compare_client(&t, &world->clients[i].addr,
		    &world->clients[i].local);
}

/* Run packets in one world. Return how many. */
static uint64_t
try_world(struct world *world, uint64_t most, struct sums *sums)
{
	struct inkernel_counts in;
	struct trial last = { 0 };
	uint64_t i;
	int reason;

	for (i = 0; i < WORLD_PACKETS && i < most; i++, packet_number++) {
		world_wait(world, any(4) != 0 ? any(3) * CLOCK_MS :
		    any(30 * CLOCK_MS));
		if (any(CHANGES) == 0)
			world_change(world);
		try_packet(world, &last, sums);
		if (i % COMPARE_ALL == 0)
			compare_all(world);
	}
	compare_all(world);
	program_counts(world->program, &in);
	for (reason = 0; reason < INKERNEL_REASONS_N; reason++)
		sums->passed[reason] += in.passed[reason];
	return i;
}

static void
print_sums(const struct sums *s, const struct program *program)
{
	static const char *const names[] = {
#define X(id, name) name,
		INKERNEL_REASONS(X)
#undef X
	};
	int i;

	printf("packets=%" PRIu64 " relayed_tc_v4=%" PRIu64
	    " relayed_tc_v6=%" PRIu64 " relayed_xdp_v4=%" PRIu64
	    " relayed_xdp_v6=%" PRIu64 " up=%" PRIu64 " sent=%" PRIu64
	    " dropped=%" PRIu64 " unread=%" PRIu64 " full=%" PRIu64 "\n",
	    packet_number, s->relayed[PROGRAM_TC][0],
	    s->relayed[PROGRAM_TC][1], s->relayed[PROGRAM_XDP][0],
	    s->relayed[PROGRAM_XDP][1], s->up, s->sent, s->dropped, s->unread,
	    program->full);
	for (i = 0; i < INKERNEL_REASONS_N; i++)
		printf("passed %s %" PRIu64 "\n", names[i], s->passed[i]);
}

static uint64_t
parse(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (end == text || *end != '\0')
		tool_fail(2, text, "not a number");
	return value;
}

int
main(int argc, char *argv[])
{
	static struct world world;
	struct program program;
	struct net net;
	struct sums sums = { 0 };
	uint64_t n = 1000, seed = 1, done, now_ns = 1000 * CLOCK_S;
	int opt;

	tool_name("kerneldiff");
	while ((opt = getopt(argc, argv, "n:s:")) != -1) {
		if (opt != 'n' && opt != 's')
			return 2;
		*(opt == 'n' ? &n : &seed) = parse(optarg);
	}
	if (optind + 1 != argc)
		tool_fail(2, "usage", "kerneldiff [-n N] [-s SEED] OBJECT");
	frame_seed(seed);
	net_open(&net);
	program_load(&program, argv[optind], &net);
	world.program = &program;
	world.net = &net;
	for (done = 0; done < n;) {
		world_begin(&world, now_ns);
		done += try_world(&world, n - done, &sums);
		now_ns = world.now_ns + 10 * CLOCK_S;
		world_end(&world);
	}
	print_sums(&sums, &program);
	program_unload(&program);
	return 0;
}
