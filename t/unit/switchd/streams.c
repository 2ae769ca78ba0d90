/*
 * The relay's clients over TCP: frames cut at any byte, peers on either side of
 * the two transports, and connections that must be refused.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "table/callstats.h"
#include "turnhelp.h"

#define CUT(reason) "rp_relay_streams_cut_total{reason=\"" reason "\"}"

#define FRAMES(reason)							\
	"rp_relay_stream_frames_dropped_total{reason=\"" reason "\"}"

static struct addr tcp;

static unsigned strangers;		/* answers a second to them; 0: any */
static unsigned max_streams;		/* 0: the default */
static struct lobby_limits stranger_limits;

static void
start(unsigned per_prefix, unsigned auth_ms)
{
	struct addr addr = at("127.0.0.1:0"), tcp_addr = addr;
	struct turn_options options = {
		.listen = &addr, .n_listen = 1, .tcp = &tcp_addr, .n_tcp = 1,
		.max_streams_per_prefix = per_prefix,
		.stream_auth_ms = auth_ms,
		.strangers_per_prefix = strangers,
		.max_streams = max_streams, .stream_strangers = stranger_limits
	};
	size_t n;

	start_with(&options);
	tcp = turn_tcp_addrs(turn, &n)[0];
	ck_assert_uint_eq(n, 1);
	(void)turn_tls_addrs(turn, &n);
	ck_assert_uint_eq(n, 0);
}

static void
join_tcp(struct tclient *c, const char *call, const char *party)
{
	ck_assert_int_eq(tclient_open_tcp(c, &tcp), 0);
	allocate_as(c, call, party);
}

/* The other end has closed: no data, but an end. */
static bool
is_over(struct tclient *c, int ms)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	char byte;

	return poll(&pfd, 1, ms) > 0 && recv(c->fd, &byte, 1, 0) <= 0;
}

START_TEST(relays_between_transports)
{
	uint8_t data[1300];
	struct callstats stats;
	struct tclient a, b, c;
	size_t i, len;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	start(0, 0);
	join_tcp(&a, "c", "a");
	join(&b, "c", "b");
	join_tcp(&c, "c", "c");
	ck_assert_int_eq(tclient_bind(&a, 0x4001, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4002, &a.relayed), 0);
	ck_assert_int_eq(tclient_bind(&a, 0x4003, &c.relayed), 0);
	ck_assert_int_eq(tclient_permit(&c, &a.relayed), 0);
	for (len = 0; len < sizeof(data); len += len < 9 ? 1 : 331) {
		ck_assert_int_eq(tclient_send_channel(&a, 0x4001, data, len),
		    0);
		hears(&b, 0x4002, NULL, data, len);
		ck_assert_int_eq(tclient_send_channel(&b, 0x4002, data, len),
		    0);
		hears(&a, 0x4001, NULL, data, len);
		ck_assert_int_eq(tclient_send_channel(&a, 0x4003, data, len),
		    0);
		hears(&c, 0, &a.relayed, data, len);
		ck_assert_int_eq(tclient_send(&c, &a.relayed, data, len), 0);
		hears(&a, 0x4003, NULL, data, len);
	}
	ck_assert_uint_eq(counter("rp_relay_streams"), 2);
	ck_assert_int_eq(turn_callstats(turn, "c", &stats), 0);
	ck_assert_int_eq(callstats_find(&stats, "a")->via, CALLSTATS_TCP);
	ck_assert_int_eq(callstats_find(&stats, "b")->via, CALLSTATS_UDP);
	ck_assert_uint_gt(callstats_find(&stats, "c")->packets, 0);
	tclient_close(&a);
	tclient_close(&b);
	tclient_close(&c);
	stop();
}
END_TEST

/* Byte by byte, and all in one. */
START_TEST(frames_however_cut)
{
	uint8_t bytes[64 * 12], frame[12] = { 0x40, 0, 0, 5, 'h', 'e', 'l',
	    'l', 'o' };
	struct tclient a, b;
	size_t i;

	start(0, 0);
	join_tcp(&a, "c", "a");
	join_tcp(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	for (i = 0; i < sizeof(frame); i++) {
		ck_assert_int_eq(send(a.fd, frame + i, 1, 0), 1);
		usleep(1000);
	}
	hears(&b, 0x4000, NULL, "hello", 5);
	for (i = 0; i < 64; i++) {
		frame[8] = (uint8_t)i;
		memcpy(bytes + i * 12, frame, 12);
	}
	ck_assert_int_eq(send(a.fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	for (i = 0; i < 64; i++)
		hears(&b, 0x4000, NULL, bytes + i * 12 + 4, 5);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

START_TEST(closes_on_nonsense)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 18 },	/* 0x47: a channel's */
		{ "\x16\x03\x01\x02\x00\x01\x00\x01", 8 },	/* TLS */
		{ "\xff\xff\xff\xff", 4 },
		{ "\x40\x00\xff\xff", 4 },	/* longer than we take */
		{ "\x00\x01\x00\x03", 4 },
	};
	struct tclient c;
	size_t i;

	start(0, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(tclient_open_tcp(&c, &tcp), 0);
		ck_assert_int_eq(send(c.fd, bad[i].bytes, bad[i].len, 0),
		    (ssize_t)bad[i].len);
		ck_assert_msg(is_over(&c, 3000), "case %zu", i);
		tclient_close(&c);
	}
	ck_assert(counts(CUT("no_frame"), 5));
	ck_assert(counts("rp_relay_streams", 0));
	stop();
}
END_TEST

/* A frame that is too long is dropped, and what follows it is relayed. */
START_TEST(skips_long_frames)
{
	static uint8_t big[4 + 65536];
	struct tclient a, b;
	size_t sent;
	ssize_t n;
	int i;

	start(0, 0);
	join_tcp(&a, "c", "a");
	join(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	for (i = 0; i < 2; i++) {
		size_t len = i == 0 ? 2048 : 65535;

		memcpy(big, (uint8_t[]){ 0x40, 0, (uint8_t)(len >> 8),
		    (uint8_t)len }, 4);
		len = 4 + (len + 3) / 4 * 4;
		for (sent = 0; sent < len; sent += (size_t)n) {
			n = send(a.fd, big + sent, len - sent, 0);
			ck_assert_int_gt(n, 0);
		}
		ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hello", 5),
		    0);
		hears(&b, 0, &a.relayed, "hello", 5);
	}
	ck_assert(drops("too_long", 2));
	ck_assert(counts("rp_relay_streams", 1));
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* The connection is the 5-tuple: its end is the allocation's. */
START_TEST(ends_with_the_connection)
{
	struct tclient a, b;

	start(0, 0);
	join_tcp(&a, "c", "a");
	join(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	ck_assert_uint_eq(counter("rp_relay_allocations"), 2);
	tclient_close(&a);
	ck_assert(counts("rp_relay_allocations", 1));
	ck_assert_int_eq(tclient_send_channel(&b, 0x4000, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	tclient_close(&b);
	stop();
}
END_TEST

START_TEST(cuts_who_does_nothing)
{
	struct tclient a, idle;

	start(0, 100);
	join_tcp(&a, "c", "a");
	ck_assert_int_eq(tclient_open_tcp(&idle, &tcp), 0);
	ck_assert(is_over(&idle, 3000));
	ck_assert_uint_eq(counter(CUT("no_allocation")), 1);
	tclient_close(&idle);
	ck_assert_int_eq(tclient_refresh(&a, 600), 0);	/* still here */
	ck_assert_int_eq(tclient_refresh(&a, 0), 0);
	ck_assert(is_over(&a, 3000));
	tclient_close(&a);
	stop();
}
END_TEST

START_TEST(bounds_a_prefix)
{
	struct tclient c[4];
	size_t i;

	start(3, 0);
	for (i = 0; i < 3; i++)
		join_tcp(&c[i], "c", "a");
	ck_assert_int_eq(tclient_open_tcp(&c[3], &tcp), 0);
	ck_assert(is_over(&c[3], 3000));
	ck_assert_uint_eq(counter(CUT("too_many_of_prefix")), 1);
	tclient_close(&c[3]);
	tclient_close(&c[0]);
	ck_assert(counts("rp_relay_streams", 2));
	join_tcp(&c[3], "c", "a");
	for (i = 1; i < 4; i++)
		tclient_close(&c[i]);
	stop();
}
END_TEST

/* Who does not read loses packets, then the connection; nobody else does. */
START_TEST(cuts_who_does_not_read)
{
	static uint8_t data[1200];
	struct tclient a, b, stuck;
	uint64_t end_ms = clock_ms() + 50000;

	start(0, 100);
	join(&a, "c", "a");
	join_tcp(&b, "c", "b");
	join_tcp(&stuck, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &stuck.relayed), 0);
	ck_assert_int_eq(tclient_bind(&a, 0x4001, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	ck_assert_int_eq(tclient_permit(&stuck, &a.relayed), 0);
	while (counter(CUT("stuck")) == 0 && clock_ms() < end_ms) {
		(void)tclient_send_channel(&a, 0x4000, data, sizeof(data));
		(void)tclient_send_channel(&a, 0x4001, "x", 1);
		hears(&b, 0x4000, NULL, "x", 1);
	}
	ck_assert_uint_eq(counter(CUT("stuck")), 1);
	ck_assert_uint_gt(counter(FRAMES("slow")), 0);
	ck_assert(counts("rp_relay_allocations", 2));
	tclient_close(&a);
	tclient_close(&b);
	tclient_close(&stuck);
	stop();
}
END_TEST

/* More than a turn takes: in order, and all of it before the end. */
START_TEST(takes_all_before_the_end)
{
	uint8_t bytes[500][8] = { { 0 } };
	struct tclient a, b;
	unsigned i;

	start(0, 0);
	join_tcp(&a, "c", "a");
	join_tcp(&b, "c", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	for (i = 0; i < 500; i++) {
		bytes[i][0] = 0x40;
		bytes[i][3] = 4;
		memcpy(bytes[i] + 4, &i, 4);
	}
	ck_assert_int_eq(send(a.fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	ck_assert_int_eq(shutdown(a.fd, SHUT_WR), 0);
	for (i = 0; i < 500; i++)
		hears(&b, 0x4000, NULL, &i, 4);
	ck_assert(counts("rp_relay_streams", 1));
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* A stranger is answered so often, then cut off; a client is not. */
/* The oldest without an allocation gives way; one with an allocation never. */
START_TEST(strangers_give_way)
{
	struct tclient a, idle[4];
	size_t i;

	stranger_limits.most = 2;
	start(0, 0);
	join_tcp(&a, "c", "a");
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(tclient_open_tcp(&idle[i], &tcp), 0);
	ck_assert(is_over(&idle[0], 3000));
	ck_assert(is_over(&idle[1], 3000));
	ck_assert_uint_eq(counter(CUT("strangers")), 2);
	ck_assert(!is_over(&idle[3], 100));
	allocate_as(&idle[3], "c", "b");
	ck_assert_uint_eq(counter("rp_relay_streams"), 3);
	ck_assert_int_eq(tclient_refresh(&a, 600), 0);
	tclient_close(&a);
	for (i = 0; i < 4; i++)
		tclient_close(&idle[i]);
	stop();
}
END_TEST

START_TEST(strangers_of_one_address)
{
	struct tclient idle[3];
	size_t i;

	stranger_limits.per[LOBBY_ADDRESS] = 2;
	start(0, 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(tclient_open_tcp(&idle[i], &tcp), 0);
	ck_assert(is_over(&idle[0], 3000));
	ck_assert_uint_eq(counter(CUT("strangers_of_prefix")), 1);
	for (i = 0; i < 3; i++)
		tclient_close(&idle[i]);
	stop();
}
END_TEST

/* Strangers in all places do not keep a client out. */
START_TEST(places_for_clients)
{
	struct tclient a, b, idle[2];
	size_t i;

	max_streams = 2;
	start(0, 0);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(tclient_open_tcp(&idle[i], &tcp), 0);
	join_tcp(&a, "c", "a");
	ck_assert(is_over(&idle[0], 3000));
	join_tcp(&b, "c", "b");
	ck_assert(is_over(&idle[1], 3000));
	ck_assert_uint_eq(counter(CUT("gave_way")), 2);
	tclient_close(&idle[0]);
	ck_assert_int_eq(tclient_open_tcp(&idle[0], &tcp), 0);
	ck_assert(is_over(&idle[0], 3000));
	ck_assert_uint_eq(counter(CUT("too_many_of_prefix")), 1);
	ck_assert_uint_eq(counter("rp_relay_streams"), 2);
	tclient_close(&a);
	tclient_close(&b);
	for (i = 0; i < 2; i++)
		tclient_close(&idle[i]);
	stop();
}
END_TEST

START_TEST(rations_strangers)
{
	static const uint8_t allocate[20] = { 0, 3, 0, 0, 0x21, 0x12, 0xa4,
	    0x42 };
	struct tclient a, stranger;
	char answers[65536];
	size_t heard = 0;
	ssize_t n;
	int i;

	strangers = 10;
	start(0, 0);
	join_tcp(&a, "c", "a");
	ck_assert_int_eq(tclient_open_tcp(&stranger, &tcp), 0);
	for (i = 0; i < 1000; i++)
		if (send(stranger.fd, allocate, sizeof(allocate),
		    MSG_NOSIGNAL) < 0)
			break;
	while ((n = recv(stranger.fd, answers, sizeof(answers), 0)) > 0)
		heard += (size_t)n;
	ck_assert_uint_lt(heard, 1000 * sizeof(allocate));
	ck_assert(counts(CUT("rationed"), 1));
	tclient_begin(&a, STUN_BINDING);
	ck_assert_int_eq(tclient_ask(&a), 0);
	ck_assert_int_eq(tclient_refresh(&a, 600), 0);
	tclient_close(&a);
	tclient_close(&stranger);
	stop();
}
END_TEST

/* Stopped before its thread has begun, or while it looks elsewhere. */
START_TEST(stops_at_any_time)
{
	unsigned i;

	for (i = 0; i < 200; i++) {
		start(0, 0);
		usleep(i % 20 * 10);
		stop();
	}
}
END_TEST

/*
 * What is on its way to a connection that ends is counted as such. The thread
 * delivers 256 messages and then looks at its connections, so more than that
 * must wait for it; on a busy machine they do, and elsewhere some cross.
 */
START_TEST(counts_what_nobody_gets)
{
	static uint8_t data[200];
	struct tclient a, b;
	uint64_t end_ms = clock_ms() + 20000;
	int i;

	start(0, 0);
	join(&a, "c", "a");
	while (counter(FRAMES("gone")) == 0 && clock_ms() < end_ms) {
		join_tcp(&b, "c", "b");
		ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
		for (i = 0; i < 1000; i++) {
			if (i == 800)
				tclient_close(&b);
			(void)tclient_send(&a, &b.relayed, data,
			    sizeof(data));
			if (i == 0)
				ck_assert_int_eq(tclient_permit(&a,
				    &b.relayed), 0);
		}
	}
	ck_assert_uint_gt(counter(FRAMES("gone")), 0);
	tclient_close(&a);
	stop();
}
END_TEST

UNIT_SUITE(streams, counts_what_nobody_gets, stops_at_any_time,
    relays_between_transports, frames_however_cut, closes_on_nonsense,
    skips_long_frames, ends_with_the_connection, cuts_who_does_nothing,
    bounds_a_prefix, cuts_who_does_not_read, takes_all_before_the_end,
    rations_strangers, strangers_give_way, strangers_of_one_address,
    places_for_clients)
