#include "turnreq.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "base/clock.h"
#include "own.h"
#include "peers.h"
#include "ration.h"
#include "turnlogin.h"
#include "wire/stun.h"
#include "wire/stunauth.h"

#define UDP 17
#define PEERS_MAX 16		/* of one CreatePermission */
#define UNKNOWN_MAX 8		/* named in one answer */

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

struct request {
	const struct turnreq_server *server;
	const struct turnreq_in *in;
	struct stun_msg msg;
	struct tuple tuple;
	struct alloc *alloc;		/* of this 5-tuple, or NULL */
	struct stun_builder reply;
	struct turnlogin login;
	uint16_t unknown[UNKNOWN_MAX];
	size_t n_unknown;
};

/* Comprehension-required attributes that have a meaning here. */
static const uint16_t known[] = {
	STUN_ATTR_USERNAME, STUN_ATTR_MESSAGE_INTEGRITY,
	STUN_ATTR_CHANNEL_NUMBER, STUN_ATTR_LIFETIME,
	STUN_ATTR_XOR_PEER_ADDRESS, STUN_ATTR_REALM, STUN_ATTR_NONCE,
	STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_ATTR_EVEN_PORT,
	STUN_ATTR_REQUESTED_TRANSPORT, STUN_ATTR_RESERVATION_TOKEN,
	STUN_ATTR_MESSAGE_INTEGRITY_SHA256, STUN_ATTR_PASSWORD_ALGORITHM,
	STUN_ATTR_USERHASH
};

static int
binding(struct request *r)
{
	stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_MAPPED_ADDRESS,
	    r->in->client);
	return TURNREQ_OK;
}

/* LIFETIME in, in bounds; the default without it. */
static int
lifetime(const struct request *r, uint32_t *out)
{
	uint32_t least = r->server->lifetime_s != 0 ? r->server->lifetime_s :
	    TURNREQ_LIFETIME_S;
	uint32_t asked, most = least * TURNREQ_LIFETIME_MAX;
	int err = stun_get_u32(&r->msg, STUN_ATTR_LIFETIME, &asked);

	if (err == -EBADMSG)
		return TURNREQ_400;
	*out = least;
	if (err == 0 && asked > least)
		*out = asked < most ? asked : most;
	return TURNREQ_OK;
}

static void
allocated(struct request *r, const struct alloc *a, uint32_t lifetime_s)
{
	/* Family and code: of the two that were asked for there is one. */
	static const uint8_t no_ipv6[] = { STUN_IPV6, 0, 4, 40 };

	stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_RELAYED_ADDRESS,
	    &a->relayed);
	if (stun_has(&r->msg, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY))
		stun_add(&r->reply, STUN_ATTR_ADDRESS_ERROR_CODE, no_ipv6,
		    sizeof(no_ipv6));
	stun_add_u32(&r->reply, STUN_ATTR_LIFETIME, lifetime_s);
	if (a->token != 0)
		stun_add_u64(&r->reply, STUN_ATTR_RESERVATION_TOKEN,
		    a->token);
	stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_MAPPED_ADDRESS,
	    r->in->client);
}

/* The family asked for, IPv4 if none is; *family is AF_INET or AF_INET6. */
static int
relayed_family(const struct request *r, sa_family_t *family)
{
	uint8_t asked;
	int err = stun_get_u8(&r->msg, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    &asked);

	*family = AF_INET;
	if (err == -ENOENT)
		return TURNREQ_OK;
	if (err < 0 || stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN))
		return TURNREQ_400;
	if (asked != STUN_IPV4 && asked != STUN_IPV6)
		return TURNREQ_440;
	if (asked == STUN_IPV6)
		*family = AF_INET6;
	return TURNREQ_OK;
}

/* RFC 8656 7.2, points 3 to 8. */
static int
check_allocate(const struct request *r)
{
	bool token = stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN);
	uint8_t transport, even, family;
	int err, additional;

	if (stun_get_u8(&r->msg, STUN_ATTR_REQUESTED_TRANSPORT,
	    &transport) < 0)
		return TURNREQ_400;
	if (transport != UDP)
		return TURNREQ_442;
	err = stun_get_u8(&r->msg, STUN_ATTR_EVEN_PORT, &even);
	if (err == -EBADMSG || (err == 0 && token))
		return TURNREQ_400;
	/* RFC 8656 7.2, point 9: it is for IPv6 beside IPv4, and no more. */
	additional = stun_get_u8(&r->msg, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY,
	    &family);
	if (additional == -EBADMSG || (additional == 0 &&
	    (family != STUN_IPV6 || token ||
	    (err == 0 && (even & 0x80) != 0) ||
	    stun_has(&r->msg, STUN_ATTR_REQUESTED_ADDRESS_FAMILY))))
		return TURNREQ_400;
	/* A socket is not held back for who may never come. */
	if (r->server->peers != NULL &&
	    (token || (err == 0 && (even & 0x80) != 0)))
		return TURNREQ_508;
	return TURNREQ_OK;
}

/* With peers in the world, a socket of its own at a port of ours. */
static int
open_socket(const struct request *r, struct alloc_new *new,
    struct addr *relayed)
{
	struct addr local;

	if (r->server->peers == NULL)
		return TURNREQ_OK;
	if (own_local(r->server->own, relayed->sa.sa_family, r->in->local,
	    &local) < 0)
		return TURNREQ_440;
	new->fd = peers_open(&local, new->even);
	if (new->fd < 0)
		return TURNREQ_508;
	addr_set_port(relayed, addr_port(&local));
	return TURNREQ_OK;
}

static int
add_error(int err)
{
	switch (err) {
	case -EEXIST:
		return TURNREQ_437;
	case -EDQUOT:
		return TURNREQ_486;
	case -ECANCELED:
		return TURNREQ_403;
	case -ENOSPC:
		return TURNREQ_508;
	default:
		return TURNREQ_500;
	}
}

static int
allocate(struct request *r)
{
	struct alloc_new new = { .fd = -1 };
	struct addr relayed;
	sa_family_t family;
	uint8_t even;
	int err;

	/* The answer to the first may have been lost. */
	if (r->alloc != NULL && memcmp(r->alloc->transaction,
	    r->msg.transaction, STUN_TRANSACTION) == 0) {
		allocated(r, r->alloc, (uint32_t)((r->alloc->expires_ns -
		    r->in->now_ns + CLOCK_S - 1) / CLOCK_S));
		return TURNREQ_OK;
	}
	if (r->alloc != NULL)
		return TURNREQ_437;
	err = check_allocate(r);
	if (err == TURNREQ_OK)
		err = relayed_family(r, &family);
	if (err == TURNREQ_OK)
		err = lifetime(r, &new.lifetime_s);
	if (err != TURNREQ_OK)
		return err;
	if (own_relayed(r->server->own, family, r->in->local, &relayed) < 0)
		return TURNREQ_440;
	new.client = r->in->client;
	new.local = r->in->local;
	new.listen = r->in->listen;
	new.inbox = r->in->inbox;
	new.stream = r->in->stream;
	new.tls = r->in->tls;
	new.relayed = &relayed;
	new.even = stun_get_u8(&r->msg, STUN_ATTR_EVEN_PORT, &even) == 0;
	new.reserve = new.even && (even & 0x80) != 0;
	/* 0 is nobody's token, so a bad one is none that we know. */
	if (stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN) &&
	    (stun_get_u64(&r->msg, STUN_ATTR_RESERVATION_TOKEN,
	    &new.token) < 0 || new.token == 0))
		return TURNREQ_508;
	new.username = r->login.username;
	new.cred = &r->login.cred;
	new.key = &r->login.key;
	new.transaction = r->msg.transaction;
	err = open_socket(r, &new, &relayed);
	if (err != TURNREQ_OK)
		return err;
	err = alloc_add(r->server->table, &new, r->in->now_ns, &r->alloc);
	if (err < 0 && new.fd >= 0)
		close(new.fd);
	if (err < 0)
		return add_error(err);
	if (new.fd >= 0 && peers_watch(r->server->peers, new.fd) < 0) {
		alloc_delete(r->server->table, r->alloc);
		return TURNREQ_508;
	}
	allocated(r, r->alloc, new.lifetime_s);
	return TURNREQ_OK;
}

static int
refresh(struct request *r)
{
	uint32_t lifetime_s, asked;
	sa_family_t family;
	int err;

	err = lifetime(r, &lifetime_s);
	if (err == TURNREQ_OK)
		err = relayed_family(r, &family);
	if (err != TURNREQ_OK)
		return err;
	if (stun_get_u32(&r->msg, STUN_ATTR_LIFETIME, &asked) == 0 &&
	    asked == 0)
		lifetime_s = 0;
	if (r->alloc == NULL && lifetime_s != 0)
		return TURNREQ_437;
	if (r->alloc != NULL &&
	    stun_has(&r->msg, STUN_ATTR_REQUESTED_ADDRESS_FAMILY) &&
	    family != r->alloc->relayed.sa.sa_family)
		return TURNREQ_443;
	if (lifetime_s != 0 && alloc_refresh(r->server->table, r->alloc,
	    lifetime_s, r->in->now_ns) < 0)
		return TURNREQ_437;
	if (lifetime_s == 0 && r->alloc != NULL)
		alloc_delete(r->server->table, r->alloc);
	stun_add_u32(&r->reply, STUN_ATTR_LIFETIME, lifetime_s);
	return TURNREQ_OK;
}

/*
 * A peer is an allocation of the same call, so its IP address is ours, if
 * perhaps of an interface that came after us. A 403 for any other prunes one
 * pair of a client's check list.
 */
static int
check_peer(const struct request *r, const struct addr *peer)
{
	if (peer->sa.sa_family != r->alloc->relayed.sa.sa_family)
		return TURNREQ_443;
	if (own_has(r->server->own, peer) || alloc_call_is_at(r->alloc, peer))
		return TURNREQ_OK;
	if (r->server->peers != NULL && peers_allows(r->server->peers, peer))
		return TURNREQ_OK;
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
create_permission(struct request *r)
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
channel_bind(struct request *r)
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
	bool open;		/* to anybody */
	int (*handle)(struct request *r);
} methods[] = {
	{ STUN_BINDING, TURNREQ_BINDING, true, binding },
	{ STUN_ALLOCATE, TURNREQ_ALLOCATE, false, allocate },
	{ STUN_REFRESH, TURNREQ_REFRESH, false, refresh },
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

/* The reply's attributes, or the error to answer with. */
static int
serve(struct request *r, const struct method *method)
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
	r->n_unknown = stun_unknown(&r->msg, known,
	    sizeof(known) / sizeof(known[0]), r->unknown, UNKNOWN_MAX);
	if (r->n_unknown > 0)
		return TURNREQ_420;
	return method->handle(r);
}

static void
begin(struct request *r, uint8_t *reply, uint16_t class)
{
	stun_begin(&r->reply, reply, TURNREQ_REPLY,
	    (uint16_t)((r->msg.type & ~STUN_CLASS) | class),
	    r->msg.transaction);
}

static void
refuse(struct request *r, uint8_t *reply, int err)
{
	begin(r, reply, STUN_ERROR);
	stun_add_error(&r->reply, turnreq_error_codes[err], reasons[err]);
	if (err == TURNREQ_420)
		stun_add_unknown(&r->reply, r->unknown, r->n_unknown);
	if (err == TURNREQ_401 || err == TURNREQ_438)
		turnlogin_challenge(r->server->auth, &r->tuple,
		    r->in->now_ns, &r->reply);
}

static void
count(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

size_t
turnreq_handle(const struct turnreq_server *server,
    struct turnreq_counts *counts, const struct turnreq_in *in,
    uint8_t reply[static TURNREQ_REPLY])
{
	struct request r = { .server = server, .in = in };
	const struct method *method;
	ssize_t len;
	int err;

	if (stun_parse(&r.msg, in->data, in->len) < 0) {
		count(&counts->malformed);
		return 0;
	}
	if (stunauth_check_fingerprint(&r.msg) == -EACCES) {
		count(&counts->fingerprint);
		return 0;
	}
	if (stun_class(r.msg.type) != STUN_REQUEST) {
		count(&counts->unexpected);
		return 0;
	}
	tuple_make(&r.tuple, in->client, in->local,
	    in->inbox != NULL ? TUPLE_TCP : TUPLE_UDP);
	r.alloc = alloc_find(server->table, &r.tuple, in->now_ns);
	method = find_method(r.msg.type);
	begin(&r, reply, STUN_SUCCESS);
	err = serve(&r, method);
	if (err == TURNREQ_OK) {
		count(&counts->ok[method->id]);
	} else {
		count(&counts->errors[err]);
		refuse(&r, reply, err);
	}
	turnlogin_sign(&r.login, &r.reply);
	if (r.msg.fingerprint != 0)
		stunauth_add_fingerprint(&r.reply);
	len = stun_end(&r.reply);
	if (len > 0 && !r.login.authentic && in->ration != NULL &&
	    !ration_take(in->ration, in->client, in->len, (size_t)len,
	    in->now_ns)) {
		count(&counts->rationed);
		return 0;
	}
	return len < 0 ? 0 : (size_t)len;
}
