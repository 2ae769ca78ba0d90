/*
 * A relay and three clients, two of them in one call. The input is a series of
 * messages: a byte for sender and form, two bytes of length, and the message.
 * It is sent as it is, or completed with a good credential to reach the code
 * behind authentication; or time passes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "relay/local_addrs.h"
#include "relay/relay.h"
#include "table/alloc.h"
#include "table/reclaim.h"
#include "turn/turnauth.h"
#include "turn/turnreq.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define CLIENTS 3
#define MESSAGE 512

enum {
	HOW_SIGNED = 0x04,
	HOW_LATER = 0x08
};

struct client {
	struct addr addr, local;
	char username[TURNCRED_USERNAME];
	struct stunauth_key key;
};

struct world {
	struct turnauth *auth;
	struct local_addrs local_addrs;
	struct turnreq_server server;
	struct turnreq_counts counts;
	struct udp_batch_socket socket;
	struct client clients[CLIENTS];
	uint64_t now_ns;
};

static void
make_client(struct client *c, const char *addr, const char *call)
{
	struct turncred cred = { .expiry_s = 4000000000 };
	char password[TURNCRED_PASSWORD];

	(void)addr_parse(&c->addr, addr, 0);
	(void)addr_parse(&c->local, addr_is_v4(&c->addr) ?
	    "192.0.2.1:3478" : "[2001:db8::1]:3478", 0);
	strcpy(cred.call, call);
	strcpy(cred.party, "a");
	(void)turncred_username(c->username, &cred);
	turncred_password(password, c->username, "north");
	(void)stunauth_key(&c->key, STUNAUTH_ALGORITHM_MD5, c->username,
	    strlen(c->username), "rp", password);
}

static struct world *
make_world(void)
{
	char *items[] = { (char *)"north" };
	struct conf_strings secrets = { items, 1 };
	struct world *w = calloc(1, sizeof(*w));
	struct addr listen[2];

	if (w == NULL || turnauth_new(&w->auth, "rp", &secrets) < 0)
		abort();
	(void)addr_parse(&listen[0], "192.0.2.1:3478", 0);
	(void)addr_parse(&listen[1], "[2001:db8::1]:3478", 0);
	(void)local_addrs_init(&w->local_addrs, listen, 2, NULL);
	make_client(&w->clients[0], "198.51.100.1:1", "c");
	make_client(&w->clients[1], "198.51.100.2:2", "c");
	make_client(&w->clients[2], "[2001:db8::9]:3", "d");
	w->socket.fd = -1;
	w->server.auth = w->auth;
	w->server.local_addrs = &w->local_addrs;
	return w;
}

static size_t
on_request(const struct udp_batch_datagram *in, uint64_t now_ns,
    uint8_t reply[static RELAY_REPLY], void *arg)
{
	struct world *w = arg;
	struct turnreq_in request = {
		.data = in->data, .len = in->len, .client = &in->from,
		.local = &in->local, .now_ns = now_ns
	};

	request.now_ns += w->now_ns;
	return turnreq_handle(&w->server, &w->counts, &request, reply);
}

/* Append what proves who it is to a request that parses. */
static size_t
complete(struct world *w, const struct client *c, uint8_t *data, size_t len)
{
	struct stun_builder b = { .data = data, .size = MESSAGE, .len = len };
	struct stun_msg msg;
	struct tuple tuple;
	char nonce[TURNCRED_NONCE];

	if (stun_parse(&msg, data, len) < 0)
		return len;
	tuple_make(&tuple, &c->addr, &c->local, TUPLE_UDP);
	turnauth_nonce(w->auth, &tuple, (clock_ns() + w->now_ns) / CLOCK_S,
	    nonce);
	stun_add(&b, STUN_ATTR_USERNAME, c->username, strlen(c->username));
	stun_add(&b, STUN_ATTR_REALM, "rp", 2);
	stun_add(&b, STUN_ATTR_NONCE, nonce, strlen(nonce));
	stunauth_add(&b, c->key.bytes, c->key.len);
	return stun_end(&b) < 0 ? len : b.len;
}

static void
send_one(struct world *w, struct relay *relay, uint8_t how,
    const uint8_t *data, size_t len)
{
	const struct client *c = &w->clients[how % CLIENTS];
	uint8_t buffer[UDP_BATCH_HEADROOM + MESSAGE + UDP_BATCH_PADDING];
	uint8_t reply[RELAY_REPLY];
	struct udp_batch_datagram in = {
		.data = buffer + UDP_BATCH_HEADROOM, .from = c->addr,
		.local = c->local
	};

	memcpy(in.data, data, len);
	in.len = len;
	if (how & HOW_SIGNED)
		in.len = complete(w, c, in.data, len);
	relay_begin(relay);
	(void)relay_message(relay, &in, reply);
	relay_end(relay);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct alloc_limits limits = {
		.per_party = 4, .per_call = 8, .total = 16
	};
	static struct world *w;
	struct relay_options options = {
		.kbps_per_allocation = 8, .request = on_request
	};
	struct relay *relay;
	size_t n;

	if (w == NULL)
		w = make_world();
	w->now_ns = 0;
	if (alloc_table_new(&w->server.table, &limits) < 0)
		return 0;
	options.table = w->server.table;
	options.sockets = &w->socket;
	options.arg = w;
	if (relay_new(&relay, &options) < 0)
		abort();
	reclaim_join();
	reclaim_sleep();
	for (; len >= 3; data += 3 + n, len -= 3 + n) {
		n = (size_t)data[1] << 8 | data[2];
		if (n > len - 3)
			n = len - 3;
		if (n > MESSAGE - 200)
			n = MESSAGE - 200;
		if (data[0] & HOW_LATER)
			w->now_ns += data[2] * CLOCK_S;
		else
			send_one(w, relay, data[0], data + 3, n);
	}
	reclaim_leave();
	relay_free(relay);
	alloc_table_free(w->server.table);
	return 0;
}
