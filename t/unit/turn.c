/*
 * The relay as it runs: two parties' packets over real sockets, in each form,
 * and what does not get through.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "turnhelp.h"

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
	hears_nothing(&b);
	/* And the good still goes. */
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
	unsigned i;

	/* 80 kbit/s is 10,000 bytes a second, and as much at once. */
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
	ck_assert_uint_le(call.packets, 20);
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
	char why[TURN_WHY], text[ADDR_TEXT];

	start("127.0.0.1:0", 1, 0, NULL);
	taken = server;
	options.listen = &taken;
	ck_assert_int_eq(turn_new(&other, &options, why), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(why, addr_format(&server, text)));
	stop();
}
END_TEST

UNIT_MAIN("turn", relays_in_each_form, refuses_by_reason, keeps_the_rate,
    ends_a_call_at_once, wildcard_and_external, threads, says_why_not)
