/*
 * The TURN client against a scripted server, which answers as told, late,
 * wrongly, or not at all. (t/520-ways.t has real servers.)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "turn_client/turn_client.h"
#include "turn_client/turn_peers.h"
#include "turn_client/turn_request.h"
#include "unit.h"
#include "wire/stunauth.h"
#include "wire/why.h"

#define USERNAME "u:c:p"
#define PASSWORD "secret"
#define REALM "rp"

struct world {
	struct event_base *loop;
	struct event *readable;
	int fd;
	struct addr server_addr, client_addr, relayed, peer;
	struct turn_client *client;
	uint8_t key[STUNAUTH_MD5];
	/* The script. */
	unsigned lose;			/* requests not answered */
	bool swap;			/* the first two, on both ways */
	uint8_t held[STUN_TRANSACTION];	/* that Allocate's, meanwhile */
	unsigned error;			/* answer signed ones so, */
	unsigned errors;		/* so many times */
	const char *nonce;		/* "": none is asked for */
	bool missign;
	bool open;			/* no credentials are asked for */
	const char *given;		/* came with the credentials; NULL */
	uint32_t lifetime_s;
	bool many;			/* peers, not one alone */
	/* What was seen. */
	unsigned requests, unsigned_requests, stale;
	unsigned seen[16];		/* signed requests by method */
	uint16_t ports[8];
	unsigned n_ports;
	unsigned indications, channel_data;
	uint32_t last_lifetime_s;
	/* What the client said. */
	bool allocated;
	int failed;
	unsigned refusal;
	char why[WHY_TEXT], realm[16];
	unsigned permissions, channels;	/* granted */
	unsigned refused;		/* the code */
	unsigned data;
	char got[64];
};

static void
on_allocated(const struct addr *relayed, const struct addr *mapped, void *arg)
{
	struct world *w = arg;

	ck_assert(addr_equal(relayed, &w->relayed));
	ck_assert(addr_equal(mapped, &w->client_addr));
	w->allocated = true;
	event_base_loopbreak(w->loop);
}

static void
on_data(const struct addr *from, const uint8_t *data, size_t len, void *arg)
{
	struct world *w = arg;

	ck_assert(addr_equal(from, &w->peer));
	ck_assert_uint_lt(len, sizeof(w->got));
	memcpy(w->got, data, len);
	w->got[len] = '\0';
	w->data++;
	event_base_loopbreak(w->loop);
}

static void
on_answered(const struct addr *peer, bool channel, unsigned code, void *arg)
{
	struct world *w = arg;

	ck_assert(w->many || addr_equal(peer, &w->peer));
	if (code != 0)
		w->refused = code;
	else if (channel)
		w->channels++;
	else
		w->permissions++;
}

static void
on_failed(int err, const char *why, void *arg)
{
	struct world *w = arg;

	ck_assert_uint_gt(strlen(why), 0);
	w->failed = err;
	w->refusal = turn_client_refusal(w->client);
	strcpy(w->why, why);
	strcpy(w->realm, turn_client_realm(w->client));
	turn_client_free(w->client);
	w->client = NULL;
	event_base_loopbreak(w->loop);
}

static void
reply(struct world *w, const struct stun_builder *b)
{
	ssize_t len = stun_end(b);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(sendto(w->fd, b->data, (size_t)len, 0,
	    &w->client_addr.sa, addr_len(&w->client_addr)), len);
}

static void
refuse(struct world *w, const struct stun_msg *msg, unsigned code)
{
	struct stun_builder b;
	uint8_t data[512];

	stun_begin(&b, data, sizeof(data), STUN_ERROR |
	    stun_method(msg->type), msg->transaction);
	stun_add_error(&b, code, "No");
	if (code == 300)
		stun_add(&b, STUN_ATTR_ALTERNATE_SERVER,
		    "\0\1\15\226\300\0\2\7", 8);
	if (code == 401 || code == 438) {
		stun_add(&b, STUN_ATTR_REALM, REALM, strlen(REALM));
		stun_add(&b, STUN_ATTR_NONCE, w->nonce, strlen(w->nonce));
	}
	reply(w, &b);
}

static void
grant(struct world *w, const struct stun_msg *msg)
{
	struct stun_builder b;
	uint8_t data[512];
	uint16_t method = stun_method(msg->type);

	stun_begin(&b, data, sizeof(data), STUN_SUCCESS | method,
	    msg->transaction);
	if (method == STUN_ALLOCATE) {
		stun_add_xor_addr(&b, STUN_ATTR_XOR_RELAYED_ADDRESS,
		    &w->relayed);
		stun_add_xor_addr(&b, STUN_ATTR_XOR_MAPPED_ADDRESS,
		    &w->client_addr);
	}
	if (method == STUN_ALLOCATE || method == STUN_REFRESH)
		stun_add_u32(&b, STUN_ATTR_LIFETIME, w->lifetime_s);
	if (!w->open)
		stunauth_add(&b, w->missign ? (const uint8_t *)"wrong-wrong-wron" :
		    w->key, sizeof(w->key));
	reply(w, &b);
}

static void
grant_held(struct world *w)
{
	const struct stun_msg held = {
		.type = STUN_ALLOCATE, .transaction = w->held
	};

	grant(w, &held);
}

static bool
nonce_is_good(const struct world *w, const struct stun_msg *msg)
{
	struct stun_attr nonce;

	return stun_find(msg, STUN_ATTR_NONCE, &nonce) == 0 &&
	    nonce.len == strlen(w->nonce) &&
	    memcmp(nonce.value, w->nonce, nonce.len) == 0;
}

static void
on_request(struct world *w, const struct stun_msg *msg)
{
	uint16_t method = stun_method(msg->type);

	w->requests++;
	if (w->lose > 0) {
		w->lose--;
		return;
	}
	if (w->open) {
		grant(w, msg);
		return;
	}
	if (stunauth_check(msg, w->key, sizeof(w->key)) < 0) {
		w->unsigned_requests++;
		refuse(w, msg, 401);
		return;
	}
	if (!nonce_is_good(w, msg)) {
		w->stale++;
		refuse(w, msg, 438);
		return;
	}
	if (w->swap && method == STUN_ALLOCATE) {
		memcpy(w->held, msg->transaction, sizeof(w->held));
		return;
	}
	if (w->swap)
		grant_held(w);
	if (method != STUN_ALLOCATE && w->seen[STUN_ALLOCATE] == 0) {
		w->seen[STUN_ALLOCATE] += w->swap;
		w->swap = false;
		refuse(w, msg, 437);
		return;
	}
	w->seen[method]++;
	stun_get_u32(msg, STUN_ATTR_LIFETIME, &w->last_lifetime_s);
	if (w->errors > 0) {
		w->errors--;
		refuse(w, msg, w->error);
		return;
	}
	grant(w, msg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;
	uint8_t data[2048];
	struct stun_msg msg;
	socklen_t len = sizeof(w->client_addr);
	uint16_t port;
	ssize_t n;

	(void)what;
	n = recvfrom(fd, data, sizeof(data), 0, &w->client_addr.sa, &len);
	if (n <= 0)
		return;
	port = addr_port(&w->client_addr);
	if ((w->n_ports == 0 || w->ports[w->n_ports - 1] != port) &&
	    w->n_ports < 8)
		w->ports[w->n_ports++] = port;
	if (data[0] >= 0x40) {
		w->channel_data++;
	} else if (stun_parse(&msg, data, (size_t)n) == 0) {
		if (stun_class(msg.type) == STUN_INDICATION)
			w->indications++;
		else
			on_request(w, &msg);
	}
	event_base_loopbreak(w->loop);
}

static void
open_world(struct world *w)
{
	static const struct turn_client_handlers handlers = {
		on_allocated, on_data, on_answered, on_failed
	};
	struct turn_client_options options = {
		.username = USERNAME, .password = PASSWORD
	};
	socklen_t len = sizeof(w->server_addr);

	addr_parse(&w->server_addr, "127.0.0.1:0", 0);
	addr_parse(&w->relayed, "192.0.2.1:50000", 0);
	addr_parse(&w->peer, "192.0.2.1:50001", 0);
	if (w->nonce == NULL)
		w->nonce = "first";
	if (w->lifetime_s == 0)
		w->lifetime_s = 600;
	stunauth_key_md5(w->key, USERNAME, strlen(USERNAME), REALM, PASSWORD);
	w->loop = event_base_new();
	w->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(w->fd, &w->server_addr.sa,
	    addr_len(&w->server_addr)), 0);
	getsockname(w->fd, &w->server_addr.sa, &len);
	w->readable = event_new(w->loop, w->fd, EV_READ | EV_PERSIST,
	    on_readable, w);
	event_add(w->readable, NULL);
	options.server = w->server_addr;
	options.realm = REALM;
	options.nonce = w->given;
	ck_assert_int_eq(turn_client_new(&w->client, w->loop, &options,
	    &handlers, w), 0);
}

static void
close_world(struct world *w)
{
	turn_client_free(w->client);
	event_free(w->readable);
	event_base_free(w->loop);
	close(w->fd);
}

/* Until the condition holds; 5 s at most. */
#define UNTIL(w, condition) do {					\
	uint64_t end_ns = clock_ns() + 5 * CLOCK_S;			\
									\
	while (!(condition) && clock_ns() < end_ns) {			\
		event_base_loopexit((w)->loop,				\
		    &(struct timeval) { 0, 50000 });			\
		event_base_dispatch((w)->loop);				\
	}								\
	ck_assert(condition);						\
} while (0)

START_TEST(allocates_and_carries)
{
	struct world w = { 0 };
	struct stun_builder b;
	uint8_t data[64] = { 0x40, 0x00, 0, 5, 'h', 'e', 'l', 'l', 'o' };
	static const uint8_t id[STUN_TRANSACTION];

	open_world(&w);
	ck_assert_int_eq(turn_client_send(w.client, &w.peer, "x", 1),
	    -ENOTCONN);
	ck_assert_int_eq(turn_client_permit(w.client, &w.peer), -ENOTCONN);
	UNTIL(&w, w.allocated);
	ck_assert_uint_eq(w.unsigned_requests, 1);
	ck_assert_uint_eq(w.requests, 2);

	/* What is sent right behind the request for a permission passes. */
	ck_assert_int_eq(turn_client_permit(w.client, &w.peer), 0);
	ck_assert_int_eq(turn_client_permit(w.client, &w.peer), 0);
	ck_assert_int_eq(turn_client_send(w.client, &w.peer, "x", 1), 0);
	UNTIL(&w, w.indications == 1);
	ck_assert_uint_eq(w.seen[STUN_CREATE_PERMISSION], 1);
	ck_assert_int_eq(turn_client_bind(w.client, &w.peer), 0);
	UNTIL(&w, w.seen[STUN_CHANNEL_BIND] == 1);
	do {
		turn_client_send(w.client, &w.peer, "x", 1);
		event_base_loop(w.loop, EVLOOP_ONCE);
	} while (w.channel_data == 0 && w.indications < 100);
	ck_assert_uint_eq(w.channel_data, 1);
	ck_assert_uint_eq(w.permissions, 1);
	ck_assert_uint_eq(w.channels, 1);
	ck_assert_uint_eq(w.refused, 0);

	/* Both forms come back; other channels and short ones do not. */
	sendto(w.fd, data, 9, 0, &w.client_addr.sa,
	    addr_len(&w.client_addr));
	UNTIL(&w, w.data == 1);
	ck_assert_str_eq(w.got, "hello");
	data[3] = 60;
	sendto(w.fd, data, 9, 0, &w.client_addr.sa,
	    addr_len(&w.client_addr));
	data[1] = 9;
	data[3] = 5;
	sendto(w.fd, data, 9, 0, &w.client_addr.sa,
	    addr_len(&w.client_addr));
	stun_begin(&b, data, sizeof(data), STUN_INDICATION | STUN_DATA, id);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, &w.peer);
	stun_add(&b, STUN_ATTR_DATA, "again", 5);
	reply(&w, &b);
	UNTIL(&w, w.data == 2);
	ck_assert_str_eq(w.got, "again");

	/* It says goodbye: a Refresh with lifetime 0. */
	turn_client_free(w.client);
	w.client = NULL;
	UNTIL(&w, w.seen[STUN_REFRESH] == 1);
	ck_assert_uint_eq(w.last_lifetime_s, 0);
	close_world(&w);
}
END_TEST

START_TEST(repeats_what_is_lost)
{
	struct world w = { .lose = 2 };
	uint64_t start_ns = clock_ns();

	open_world(&w);
	UNTIL(&w, w.allocated);
	ck_assert_uint_eq(w.requests, 4);
	/* 100 and 200 ms. */
	ck_assert_uint_ge(clock_ns() - start_ns, 290 * CLOCK_MS);
	close_world(&w);
}
END_TEST

START_TEST(takes_a_new_nonce)
{
	struct world w = { 0 };

	open_world(&w);
	UNTIL(&w, w.allocated);
	w.nonce = "second";
	turn_client_permit(w.client, &w.peer);
	UNTIL(&w, w.seen[STUN_CREATE_PERMISSION] == 1);
	ck_assert_uint_eq(w.stale, 1);
	ck_assert_int_eq(w.failed, 0);
	close_world(&w);
}
END_TEST

/* The nonce that came with the credentials saves the challenge, or is stale. */
START_TEST(takes_a_given_nonce)
{
	struct world good = { .given = "first" }, bad = { .given = "zeroth" };

	open_world(&good);
	UNTIL(&good, good.allocated);
	ck_assert_uint_eq(good.requests, 1);
	close_world(&good);
	open_world(&bad);
	UNTIL(&bad, bad.allocated);
	ck_assert_uint_eq(bad.requests, 2);
	ck_assert_uint_eq(bad.stale, 1);
	close_world(&bad);
}
END_TEST

/* With one, more follows Allocate at once; and its copy, if that was lost. */
START_TEST(sends_early)
{
	struct world w = { .given = "first" };
	struct world late = { .given = "first", .lose = 1 };
	struct world swapped = { .given = "first", .swap = true };

	open_world(&w);
	ck_assert_int_eq(turn_client_permit(w.client, &w.peer), 0);
	ck_assert_int_eq(turn_client_send(w.client, &w.peer, "x", 1), 0);
	UNTIL(&w, w.allocated && w.indications == 1);
	ck_assert_uint_eq(w.requests, 2);
	ck_assert_uint_eq(w.seen[STUN_CREATE_PERMISSION], 1);
	close_world(&w);

	open_world(&late);
	ck_assert_int_eq(turn_client_permit(late.client, &late.peer), 0);
	UNTIL(&late, late.seen[STUN_CREATE_PERMISSION] == 1 && late.allocated);
	ck_assert_uint_eq(late.requests, 4);
	close_world(&late);

	/* The answer to what came first comes last: it says nothing any more. */
	open_world(&swapped);
	ck_assert_int_eq(turn_client_permit(swapped.client, &swapped.peer), 0);
	UNTIL(&swapped, swapped.permissions == 1);
	ck_assert_uint_eq(swapped.requests, 3);
	close_world(&swapped);
}
END_TEST

START_TEST(refreshes)
{
	struct world w = { .lifetime_s = 2 };

	open_world(&w);
	UNTIL(&w, w.seen[STUN_REFRESH] == 2);
	ck_assert_uint_eq(w.last_lifetime_s, 600);
	ck_assert_int_eq(w.failed, 0);
	close_world(&w);
}
END_TEST

START_TEST(fails_as_the_server_says)
{
	static const struct {
		unsigned code, errors;
		int failed;
		unsigned ports;
	} cases[] = {
		{ 401, 9, -EPERM, 1 }, { 403, 9, -EPERM, 1 },
		{ 438, 9, -EPERM, 1 }, { 441, 9, -EPERM, 1 },
		{ 486, 9, -EDQUOT, 1 }, { 508, 9, -EDQUOT, 1 },
		{ 300, 9, -EPROTO, 1 }, { 400, 9, -EPROTO, 1 }, { 500, 9, -EPROTO, 1 },
		{ 437, 9, -EADDRINUSE, 3 },
		{ 437, 2, 0, 3 },	/* the third port is free */
		{ 438, 2, 0, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w = {
			.error = cases[i].code, .errors = cases[i].errors
		};

		open_world(&w);
		UNTIL(&w, w.failed != 0 || w.allocated);
		ck_assert_msg(w.failed == cases[i].failed, "%u: %d",
		    cases[i].code, w.failed);
		ck_assert_uint_eq(w.refusal, w.failed != 0 ? cases[i].code : 0);
		ck_assert_msg(w.n_ports == cases[i].ports, "%u: %u ports",
		    cases[i].code, w.n_ports);
		if (w.failed != 0)
			ck_assert_str_eq(w.realm, REALM);
		if (cases[i].code == 300)
			ck_assert_str_eq(w.why, "the relay refuses (300) and "
			    "names another server, 192.0.2.7:3478");
		close_world(&w);
	}
}
END_TEST

/* What it gives goes back to it, and its address to the peer. */
START_TEST(takes_no_odd_texts)
{
	static const char *const odd[] = { "a\r\nGET / HTTP/1.0", "\x1b[2J",
	    "a\x7f" };
	struct world w;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		w = (struct world){ .nonce = odd[i] };
		open_world(&w);
		UNTIL(&w, w.failed != 0 || w.allocated);
		ck_assert_int_eq(w.failed, -EPERM);
		close_world(&w);
	}
	w = (struct world){ .nonce = NULL };
	open_world(&w);
	addr_parse(&w.relayed, "224.0.0.1:5", 0);
	UNTIL(&w, w.failed != 0 || w.allocated);
	ck_assert_int_eq(w.failed, -EPROTO);
	close_world(&w);
}
END_TEST

/* A relay for everybody is told from one that is silent. */
START_TEST(wants_to_be_asked)
{
	struct world w = { .open = true };

	open_world(&w);
	UNTIL(&w, w.failed != 0);
	ck_assert_int_eq(w.failed, -ENOKEY);
	ck_assert_str_eq(w.realm, "");
	close_world(&w);
}
END_TEST

/* A refresh refused ends it; a permission refused is that peer's affair. */
START_TEST(fails_later)
{
	struct world w = { .lifetime_s = 2 };

	open_world(&w);
	UNTIL(&w, w.allocated);
	w.error = 403;
	w.errors = 1;
	turn_client_permit(w.client, &w.peer);
	UNTIL(&w, w.refused == 403);
	ck_assert_uint_eq(w.permissions, 0);
	ck_assert_int_eq(w.failed, 0);
	w.error = 437;
	w.errors = 1;
	UNTIL(&w, w.failed != 0);
	ck_assert_int_eq(w.failed, -EPROTO);
	close_world(&w);
}
END_TEST

START_TEST(believes_only_what_is_signed)
{
	struct world w = { .missign = true };

	open_world(&w);
	UNTIL(&w, w.seen[STUN_ALLOCATE] >= 2);
	ck_assert(!w.allocated);
	w.missign = false;
	UNTIL(&w, w.allocated);
	close_world(&w);
}
END_TEST

START_TEST(notices_that_nobody_is_there)
{
	struct world w = { 0 };

	open_world(&w);
	event_del(w.readable);
	close(w.fd);
	UNTIL(&w, w.failed != 0);
	ck_assert_int_eq(w.failed, -ECONNREFUSED);
	w.fd = -1;
	close_world(&w);
}
END_TEST

static int
permit(struct world *w, unsigned i)
{
	char text[ADDR_TEXT];

	snprintf(text, sizeof(text), "198.51.100.%u", i);
	ck_assert_int_eq(addr_parse(&w->peer, text, 1000), 0);
	return turn_client_permit(w->client, &w->peer);
}

START_TEST(bounds_its_peers)
{
	struct world w = { .many = true };
	unsigned i, taken = 0;

	open_world(&w);
	UNTIL(&w, w.allocated);
	for (i = 0; i < 100; i++)
		taken += permit(&w, i) == 0;
	ck_assert_uint_eq(taken, TURN_CLIENT_PEERS);
	close_world(&w);
}
END_TEST

/* The peer that is idle for longest, and has no channel, makes room. */
START_TEST(idle_peers_make_room)
{
	static struct turn_peers peers;
	struct turn_peer *peer;
	struct addr addr;
	uint16_t i, channel = 0;

	addr_parse(&addr, "198.51.100.1", 0);
	for (i = 0; i < TURN_CLIENT_PEERS; i++) {
		addr_set_port(&addr, 1 + i);
		peer = turn_peers_get(&peers, &addr, 1000 + i);
		ck_assert_ptr_nonnull(peer);
		if (i == 0)
			peer->channel_bind.times = 1;
		if (i == 1)
			channel = peer->channel;
	}
	addr_set_port(&addr, 100);
	ck_assert_ptr_null(turn_peers_get(&peers, &addr, 2900));
	peer = turn_peers_get(&peers, &addr, 3100);
	ck_assert_ptr_nonnull(peer);
	ck_assert_uint_eq(peer->channel, channel);
	addr_set_port(&addr, 1);
	ck_assert_ptr_nonnull(turn_peers_find(&peers, &addr));
	addr_set_port(&addr, 2);
	ck_assert_ptr_null(turn_peers_find(&peers, &addr));
	/* A refused one goes before it. */
	addr_set_port(&addr, TURN_CLIENT_PEERS);
	turn_peers_find(&peers, &addr)->refused = true;
	addr_set_port(&addr, 101);
	ck_assert_ptr_nonnull(turn_peers_get(&peers, &addr, 3100));
	addr_set_port(&addr, TURN_CLIENT_PEERS);
	ck_assert_ptr_null(turn_peers_find(&peers, &addr));
}
END_TEST

/* A permission is for an IP. Further ports need neither room nor a request. */
START_TEST(permits_by_ip)
{
	struct world w = { .many = true };
	unsigned i;

	open_world(&w);
	UNTIL(&w, w.allocated);
	for (i = 0; i < 100; i++) {
		addr_set_port(&w.peer, (uint16_t)(1000 + i));
		ck_assert_int_eq(turn_client_permit(w.client, &w.peer), 0);
	}
	turn_client_bind(w.client, &w.peer);
	UNTIL(&w, w.channels == 1);
	ck_assert_uint_eq(w.seen[STUN_CREATE_PERMISSION], 1);
	close_world(&w);
}
END_TEST

/* What is refused for good is not requested again, and gives room at once. */
START_TEST(heeds_a_refusal)
{
	static const unsigned codes[] = { 403, 443 };
	size_t i, n;

	for (i = 0; i < 2; i++) {
		struct world w = { .error = codes[i] };

		open_world(&w);
		UNTIL(&w, w.allocated);
		w.errors = TURN_CLIENT_PEERS;
		for (n = 0; n < TURN_CLIENT_PEERS; n++) {
			ck_assert_int_eq(permit(&w, n), 0);
			w.refused = 0;
			UNTIL(&w, w.refused == codes[i]);
			addr_set_port(&w.peer, 7);
			ck_assert_int_eq(turn_client_permit(w.client,
			    &w.peer), -EACCES);
		}
		ck_assert_int_eq(permit(&w, n), 0);
		UNTIL(&w, w.permissions == 1);
		ck_assert_uint_eq(w.seen[STUN_CREATE_PERMISSION], n + 1);
		close_world(&w);
	}
}
END_TEST

/* After an error that may pass, not each packet is a request. */
START_TEST(rests_after_an_error)
{
	struct world w = { .error = 508 };
	unsigned i;

	open_world(&w);
	UNTIL(&w, w.allocated);
	w.errors = 9;
	turn_client_permit(w.client, &w.peer);
	UNTIL(&w, w.refused == 508);
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(turn_client_permit(w.client, &w.peer), 0);
	turn_client_bind(w.client, &w.peer);
	UNTIL(&w, w.seen[STUN_CHANNEL_BIND] == 1);
	ck_assert_uint_eq(w.seen[STUN_CREATE_PERMISSION], 1);
	close_world(&w);
}
END_TEST

/* RFC 8489 6.2.1 with 100 ms: eight times within 13 s, over after 7 more. */
START_TEST(schedule)
{
	static const uint64_t waits[] = {
		100, 200, 400, 800, 1600, 3200, 6400, 7000
	};
	struct turn_request r = { .method = STUN_ALLOCATE };
	uint64_t now_ms = 1000;
	size_t i;

	ck_assert_int_eq(turn_request_begin(&r, now_ms, false), 0);
	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(r.due_ms - now_ms, waits[i]);
		ck_assert(turn_request_exhausted(&r, false) == (i == 7));
		now_ms = r.due_ms;
		if (i < 7)
			turn_request_repeat(&r, now_ms);
	}
	ck_assert_int_eq(turn_request_begin(&r, now_ms, true), 0);
	ck_assert(turn_request_exhausted(&r, true));
	ck_assert_uint_ge(r.due_ms - now_ms, 10000);
}
END_TEST

UNIT_SUITE(turn_client, allocates_and_carries, repeats_what_is_lost,
    takes_a_new_nonce, takes_a_given_nonce, sends_early,
    refreshes, fails_as_the_server_says, takes_no_odd_texts,
    wants_to_be_asked, fails_later,
    believes_only_what_is_signed, notices_that_nobody_is_there,
    bounds_its_peers, idle_peers_make_room, permits_by_ip,
    heeds_a_refusal, rests_after_an_error, schedule)
