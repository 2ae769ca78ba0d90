/*
 * turnreqhelp: a relay's requests without its sockets. It has a clock of its
 * own, and clients that send requests, sign them and check the signature of the
 * answer.
 */
#ifndef RP_T_UNIT_TURNREQHELP_H
#define RP_T_UNIT_TURNREQHELP_H

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "relay/local_addrs.h"
#include "table/alloc.h"
#include "turn/ratelimit.h"
#include "turn/turnauth.h"
#include "turn/turnreq.h"
#include "unit.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define S CLOCK_S
#define REALM "rp.example"
#define SECRET "north"

/* PASSWORD-ALGORITHMS as a challenge has it. */
static const uint8_t offered[] = { 0, 2, 0, 0, 0, 1, 0, 0 };

struct world {
	struct alloc_table *table;
	struct turnauth *auth;
	struct local_addrs local_addrs;
	struct turnreq_server server;
	struct turnreq_counts counts;
	struct ratelimit *strangers;	/* NULL: no limit */
	uint64_t now;
};

/* One client, and what it was last answered. */
struct client {
	struct world *world;
	struct addr addr, local;
	char username[TURNCRED_ANY];
	struct stunauth_key key;
	uint16_t algorithm;		/* 0: knows of none */
	bool sha256;			/* signs with MESSAGE-INTEGRITY-SHA256 */
	struct inbox *inbox;		/* comes by a stream; NULL: by UDP */
	char nonce[64];
	uint8_t serial;
	uint8_t out[2048];	/* two usernames of the longest */
	struct stun_builder b;
	uint8_t in[TURNREQ_REPLY];
	struct stun_msg msg;
};

static inline struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

static inline void
build(struct world *w)
{
	static const struct alloc_limits limits = { .per_party = 2 };
	char *items[] = { (char *)"south", (char *)SECRET };
	struct conf_strings secrets = { items, 2 };
	struct addr listen[] = { at("192.0.2.1:3478"),
	    at("[2001:db8::1]:3478") };

	memset(w, 0, sizeof(*w));
	ck_assert_int_eq(alloc_table_new(&w->table, &limits), 0);
	ck_assert_int_eq(turnauth_new(&w->auth, REALM, &secrets), 0);
	ck_assert_int_eq(local_addrs_init(&w->local_addrs, listen, 2, NULL), 0);
	w->server = (struct turnreq_server){
		.table = w->table, .auth = w->auth, .local_addrs =
		    &w->local_addrs
	};
	w->now = clock_ns();
}

static inline void
raze(struct world *w)
{
	alloc_table_free(w->table);
	turnauth_free(w->auth);
}

static inline void
credential(struct client *c, const char *username, const char *secret)
{
	char password[TURNCRED_PASSWORD];

	snprintf(c->username, sizeof(c->username), "%s", username);
	turncred_password(password, username, secret);
	ck_assert_int_eq(stunauth_key(&c->key, c->algorithm != 0 ?
	    c->algorithm : STUNAUTH_ALGORITHM_MD5, username, strlen(username),
	    REALM, password), 0);
}

/* A client of the call, with a credential good for so many seconds. */
static inline void
arrive(struct client *c, struct world *w, const char *addr, const char *name,
    int seconds)
{
	char username[TURNCRED_USERNAME];

	memset(c, 0, sizeof(*c));
	c->world = w;
	c->addr = at(addr);
	c->local = addr_is_v4(&c->addr) ? at("192.0.2.1:3478") :
	    at("[2001:db8::1]:3478");
	snprintf(username, sizeof(username), "%lld:%.60s",
	    (long long)clock_wall_s() + seconds, name);
	credential(c, username, SECRET);
}

static inline void
begin(struct client *c, uint16_t method)
{
	uint8_t transaction[STUN_TRANSACTION] = { 0 };

	transaction[0] = ++c->serial;
	memcpy(transaction + 4, &c->addr.v4.sin_port, 2);
	stun_begin(&c->b, c->out, sizeof(c->out), method, transaction);
}

/* Send what was built as it is: the error, 0 for success, -1 for no answer. */
static inline int
send_plain(struct client *c)
{
	struct turnreq_in in = {
		.data = c->out, .len = (size_t)stun_end(&c->b),
		.client = &c->addr, .local = &c->local,
		.strangers = c->world->strangers, .now_ns = c->world->now,
		.inbox = c->inbox
	};
	struct stun_attr nonce;
	unsigned code;
	size_t len;

	len = turnreq_handle(&c->world->server, &c->world->counts, &in,
	    c->in);
	if (len == 0)
		return -1;
	ck_assert_int_eq(stun_parse(&c->msg, c->in, len), 0);
	ck_assert_mem_eq(c->msg.transaction, c->out + 8, STUN_TRANSACTION);
	/* ALTERNATE-SERVER: nobody is ever sent to another. */
	ck_assert(!stun_has(&c->msg, 0x8023));
	if (stun_class(c->msg.type) == STUN_SUCCESS)
		return 0;
	ck_assert_int_eq(stun_get_error(&c->msg, &code), 0);
	if (code == 401 || code == 438) {
		ck_assert(stun_has(&c->msg, STUN_ATTR_REALM));
		ck_assert_int_eq(stun_find(&c->msg, STUN_ATTR_NONCE, &nonce),
		    0);
		memcpy(c->nonce, nonce.value, nonce.len);
		c->nonce[nonce.len] = '\0';
	}
	return (int)code;
}

/* Sign and send what is otherwise complete; the answer is signed in kind. */
static inline int
send_and_check(struct client *c)
{
	int code;

	if (c->sha256)
		stunauth_add_sha256(&c->b, c->key.bytes, c->key.len);
	else
		stunauth_add(&c->b, c->key.bytes, c->key.len);
	code = send_plain(c);
	if (code < 0 || code == 401 || code == 438 || code == 400 ||
	    code == 441)
		return code;
	ck_assert_int_eq(turnauth_check_key(&c->msg, &c->key), 0);
	ck_assert_int_eq(c->msg.integrity_sha256 != 0, c->sha256);
	return code;
}

/* The same with the credential; a nonce is fetched before the first. */
static inline int
send_signed(struct client *c)
{
	struct stun_builder b = c->b;
	uint8_t kept[sizeof(c->out)];

	if (c->nonce[0] == '\0') {
		memcpy(kept, c->out, sizeof(kept));
		begin(c, STUN_REFRESH);
		ck_assert_int_eq(send_plain(c), 401);
		memcpy(c->out, kept, sizeof(kept));
		c->b = b;
	}
	stun_add(&c->b, STUN_ATTR_USERNAME, c->username, strlen(c->username));
	stun_add(&c->b, STUN_ATTR_REALM, REALM, strlen(REALM));
	stun_add(&c->b, STUN_ATTR_NONCE, c->nonce, strlen(c->nonce));
	if (c->algorithm != 0) {
		uint8_t one[4] = { 0, (uint8_t)c->algorithm };

		stun_add(&c->b, STUN_ATTR_PASSWORD_ALGORITHMS, offered,
		    sizeof(offered));
		stun_add(&c->b, STUN_ATTR_PASSWORD_ALGORITHM, one, 4);
	}
	return send_and_check(c);
}

static inline void
begin_allocate(struct client *c)
{
	begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
}

static inline int
allocate(struct client *c, struct addr *relayed)
{
	int code;

	begin_allocate(c);
	code = send_signed(c);
	if (code == 0)
		ck_assert_int_eq(stun_get_xor_addr(&c->msg,
		    STUN_ATTR_XOR_RELAYED_ADDRESS, relayed), 0);
	return code;
}

static inline int
refresh(struct client *c, uint32_t lifetime_s)
{
	begin(c, STUN_REFRESH);
	stun_add_u32(&c->b, STUN_ATTR_LIFETIME, lifetime_s);
	return send_signed(c);
}

static inline int
permit(struct client *c, const struct addr *peer)
{
	begin(c, STUN_CREATE_PERMISSION);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return send_signed(c);
}

static inline int
bind_channel(struct client *c, uint16_t number, const struct addr *peer)
{
	begin(c, STUN_CHANNEL_BIND);
	stun_add_channel(&c->b, number);
	if (peer != NULL)
		stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return send_signed(c);
}

#endif
