/*
 * The running relay: packets of two parties over real sockets, in each form,
 * and packets that are dropped.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "table/callstats.h"
#include "turnhelp.h"

#define FLOW(what, family) "rp_relay_" what					\
	"_total{transport=\"udp\",family=\"" family "\"}"
#define OVER_RATE "rp_relay_dropped_total{reason=\"over_rate\"}"

static void
start(const char *listen, unsigned threads, unsigned kbps,
    const struct addr *external)
{
	struct addr addr = at(listen);
	struct turn_options options = {
		.listen = &addr, .n_listen = 1, .external = external,
		.threads = threads, .allocations_per_party = 4,
		.kbps_per_allocation = kbps
	};

	start_with(&options);
}

static void
hears_nothing(struct tclient *c)
{
	uint8_t got[TCLIENT_MESSAGE];
	struct addr peer;
	uint16_t by;

	ck_assert_int_eq(tclient_receive(c, 50, &by, &peer, got,
	    sizeof(got)), -1);
}

/* Every length, by channel and indication, in all four combinations. */
START_TEST(relays_in_each_form)
{
	uint8_t data[1300];
	struct tclient a, b;
	struct turn_call call;
	uint64_t packets = 0, bytes = 0;
	size_t len, i, round;

	start("127.0.0.1:0", 1, 0, NULL);
	join(&a, "c", "a");
	join(&b, "c", "b");
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	ck_assert_int_eq(tclient_permit(&a, &b.relayed), 0);
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	for (round = 0; round < 3; round++) {
		uint16_t by_a = round > 0 ? 0x4001 : 0;
		uint16_t by_b = round > 1 ? 0x4002 : 0;

		if (round == 1)
			ck_assert_int_eq(tclient_bind(&a, by_a, &b.relayed),
			    0);
		if (round == 2)
			ck_assert_int_eq(tclient_bind(&b, by_b, &a.relayed),
			    0);
		for (len = 0; len < sizeof(data); len += len < 8 ? 1 : 331) {
			ck_assert_int_eq(tclient_send(&a, &b.relayed, data,
			    len), 0);
			hears(&b, by_b, &a.relayed, data, len);
			ck_assert_int_eq(tclient_send(&b, &a.relayed, data,
			    len), 0);
			hears(&a, by_a, &b.relayed, data, len);
			packets += 2;
			bytes += 2 * len;
			if (by_a == 0)
				continue;
			ck_assert_int_eq(tclient_send_channel(&a, by_a, data,
			    len), 0);
			hears(&b, by_b, &a.relayed, data, len);
			packets++;
			bytes += len;
		}
	}
	ck_assert_int_eq(turn_call(turn, "c", &call), 0);
	ck_assert_uint_eq(call.allocations, 2);
	ck_assert_uint_eq(call.packets, packets);
	ck_assert_uint_eq(call.bytes, bytes);
	ck_assert_uint_gt(call.last_media_ns, 0);
	ck_assert_uint_le(call.last_media_ns, clock_ns());
	ck_assert_uint_eq(counter("rp_relay_packets_total"), packets);
	ck_assert_uint_eq(counter("rp_relay_bytes_total"), bytes);
	ck_assert_uint_eq(counter("rp_relay_allocations"), 2);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/*
 * A permission is by IP, and all of a call are at the switch's: with one for
 * any port of it a check comes from an address that was never signalled.
 */
START_TEST(permits_by_address)
{
	struct tclient a, b;
	struct addr somewhere;

	start("127.0.0.1:0", 1, 0, NULL);
	join(&a, "c", "a");
	join(&b, "c", "b");
	somewhere = server;
	addr_set_port(&somewhere, 9);
	ck_assert_int_eq(tclient_permit(&a, &somewhere), 0);
	ck_assert_int_eq(tclient_permit(&b, &somewhere), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	hears(&b, 0, &a.relayed, "x", 1);
	ck_assert_int_eq(tclient_send(&a, &somewhere, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	/* The listening address is nobody's. */
	ck_assert_int_eq(tclient_send(&a, &server, "x", 1), 0);
	ck_assert(drops("no_peer", 2));
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

START_TEST(refuses_by_reason)
{
	struct tclient a, b, other;
	struct addr stranger = at("192.0.2.9:50000");
	static uint8_t huge[3000] = { 0x40, 0, 0x0b, 0xb0 };

	start("127.0.0.1:0", 1, 0, NULL);
	ck_assert_int_eq(tclient_open(&a, &server), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert(drops("no_allocation", 1));
	ck_assert_int_eq(tclient_send(&a, &server, "x", 1), 0);
	ck_assert(drops("no_allocation", 2));
	tclient_close(&a);
	join(&a, "c", "a");
	join(&b, "c", "b");
	join(&other, "d", "a");
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert(drops("no_channel", 1));
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("no_permission", 1));
	ck_assert_int_eq(tclient_permit(&a, &b.relayed), 0);
	ck_assert_int_eq(tclient_send(&a, &stranger, "x", 1), 0);
	ck_assert(drops("no_permission", 2));
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("peer_refuses", 1));
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert(drops("peer_refuses", 2));
	/* Another call's address is nobody's, even with all permissions. */
	ck_assert_int_eq(tclient_permit(&other, &a.relayed), 0);
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	ck_assert_int_eq(tclient_bind(&other, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_send(&other, &b.relayed, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	ck_assert_int_eq(tclient_send_channel(&other, 0x4000, "x", 1), 0);
	ck_assert(drops("no_peer", 2));
	ck_assert_int_eq(send(a.fd, "\x40\0\0\5xxxx", 8, 0), 8);
	ck_assert(drops("bad_length", 1));
	ck_assert_int_eq(send(a.fd, "\x40\0\0", 3, 0), 3);
	ck_assert(drops("not_stun", 1));
	ck_assert_int_eq(send(a.fd, huge, sizeof(huge), 0), sizeof(huge));
	ck_assert(drops("too_long", 1));
	/* Something that must be understood, and is not. */
	tclient_begin(&a, STUN_SEND | STUN_INDICATION);
	stun_add_xor_addr(&a.b, STUN_ATTR_XOR_PEER_ADDRESS, &b.relayed);
	stun_add(&a.b, STUN_ATTR_DATA, "x", 1);
	stun_add(&a.b, 0x7ffe, NULL, 0);
	ck_assert_int_eq(send(a.fd, a.out, a.b.len, 0), (ssize_t)a.b.len);
	ck_assert(drops("bad_indication", 1));
	hears_nothing(&b);
	/* And the good still goes, with what is known or may be ignored. */
	tclient_begin(&a, STUN_SEND | STUN_INDICATION);
	stun_add(&a.b, STUN_ATTR_DONT_FRAGMENT, NULL, 0);
	stun_add(&a.b, STUN_ATTR_USERNAME, "me", 2);
	stun_add(&a.b, 0xfffe, NULL, 0);
	stun_add_xor_addr(&a.b, STUN_ATTR_XOR_PEER_ADDRESS, &b.relayed);
	stun_add(&a.b, STUN_ATTR_DATA, "x", 1);
	ck_assert_int_eq(send(a.fd, a.out, a.b.len, 0), (ssize_t)a.b.len);
	hears(&b, 0, &a.relayed, "x", 1);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	hears(&b, 0, &a.relayed, "x", 1);
	tclient_close(&a);
	tclient_close(&b);
	tclient_close(&other);
	stop();
}
END_TEST

START_TEST(keeps_the_rate)
{
	uint8_t data[1000] = { 0 };
	struct tclient a, b;
	struct turn_call call;
	uint64_t start_ns = clock_ns();
	unsigned i, most;

	/* 80 kbit/s is 10,000 bytes per second, and as much at once. */
	start("127.0.0.1:0", 1, 80, NULL);
	join(&a, "c", "a");
	join(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	for (i = 0; i < 50; i++)
		ck_assert_int_eq(tclient_send_channel(&a, 0x4000, data,
		    sizeof(data)), 0);
	for (i = 0; i < 5000 && counter("rp_relay_packets_total") +
	    counter(OVER_RATE) < 50; i++)
		usleep(1000);
	ck_assert_int_eq(turn_call(turn, "c", &call), 0);
	ck_assert_uint_ge(call.packets, 10);
	most = 11 + (unsigned)((clock_ns() - start_ns) / (100 * CLOCK_MS));
	ck_assert_uint_le(call.packets, most);
	ck_assert_uint_eq(counter(OVER_RATE), 50 - call.packets);
	/* It is one's own: the other party is not held back. */
	ck_assert_int_eq(tclient_send_channel(&b, 0x4000, data, 100), 0);
	hears(&a, 0x4000, NULL, data, 100);
	/* And comes back with time. */
	usleep(200000);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, data, 1000), 0);
	for (i = 0; i <= call.packets; i++)
		hears(&b, 0x4000, NULL, data, 1000);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* Have `c` send `n` thousands of bytes, and return how many were relayed. */
static uint64_t
relayed_of(struct tclient *c, const struct addr *to, uint64_t n)
{
	uint64_t before = counter("rp_relay_packets_total");
	uint64_t dropped = counter(OVER_RATE);
	uint8_t data[1000] = { 0 };
	uint64_t i;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(tclient_send(c, to, data, sizeof(data)), 0);
	for (i = 0; i < 5000 && counter("rp_relay_packets_total") - before +
	    counter(OVER_RATE) - dropped < n; i++)
		usleep(1000);
	return counter("rp_relay_packets_total") - before;
}

/* The most thousands of bytes at 80 kbit/s, `parties` times, until now. */
static uint64_t
most_since(uint64_t start_ns, uint64_t parties)
{
	return parties * (11 + (clock_ns() - start_ns) / (100 * CLOCK_MS));
}

/* Allocations of one party share one rate, and come back to it. */
START_TEST(one_rate_for_a_party)
{
	struct tclient a[4], b;
	uint64_t start_ns = clock_ns(), sum = 0, i;

	start("127.0.0.1:0", 1, 80, NULL);
	join(&b, "c", "b");
	for (i = 0; i < 4; i++) {
		join(&a[i], "c", "a");
		ck_assert_int_eq(tclient_permit(&a[i], &b.relayed), 0);
		ck_assert_int_eq(tclient_permit(&b, &a[i].relayed), 0);
		sum += relayed_of(&a[i], &b.relayed, 15);
	}
	ck_assert_uint_ge(sum, 10);
	ck_assert_uint_le(sum, most_since(start_ns, 1));
	ck_assert_int_eq(tclient_refresh(&a[0], 0), 0);
	tclient_close(&a[0]);
	join(&a[0], "c", "a");
	ck_assert_int_eq(tclient_permit(&a[0], &b.relayed), 0);
	ck_assert_int_eq(tclient_permit(&b, &a[0].relayed), 0);
	sum += relayed_of(&a[0], &b.relayed, 15);
	ck_assert_uint_le(sum, most_since(start_ns, 1));
	for (i = 0; i < 4; i++)
		tclient_close(&a[i]);
	tclient_close(&b);
	stop();
}
END_TEST

/*
 * All of a call get what two of it need, however many parties it has; before
 * the answer, what one needs.
 */
START_TEST(one_rate_for_a_call)
{
	static const char *const names[] = { "b0", "b1", "b2", "b3" };
	uint64_t start_ns = clock_ns(), sum = 0, answered_ns, i;
	struct tclient a, b[4];

	start("127.0.0.1:0", 1, 80, NULL);
	turn_ring_call(turn, "c");
	join(&a, "c", "a");
	for (i = 0; i < 4; i++) {
		join(&b[i], "c", names[i]);
		ck_assert_int_eq(tclient_permit(&b[i], &a.relayed), 0);
		ck_assert_int_eq(tclient_permit(&a, &b[i].relayed), 0);
		sum += relayed_of(&b[i], &a.relayed, 15);
	}
	ck_assert_uint_ge(sum, 10);
	ck_assert_uint_le(sum, most_since(start_ns, 1));
	turn_answer_call(turn, "c");
	usleep(1100000);	/* the shares are full again */
	answered_ns = clock_ns();
	for (sum = 0, i = 0; i < 4; i++)
		sum += relayed_of(&b[i], &a.relayed, 15);
	ck_assert_uint_ge(sum, 20);
	ck_assert_uint_le(sum, most_since(answered_ns, 2));
	turn_end_call(turn, "c");
	tclient_close(&a);
	for (i = 0; i < 4; i++)
		tclient_close(&b[i]);
	stop();
}
END_TEST

/* Credentials that name no party are for both ends. */
START_TEST(one_rate_for_a_trial)
{
	uint64_t start_ns = clock_ns(), sum = 0, i;
	struct tclient c[4];

	start("127.0.0.1:0", 1, 80, NULL);
	for (i = 0; i < 4; i++)
		join(&c[i], "c", "");
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(tclient_permit(&c[i],
		    &c[(i + 1) % 4].relayed), 0);
		ck_assert_int_eq(tclient_permit(&c[(i + 1) % 4],
		    &c[i].relayed), 0);
		sum += relayed_of(&c[i], &c[(i + 1) % 4].relayed, 15);
	}
	ck_assert_uint_ge(sum, 20);
	ck_assert_uint_le(sum, most_since(start_ns, 2));
	for (i = 0; i < 4; i++)
		tclient_close(&c[i]);
	stop();
}
END_TEST

/* A call that rings stays, whoever comes and goes, until it is over. */
START_TEST(rings_until_it_ends)
{
	struct turn_call call;
	struct tclient a;

	start("127.0.0.1:0", 1, 80, NULL);
	turn_ring_call(turn, "c");
	ck_assert_int_eq(turn_call(turn, "c", &call), -ENOENT);
	join(&a, "c", "a");
	ck_assert_int_eq(tclient_refresh(&a, 0), 0);
	ck_assert_int_eq(turn_call(turn, "c", &call), -ENOENT);
	turn_answer_call(turn, "c");
	turn_answer_call(turn, "c");
	turn_ring_call(turn, "d");
	turn_end_call(turn, "d");
	turn_end_call(turn, "d");
	turn_ring_call(turn, "e");
	tclient_close(&a);
	stop();
}
END_TEST

START_TEST(ends_a_call_at_once)
{
	struct tclient a, b, other;
	struct turn_call call;

	start("127.0.0.1:0", 1, 0, NULL);
	join(&a, "c", "a");
	join(&b, "c", "b");
	join(&other, "d", "a");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	turn_end_call(turn, "c");
	ck_assert_int_eq(turn_call(turn, "c", &call), -ENOENT);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert(drops("no_allocation", 1));
	ck_assert_int_eq(tclient_refresh(&a, 600), 437);
	ck_assert_int_eq(tclient_allocate(&b), 403);
	ck_assert_int_eq(tclient_refresh(&other, 600), 0);
	ck_assert_uint_eq(counter("rp_relay_allocations"), 1);
	ck_assert_uint_eq(counter("rp_turn_errors_total{code=\"403\"}"), 1);
	tclient_close(&a);
	tclient_close(&b);
	tclient_close(&other);
	stop();
}
END_TEST

/* Where an answer leaves from is where the question went, or it is lost. */
START_TEST(wildcard_and_external)
{
	struct addr external = at("203.0.113.5"), stranger = at("127.0.0.7");
	struct tclient a, b;
	uint16_t port;

	start("0.0.0.0:0", 2, 0, NULL);
	port = addr_port(&server);
	server = at("127.0.0.5");
	addr_set_port(&server, port);
	join(&a, "c", "a");
	ck_assert(addr_equal_ip(&a.relayed, &server));
	server = at("127.0.0.6");
	addr_set_port(&server, port);
	join(&b, "c", "b");
	/* Both are ours: 127.0.0.6 is on no interface, but b has it. */
	ck_assert(addr_equal_ip(&b.relayed, &server));
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hi", 2), 0);
	hears(&b, 0x4000, NULL, "hi", 2);
	addr_set_port(&stranger, 1);
	ck_assert_int_eq(tclient_permit(&a, &stranger), 403);
	tclient_close(&a);
	tclient_close(&b);
	stop();

	start("127.0.0.1:0", 1, 0, &external);
	join(&a, "c", "a");
	join(&b, "c", "b");
	ck_assert(addr_equal_ip(&a.relayed, &external));
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hi", 2), 0);
	hears(&b, 0x4000, NULL, "hi", 2);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* Parties of a call may well be on different threads. */
START_TEST(threads)
{
	struct tclient a[8], b[8];
	char call[8];
	unsigned i, j;

	start("127.0.0.1:0", 4, 0, NULL);
	for (i = 0; i < 8; i++) {
		snprintf(call, sizeof(call), "c%u", i);
		join(&a[i], call, "a");
		join(&b[i], call, "b");
		ck_assert_int_eq(tclient_bind(&a[i], 0x4000,
		    &b[i].relayed), 0);
		ck_assert_int_eq(tclient_bind(&b[i], 0x4000,
		    &a[i].relayed), 0);
	}
	for (j = 0; j < 20; j++)
		for (i = 0; i < 8; i++) {
			ck_assert_int_eq(tclient_send_channel(&a[i], 0x4000,
			    &i, sizeof(i)), 0);
			hears(&b[i], 0x4000, NULL, &i, sizeof(i));
		}
	for (i = 0; i < 8; i++) {
		tclient_close(&a[i]);
		tclient_close(&b[i]);
	}
	stop();
}
END_TEST

/* An IPv4 and an IPv6 client, each of an IPv4 relayed address. */
START_TEST(across_families)
{
	struct addr addrs[2] = { at("127.0.0.1:0"), at("[::1]:0") };
	struct turn_options options = { .listen = addrs, .n_listen = 2 };
	const struct addr *bound;
	struct tclient four, six;
	size_t n;

	start_with(&options);
	bound = turn_addrs(turn, &n);
	ck_assert_uint_eq(n, 2);
	join(&four, "c", "a");
	ck_assert_int_eq(tclient_open(&six, &bound[1]), 0);
	allocate_as(&six, "c", "b");
	ck_assert(addr_is_v4(&six.relayed));
	ck_assert(addr_is_v6(&six.mapped));
	ck_assert_int_eq(tclient_bind(&four, 0x4000, &six.relayed), 0);
	ck_assert_int_eq(tclient_permit(&six, &four.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4000, "x", 1), 0);
	hears(&six, 0, &four.relayed, "x", 1);
	ck_assert_int_eq(tclient_send(&six, &four.relayed, "y", 1), 0);
	hears(&four, 0x4000, NULL, "y", 1);
	ck_assert(counts(FLOW("packets", "ipv4"), 1));
	ck_assert(counts(FLOW("packets", "ipv6"), 1));
	ck_assert(counts(FLOW("bytes", "ipv6"), 1));
	tclient_close(&four);
	tclient_close(&six);
	stop();
}
END_TEST

/* Return when the party's media came first. */
static uint64_t
media_ns(const char *party)
{
	struct callstats stats;

	ck_assert_int_eq(turn_callstats(turn, "c", &stats), 0);
	ck_assert_ptr_nonnull(callstats_find(&stats, party));
	return callstats_find(&stats, party)->media_ns;
}

/* Media begins with the first RTP that is relayed, whatever came before. */
START_TEST(notes_first_media)
{
	static const uint8_t rtp[] = { 0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7,
	    's', 'o', 'u', 'n' };
	struct tclient a, b;
	uint64_t first_ns;

	start("127.0.0.1:0", 1, 0, NULL);
	join(&a, "c", "a");
	join(&b, "c", "b0");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	/* The other party does not permit it, so it is not relayed. */
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, rtp, sizeof(rtp)),
	    0);
	ck_assert(drops("peer_refuses", 1));
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "check", 5), 0);
	hears(&b, 0, &a.relayed, "check", 5);
	ck_assert_uint_eq(media_ns("a"), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, rtp, sizeof(rtp)),
	    0);
	hears(&b, 0, &a.relayed, rtp, sizeof(rtp));
	first_ns = media_ns("a");
	ck_assert_uint_gt(first_ns, 0);
	ck_assert_uint_le(first_ns, clock_ns());
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, rtp, sizeof(rtp)),
	    0);
	hears(&b, 0, &a.relayed, rtp, sizeof(rtp));
	ck_assert_uint_eq(media_ns("a"), first_ns);
	ck_assert_uint_eq(media_ns("b0"), 0);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* Ask for both; *six gets the IPv6 relayed address. */
static void
join_both(struct tclient *c, const struct addr *to, const char *party,
    struct addr *six)
{
	struct stun_attr attr = { 0 };

	ck_assert_int_eq(tclient_open(c, to), 0);
	tclient_credential(c, "c", party, 600, SECRET);
	tclient_begin(c, STUN_ALLOCATE);
	ck_assert_int_eq(tclient_ask(c), 401);
	tclient_begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
	stun_add_first(&c->b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(tclient_ask(c), 0);
	while (stun_next(&c->msg, &attr))
		if (attr.type == STUN_ATTR_XOR_RELAYED_ADDRESS &&
		    attr.len == 20)
			ck_assert_int_eq(stun_attr_xor_addr(&c->msg, &attr,
			    six), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c->msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &c->relayed), 0);
	ck_assert(addr_is_v4(&c->relayed) && addr_is_v6(six));
}

/*
 * Two relayed addresses each, of an IPv4 and an IPv6 client: each reaches the
 * other by both, is seen as the one of the same family, and has a channel for
 * each; when one ends the other stays.
 */
START_TEST(both_families)
{
	struct addr addrs[2] = { at("127.0.0.1:0"), at("[::1]:0") };
	struct addr four_six, six_six;
	struct turn_options options = { .listen = addrs, .n_listen = 2 };
	const struct addr *bound;
	struct tclient four, six;
	size_t n;

	start_with(&options);
	bound = turn_addrs(turn, &n);
	join_both(&four, &bound[0], "a", &four_six);
	join_both(&six, &bound[1], "b", &six_six);
	ck_assert_int_eq(tclient_bind(&four, 0x4004, &six.relayed), 0);
	ck_assert_int_eq(tclient_bind(&four, 0x4006, &six_six), 0);
	ck_assert_int_eq(tclient_permit(&six, &four.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4004, "x", 1), 0);
	hears(&six, 0, &four.relayed, "x", 1);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4006, "x", 1), 0);
	ck_assert(drops("peer_refuses", 1));	/* IPv4 is permitted only */
	ck_assert_int_eq(tclient_permit(&six, &four_six), 0);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4006, "y", 1), 0);
	hears(&six, 0, &four_six, "y", 1);
	ck_assert_int_eq(tclient_send(&six, &four.relayed, "4", 1), 0);
	hears(&four, 0x4004, NULL, "4", 1);
	ck_assert_int_eq(tclient_send(&six, &four_six, "6", 1), 0);
	hears(&four, 0x4006, NULL, "6", 1);

	tclient_begin(&six, STUN_REFRESH);
	stun_add_u32(&six.b, STUN_ATTR_LIFETIME, 0);
	stun_add_first(&six.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(tclient_ask(&six), 0);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4006, "x", 1), 0);
	ck_assert(drops("no_peer", 1));		/* to what is no more */
	ck_assert_int_eq(tclient_send(&six, &four_six, "x", 1), 0);
	ck_assert(drops("no_peer", 2));		/* and from it */
	ck_assert_int_eq(tclient_send_channel(&four, 0x4004, "z", 1), 0);
	hears(&six, 0, &four.relayed, "z", 1);
	ck_assert_uint_eq(counter("rp_relay_allocations"), 2);
	tclient_close(&four);
	tclient_close(&six);
	stop();
}
END_TEST

static uint64_t
resident_kb(void)
{
	unsigned long size = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lu %lu", &size, &resident), 2);
	fclose(file);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

#define FLOOD 100000
/* What it may leave; the sanitizers keep books of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FLOOD_KB 65536
#else
#define FLOOD_KB 1024
#endif
#define PORTS 500

/* Nonsense and strangers leave nothing behind, and a call loses nothing. */
START_TEST(withstands_a_flood)
{
	static const uint8_t bad[20] = "\x00\x01\x00\x04\x21\x12\xa4\x42";
	struct addr addr = at("127.0.0.1:0");
	struct turn_options options = {
		.listen = &addr, .n_listen = 1, .strangers_per_prefix = 10
	};
	struct tclient a, b, port[PORTS];
	uint64_t before;
	unsigned i;

	start_with(&options);
	join(&a, "c", "a");
	join(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	for (i = 0; i < PORTS; i++)
		ck_assert_int_eq(tclient_open(&port[i], &server), 0);
	before = resident_kb();
	for (i = 0; i < FLOOD; i++) {
		struct tclient *c = &port[i % PORTS];

		tclient_begin(c, STUN_ALLOCATE);
		(void)send(c->fd, c->out, c->b.len, 0);
		(void)send(c->fd, bad, 20, 0);
		if (i % 20 != 0)
			continue;
		ck_assert_int_eq(tclient_send_channel(&a, 0x4000, &i,
		    sizeof(i)), 0);
		hears(&b, 0x4000, NULL, &i, sizeof(i));
	}
	ck_assert_uint_le(resident_kb(), before + FLOOD_KB);
	ck_assert_uint_gt(counter("rp_relay_dropped_total"
	    "{reason=\"malformed\"}"), FLOOD * 9 / 10);
	ck_assert_uint_gt(counter("rp_relay_dropped_total"
	    "{reason=\"rationed\"}"), FLOOD * 8 / 10);
	ck_assert_uint_eq(counter("rp_relay_allocations"), 2);
	for (i = 0; i < PORTS; i++)
		tclient_close(&port[i]);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

START_TEST(says_why_not)
{
	char *items[] = { (char *)SECRET };
	struct conf_strings secrets = { items, 1 };
	struct addr taken, addr = at("127.0.0.1:0");
	struct turn_options options = {
		.listen = &addr, .n_listen = 1, .realm = "rp",
		.secrets = &secrets
	};
	struct turn *other;
	char why[WHY_TEXT], text[ADDR_TEXT];

	start("127.0.0.1:0", 1, 0, NULL);
	taken = server;
	options.listen = &taken;
	ck_assert_int_eq(turn_new(&other, &options, why), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(why, addr_format(&server, text)));
	stop();
}
END_TEST

UNIT_SUITE(turn, relays_in_each_form, permits_by_address, refuses_by_reason,
    keeps_the_rate, one_rate_for_a_party, one_rate_for_a_call,
    one_rate_for_a_trial, rings_until_it_ends, ends_a_call_at_once, wildcard_and_external, threads,
    across_families, notes_first_media, both_families, withstands_a_flood, says_why_not)
