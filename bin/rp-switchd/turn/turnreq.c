/*
 * turnreq: serve one TURN request: find its method, check its login, write its
 * answer. Allocate and Refresh are in turnreq_alloc. See turnreq.h.
 */
#include "turn/turnreq_private.h"

#include <errno.h>
#include <stdio.h>

#include "base/counter.h"
#include "base/log.h"
#include "relay/local_addrs.h"
#include "table/alloc.h"
#include "turn/peers.h"
#include "turn/ratelimit.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define PEERS_MAX 16		/* per CreatePermission */

const char *const turnreq_method_names[TURNREQ_METHODS] = {
#define X(id, name) name,
	TURNREQ_METHOD_LIST(X)
#undef X
};

const unsigned turnreq_error_codes[TURNREQ_ERROR_CODES] = {
#define X(code, reason) code,
	TURNREQ_ERROR_LIST(X)
#undef X
};

static const char *const reasons[TURNREQ_ERROR_CODES] = {
#define X(code, reason) reason,
	TURNREQ_ERROR_LIST(X)
#undef X
};

const char *const turnreq_fault_names[TURNREQ_FAULTS] = {
#define X(id, name, text) name,
	TURNREQ_FAULT_LIST(X)
#undef X
};

static int
binding(struct turnreq *r)
{
	stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_MAPPED_ADDRESS,
	    r->in->client);
	return TURNREQ_OK;
}

/*
 * Check a peer. It is an allocation here, so its IP address is ours, though
 * perhaps of an interface that came later; or it is one that relay sockets may
 * send to. A 403 for any other removes one pair from a client's check list.
 */
static int
check_peer(struct turnreq *r, const struct addr *peer)
{
	if (alloc_relayed(r->alloc, peer->sa.sa_family, r->in->now_ns) == NULL)
		return TURNREQ_443;
	if (local_addrs_shows(r->server->local_addrs, r->in->local, peer) ||
	    alloc_meets_at(r->server->table, r->alloc, peer, r->in->now_ns))
		return TURNREQ_OK;
	if (r->server->peers != NULL && peers_allows(r->server->peers, peer))
		return TURNREQ_OK;
	r->peer = *peer;
	r->denied = &r->peer;
	return TURNREQ_403;
}

static int
change_error(int err)
{
	switch (err) {
	case 0:
		return TURNREQ_OK;
	case -ENOENT:
		return TURNREQ_437;
	case -EEXIST:
		return TURNREQ_400;
	case -ENOSPC:
		return TURNREQ_508;
	default:
		return TURNREQ_500;
	}
}

static int
create_permission(struct turnreq *r)
{
	struct addr peers[PEERS_MAX];
	struct stun_attr attr = { 0 };
	size_t n = 0;
	int err;

	if (r->alloc == NULL)
		return TURNREQ_437;
	while (stun_next(&r->msg, &attr)) {
		if (attr.type != STUN_ATTR_XOR_PEER_ADDRESS)
			continue;
		if (n == PEERS_MAX)
			return TURNREQ_508;
		if (stun_attr_xor_addr(&r->msg, &attr, &peers[n]) < 0)
			return TURNREQ_400;
		err = check_peer(r, &peers[n++]);
		if (err != TURNREQ_OK)
			return err;
	}
	if (n == 0)
		return TURNREQ_400;
	return change_error(alloc_permit(r->server->table, r->alloc, peers, n,
	    r->in->now_ns));
}

static int
channel_bind(struct turnreq *r)
{
	struct addr peer;
	uint16_t number;
	int err;

	if (r->alloc == NULL)
		return TURNREQ_437;
	if (stun_get_channel(&r->msg, &number) < 0 ||
	    number < STUN_CHANNEL_MIN || number > STUN_CHANNEL_MAX)
		return TURNREQ_400;
	if (stun_get_xor_addr(&r->msg, STUN_ATTR_XOR_PEER_ADDRESS, &peer) < 0)
		return TURNREQ_400;
	err = check_peer(r, &peer);
	if (err != TURNREQ_OK)
		return err;
	return change_error(alloc_bind(r->server->table, r->alloc, number,
	    &peer, r->in->now_ns));
}

static const struct method {
	uint16_t type;
	enum turnreq_method id;
	bool open;		/* without login */
	int (*handle)(struct turnreq *r);
} methods[] = {
	{ STUN_BINDING, TURNREQ_BINDING, true, binding },
	{ STUN_ALLOCATE, TURNREQ_ALLOCATE, false, turnreq_allocate },
	{ STUN_REFRESH, TURNREQ_REFRESH, false, turnreq_refresh },
	{ STUN_CREATE_PERMISSION, TURNREQ_CREATE_PERMISSION, false,
	    create_permission },
	{ STUN_CHANNEL_BIND, TURNREQ_CHANNEL_BIND, false, channel_bind },
};

static const struct method *
find_method(uint16_t type)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].type == stun_method(type))
			return &methods[i];
	return NULL;
}

/* Add the reply's attributes, or return the error to answer with. */
static int
serve_method(struct turnreq *r, const struct method *method)
{
	int err;

	if (method == NULL)
		return TURNREQ_400;
	if (!method->open) {
		err = turnlogin_check(&r->login, r->server->auth, &r->msg,
		    &r->tuple, method->type == STUN_ALLOCATE ? NULL :
		    r->alloc, r->in->now_ns);
		if (err != TURNREQ_OK)
			return err;
	}
	r->n_unknown = stun_unknown(&r->msg, stun_turn_attrs, STUN_TURN_ATTRS,
	    r->unknown, TURNREQ_UNKNOWN);
	if (r->n_unknown > 0)
		return TURNREQ_420;
	return method->handle(r);
}

static void
begin_reply(struct turnreq *r, uint8_t *reply, uint16_t class)
{
	stun_begin(&r->reply, reply, TURNREQ_REPLY,
	    (uint16_t)((r->msg.type & ~STUN_CLASS) | class),
	    r->msg.transaction);
}

/* Log a request that is refused, unless it only gets its first challenge. */
static void
log_refusal(const struct turnreq *r, const struct method *method, int err)
{
	char kind[16], user[LOG_TEXT], from[ADDR_TEXT], peer[ADDR_TEXT];
	const char *transport = r->in->inbox == NULL ? "udp" : r->in->tls ?
	    "tls" : "tcp";

	if (!log_is_debug() || (err == TURNREQ_401 &&
	    r->msg.integrity == 0 && r->msg.integrity_sha256 == 0))
		return;
	snprintf(kind, sizeof(kind), "%u", turnreq_error_codes[err]);
	log_failure("turn_refused", kind, "code=%s reason=\"%s\" why=\"%s\" "
	    "method=%s user=%s to=%s client=%s/%s", kind, reasons[err],
	    r->login.why != NULL ? r->login.why : "",
	    method != NULL ? turnreq_method_names[method->id] : "other",
	    log_text(user, r->login.username), r->denied != NULL ?
	    addr_format(r->denied, peer) : "",
	    transport, addr_format(r->in->client, from));
}

static void
log_drop(const struct turnreq_in *in, const char *reason)
{
	char from[ADDR_TEXT];

	if (log_is_debug())
		log_failure("turn_dropped", reason, "reason=%s bytes=%zu "
		    "client=%s", reason, in->len,
		    addr_format(in->client, from));
}

static void
refuse_request(struct turnreq *r, uint8_t *reply, int err)
{
	begin_reply(r, reply, STUN_ERROR);
	stun_add_error(&r->reply, turnreq_error_codes[err], reasons[err]);
	if (err == TURNREQ_420)
		stun_add_unknown(&r->reply, r->unknown, r->n_unknown);
	if (err == TURNREQ_401 || err == TURNREQ_438)
		turnlogin_challenge(&r->login, r->server->auth, &r->tuple,
		    r->in->now_ns, &r->reply);
}

/*
 * Is the answer over the limit? The source of a stream is not forged, so only
 * the number of answers counts there. A client with an allocation is
 * authenticated; over a stream it would not repeat a request whose answer it
 * did not get.
 */
static bool
is_rationed(const struct turnreq *r, size_t len)
{
	const struct turnreq_in *in = r->in;
	bool stream = in->inbox != NULL;

	if (in->strangers == NULL || r->login.authentic ||
	    (stream && r->alloc != NULL))
		return false;
	return !ratelimit_take(in->strangers, in->client, stream ? len :
	    in->len, len, in->now_ns);
}

/*
 * Has the client's network tried so many keys in vain that no more are tried? One
 * that has an allocation is checked with its key.
 */
static bool
is_spent(const struct turnreq *r, const struct method *method)
{
	struct ratelimit *limit = r->in->strangers;

	return limit != NULL && method != NULL && !method->open &&
	    (r->msg.integrity != 0 || r->msg.integrity_sha256 != 0) &&
	    (r->alloc == NULL || method->type == STUN_ALLOCATE) &&
	    !ratelimit_may_try(limit, r->in->client, r->in->now_ns);
}

static void
count_login(const struct turnreq *r, struct turnreq_counts *counts)
{
	const struct turnlogin *login = &r->login;

	counter_add(&counts->keys_tried, login->tried);
	if (login->fault >= 0)
		counter_add(&counts->faults[login->fault], 1);
	if (login->tried > 0 && !login->authentic && r->in->strangers != NULL)
		ratelimit_tried(r->in->strangers, r->in->client, login->tried);
}

size_t
turnreq_handle(const struct turnreq_server *server,
    struct turnreq_counts *counts, const struct turnreq_in *in,
    uint8_t reply[static TURNREQ_REPLY])
{
	struct turnreq r = {
		.server = server, .in = in,
		.login = { .server_name = in->server_name, .fault = -1 }
	};
	const struct method *method;
	ssize_t len;
	int err;

	if (stun_parse(&r.msg, in->data, in->len) < 0) {
		counter_add(&counts->malformed, 1);
		log_drop(in, "malformed");
		return 0;
	}
	if (stunauth_check_fingerprint(&r.msg) == -EACCES) {
		counter_add(&counts->fingerprint, 1);
		log_drop(in, "fingerprint");
		return 0;
	}
	if (stun_class(r.msg.type) != STUN_REQUEST) {
		counter_add(&counts->unexpected, 1);
		log_drop(in, "unexpected");
		return 0;
	}
	tuple_make(&r.tuple, in->client, in->local,
	    in->inbox != NULL ? TUPLE_TCP : TUPLE_UDP);
	r.alloc = alloc_find(server->table, &r.tuple, in->now_ns);
	method = find_method(r.msg.type);
	if (is_spent(&r, method)) {
		counter_add(&counts->rationed, 1);
		log_drop(in, "rationed");
		return 0;
	}
	begin_reply(&r, reply, STUN_SUCCESS);
	err = serve_method(&r, method);
	count_login(&r, counts);
	if (err == TURNREQ_OK) {
		counter_add(&counts->ok[method->id], 1);
	} else {
		counter_add(&counts->errors[err], 1);
		log_refusal(&r, method, err);
		refuse_request(&r, reply, err);
	}
	turnlogin_sign(&r.login, &r.reply);
	if (r.msg.fingerprint != 0)
		stunauth_add_fingerprint(&r.reply);
	len = stun_end(&r.reply);
	if (len <= 0) {
		counter_add(&counts->no_answer, 1);
		log_drop(in, "no_answer");
		return 0;
	}
	if (is_rationed(&r, (size_t)len)) {
		counter_add(&counts->rationed, 1);
		log_drop(in, "rationed");
		return 0;
	}
	return (size_t)len;
}
