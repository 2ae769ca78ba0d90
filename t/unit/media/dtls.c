/*
 * Two DTLS ends with a queue as their network. Keys agree, losses are repaired,
 * and ClientHellos may come in fragments as browsers send them. A peer with
 * another certificate than described is refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "media/path/dtls.h"
#include "unit.h"
#include "who/identity.h"

#define PACKETS 64
#define DATAGRAM 1500
#define RECORD 13		/* RFC 6347 4.1: a record's header */
#define HANDSHAKE 12		/* 4.2.2: a handshake fragment's */

struct end {
	struct net *net;
	struct dtls *dtls;
	struct identity identity;
	bool secure;
	uint8_t local[RTPCRYPT_MASTER], remote[RTPCRYPT_MASTER];
	int failed;
	bool closed;
};

struct packet {
	struct end *to;
	size_t len;
	uint8_t data[DATAGRAM];
};

struct net {
	struct end ends[2];	/* client, server */
	struct packet packets[PACKETS];
	size_t first, n;
	unsigned sent;
	unsigned drop_mask;	/* bit i: the i-th datagram is lost */
	unsigned fragments;	/* of the ClientHello; 0: as it is */
	bool reversed;
	bool undescribed;	/* the server does not know the client yet */
	uint32_t hello_ms, retransmit_ms;	/* 0: 50 */
	struct packet hello;	/* the client's first datagram */
	unsigned copies;	/* of it, sent later */
};

static void
enqueue(struct net *net, struct end *to, const uint8_t *data, size_t len)
{
	struct packet *p;

	ck_assert_uint_lt(net->n, PACKETS);
	ck_assert_uint_le(len, DATAGRAM);
	p = &net->packets[(net->first + net->n++) % PACKETS];
	p->to = to;
	p->len = len;
	memcpy(p->data, data, len);
}

static void
put(uint8_t *p, size_t value, size_t bytes)
{
	while (bytes-- > 0) {
		p[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

/* Cut a datagram that is one record with one whole handshake message. */
static void
cut(struct net *net, struct end *to, const uint8_t *data, size_t len)
{
	size_t body = len - RECORD - HANDSHAKE, i, k;

	for (k = 0; k < net->fragments; k++) {
		uint8_t out[DATAGRAM];
		size_t from, end;

		i = net->reversed ? net->fragments - 1 - k : k;
		from = body * i / net->fragments;
		end = body * (i + 1) / net->fragments;
		memcpy(out, data, RECORD + HANDSHAKE);
		put(out + 9, i, 2);		/* record sequence number */
		put(out + 11, HANDSHAKE + end - from, 2);
		put(out + RECORD + 6, from, 3);
		put(out + RECORD + 9, end - from, 3);
		memcpy(out + RECORD + HANDSHAKE, data + RECORD + HANDSHAKE +
		    from, end - from);
		enqueue(net, to, out, RECORD + HANDSHAKE + end - from);
	}
}

static void
note_hello(struct net *net, const uint8_t *data, size_t len, unsigned n)
{
	if (n == 0) {
		net->hello.len = len;
		memcpy(net->hello.data, data, len);
	} else if (len == net->hello.len &&
	    memcmp(data, net->hello.data, len) == 0) {
		net->copies++;
	}
}

static void
on_send(const uint8_t *data, size_t len, void *arg)
{
	struct end *from = arg;
	struct net *net = from->net;
	struct end *to = from == &net->ends[0] ? &net->ends[1] :
	    &net->ends[0];
	unsigned n = net->sent++;

	ck_assert(dtls_is(data, len));
	ck_assert_uint_le(len, 1200);
	note_hello(net, data, len, n);
	if (n < 32 && net->drop_mask & 1u << n)
		return;
	if (net->fragments > 0 && n == 0)
		cut(net, to, data, len);
	else
		enqueue(net, to, data, len);
}

static void
on_secure(const uint8_t local[static RTPCRYPT_MASTER],
    const uint8_t remote[static RTPCRYPT_MASTER], void *arg)
{
	struct end *end = arg;

	ck_assert(!end->secure);	/* once */
	end->secure = true;
	memcpy(end->local, local, RTPCRYPT_MASTER);
	memcpy(end->remote, remote, RTPCRYPT_MASTER);
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct end *end = arg;

	ck_assert_uint_gt(strlen(why), 0);
	end->failed = err;
}

static void
on_closed(void *arg)
{
	struct end *end = arg;

	end->closed = true;
}

static void
load(struct identity *identity)
{
	char path[] = "/tmp/rp-unit-dtls-XXXXXX", why[WHY_TEXT];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
	ck_assert_msg(identity_load(identity, path, why) == 0, "%s", why);
	unlink(path);
}

/* expected: whose certificate each end is told to expect; usually the peer's. */
static void
net_open(struct net *net, const struct identity *expected)
{
	static const struct dtls_handlers handlers = {
		on_send, on_secure, on_failed, on_closed
	};
	int i;

	for (i = 0; i < 2; i++)
		load(&net->ends[i].identity);
	for (i = 0; i < 2; i++) {
		struct end *end = &net->ends[i];
		struct dtls_options options = {
			.client = i == 0,
			.identity = &end->identity,
			.retransmit_ms = net->retransmit_ms > 0 ?
			    net->retransmit_ms : 50,
			.hello_ms = net->hello_ms,
			.timeout_ms = 2000,
		};
		const struct identity *peer = expected != NULL ? expected :
		    &net->ends[1 - i].identity;

		end->net = net;
		if (i == 0 || !net->undescribed)
			options.fingerprint = peer->fingerprint;
		ck_assert_int_eq(dtls_new(&end->dtls, &options, &handlers,
		    end), 0);
	}
}

static void
net_close(struct net *net)
{
	int i;

	for (i = 0; i < 2; i++) {
		dtls_free(net->ends[i].dtls);
		net->ends[i].dtls = NULL;
		identity_clear(&net->ends[i].identity);
	}
}

static void
deliver_one(struct net *net)
{
	struct packet *p = &net->packets[net->first];

	net->first = (net->first + 1) % PACKETS;
	net->n--;
	dtls_receive(p->to->dtls, p->data, p->len, clock_ns());
}

static void
deliver(struct net *net)
{
	while (net->n > 0)
		deliver_one(net);
}

static void
deliver_all(struct net *net)
{
	dtls_run(net->ends[0].dtls, clock_ns());
	deliver(net);
}

static bool
settled(const struct net *net)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!net->ends[i].secure && net->ends[i].failed == 0)
			return false;
	return true;
}

/* GnuTLS keeps its own time, so this is real: 3 s at the most. */
static void
run(struct net *net)
{
	uint64_t end_ns = clock_ns() + 3 * CLOCK_S;

	while (!settled(net) && clock_ns() < end_ns) {
		dtls_run(net->ends[0].dtls, clock_ns());
		dtls_run(net->ends[1].dtls, clock_ns());
		deliver(net);
		usleep(1000);
	}
}

static void
keys_agree(const struct net *net)
{
	const struct end *client = &net->ends[0], *server = &net->ends[1];

	ck_assert_int_eq(client->failed, 0);
	ck_assert_int_eq(server->failed, 0);
	ck_assert(client->secure && server->secure);
	ck_assert_mem_eq(client->local, server->remote, RTPCRYPT_MASTER);
	ck_assert_mem_eq(client->remote, server->local, RTPCRYPT_MASTER);
	ck_assert_mem_ne(client->local, client->remote, RTPCRYPT_MASTER);
}

START_TEST(shakes_hands)
{
	static struct net net;

	net_open(&net, NULL);
	/* What is sent and answered is enough: no timer was waited for. */
	dtls_run(net.ends[0].dtls, clock_ns());
	dtls_run(net.ends[1].dtls, clock_ns());
	deliver(&net);
	keys_agree(&net);
	/* Each flight is one datagram. */
	ck_assert_uint_eq(net.sent, 4);
	dtls_free(net.ends[0].dtls);
	net.ends[0].dtls = NULL;
	deliver(&net);
	ck_assert(net.ends[1].closed);
	net_close(&net);
}
END_TEST

/* With its Finished sent the client has the keys; the server has not seen it. */
START_TEST(client_is_a_round_trip_ahead)
{
	static struct net net;

	net_open(&net, NULL);
	dtls_run(net.ends[0].dtls, clock_ns());
	while (net.n > 0 && !net.ends[0].secure)
		deliver_one(&net);
	ck_assert(net.ends[0].secure && !net.ends[1].secure);
	/* The server's last flight is lost once: the keys stay as they are. */
	net.drop_mask = 3u << net.sent;
	deliver(&net);
	run(&net);
	keys_agree(&net);
	net_close(&net);
}
END_TEST

START_TEST(client_hello_in_fragments)
{
	static struct net net;
	unsigned n;
	int reversed;

	for (reversed = 0; reversed < 2; reversed++)
		for (n = 1; n <= 4; n++) {
			memset(&net, 0, sizeof(net));
			net.fragments = n;
			net.reversed = reversed;
			net_open(&net, NULL);
			run(&net);
			keys_agree(&net);
			net_close(&net);
		}
}
END_TEST

/* Each datagram of the handshake is lost once, alone. */
START_TEST(makes_up_for_losses)
{
	static struct net net;
	unsigned i;

	for (i = 0; i < 8; i++) {
		memset(&net, 0, sizeof(net));
		net.drop_mask = 1u << i;
		net_open(&net, NULL);
		run(&net);
		/* The last flight is repeated when the peer repeats its own. */
		keys_agree(&net);
		net_close(&net);
	}
}
END_TEST

START_TEST(refuses_another_certificate)
{
	static struct net net;
	struct identity other;

	load(&other);
	net_open(&net, &other);
	run(&net);
	/* The client sees it first; the server gets its alert. */
	ck_assert_int_eq(net.ends[0].failed, -EACCES);
	ck_assert(!net.ends[0].secure && !net.ends[1].secure);
	net_close(&net);
	identity_clear(&other);
}
END_TEST

static const struct dtls_handlers later = {
	on_send, on_secure, on_failed, on_closed
};

/* The description comes after each datagram of the handshake in turn. */
START_TEST(described_later)
{
	static struct net net;
	struct end *server = &net.ends[1];
	unsigned after, i;

	for (after = 0; after <= 4; after++) {
		memset(&net, 0, sizeof(net));
		net.undescribed = true;
		net_open(&net, NULL);
		dtls_run(net.ends[0].dtls, clock_ns());
		for (i = 0; i < after && net.n > 0; i++)
			deliver_one(&net);
		ck_assert(!server->secure);
		dtls_expect(server->dtls, net.ends[0].identity.fingerprint,
		    &later, server);
		deliver(&net);
		keys_agree(&net);
		net_close(&net);
	}
}
END_TEST

START_TEST(described_later_as_another)
{
	static struct net net;
	struct end *server = &net.ends[1];
	unsigned after, i;

	for (after = 0; after <= 4; after++) {
		memset(&net, 0, sizeof(net));
		net.undescribed = true;
		net_open(&net, NULL);
		dtls_run(net.ends[0].dtls, clock_ns());
		for (i = 0; i < after && net.n > 0; i++)
			deliver_one(&net);
		dtls_expect(server->dtls, server->identity.fingerprint,
		    &later, server);
		deliver(&net);
		ck_assert_int_eq(server->failed, -EACCES);
		ck_assert(!server->secure);
		/* It is told why: by an alert. */
		ck_assert(net.ends[0].failed != 0 || net.ends[0].closed);
		net_close(&net);
	}
}
END_TEST

/* Who never is described is never told of. */
START_TEST(never_described)
{
	static struct net net;

	net.undescribed = true;
	net_open(&net, NULL);
	deliver_all(&net);
	ck_assert(net.ends[0].secure);
	ck_assert(!net.ends[1].secure);
	ck_assert_int_eq(net.ends[1].failed, 0);
	net_close(&net);
}
END_TEST

/* Copies of a ClientHello into the void, until something comes back. */
START_TEST(says_hello_again)
{
	static struct net net;
	uint64_t end_ns = clock_ns() + CLOCK_S;

	net.hello_ms = 2;
	net.drop_mask = UINT32_MAX;
	net_open(&net, NULL);
	while (net.copies < 5 && clock_ns() < end_ns) {
		dtls_run(net.ends[0].dtls, clock_ns());
		usleep(500);
	}
	ck_assert_uint_eq(net.copies, 5);
	/* Anything that comes back ends it. */
	net.hello.data[4] = 9;		/* of an epoch that is not ours */
	dtls_receive(net.ends[0].dtls, net.hello.data, net.hello.len,
	    clock_ns());
	net.hello.data[4] = 0;
	usleep(110 * 1000);
	dtls_run(net.ends[0].dtls, clock_ns());
	ck_assert_uint_eq(net.copies, 5);
	net_close(&net);

	memset(&net, 0, sizeof(net));
	net.hello_ms = 2;
	net_open(&net, NULL);
	deliver_all(&net);
	keys_agree(&net);
	usleep(5000);
	deliver_all(&net);
	ck_assert_uint_eq(net.copies, 0);
	net_close(&net);
}
END_TEST

/* Run one end for longer than its copies take, and count what it sends. */
static unsigned
sends(struct net *net, int end)
{
	unsigned before = net->sent;
	uint64_t end_ns = clock_ns() + 100 * CLOCK_MS;

	while (clock_ns() < end_ns) {
		dtls_run(net->ends[end].dtls, clock_ns());
		usleep(1000);
	}
	return net->sent - before;
}

/* Each flight goes three times, and copies are answered by nothing. */
START_TEST(copies_flights)
{
	static struct net net;

	net.retransmit_ms = 5000;
	net_open(&net, NULL);
	ck_assert_uint_eq(sends(&net, 0), 3);
	deliver_one(&net);
	ck_assert_uint_eq(net.sent, 4);
	ck_assert_uint_eq(sends(&net, 1), 2);
	deliver_one(&net);		/* the copies of the ClientHello */
	deliver_one(&net);
	ck_assert_uint_eq(net.sent, 6);
	ck_assert_uint_eq(sends(&net, 1), 0);
	deliver_one(&net);
	ck_assert_uint_eq(net.sent, 7);
	ck_assert(net.ends[0].secure);
	ck_assert_uint_eq(sends(&net, 0), 2);
	deliver(&net);
	keys_agree(&net);
	/* The last flight is repeated on demand only. */
	ck_assert_uint_eq(net.sent, 10);
	ck_assert_uint_eq(sends(&net, 0) + sends(&net, 1), 0);
	net_close(&net);
}
END_TEST

START_TEST(gives_up)
{
	static struct net net;

	net.drop_mask = UINT32_MAX;
	net_open(&net, NULL);
	run(&net);
	ck_assert_int_eq(net.ends[0].failed, -ETIMEDOUT);
	ck_assert_uint_ge(net.sent, 4);
	net_close(&net);
}
END_TEST

START_TEST(survives_garbage)
{
	static struct net net;
	uint8_t data[256];
	unsigned i;
	size_t k;

	net_open(&net, NULL);
	for (i = 0; i < 500; i++) {
		crypto_random(data, sizeof(data));
		data[0] = (uint8_t)(20 + i % 44);
		if (i % 2 == 0) {	/* a header that looks right */
			data[1] = 0xfe;
			data[2] = 0xfd;
			put(data + 3, 0, 8);
			put(data + 11, 1 + i % 200, 2);
		}
		for (k = 0; k < 2; k++)
			dtls_receive(net.ends[k].dtls, data, 1 + i % 256,
			    clock_ns());
	}
	net_close(&net);
}
END_TEST

UNIT_SUITE(dtls, shakes_hands, client_is_a_round_trip_ahead,
    client_hello_in_fragments,
    makes_up_for_losses, refuses_another_certificate, described_later,
    described_later_as_another, never_described, says_hello_again, copies_flights,
    gives_up,
    survives_garbage)
