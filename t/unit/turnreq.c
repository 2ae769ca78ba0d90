/*
 * TURN's requests, one by one, with each error where the RFCs have it. Time is
 * an argument here; nothing is sent.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "base/clock.h"
#include "own.h"
#include "ration.h"
#include "turnauth.h"
#include "turnreq.h"
#include "unit.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define S CLOCK_S
#define REALM "rp.example"
#define SECRET "north"

static const uint8_t offered[] = { 0, 2, 0, 0, 0, 1, 0, 0 };

struct world {
	struct alloc_table *table;
	struct turnauth *auth;
	struct own own;
	struct turnreq_server server;
	struct turnreq_counts counts;
	struct ration *ration;		/* NULL: no limit */
	uint64_t now;
};

/* One client, and what it was last answered. */
struct client {
	struct world *world;
	struct addr addr, local;
	char username[TURNCRED_USERNAME];
	struct stunauth_key key;
	uint16_t algorithm;		/* 0: knows of none */
	bool sha256;			/* signs with MESSAGE-INTEGRITY-SHA256 */
	char nonce[64];
	uint8_t serial;
	uint8_t out[512];
	struct stun_builder b;
	uint8_t in[TURNREQ_REPLY];
	struct stun_msg msg;
};

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

static void
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
	ck_assert_int_eq(own_init(&w->own, listen, 2, NULL), 0);
	w->server = (struct turnreq_server){
		.table = w->table, .auth = w->auth, .own = &w->own
	};
	w->now = clock_ns();
}

static void
raze(struct world *w)
{
	alloc_table_free(w->table);
	turnauth_free(w->auth);
}

static void
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
static void
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

static void
begin(struct client *c, uint16_t method)
{
	uint8_t transaction[STUN_TRANSACTION] = { 0 };

	transaction[0] = ++c->serial;
	memcpy(transaction + 4, &c->addr.v4.sin_port, 2);
	stun_begin(&c->b, c->out, sizeof(c->out), method, transaction);
}

/* Send what was built as it is: the error, 0 for success, -1 for no answer. */
static int
send_plain(struct client *c)
{
	struct turnreq_in in = {
		.data = c->out, .len = (size_t)stun_end(&c->b),
		.client = &c->addr, .local = &c->local,
		.ration = c->world->ration, .now_ns = c->world->now
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
static int
send_and_check(struct client *c)
{
	int code;

	if (c->sha256)
		stunauth_add_sha256(&c->b, c->key.bytes, c->key.len);
	else
		stunauth_add(&c->b, c->key.bytes, c->key.len);
	code = send_plain(c);
	if (code == 401 || code == 438 || code == 400 || code == 441)
		return code;
	ck_assert_int_eq(turnauth_check_key(&c->msg, &c->key), 0);
	ck_assert_int_eq(c->msg.integrity_sha256 != 0, c->sha256);
	return code;
}

/* The same with the credential; a nonce is fetched before the first. */
static int
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

static void
begin_allocate(struct client *c)
{
	begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
}

static int
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

static int
refresh(struct client *c, uint32_t lifetime_s)
{
	begin(c, STUN_REFRESH);
	stun_add_u32(&c->b, STUN_ATTR_LIFETIME, lifetime_s);
	return send_signed(c);
}

static int
permit(struct client *c, const struct addr *peer)
{
	begin(c, STUN_CREATE_PERMISSION);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return send_signed(c);
}

static int
bind_channel(struct client *c, uint16_t number, const struct addr *peer)
{
	begin(c, STUN_CHANNEL_BIND);
	stun_add_channel(&c->b, number);
	if (peer != NULL)
		stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	return send_signed(c);
}

START_TEST(binding)
{
	struct world w;
	struct client c;
	struct addr mapped;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_BINDING);
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), 0);
	ck_assert(addr_equal(&mapped, &c.addr));
	ck_assert(!stun_has(&c.msg, STUN_ATTR_FINGERPRINT));
	/* With FINGERPRINT as asked. */
	begin(&c, STUN_BINDING);
	stunauth_add_fingerprint(&c.b);
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stunauth_check_fingerprint(&c.msg), 0);
	/* CHANGE-REQUEST (RFC 5780) is not ours; it may not be ignored. */
	begin(&c, STUN_BINDING);
	stun_add_u32(&c.b, 0x0003, 0);
	ck_assert_int_eq(send_plain(&c), 420);
	ck_assert(stun_has(&c.msg, STUN_ATTR_UNKNOWN_ATTRIBUTES));
	ck_assert_uint_eq(w.counts.ok[TURNREQ_BINDING], 2);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_420], 1);
	raze(&w);
}
END_TEST

START_TEST(allocates)
{
	struct world w;
	struct client c;
	struct addr relayed, again, mapped;
	uint32_t lifetime_s;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert(addr_equal_ip(&relayed, &c.local));
	ck_assert(!addr_equal(&relayed, &c.local));
	ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME,
	    &lifetime_s), 0);
	ck_assert_uint_eq(lifetime_s, 600);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped), 0);
	ck_assert(addr_equal(&mapped, &c.addr));
	/* Sent again, as when the answer was lost: the same answer. */
	ck_assert_int_eq(send_plain(&c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &again), 0);
	ck_assert(addr_equal(&relayed, &again));
	/* Another request: there is one already. */
	ck_assert_int_eq(allocate(&c, &again), 437);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	raze(&w);
}
END_TEST

START_TEST(lifetimes)
{
	static const struct {
		uint32_t asked, got;
	} cases[] = {
		{ 1, 600 }, { 600, 600 }, { 777, 777 }, { 3600, 3600 },
		{ 3601, 3600 }, { UINT32_MAX, 3600 }
	};
	struct world w;
	struct client c;
	struct addr relayed;
	uint32_t got;
	size_t i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(refresh(&c, cases[i].asked), 0);
		ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME,
		    &got), 0);
		ck_assert_uint_eq(got, cases[i].got);
	}
	/* Without LIFETIME the default; with a bad one an error. */
	begin(&c, STUN_REFRESH);
	ck_assert_int_eq(send_signed(&c), 0);
	begin(&c, STUN_REFRESH);
	stun_add(&c.b, STUN_ATTR_LIFETIME, "12", 2);
	ck_assert_int_eq(send_signed(&c), 400);
	/* To the second. */
	w.now += 600 * S - 1;
	ck_assert_int_eq(refresh(&c, 600), 0);
	w.now += 600 * S;
	ck_assert_int_eq(refresh(&c, 600), 437);
	raze(&w);
}
END_TEST

START_TEST(refreshes_away)
{
	struct world w;
	struct client c;
	struct addr relayed;
	uint32_t got;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(refresh(&c, 0), 0);
	ck_assert_int_eq(stun_get_u32(&c.msg, STUN_ATTR_LIFETIME, &got), 0);
	ck_assert_uint_eq(got, 0);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	ck_assert_int_eq(refresh(&c, 0), 0);	/* sent again */
	ck_assert_int_eq(refresh(&c, 600), 437);
	ck_assert_int_eq(permit(&c, &relayed), 437);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed), 437);
	raze(&w);
}
END_TEST

/* A Refresh in good standing never fails: not after the credential's end. */
START_TEST(outlives_its_credential)
{
	struct world w;
	struct client c, late;
	struct addr relayed;
	struct alloc *a;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	/* Wall time is the system's: make it an old credential's allocation. */
	a = alloc_find(w.table, &(struct tuple){ 0 }, w.now);
	ck_assert_ptr_null(a);
	arrive(&late, &w, "198.51.100.1:1000", "c:a", -10);
	{
		struct tuple tuple;

		tuple_make(&tuple, &c.addr, &c.local, TUPLE_UDP);
		a = alloc_find(w.table, &tuple, w.now);
		ck_assert_ptr_nonnull(a);
		memcpy(a->username, late.username, sizeof(a->username));
		a->key = late.key;
	}
	ck_assert_int_eq(refresh(&late, 600), 0);
	ck_assert_int_eq(permit(&late, &relayed), 0);
	ck_assert_int_eq(bind_channel(&late, 0x4000, &relayed), 0);
	/* But nothing new is had for it. */
	late.addr = at("198.51.100.1:2000");
	late.nonce[0] = '\0';
	ck_assert_int_eq(allocate(&late, &relayed), 401);
	raze(&w);
}
END_TEST

START_TEST(credentials)
{
	struct world w;
	struct client c;
	struct addr relayed;
	char username[TURNCRED_USERNAME];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", -1);
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* expired */
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(username, sizeof(username), "%s", c.username);
	credential(&c, username, "east");
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* forged */
	credential(&c, "nobody", SECRET);
	ck_assert_int_eq(allocate(&c, &relayed), 401);		/* no form */
	memset(username, '1', sizeof(username) - 1);
	credential(&c, username, SECRET);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_USERNAME, username, 127);
	ck_assert_int_eq(send_signed(&c), 401);			/* too long */
	/* An older secret verifies as well as the newest. */
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(username, sizeof(username), "%s", c.username);
	credential(&c, username, "south");
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	raze(&w);
}
END_TEST

/* Whose credentials they are: those that made the allocation, or none. */
START_TEST(another_calls_credentials)
{
	struct world w;
	struct client c;
	struct addr relayed;
	char mine[TURNCRED_USERNAME], other[TURNCRED_USERNAME];

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "d:a", 600);
	snprintf(other, sizeof(other), "%s", c.username);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	snprintf(mine, sizeof(mine), "%s", c.username);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	credential(&c, other, SECRET);
	ck_assert_int_eq(refresh(&c, 600), 441);
	ck_assert_int_eq(permit(&c, &relayed), 441);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &relayed), 441);
	ck_assert_int_eq(refresh(&c, 0), 441);
	ck_assert_int_eq(allocate(&c, &relayed), 437);
	/* The right name and a wrong key. */
	credential(&c, mine, "east");
	ck_assert_int_eq(refresh(&c, 0), 401);
	ck_assert_uint_eq(alloc_count(w.table), 1);
	ck_assert_uint_eq(w.counts.errors[TURNREQ_441], 4);
	raze(&w);
}
END_TEST

START_TEST(nonces)
{
	struct world w;
	struct client c, d;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	/* Another 5-tuple's is not good here: a replay gets nothing. */
	arrive(&d, &w, "198.51.100.1:1001", "c:b", 600);
	memcpy(d.nonce, c.nonce, sizeof(d.nonce));
	ck_assert_int_eq(allocate(&d, &relayed), 438);
	ck_assert_str_ne(d.nonce, c.nonce);
	ck_assert_int_eq(allocate(&d, &relayed), 0);	/* with the new one */
	/* Nor an old one. */
	ck_assert_int_eq(refresh(&c, 3600), 0);
	w.now += (TURNAUTH_NONCE_S - 1) * S;
	ck_assert_int_eq(refresh(&c, 3600), 0);
	w.now += S;
	ck_assert_int_eq(refresh(&c, 3600), 438);
	ck_assert_int_eq(refresh(&c, 3600), 0);
	/* Nor one that we never made. */
	c.nonce[20] = c.nonce[20] == 'A' ? 'B' : 'A';
	ck_assert_int_eq(refresh(&c, 3600), 438);
	strcpy(c.nonce, "x");
	ck_assert_int_eq(refresh(&c, 3600), 438);
	memset(c.nonce, '!', TURNAUTH_NONCE - 1);
	ck_assert_int_eq(refresh(&c, 3600), 438);
	raze(&w);
}
END_TEST

/* A username's own, handed out with it: for any address, but not for long. */
START_TEST(early_nonces)
{
	struct world w;
	struct client c, d;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	turnauth_early_nonce(w.auth, c.username, w.now / S, c.nonce);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	w.now += (TURNAUTH_EARLY_S - 1) * S;
	ck_assert_int_eq(refresh(&c, 600), 0);
	/* Another username's is not good. */
	arrive(&d, &w, "198.51.100.1:1001", "c:b", 600);
	memcpy(d.nonce, c.nonce, sizeof(d.nonce));
	ck_assert_int_eq(allocate(&d, &relayed), 438);
	w.now += S;
	ck_assert_int_eq(refresh(&c, 600), 438);
	ck_assert_int_eq(refresh(&c, 600), 0);
	raze(&w);
}
END_TEST

START_TEST(incomplete_authentication)
{
	static const uint16_t names[] = {
		STUN_ATTR_USERNAME, STUN_ATTR_REALM, STUN_ATTR_NONCE
	};
	struct world w;
	struct client c;
	size_t left_out, i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	for (left_out = 0; left_out < 3; left_out++) {
		begin_allocate(&c);
		for (i = 0; i < 3; i++)
			if (i != left_out)
				stun_add(&c.b, names[i], "abc", 3);
		stunauth_add(&c.b, c.key.bytes, c.key.len);
		ck_assert_int_eq(send_plain(&c), 400);
	}
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

START_TEST(bad_allocates)
{
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_signed(&c), 400);		/* no transport */
	begin(&c, STUN_ALLOCATE);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_TRANSPORT, 6);
	ck_assert_int_eq(send_signed(&c), 442);
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_DONT_FRAGMENT, NULL, 0);
	ck_assert_int_eq(send_signed(&c), 420);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, 3);
	ck_assert_int_eq(send_signed(&c), 440);
	begin_allocate(&c);
	stun_add_u8(&c.b, STUN_ATTR_EVEN_PORT, 0);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_eq(send_signed(&c), 508);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV4);
	stun_add_u64(&c.b, STUN_ATTR_RESERVATION_TOKEN, 1);
	ck_assert_int_ne(send_signed(&c), 0);
	begin(&c, 0x00b);				/* no method of ours */
	ck_assert_int_eq(send_plain(&c), 400);
	ck_assert_uint_eq(alloc_count(w.table), 0);
	raze(&w);
}
END_TEST

START_TEST(quota_and_ended)
{
	struct world w;
	struct client c[4];
	struct addr relayed;

	build(&w);
	arrive(&c[0], &w, "198.51.100.1:1000", "c:a", 600);
	arrive(&c[1], &w, "198.51.100.1:1001", "c:a", 600);
	arrive(&c[2], &w, "198.51.100.1:1002", "c:a", 600);
	arrive(&c[3], &w, "198.51.100.1:1003", "c:b", 600);
	ck_assert_int_eq(allocate(&c[0], &relayed), 0);
	ck_assert_int_eq(allocate(&c[1], &relayed), 0);
	ck_assert_int_eq(allocate(&c[2], &relayed), 486);
	ck_assert_int_eq(allocate(&c[3], &relayed), 0);
	ck_assert_int_eq(refresh(&c[0], 0), 0);
	ck_assert_int_eq(allocate(&c[2], &relayed), 0);
	alloc_end_call(w.table, "c");
	ck_assert_int_eq(refresh(&c[1], 600), 437);
	ck_assert_int_eq(allocate(&c[1], &relayed), 403);
	raze(&w);
}
END_TEST

START_TEST(families)
{
	struct world w;
	struct client four, six;
	struct addr relayed, peer;

	build(&w);
	arrive(&six, &w, "[2001:db8::9]:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&six, &relayed), 0);
	ck_assert(addr_is_v4(&relayed));	/* unless asked otherwise */
	peer = at("[2001:db8::1]:50000");
	ck_assert_int_eq(permit(&six, &peer), 443);
	ck_assert_int_eq(bind_channel(&six, 0x4000, &peer), 443);
	peer = at("192.0.2.1:50000");
	ck_assert_int_eq(permit(&six, &peer), 0);
	begin(&six, STUN_REFRESH);
	stun_add_first(&six.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(send_signed(&six), 443);

	arrive(&four, &w, "198.51.100.1:1000", "c:b", 600);
	begin_allocate(&four);
	stun_add_first(&four.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    STUN_IPV6);
	ck_assert_int_eq(send_signed(&four), 0);
	ck_assert_int_eq(stun_get_xor_addr(&four.msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), 0);
	peer = at("[2001:db8::1]:1");
	ck_assert(addr_equal_ip(&relayed, &peer));
	begin(&four, STUN_REFRESH);
	stun_add_first(&four.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    STUN_IPV6);
	ck_assert_int_eq(send_signed(&four), 0);
	raze(&w);
}
END_TEST

START_TEST(peers)
{
	struct world w;
	struct client c;
	struct addr relayed, own = at("192.0.2.1:50000");
	struct addr wrong = at("192.0.2.2:50000");
	unsigned i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(permit(&c, &own), 0);
	ck_assert_int_eq(permit(&c, &wrong), 403);
	/* One that is wrong among good ones spoils them all. */
	begin(&c, STUN_CREATE_PERMISSION);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &own);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &wrong);
	ck_assert_int_eq(send_signed(&c), 403);
	begin(&c, STUN_CREATE_PERMISSION);
	ck_assert_int_eq(send_signed(&c), 400);
	begin(&c, STUN_CREATE_PERMISSION);
	stun_add(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, "\0\1aa", 4);
	ck_assert_int_eq(send_signed(&c), 400);
	begin(&c, STUN_CREATE_PERMISSION);
	for (i = 0; i < 17; i++)
		stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &own);
	ck_assert_int_eq(send_signed(&c), 508);

	ck_assert_int_eq(bind_channel(&c, 0x4000, &own), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &own), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4001, &own), 400);
	ck_assert_int_eq(bind_channel(&c, 0x3fff, &own), 400);
	ck_assert_int_eq(bind_channel(&c, 0x8000, &own), 400);
	ck_assert_int_eq(bind_channel(&c, 0x4001, NULL), 400);
	ck_assert_int_eq(bind_channel(&c, 0x4001, &wrong), 403);
	begin(&c, STUN_CHANNEL_BIND);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &own);
	ck_assert_int_eq(send_signed(&c), 400);
	raze(&w);
}
END_TEST

START_TEST(drops)
{
	struct world w;
	struct client c;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE | STUN_SUCCESS);
	ck_assert_int_eq(send_plain(&c), -1);
	begin(&c, STUN_BINDING | STUN_INDICATION);
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.unexpected, 2);
	begin(&c, STUN_BINDING);
	stun_add_u32(&c.b, STUN_ATTR_FINGERPRINT, 7);
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.fingerprint, 1);
	begin(&c, STUN_BINDING);
	c.out[3] = 4;
	ck_assert_int_eq(send_plain(&c), -1);
	ck_assert_uint_eq(w.counts.malformed, 1);
	raze(&w);
}
END_TEST

/* Both kinds of integrity with both kinds of key. */
START_TEST(password_algorithms)
{
	struct world w;
	struct client c;
	struct stun_attr list;
	struct addr relayed;
	char name[TURNCRED_USERNAME];
	uint16_t algorithm, i;

	build(&w);
	for (i = 0; i < 4; i++) {
		algorithm = 1 + i % 2;
		arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
		addr_set_port(&c.addr, (uint16_t)(1000 + i));
		snprintf(c.username + strlen(c.username), 2, "%u", i);
		snprintf(name, sizeof(name), "%s", c.username);
		c.algorithm = algorithm;
		c.sha256 = i >= 2;
		credential(&c, name, SECRET);
		begin(&c, STUN_ALLOCATE);
		ck_assert_int_eq(send_plain(&c), 401);
		ck_assert_int_eq(stun_find(&c.msg,
		    STUN_ATTR_PASSWORD_ALGORITHMS, &list), 0);
		ck_assert_mem_eq(list.value, offered, sizeof(offered));
		ck_assert_int_eq(strncmp(c.nonce, "obMatJos2gAAA", 13), 0);
		ck_assert_int_eq(allocate(&c, &relayed), 0);
		ck_assert_int_eq(refresh(&c, 700), 0);
		/* The allocation's key is of the algorithm that made it. */
		c.algorithm = 3 - algorithm;
		ck_assert_int_eq(refresh(&c, 700), 401);
		credential(&c, name, SECRET);
		ck_assert_int_eq(refresh(&c, 700), 401);
	}
	raze(&w);
}
END_TEST

/* Who took SHA-256 off our list would have the client use MD5. */
START_TEST(bid_down)
{
	static const uint8_t md5_only[] = { 0, 1, 0, 0 };
	static const uint8_t unknown[] = { 0, 3, 0, 0 };
	static const uint8_t turned[] = { 0, 1, 0, 0, 0, 2, 0, 0 };
	static const struct {
		const uint8_t *list;
		size_t list_len;
		const uint8_t *one;
		size_t one_len;
	} cases[] = {
		{ md5_only, 4, md5_only, 4 }, { turned, 8, md5_only, 4 },
		{ offered, 8, NULL, 0 },
		{ NULL, 0, md5_only, 4 }, { offered, 8, unknown, 4 },
		{ offered, 8, md5_only, 3 }
	};
	struct world w;
	struct client c;
	size_t i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin(&c, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&c), 401);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin_allocate(&c);
		if (cases[i].list != NULL)
			stun_add(&c.b, STUN_ATTR_PASSWORD_ALGORITHMS,
			    cases[i].list, cases[i].list_len);
		if (cases[i].one != NULL)
			stun_add(&c.b, STUN_ATTR_PASSWORD_ALGORITHM,
			    cases[i].one, cases[i].one_len);
		ck_assert_msg(send_signed(&c) == 400, "case %zu", i);
	}
	/* And he cannot say that we have no such feature: it is our nonce. */
	c.nonce[9] = 'A';
	ck_assert_int_eq(refresh(&c, 600), 438);
	/* A name that only its hash is known of is nobody's. */
	begin_allocate(&c);
	stun_add(&c.b, STUN_ATTR_USERHASH, offered, 8);
	stun_add(&c.b, STUN_ATTR_REALM, REALM, strlen(REALM));
	stun_add(&c.b, STUN_ATTR_NONCE, c.nonce, strlen(c.nonce));
	ck_assert_int_eq(send_and_check(&c), 401);
	raze(&w);
}
END_TEST

/* Strangers are rationed, and nobody who is known. */
START_TEST(rations)
{
	struct world w;
	struct client c, d;
	struct addr relayed;
	unsigned i;

	build(&w);
	ck_assert_int_eq(ration_new(&w.ration, 5), 0);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	arrive(&d, &w, "198.51.100.2:1000", "c:b", 600);
	for (i = 0; i < 4; i++) {
		begin(&d, STUN_ALLOCATE);
		ck_assert_int_eq(send_plain(&d), 401);
	}
	begin(&d, STUN_ALLOCATE);
	ck_assert_int_eq(send_plain(&d), -1);
	begin(&d, STUN_BINDING);
	ck_assert_int_eq(send_plain(&d), -1);
	ck_assert_uint_eq(w.counts.rationed, 2);
	for (i = 0; i < 50; i++)
		ck_assert_int_eq(refresh(&c, 600), 0);
	ck_assert_int_eq(allocate(&d, &relayed), 0);	/* has its nonce */
	ration_free(w.ration);
	raze(&w);
}
END_TEST

static int
allocate_with(struct client *c, int even, uint64_t token)
{
	begin_allocate(c);
	if (even >= 0)
		stun_add_u8(&c->b, STUN_ATTR_EVEN_PORT, (uint8_t)even);
	if (token != 0)
		stun_add_u64(&c->b, STUN_ATTR_RESERVATION_TOKEN, token);
	return send_signed(c);
}

static uint16_t
relayed_port(const struct client *c)
{
	struct addr relayed;

	ck_assert_int_eq(stun_get_xor_addr(&c->msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), 0);
	return addr_port(&relayed);
}

/* An even port for RTP, and the next for RTCP by whoever has the token. */
START_TEST(even_ports)
{
	struct world w;
	struct client rtp, rtcp, other;
	uint64_t token, again;
	uint16_t port;

	build(&w);
	arrive(&rtp, &w, "198.51.100.1:1000", "c:a", 600);
	arrive(&rtcp, &w, "198.51.100.1:1001", "c:b", 600);
	arrive(&other, &w, "198.51.100.1:1002", "d:b", 600);
	ck_assert_int_eq(allocate_with(&rtp, 0, 0), 0);
	ck_assert_uint_eq(relayed_port(&rtp) % 2, 0);
	ck_assert(!stun_has(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN));
	ck_assert_int_eq(refresh(&rtp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtp, 0x80, 0), 0);
	port = relayed_port(&rtp);
	ck_assert_uint_eq(port % 2, 0);
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &token), 0);
	ck_assert_int_eq(send_plain(&rtp), 0);	/* sent again: the same */
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &again), 0);
	ck_assert(token == again);
	ck_assert_int_eq(allocate_with(&other, -1, token), 508);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token + 1), 508);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 0);
	ck_assert_uint_eq(relayed_port(&rtcp), port + 1);
	ck_assert_int_eq(refresh(&rtcp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 508);	/* used */
	/* Kept for thirty seconds. */
	ck_assert_int_eq(refresh(&rtp, 0), 0);
	ck_assert_int_eq(allocate_with(&rtcp, -1, 0), 0);
	ck_assert_int_eq(allocate_with(&rtp, 0x80, 0), 0);
	ck_assert_int_eq(stun_get_u64(&rtp.msg, STUN_ATTR_RESERVATION_TOKEN,
	    &token), 0);
	ck_assert_int_eq(refresh(&rtcp, 0), 0);
	w.now += 30 * S;
	ck_assert_int_eq(allocate_with(&rtcp, -1, token), 508);
	raze(&w);
}
END_TEST

/* One relayed address is had where two are asked for, and said so. */
START_TEST(additional_family)
{
	struct world w;
	struct client c;
	struct stun_attr attr;
	struct addr relayed;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV4);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
	stun_add_u8(&c.b, STUN_ATTR_EVEN_PORT, 0x80);
	ck_assert_int_eq(send_signed(&c), 400);
	begin_allocate(&c);
	stun_add_first(&c.b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(send_signed(&c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c.msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed), 0);
	ck_assert(addr_is_v4(&relayed));
	ck_assert_int_eq(stun_find(&c.msg, STUN_ATTR_ADDRESS_ERROR_CODE,
	    &attr), 0);
	ck_assert_mem_eq(attr.value, "\2\0\4\50", 4);
	raze(&w);
}
END_TEST

UNIT_MAIN("turnreq", additional_family, even_ports, rations, password_algorithms, bid_down, binding, allocates, lifetimes, refreshes_away,
    outlives_its_credential, credentials, another_calls_credentials, nonces,
    early_nonces,
    incomplete_authentication, bad_allocates, quota_and_ended, families,
    peers, drops)
