/*
 * turn_request: one request, and when it is repeated. The caller passes the
 * time. See turn_request.h.
 */
#include "turn_client/turn_request.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/crypto.h"
#include "turn_client/turn_auth.h"

/*
 * RFC 8489 6.2.1 with an Rc and Rm that give up after 20 s. The first wait is
 * shorter than the recommended one, because the server was chosen for being near.
 * All of a call waits for the copy of a lost datagram, and a copy too many costs
 * nothing.
 */
#define RTO_MS 100ULL
#define RC 8
#define RM 70
#define RELIABLE_MS 15000ULL	/* on a stream: give up then */

int
turn_request_begin(struct turn_request *r, uint64_t now_ms, bool reliable)
{
	if (crypto_random(r->id, sizeof(r->id)) < 0)
		return -EIO;
	r->sent = true;
	r->times = 1;
	r->due_ms = now_ms + (reliable ? RELIABLE_MS : RTO_MS);
	return 0;
}

void
turn_request_repeat(struct turn_request *r, uint64_t now_ms)
{
	r->times++;
	r->due_ms = now_ms +
	    (r->times < RC ? RTO_MS << (r->times - 1) : RTO_MS * RM);
}

bool
turn_request_exhausted(const struct turn_request *r, bool reliable)
{
	return r->sent && (reliable || r->times >= RC);
}

ssize_t
turn_request_write(const struct turn_request *r, const struct turn_auth *auth,
    uint8_t *out, size_t max)
{
	struct stun_builder b;

	stun_begin(&b, out, max, STUN_REQUEST | r->method, r->id);
	if (r->method == STUN_ALLOCATE)
		stun_add_first(&b, STUN_ATTR_REQUESTED_TRANSPORT, IPPROTO_UDP);
	if (r->method == STUN_CHANNEL_BIND)
		stun_add_channel(&b, r->channel);
	if (r->peer != NULL)
		stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, r->peer);
	else
		stun_add_u32(&b, STUN_ATTR_LIFETIME, r->lifetime_s);
	turn_auth_sign(auth, &b);
	stunauth_add_fingerprint(&b);
	return stun_end(&b);
}

bool
turn_request_answered_by(const struct turn_request *r,
    const struct stun_msg *msg)
{
	return r->sent && r->method == stun_method(msg->type) &&
	    memcmp(r->id, msg->transaction, STUN_TRANSACTION) == 0;
}
