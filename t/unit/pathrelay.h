/*
 * pathrelay: a relay for one unit test of media/path, on loopback, with a delay
 * and losses of its own, and flights that it counts. A datagram's flight is one
 * more than the latest that had reached its sender when it left. So a party and
 * the relay, there and back, are two flights, however long they take.
 */
#ifndef RP_T_UNIT_PATHRELAY_H
#define RP_T_UNIT_PATHRELAY_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "media/path/allocation.h"
#include "media/path/dtls.h"
#include "media/path/ice_server.h"
#include "net/loop.h"
#include "unit.h"
#include "wire/rtp.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define RELAY_CLIENTS 4
#define RELAY_QUEUE 512
#define RELAY_DATAGRAM 1600
#define RELAY_REALM "rp"
#define RELAY_SECRET "secret"
#define RELAY_ONE_WAY (5 * CLOCK_MS)
#define RELAY_PORT 60000	/* the first relayed one; no socket has it */

enum relay_kind {
	RELAY_CHECK,		/* a Binding request */
	RELAY_CLIENT_HELLO,
	RELAY_SERVER_HELLO,
	RELAY_OTHER_DTLS,
	RELAY_SOUND,
	RELAY_KINDS
};

struct relay_client {
	char name[16];
	struct addr addr;	/* all zero: no datagram yet */
	struct addr relayed;
	bool allocated, permitted, bound[RELAY_CLIENTS];
	uint16_t channel[RELAY_CLIENTS];
	unsigned flight;	/* the latest that has reached it */
	unsigned first[RELAY_KINDS];	/* flight in which it came; 0: never */
	unsigned sent[RELAY_KINDS];
};

struct relay_datagram {
	uint64_t due_ns;
	bool up;		/* to the relay */
	size_t client;
	unsigned flight;
	size_t len;
	uint8_t data[RELAY_DATAGRAM];
};

struct relay {
	struct event_base *loop;
	struct loop_event *readable, *timer;
	int fd;
	struct addr addr;
	struct relay_client clients[RELAY_CLIENTS];
	size_t n_clients;
	struct relay_datagram queue[RELAY_QUEUE];
	size_t first, n;
	unsigned count;		/* datagrams on both ways */
	uint64_t drop_mask;	/* bit i: the i-th is lost */
	unsigned lose_percent;	/* and of all, so many */
	bool no_hello;		/* lose each ClientHello outside a check */
	bool check_carries;	/* some client's first one, DTLS */
	uint32_t random;	/* the same losses each time */
	uint8_t hello[RELAY_DATAGRAM];	/* the latest ClientHello */
	size_t hello_len;
	struct addr greeted[8];		/* got a ServerHello */
	size_t n_greeted;
};

static bool
relay_loses(struct relay *r)
{
	unsigned i = r->count++;

	if (i < 64 && r->drop_mask >> i & 1)
		return true;
	r->random = r->random * 1664525u + 1013904223u;
	return (r->random >> 8) % 100 < r->lose_percent;
}

static void
relay_wait(struct relay *r)
{
	uint64_t now_ns = clock_ns();
	uint64_t due_ns = r->n == 0 ? 0 : r->queue[r->first].due_ns;

	if (r->n > 0)
		loop_timer_set_ns(r->timer, due_ns > now_ns ?
		    due_ns - now_ns : 0);
}

static void
relay_enqueue(struct relay *r, bool up, size_t client, unsigned flight,
    const uint8_t *data, size_t len)
{
	struct relay_datagram *d;

	ck_assert_uint_le(len, RELAY_DATAGRAM);
	if (relay_loses(r))
		return;
	ck_assert_uint_lt(r->n, RELAY_QUEUE);
	d = &r->queue[(r->first + r->n++) % RELAY_QUEUE];
	d->due_ns = clock_ns() + RELAY_ONE_WAY;
	d->up = up;
	d->client = client;
	d->flight = flight;
	d->len = len;
	memcpy(d->data, data, len);
	relay_wait(r);
}

static enum relay_kind
relay_kind_of(const uint8_t *data, size_t len)
{
	if (stun_is(data, len))
		return stun_class((uint16_t)(data[0] << 8 | data[1])) ==
		    STUN_REQUEST ? RELAY_CHECK : RELAY_KINDS;
	if (rtp_is(data, len))
		return RELAY_SOUND;
	if (!dtls_is(data, len) || len < 14)
		return RELAY_KINDS;
	if (data[0] == 22 && data[3] == 0 && data[4] == 0 && data[13] == 1)
		return RELAY_CLIENT_HELLO;
	return data[0] == 22 && data[13] == 2 ? RELAY_SERVER_HELLO :
	    RELAY_OTHER_DTLS;
}

static bool
relay_carries(const uint8_t *data, size_t len)
{
	struct stun_attr carried;
	struct stun_msg msg;

	return stun_parse(&msg, data, len) == 0 && stun_find(&msg,
	    STUN_ATTR_META_DTLS_IN_STUN, &carried) == 0 && carried.len > 0;
}

/* Send a datagram of the relay's to a client. */
static void
relay_reply(struct relay *r, size_t client, unsigned flight,
    struct stun_builder *b)
{
	ssize_t len = stun_end(b);

	ck_assert_int_gt(len, 0);
	relay_enqueue(r, false, client, flight + 1, b->data, (size_t)len);
}

/* Deliver data at a client as if it came from that relayed address. */
static void
relay_deliver(struct relay *r, size_t to, const struct addr *from,
    unsigned flight, const uint8_t *data, size_t len)
{
	static const uint8_t id[STUN_TRANSACTION];
	uint8_t out[RELAY_DATAGRAM];
	struct stun_builder b;

	stun_begin(&b, out, sizeof(out), STUN_INDICATION | STUN_DATA, id);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, from);
	stun_add(&b, STUN_ATTR_DATA, data, len);
	relay_reply(r, to, flight, &b);
}

/* Note who gets a ServerHello. */
static void
relay_greet(struct relay *r, const struct addr *to)
{
	size_t i;

	for (i = 0; i < r->n_greeted; i++)
		if (addr_equal(&r->greeted[i], to))
			return;
	ck_assert_uint_lt(r->n_greeted, 8);
	r->greeted[r->n_greeted++] = *to;
}

static void
relay_forward(struct relay *r, size_t from, const struct addr *to,
    unsigned flight, const uint8_t *data, size_t len)
{
	enum relay_kind kind = relay_kind_of(data, len);
	struct relay_client *c;
	size_t i;

	if (kind < RELAY_KINDS)
		r->clients[from].sent[kind]++;
	if (kind == RELAY_CHECK && r->clients[from].sent[kind] == 1)
		r->check_carries |= relay_carries(data, len);
	if (kind == RELAY_SERVER_HELLO)
		relay_greet(r, to);
	if (kind == RELAY_CLIENT_HELLO) {
		memcpy(r->hello, data, len);
		r->hello_len = len;
	}
	if (!r->clients[from].allocated || !r->clients[from].permitted ||
	    (kind == RELAY_CLIENT_HELLO && r->no_hello))
		return;
	for (i = 0; i < r->n_clients; i++) {
		c = &r->clients[i];
		if (!c->allocated || !c->permitted ||
		    !addr_equal(&c->relayed, to))
			continue;
		if (kind < RELAY_KINDS && c->first[kind] == 0)
			c->first[kind] = flight + 1;
		relay_deliver(r, i, &r->clients[from].relayed, flight, data,
		    len);
	}
}

static void
relay_answer(struct relay *r, size_t from, unsigned flight,
    const struct stun_msg *msg, unsigned code)
{
	struct relay_client *c = &r->clients[from];
	uint8_t key[STUNAUTH_MD5], out[256];
	struct stun_builder b;

	stunauth_key_md5(key, c->name, strlen(c->name), RELAY_REALM,
	    RELAY_SECRET);
	stun_begin(&b, out, sizeof(out), stun_method(msg->type) |
	    (code == 0 ? STUN_SUCCESS : STUN_ERROR), msg->transaction);
	if (code != 0)
		stun_add_error(&b, code, "No");
	else if (stun_method(msg->type) == STUN_ALLOCATE) {
		stun_add_xor_addr(&b, STUN_ATTR_XOR_RELAYED_ADDRESS,
		    &c->relayed);
		stun_add_xor_addr(&b, STUN_ATTR_XOR_MAPPED_ADDRESS, &c->addr);
		stun_add_u32(&b, STUN_ATTR_LIFETIME, 600);
	}
	stunauth_add(&b, key, sizeof(key));
	relay_reply(r, from, flight, &b);
}

static void
relay_bind(struct relay *r, size_t from, const struct stun_msg *msg)
{
	struct addr peer;
	uint16_t channel;
	size_t i;

	if (stun_get_xor_addr(msg, STUN_ATTR_XOR_PEER_ADDRESS, &peer) < 0 ||
	    stun_get_channel(msg, &channel) < 0)
		return;
	for (i = 0; i < r->n_clients; i++)
		if (addr_equal(&r->clients[i].relayed, &peer)) {
			r->clients[from].bound[i] = true;
			r->clients[from].channel[i] = channel;
		}
}

static void
relay_request(struct relay *r, size_t from, unsigned flight,
    const struct stun_msg *msg)
{
	struct relay_client *c = &r->clients[from];
	uint16_t method = stun_method(msg->type);

	if (method == STUN_ALLOCATE)
		c->allocated = true;
	else if (!c->allocated) {
		relay_answer(r, from, flight, msg, 437);
		return;
	}
	if (method == STUN_CREATE_PERMISSION || method == STUN_CHANNEL_BIND)
		c->permitted = true;
	if (method == STUN_CHANNEL_BIND)
		relay_bind(r, from, msg);
	relay_answer(r, from, flight, msg, 0);
}

/* Take a client's datagram: a request, a Send indication or ChannelData. */
static void
relay_take(struct relay *r, size_t from, unsigned flight,
    const uint8_t *data, size_t len)
{
	struct stun_attr content;
	uint16_t channel, n;
	struct stun_msg msg;
	struct addr peer;
	size_t i;

	if (stun_channel_parse(data, len, &channel, &n) == 0) {
		for (i = 0; i < r->n_clients; i++)
			if (r->clients[from].bound[i] &&
			    r->clients[from].channel[i] == channel)
				relay_forward(r, from, &r->clients[i].relayed,
				    flight, data + STUN_CHANNEL_HEADER, n);
		return;
	}
	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	if (stun_class(msg.type) == STUN_REQUEST)
		relay_request(r, from, flight, &msg);
	else if (stun_get_xor_addr(&msg, STUN_ATTR_XOR_PEER_ADDRESS, &peer) ==
	    0 && stun_find(&msg, STUN_ATTR_DATA, &content) == 0)
		relay_forward(r, from, &peer, flight, content.value,
		    content.len);
}

static void relay_on_readable(void *arg);

static void
relay_on_timer(void *arg)
{
	struct relay *r = arg;

	/* What was sent before a delivery did not wait for it. */
	relay_on_readable(r);
	while (r->n > 0 && r->queue[r->first].due_ns <= clock_ns()) {
		struct relay_datagram d = r->queue[r->first];
		struct relay_client *c = &r->clients[d.client];

		r->first = (r->first + 1) % RELAY_QUEUE;
		r->n--;
		if (d.up) {
			relay_take(r, d.client, d.flight, d.data, d.len);
			continue;
		}
		if (c->flight < d.flight)
			c->flight = d.flight;
		(void)sendto(r->fd, d.data, d.len, 0, &c->addr.sa,
		    addr_len(&c->addr));
	}
	relay_wait(r);
}

/* Return the client of that address. A new one says who it is by its Allocate. */
static size_t
relay_client_at(struct relay *r, const struct addr *from, const uint8_t *data,
    size_t len)
{
	struct relay_client *c;
	struct stun_attr name;
	struct stun_msg msg;
	size_t i;

	for (i = 0; i < r->n_clients; i++)
		if (addr_equal(&r->clients[i].addr, from))
			return i;
	ck_assert_uint_lt(r->n_clients, RELAY_CLIENTS);
	ck_assert_int_eq(stun_parse(&msg, data, len), 0);
	ck_assert_int_eq(stun_find(&msg, STUN_ATTR_USERNAME, &name), 0);
	c = &r->clients[r->n_clients++];
	ck_assert_uint_lt(name.len, sizeof(c->name));
	memcpy(c->name, name.value, name.len);
	c->addr = *from;
	c->relayed = r->addr;
	addr_set_port(&c->relayed, (uint16_t)(RELAY_PORT + i));
	return i;
}

static void
relay_on_readable(void *arg)
{
	struct relay *r = arg;
	uint8_t data[RELAY_DATAGRAM];
	struct addr from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n;
	size_t i;

	while ((n = recvfrom(r->fd, data, sizeof(data), MSG_DONTWAIT,
	    &from.sa, &from_len)) > 0) {
		i = relay_client_at(r, &from, data, (size_t)n);
		relay_enqueue(r, true, i, r->clients[i].flight + 1, data,
		    (size_t)n);
		from_len = sizeof(from);
	}
}

static void
relay_open(struct relay *r, struct event_base *loop)
{
	socklen_t len = sizeof(r->addr);

	memset(r, 0, sizeof(*r));
	r->loop = loop;
	ck_assert_int_eq(addr_parse(&r->addr, "127.0.0.1:0", 0), 0);
	r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(r->fd, 0);
	ck_assert_int_eq(bind(r->fd, &r->addr.sa, addr_len(&r->addr)), 0);
	ck_assert_int_eq(getsockname(r->fd, &r->addr.sa, &len), 0);
	r->timer = loop_timer_new(loop, relay_on_timer, r);
	r->readable = loop_reader_new(loop, r->fd, relay_on_readable, r);
	ck_assert_int_eq(loop_event_start(r->readable), 0);
}

static void
relay_close(struct relay *r)
{
	loop_event_free(r->readable);
	loop_event_free(r->timer);
	close(r->fd);
}

/* Describe the relay as the switch does to a party of that name. */
static void
relay_server(const struct relay *r, const char *name,
    struct media_ice_server *out)
{
	memset(out, 0, sizeof(*out));
	out->addr = r->addr;
	strcpy(out->username, name);
	strcpy(out->credential, RELAY_SECRET);
	strcpy(out->realm, RELAY_REALM);
	strcpy(out->nonce, "nonce");
}

#endif
