#include "peer/turn_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "peer/turn_transport.h"
#include "wire/stunauth.h"

/*
 * RFC 8489 6.2.1 with its Rc and Rm. The first wait is half of what it
 * recommends: a call is being set up, and the server was chosen for being
 * near.
 */
#define RTO_MS 250
#define RC 7
#define RM 16

#define LIFETIME_S 600
#define PERMISSION_MS (240 * 1000)	/* it lasts 300 s (RFC 8656 9) */
#define CHANNEL_MS (240 * 1000)		/* lasts 600, its permission 300 */
#define ANSWERS 3		/* 401 and 438 to one request, at most */
#define PORTS 3			/* tried when the server knows ours (437) */
#define NEVER UINT64_MAX

#define USERNAME_MAX 513	/* RFC 8489 14.3 and a NUL */
#define REALM_MAX 764
#define NONCE_MAX 764

/* A request to be sent, sent, or at rest until due. */
struct request {
	uint16_t method;
	bool sent;		/* waits for an answer */
	unsigned times;		/* sent so far */
	unsigned answers;	/* 401 and 438 so far */
	uint64_t due_ms;	/* send it (again) then */
	uint8_t id[STUN_TRANSACTION];
	uint32_t lifetime_s;	/* Allocate, Refresh */
	struct peer *peer;	/* CreatePermission, ChannelBind */
};

struct peer {
	struct addr addr;
	uint16_t channel;
	bool bound;
	struct request permission;
	struct request channel_bind;
};

struct turn_client {
	struct turn_client_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct turn_transport *transport;
	struct event *timer;
	struct addr server;
	char username[USERNAME_MAX];
	char password[USERNAME_MAX];
	char realm[REALM_MAX];
	uint8_t nonce[NONCE_MAX];
	size_t nonce_len;
	uint8_t key[STUNAUTH_MD5];
	bool allocated;
	unsigned ports;
	struct request life;	/* Allocate, and then Refresh */
	struct peer peers[TURN_CLIENT_PEERS];
	size_t n_peers;
};

static void
fail(struct turn_client *client, int err, const char *why)
{
	event_del(client->timer);
	client->allocated = false;
	client->handlers.failed(err, why, client->arg);
}

static void
add_credentials(struct turn_client *client, struct stun_builder *b)
{
	if (client->nonce_len == 0)
		return;
	stun_add(b, STUN_ATTR_USERNAME, client->username,
	    strlen(client->username));
	stun_add(b, STUN_ATTR_REALM, client->realm, strlen(client->realm));
	stun_add(b, STUN_ATTR_NONCE, client->nonce, client->nonce_len);
	stunauth_add(b, client->key, sizeof(client->key));
}

static void
transmit(struct turn_client *client, const struct request *r)
{
	uint8_t data[TURN_TRANSPORT_MAX];
	struct stun_builder b;
	ssize_t len;

	stun_begin(&b, data, sizeof(data), STUN_REQUEST | r->method, r->id);
	switch (r->method) {
	case STUN_ALLOCATE:
		stun_add_first(&b, STUN_ATTR_REQUESTED_TRANSPORT, IPPROTO_UDP);
		/* FALLTHROUGH */
	case STUN_REFRESH:
		stun_add_u32(&b, STUN_ATTR_LIFETIME, r->lifetime_s);
		break;
	case STUN_CHANNEL_BIND:
		stun_add_channel(&b, r->peer->channel);
		/* FALLTHROUGH */
	default:
		stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS,
		    &r->peer->addr);
	}
	add_credentials(client, &b);
	stunauth_add_fingerprint(&b);
	len = stun_end(&b);
	if (len > 0)
		turn_transport_send(client->transport, data, (size_t)len);
}

/* How long to wait after sending for the nth time, n from 1. */
static uint64_t
wait_ms(const struct turn_client *client, unsigned n)
{
	if (turn_transport_reliable(client->transport))
		return RTO_MS << RC;
	return n < RC ? RTO_MS << (n - 1) : RTO_MS * RM;
}

static struct request *
earlier(struct request *a, struct request *b)
{
	return b->due_ms < a->due_ms ? b : a;
}

static struct request *
next_due(struct turn_client *client)
{
	struct request *first = &client->life;
	size_t i;

	for (i = 0; i < client->n_peers; i++) {
		first = earlier(first, &client->peers[i].permission);
		first = earlier(first, &client->peers[i].channel_bind);
	}
	return first;
}

static void
set_timer(struct turn_client *client)
{
	uint64_t due_ms = next_due(client)->due_ms, now_ms = clock_ms();
	uint64_t wait = due_ms > now_ms ? due_ms - now_ms : 0;
	struct timeval tv = {
		(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)
	};

	if (due_ms == NEVER)
		event_del(client->timer);
	else
		event_add(client->timer, &tv);
}

/* A new transaction, or the same one again. */
static void
send_request(struct turn_client *client, struct request *r, bool again)
{
	if (!again) {
		r->times = 0;
		if (crypto_random(r->id, sizeof(r->id)) < 0)
			return;
	}
	r->sent = true;
	r->times++;
	r->due_ms = clock_ms() +
	    wait_ms(client, r->times);
	transmit(client, r);
}

static void
start(struct turn_client *client, struct request *r)
{
	r->answers = 0;
	send_request(client, r, false);
	set_timer(client);
}

/*
 * No answer. A permission or a channel is asked for again later: the server
 * may be back by then, and if not, the refresh finds out.
 */
static bool
give_up(struct turn_client *client, struct request *r)
{
	r->sent = false;
	if (r == &client->life) {
		fail(client, -ETIMEDOUT, "the relay does not answer");
		return false;
	}
	r->due_ms = clock_ms() + PERMISSION_MS / 4;
	return true;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct turn_client *client = arg;
	uint64_t now_ms = clock_ms();
	struct request *r;

	(void)fd;
	(void)what;
	while ((r = next_due(client))->due_ms <= now_ms) {
		bool out_of_tries = r->sent && (r->times >= RC ||
		    turn_transport_reliable(client->transport));

		if (!r->sent)
			r->answers = 0;
		if (!out_of_tries)
			send_request(client, r, r->sent);
		else if (!give_up(client, r))
			return;
	}
	set_timer(client);
}

/* The answer names realm and nonce (401), or a new nonce (438). */
static int
take_challenge(struct turn_client *client, const struct stun_msg *msg)
{
	struct stun_attr realm, nonce;

	if (stun_find(msg, STUN_ATTR_NONCE, &nonce) < 0 || nonce.len == 0 ||
	    nonce.len > NONCE_MAX ||
	    stun_find(msg, STUN_ATTR_REALM, &realm) < 0 ||
	    realm.len >= REALM_MAX ||
	    memchr(realm.value, '\0', realm.len) != NULL)
		return -EPROTO;
	memcpy(client->realm, realm.value, realm.len);
	client->realm[realm.len] = '\0';
	memcpy(client->nonce, nonce.value, nonce.len);
	client->nonce_len = nonce.len;
	stunauth_key_md5(client->key, client->username,
	    strlen(client->username), client->realm, client->password);
	return 0;
}

static void on_message(const uint8_t *data, size_t len, void *arg);
static void on_error(int err, void *arg);

static int
open_transport(struct turn_client *client)
{
	static const struct turn_transport_handlers handlers = {
		on_message, on_error
	};

	client->ports++;
	return turn_transport_udp(&client->transport, client->loop,
	    &client->server, &handlers, client);
}

/* 437: another allocation lives at this 5-tuple; try from another port. */
static void
another_port(struct turn_client *client)
{
	struct turn_transport *old = client->transport;
	int err;

	if (client->ports >= PORTS) {
		fail(client, -EADDRINUSE, "the relay knows our port (437)");
		return;
	}
	err = open_transport(client);
	if (err < 0) {
		client->transport = old;
		fail(client, err, "no new port");
		return;
	}
	turn_transport_free(old);
	client->nonce_len = 0;
	start(client, &client->life);
}

static void
life_error(struct turn_client *client, unsigned code)
{
	char why[64];

	if (code == 437 && client->life.method == STUN_ALLOCATE) {
		another_port(client);
		return;
	}
	snprintf(why, sizeof(why), "the relay refuses (%u)", code);
	if (code == 401 || code == 403 || code == 438 || code == 441)
		fail(client, -EPERM, why);
	else if (code == 486 || code == 508)
		fail(client, -EDQUOT, why);
	else
		fail(client, -EPROTO, why);
}

static void
on_error_answer(struct turn_client *client, struct request *r,
    const struct stun_msg *msg)
{
	/* A 401 is news only as long as we have shown no credentials. */
	bool had_nonce = client->nonce_len > 0;
	unsigned code;

	if (stun_get_error(msg, &code) < 0)
		return;
	r->sent = false;
	if ((code == 438 || (code == 401 && !had_nonce)) &&
	    ++r->answers <= ANSWERS && take_challenge(client, msg) == 0) {
		send_request(client, r, false);
		set_timer(client);
		return;
	}
	if (r == &client->life) {
		life_error(client, code);
		return;
	}
	log_debug("turn_refused", "method=%u code=%u", r->method, code);
	r->due_ms = NEVER;
	set_timer(client);
}

static void
lived_on(struct turn_client *client, const struct stun_msg *msg)
{
	uint32_t lifetime_s;

	if (stun_get_u32(msg, STUN_ATTR_LIFETIME, &lifetime_s) < 0)
		lifetime_s = LIFETIME_S;
	client->life.method = STUN_REFRESH;
	client->life.due_ms = clock_ms() + (lifetime_s > 120 ?
	    lifetime_s - 60 : lifetime_s / 2) * 1000ULL;
}

static void
on_allocated(struct turn_client *client, const struct stun_msg *msg)
{
	struct addr relayed, mapped = { 0 };

	if (stun_get_xor_addr(msg, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed)
	    < 0) {
		fail(client, -EPROTO, "the relay names no relayed address");
		return;
	}
	stun_get_xor_addr(msg, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped);
	client->allocated = true;
	lived_on(client, msg);
	set_timer(client);
	client->handlers.allocated(&relayed, &mapped, client->arg);
}

static void
on_success(struct turn_client *client, struct request *r,
    const struct stun_msg *msg)
{
	r->sent = false;
	if (r == &client->life && !client->allocated) {
		on_allocated(client, msg);
		return;
	}
	if (r == &client->life) {
		lived_on(client, msg);
	} else if (r->method == STUN_CHANNEL_BIND) {
		r->peer->bound = true;
		r->due_ms = clock_ms() + CHANNEL_MS;
	} else {
		r->due_ms = clock_ms() + PERMISSION_MS;
	}
	set_timer(client);
}

static bool
answers(const struct request *r, const struct stun_msg *msg)
{
	return r->sent && r->method == stun_method(msg->type) &&
	    memcmp(r->id, msg->transaction, STUN_TRANSACTION) == 0;
}

static struct request *
request_of(struct turn_client *client, const struct stun_msg *msg)
{
	size_t i;

	if (answers(&client->life, msg))
		return &client->life;
	for (i = 0; i < client->n_peers; i++) {
		if (answers(&client->peers[i].permission, msg))
			return &client->peers[i].permission;
		if (answers(&client->peers[i].channel_bind, msg))
			return &client->peers[i].channel_bind;
	}
	return NULL;
}

/*
 * RFC 8489 9.2.5: a success must be signed with our key. An error that tells
 * of missing or stale credentials cannot be, so it need not; if it is signed,
 * it must be so by our key.
 */
static void
on_answer(struct turn_client *client, const struct stun_msg *msg)
{
	struct request *r = request_of(client, msg);
	int signed_err;

	if (r == NULL)
		return;
	signed_err = stunauth_check(msg, client->key, sizeof(client->key));
	if (stun_class(msg->type) == STUN_SUCCESS) {
		if (signed_err == 0)
			on_success(client, r, msg);
	} else if (signed_err == 0 || signed_err == -ENOENT) {
		on_error_answer(client, r, msg);
	}
}

static void
on_data_indication(struct turn_client *client, const struct stun_msg *msg)
{
	struct stun_attr data;
	struct addr peer;

	if (stun_get_xor_addr(msg, STUN_ATTR_XOR_PEER_ADDRESS, &peer) < 0 ||
	    stun_find(msg, STUN_ATTR_DATA, &data) < 0)
		return;
	client->handlers.data(&peer, data.value, data.len, client->arg);
}

static void
on_channel_data(struct turn_client *client, const uint8_t *data, size_t len)
{
	uint16_t channel, payload_len;
	size_t i;

	if (stun_channel_parse(data, len, &channel, &payload_len) < 0)
		return;
	for (i = 0; i < client->n_peers; i++)
		if (client->peers[i].channel == channel)
			break;
	if (i < client->n_peers)
		client->handlers.data(&client->peers[i].addr,
		    data + STUN_CHANNEL_HEADER, payload_len, client->arg);
}

static void
on_message(const uint8_t *data, size_t len, void *arg)
{
	struct turn_client *client = arg;
	struct stun_msg msg;

	if (len > 0 && data[0] >= 0x40) {
		if (client->allocated)
			on_channel_data(client, data, len);
		return;
	}
	if (!stun_is(data, len) || stun_parse(&msg, data, len) < 0)
		return;
	switch (stun_class(msg.type)) {
	case STUN_INDICATION:
		if (client->allocated && stun_method(msg.type) == STUN_DATA)
			on_data_indication(client, &msg);
		break;
	case STUN_REQUEST:
		break;
	default:
		on_answer(client, &msg);
	}
}

/* Later on this is a moment's trouble: the refresh decides. */
static void
on_error(int err, void *arg)
{
	struct turn_client *client = arg;

	if (!client->allocated)
		fail(client, err, "the relay is not there");
}

int
turn_client_new(struct turn_client **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_client_handlers *handlers, void *arg)
{
	struct turn_client *client;
	int err;

	if (strlen(options->username) >= USERNAME_MAX ||
	    strlen(options->password) >= USERNAME_MAX)
		return -EINVAL;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return -ENOMEM;
	client->handlers = *handlers;
	client->arg = arg;
	client->loop = loop;
	client->server = options->server;
	strcpy(client->username, options->username);
	strcpy(client->password, options->password);
	client->life.method = STUN_ALLOCATE;
	client->life.lifetime_s = LIFETIME_S;
	client->timer = evtimer_new(loop, on_timer, client);
	err = client->timer == NULL ? -ENOMEM : open_transport(client);
	if (err < 0) {
		turn_client_free(client);
		return err;
	}
	start(client, &client->life);
	*out = client;
	return 0;
}

static struct peer *
find_peer(struct turn_client *client, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < client->n_peers; i++)
		if (addr_equal(&client->peers[i].addr, addr))
			return &client->peers[i];
	return NULL;
}

static struct peer *
add_peer(struct turn_client *client, const struct addr *addr)
{
	struct peer *peer;

	if (client->n_peers == TURN_CLIENT_PEERS)
		return NULL;
	peer = &client->peers[client->n_peers];
	peer->addr = *addr;
	peer->channel = (uint16_t)(STUN_CHANNEL_MIN + client->n_peers);
	peer->permission.method = STUN_CREATE_PERMISSION;
	peer->permission.peer = peer;
	peer->permission.due_ms = NEVER;
	peer->channel_bind.method = STUN_CHANNEL_BIND;
	peer->channel_bind.peer = peer;
	peer->channel_bind.due_ms = NEVER;
	client->n_peers++;
	return peer;
}

/* The peer's entry in *out, made if there is none yet. */
static int
get_peer(struct turn_client *client, const struct addr *addr,
    struct peer **out)
{
	if (!client->allocated)
		return -ENOTCONN;
	*out = find_peer(client, addr);
	if (*out == NULL)
		*out = add_peer(client, addr);
	return *out != NULL ? 0 : -ENOSPC;
}

int
turn_client_permit(struct turn_client *client, const struct addr *peer)
{
	struct peer *p;
	size_t i;
	int err = get_peer(client, peer, &p);

	if (err < 0)
		return err;
	/* A permission is for an IP: one request keeps it for all its ports. */
	for (i = 0; i < client->n_peers; i++)
		if (client->peers[i].permission.due_ms != NEVER &&
		    addr_equal_ip(&client->peers[i].addr, peer))
			return 0;
	start(client, &p->permission);
	return 0;
}

int
turn_client_bind(struct turn_client *client, const struct addr *peer)
{
	struct peer *p;
	int err = get_peer(client, peer, &p);

	if (err == 0 && p->channel_bind.due_ms == NEVER)
		start(client, &p->channel_bind);
	return err;
}

static ssize_t
build_indication(uint8_t *out, size_t max, const struct addr *peer,
    const void *data, size_t len)
{
	uint8_t id[STUN_TRANSACTION];
	struct stun_builder b;

	if (crypto_random(id, sizeof(id)) < 0)
		return -EIO;
	stun_begin(&b, out, max, STUN_INDICATION | STUN_SEND, id);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	stun_add(&b, STUN_ATTR_DATA, data, len);
	return stun_end(&b);
}

int
turn_client_send(struct turn_client *client, const struct addr *peer,
    const void *data, size_t len)
{
	uint8_t out[TURN_TRANSPORT_MAX];
	const struct peer *p = find_peer(client, peer);
	ssize_t out_len;

	if (!client->allocated)
		return -ENOTCONN;
	if (len > sizeof(out) - STUN_CHANNEL_HEADER)
		return -EMSGSIZE;
	if (p != NULL && p->bound) {
		stun_channel_header(out, p->channel, (uint16_t)len);
		memcpy(out + STUN_CHANNEL_HEADER, data, len);
		out_len = (ssize_t)len + STUN_CHANNEL_HEADER;
	} else {
		out_len = build_indication(out, sizeof(out), peer, data, len);
	}
	if (out_len < 0)
		return (int)out_len;
	return turn_transport_send(client->transport, out, (size_t)out_len);
}

void
turn_client_free(struct turn_client *client)
{
	if (client == NULL)
		return;
	if (client->allocated) {
		client->life.lifetime_s = 0;
		send_request(client, &client->life, false);
	}
	turn_transport_free(client->transport);
	if (client->timer != NULL)
		event_free(client->timer);
	crypto_wipe(client->password, sizeof(client->password));
	crypto_wipe(client->key, sizeof(client->key));
	free(client);
}
