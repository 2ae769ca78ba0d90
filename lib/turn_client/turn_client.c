/*
 * turn_client: one allocation: allocate, refresh, permit, bind, and carry
 * data. See turn_client.h.
 */
#include "turn_client/turn_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "turn_client/turn_auth.h"
#include "turn_client/turn_peers.h"
#include "turn_client/turn_transport.h"
#include "wire/hostport.h"
#include "wire/why.h"

#define LIFETIME_S 600
#define PERMISSION_MS (240 * 1000)	/* it lasts 300 s (RFC 8656 9) */
#define CHANNEL_MS (240 * 1000)		/* lasts 600, its permission 300 */
/* Another try after an error that may pass; a check list lives for 30 s. */
#define RETRY_MS (5 * 1000)
#define CHALLENGES 3		/* most 401 and 438 per request */
#define SILENCE 408		/* not a STUN code: no answer at all */
#define PORTS 3			/* tried when the server knows ours (437) */

struct turn_client {
	struct turn_client_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct turn_transport *transport;
	struct loop_event *timer;
	struct turn_client_options options;	/* without the strings */
	char *server_name;
	struct turn_auth auth;
	bool allocated;
	unsigned refusal;
	bool early;		/* Allocate is signed, so others may follow */
	unsigned ports;
	struct turn_request life;	/* Allocate, later Refresh */
	struct turn_peers peers;
};

static void
fail_client(struct turn_client *client, int err, const char *why)
{
	loop_event_stop(client->timer);
	client->allocated = client->early = false;
	client->handlers.failed(err, why, client->arg);
}

static void
set_timer(struct turn_client *client)
{
	uint64_t due_ms = turn_peers_next_due(&client->peers,
	    &client->life)->due_ms;
	uint64_t now_ms = clock_ms();

	if (due_ms == TURN_REQUEST_NEVER)
		loop_event_stop(client->timer);
	else
		loop_timer_set_ms(client->timer,
		    due_ms > now_ms ? due_ms - now_ms : 0);
}

static void
transmit(struct turn_client *client, const struct turn_request *r)
{
	uint8_t data[TURN_TRANSPORT_MAX];
	ssize_t len = turn_request_write(r, &client->auth, data,
	    sizeof(data));

	/* If it cannot be sent now, it counts as lost. */
	if (len > 0)
		turn_transport_send(client->transport, data, (size_t)len);
}

static void
begin_request(struct turn_client *client, struct turn_request *r)
{
	if (turn_request_begin(r, clock_ms(),
	    turn_transport_reliable(client->transport)) == 0)
		transmit(client, r);
	set_timer(client);
}

static void
start_timer(struct turn_client *client, struct turn_request *r)
{
	r->challenges = 0;
	begin_request(client, r);
}

/*
 * Report a permission or channel: once, and again if it is no longer granted.
 */
static void
tell(struct turn_client *client, struct turn_request *r, unsigned code)
{
	bool was_granted = r->granted;

	r->granted = code == 0;
	if (client->handlers.answered == NULL || (code == 0 && was_granted))
		return;
	client->handlers.answered(r->peer, r->method == STUN_CHANNEL_BIND,
	    code, client->arg);
}

/*
 * Give up a request without an answer. A permission or a channel is requested
 * again later. The server may be back by then, and if not, the refresh detects
 * it.
 */
static bool
give_up(struct turn_client *client, struct turn_request *r)
{
	r->sent = false;
	if (r == &client->life) {
		fail_client(client, -ETIMEDOUT, "the relay does not answer");
		return false;
	}
	r->due_ms = clock_ms() + PERMISSION_MS / 4;
	tell(client, r, SILENCE);
	return true;
}

/*
 * Send the permissions behind a copy of Allocate as well. Those behind the lost
 * one were answered by 437, or will be.
 */
static void
follow_allocate(struct turn_client *client)
{
	size_t i;

	for (i = 0; i < client->peers.n; i++) {
		struct turn_request *r = &client->peers.peer[i].permission;

		if (r->times > 0 && !r->granted)
			start_timer(client, r);
	}
}

/* Run a request that is due. Return false if the client has failed. */
static bool
run_request(struct turn_client *client, struct turn_request *r, uint64_t now_ms)
{
	if (!r->sent) {
		start_timer(client, r);
		return true;
	}
	if (turn_request_exhausted(r,
	    turn_transport_reliable(client->transport)))
		return give_up(client, r);
	turn_request_repeat(r, now_ms);
	transmit(client, r);
	if (r == &client->life && !client->allocated && client->early)
		follow_allocate(client);
	return true;
}

static void
on_timer(void *arg)
{
	struct turn_client *client = arg;
	uint64_t now_ms = clock_ms();
	struct turn_request *r;

	for (;;) {
		r = turn_peers_next_due(&client->peers, &client->life);
		if (r->due_ms > now_ms)
			break;
		if (!run_request(client, r, now_ms))
			return;
	}
	set_timer(client);
}

static void on_message(const uint8_t *data, size_t len, void *arg);
static void on_error(int err, const char *why, void *arg);

static int
open_transport(struct turn_client *client)
{
	static const struct turn_transport_handlers handlers = {
		on_message, on_error
	};

	client->ports++;
	return turn_transport_new(&client->transport, client->loop,
	    &client->options, &handlers, client);
}

/*
 * Handle 437: another allocation exists at this 5-tuple, so try from another
 * port.
 */
static void
another_port(struct turn_client *client)
{
	struct turn_transport *old = client->transport;
	int err;

	if (client->ports >= PORTS) {
		fail_client(client, -EADDRINUSE,
		    "the relay still has an allocation for our port (437)");
		return;
	}
	err = open_transport(client);
	if (err < 0) {
		client->transport = old;
		fail_client(client, err, "no new port");
		return;
	}
	turn_transport_free(old);
	client->auth.nonce_len = 0;
	client->early = false;
	start_timer(client, &client->life);
}

/* Say how the relay refuses, and where it sends its clients (RFC 8489 10). */
static void
refusal_text(char why[static WHY_TEXT], unsigned code,
    const struct stun_msg *msg)
{
	char text[ADDR_TEXT];
	struct addr other;

	if (code == 300 && stun_get_addr(msg, STUN_ATTR_ALTERNATE_SERVER,
	    &other) == 0)
		why_set(why, "the relay refuses (300) and names another "
		    "server, %s", addr_format(&other, text));
	else
		why_set(why, "the relay refuses (%u)", code);
}

static void
life_error(struct turn_client *client, unsigned code,
    const struct stun_msg *msg)
{
	char why[WHY_TEXT];

	client->refusal = code;
	if (code == 437 && client->life.method == STUN_ALLOCATE) {
		another_port(client);
		return;
	}
	refusal_text(why, code, msg);
	if (code == 401 || code == 403 || code == 438 || code == 441)
		fail_client(client, -EPERM, why);
	else if (code == 486 || code == 508)
		fail_client(client, -EDQUOT, why);
	else
		fail_client(client, -EPROTO, why);
}

/*
 * A permission or a channel is refused. 403 and 443 are for good (RFC 8656
 * 9.2). After other errors a permission is requested again, but not for each
 * packet.
 */
static void
peer_refused(struct turn_client *client, struct turn_request *r, unsigned code)
{
	bool is_permission = r->method == STUN_CREATE_PERMISSION;
	bool for_good = code == 403 || code == 443;

	log_debug("turn_refused", "method=%u code=%u", r->method, code);
	r->due_ms = TURN_REQUEST_NEVER;
	if (is_permission && for_good)
		turn_peers_find(&client->peers, r->peer)->refused = true;
	else if (is_permission && client->allocated)
		r->due_ms = clock_ms() + RETRY_MS;
	set_timer(client);
	tell(client, r, code);
}

static void
on_error_answer(struct turn_client *client, struct turn_request *r,
    const struct stun_msg *msg)
{
	/* A 401 is a challenge only as long as we have shown no credentials. */
	bool had_nonce = client->auth.nonce_len > 0;
	unsigned code;

	if (stun_get_error(msg, &code) < 0)
		return;
	r->sent = false;
	if ((code == 438 || (code == 401 && !had_nonce)) &&
	    ++r->challenges <= CHALLENGES &&
	    turn_auth_challenged(&client->auth, msg) == 0) {
		begin_request(client, r);
		return;
	}
	if (r == &client->life) {
		life_error(client, code, msg);
		return;
	}
	/* It may have overtaken the Allocate that was sent before it. */
	if (code == 437 && client->early && client->allocated &&
	    ++r->challenges <= CHALLENGES) {
		begin_request(client, r);
		return;
	}
	peer_refused(client, r, code);
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

/* Repeat the requests that followed an Allocate that was late or lost. */
static void
permit_again(struct turn_client *client)
{
	size_t i;

	for (i = 0; i < client->peers.n; i++) {
		struct turn_peer *p = &client->peers.peer[i];

		if (turn_peers_permission(&client->peers, &p->addr) == NULL)
			start_timer(client, &p->permission);
	}
}

static void
on_allocated(struct turn_client *client, const struct stun_msg *msg)
{
	struct addr relayed, mapped = { 0 };

	if (stun_get_xor_addr(msg, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed)
	    < 0 || !addr_is_unicast(&relayed) || addr_port(&relayed) == 0) {
		fail_client(client, -EPROTO,
		    "the relay's answer holds no relayed address");
		return;
	}
	stun_get_xor_addr(msg, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped);
	client->allocated = true;
	lived_on(client, msg);
	set_timer(client);
	permit_again(client);
	client->handlers.allocated(&relayed, &mapped, client->arg);
}

static void
on_success(struct turn_client *client, struct turn_request *r,
    const struct stun_msg *msg)
{
	r->sent = false;
	if (r == &client->life && !client->allocated) {
		on_allocated(client, msg);
		return;
	}
	if (r == &client->life) {
		lived_on(client, msg);
		set_timer(client);
		return;
	}
	if (r->method == STUN_CHANNEL_BIND) {
		turn_peers_find(&client->peers, r->peer)->bound = true;
		r->due_ms = clock_ms() + CHANNEL_MS;
	} else {
		r->due_ms = clock_ms() + PERMISSION_MS;
	}
	set_timer(client);
	tell(client, r, 0);
}

/* Is it an allocation that we got without credentials? */
static bool
is_open(const struct turn_client *client, const struct turn_request *r,
    const struct stun_msg *msg)
{
	return r == &client->life && client->auth.nonce_len == 0 &&
	    msg->integrity == 0 && stun_class(msg->type) == STUN_SUCCESS;
}

static void
on_answer(struct turn_client *client, const struct stun_msg *msg)
{
	struct turn_request *r = &client->life;

	if (!turn_request_answered_by(r, msg))
		r = turn_peers_answered_by(&client->peers, msg);
	if (r == NULL)
		return;
	if (is_open(client, r, msg)) {
		fail_client(client, -ENOKEY, "the relay asks for no "
		    "credentials");
		return;
	}
	if (!turn_auth_accepts(&client->auth, msg))
		return;
	if (stun_class(msg->type) == STUN_SUCCESS)
		on_success(client, r, msg);
	else
		on_error_answer(client, r, msg);
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
	const struct turn_peer *peer;

	if (stun_channel_parse(data, len, &channel, &payload_len) < 0)
		return;
	peer = turn_peers_of_channel(&client->peers, channel);
	if (peer != NULL)
		client->handlers.data(&peer->addr, data + STUN_CHANNEL_HEADER,
		    payload_len, client->arg);
}

/* Return whether there is an allocation, or may be one whose answer was lost. */
static bool
can_carry(const struct turn_client *client)
{
	return client->allocated || client->early;
}

static void
on_message(const uint8_t *data, size_t len, void *arg)
{
	struct turn_client *client = arg;
	struct stun_msg msg;

	if (len > 0 && data[0] >= 0x40) {
		if (can_carry(client))
			on_channel_data(client, data, len);
		return;
	}
	if (!stun_is(data, len) || stun_parse(&msg, data, len) < 0)
		return;
	switch (stun_class(msg.type)) {
	case STUN_INDICATION:
		if (can_carry(client) && stun_method(msg.type) == STUN_DATA)
			on_data_indication(client, &msg);
		break;
	case STUN_REQUEST:
		break;
	default:
		on_answer(client, &msg);
	}
}

/* After allocation, on UDP, this is temporary; the refresh decides. */
static void
on_error(int err, const char *why, void *arg)
{
	struct turn_client *client = arg;

	if (!client->allocated || turn_transport_reliable(client->transport))
		fail_client(client, err, why);
}

int
turn_client_new(struct turn_client **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_client_handlers *handlers, void *arg)
{
	struct turn_client *client;
	int err;

	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return -ENOMEM;
	err = turn_auth_init(&client->auth, options->username,
	    options->password);
	if (err == 0 && options->nonce != NULL)
		err = turn_auth_expect(&client->auth, options->realm,
		    options->nonce);
	client->handlers = *handlers;
	client->arg = arg;
	client->loop = loop;
	client->options = *options;
	client->options.username = client->options.password = NULL;
	client->options.realm = client->options.nonce = NULL;
	client->early = options->nonce != NULL &&
	    options->via == TURN_CLIENT_UDP;
	if (options->server_name != NULL)
		client->server_name = strdup(options->server_name);
	if (client->server_name != NULL)
		hostport_undot(client->server_name);
	client->options.server_name = client->server_name;
	client->life.method = STUN_ALLOCATE;
	client->life.lifetime_s = LIFETIME_S;
	client->timer = loop_timer_new(loop, on_timer, client);
	if (err == 0)
		err = client->timer == NULL ? -ENOMEM :
		    open_transport(client);
	if (err < 0) {
		turn_client_free(client);
		return err;
	}
	start_timer(client, &client->life);
	*out = client;
	return 0;
}

/* Get the peer's entry, made if necessary. */
static int
get_peer(struct turn_client *client, const struct addr *addr,
    struct turn_peer **out)
{
	if (!can_carry(client))
		return -ENOTCONN;
	*out = turn_peers_get(&client->peers, addr, clock_ms());
	return *out != NULL ? 0 : -ENOSPC;
}

int
turn_client_permit(struct turn_client *client, const struct addr *peer)
{
	struct turn_peer *p = turn_peers_permission(&client->peers, peer);
	int err;

	if (p != NULL) {
		p->used_ms = clock_ms();
		return p->refused ? -EACCES : 0;
	}
	err = get_peer(client, peer, &p);
	if (err == 0)
		start_timer(client, &p->permission);
	return err;
}

int
turn_client_bind(struct turn_client *client, const struct addr *peer)
{
	struct turn_peer *p;
	int err = get_peer(client, peer, &p);

	if (err == 0 && p->channel_bind.due_ms == TURN_REQUEST_NEVER)
		start_timer(client, &p->channel_bind);
	return err;
}

int
turn_client_send(struct turn_client *client, const struct addr *peer,
    const void *data, size_t len)
{
	uint8_t out[TURN_TRANSPORT_MAX];
	ssize_t out_len;

	if (!can_carry(client))
		return -ENOTCONN;
	out_len = turn_peers_wrap(&client->peers, peer, data, len, out,
	    sizeof(out));
	if (out_len < 0)
		return (int)out_len;
	return turn_transport_send(client->transport, out, (size_t)out_len);
}

unsigned
turn_client_refusal(const struct turn_client *client)
{
	return client->refusal;
}

const char *
turn_client_realm(const struct turn_client *client)
{
	return client->auth.realm;
}

void
turn_client_free(struct turn_client *client)
{
	if (client == NULL)
		return;
	if (client->allocated) {
		client->life.lifetime_s = 0;
		begin_request(client, &client->life);
	}
	turn_transport_free(client->transport);
	loop_event_free(client->timer);
	turn_auth_wipe(&client->auth);
	free(client->server_name);
	free(client);
}
