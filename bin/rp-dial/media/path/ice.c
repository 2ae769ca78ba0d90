/*
 * ice: what comes to an ICE agent from outside: descriptions, candidates,
 * checks, time. Pairs and checks are in ice_check. See ice.h.
 */
#include "media/path/ice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "media/path/ice_agent.h"
#include "media/path/icemsg.h"
#include "media/path/sped.h"
#include "wire/base64.h"
#include "wire/stunauth.h"

int
ice_new(struct ice **out, bool controlling,
    const struct ice_handlers *handlers, void *arg)
{
	uint8_t random[6 + 18 + 8];
	struct ice *ice;

	if (crypto_random(random, sizeof(random)) < 0)
		return -EIO;
	ice = calloc(1, sizeof(*ice));
	if (ice == NULL)
		return -ENOMEM;
	ice->handlers = *handlers;
	ice->arg = arg;
	ice->controlling = controlling;
	ice->consent_due_ns = ICE_NEVER;
	ice->consent_until_ns = ICE_NEVER;
	/* These lengths need no padding, and base64's alphabet is ICE's. */
	base64_encode(ice->ufrag, random, 6);
	base64_encode(ice->password, random + 6, 18);
	memcpy(&ice->tie_breaker, random + 24, sizeof(ice->tie_breaker));
	*out = ice;
	return 0;
}

int
ice_again(struct ice **out, const struct ice *like,
    const struct ice_handlers *handlers, void *arg)
{
	int err = ice_new(out, like->controlling, handlers, arg);

	if (err < 0)
		return err;
	(*out)->sped = like->sped;
	memcpy((*out)->ufrag, like->ufrag, sizeof(like->ufrag));
	memcpy((*out)->password, like->password, sizeof(like->password));
	return 0;
}

void
ice_sped(struct ice *ice, struct sped *sped)
{
	ice->sped = sped;
}

void
ice_free(struct ice *ice)
{
	free(ice);
}

const char *
ice_ufrag(const struct ice *ice)
{
	return ice->ufrag;
}

const char *
ice_password(const struct ice *ice)
{
	return ice->password;
}

bool
ice_controlling(const struct ice *ice)
{
	return ice->controlling;
}

uint64_t
ice_rtt_ns(const struct ice *ice)
{
	return ice->rtt_ns;
}

void
ice_candidate(struct sdp_candidate *out, const struct addr *relayed)
{
	memset(out, 0, sizeof(*out));
	out->addr = *relayed;
	out->priority = ice_check_priority(false);
	strcpy(out->foundation, "1");
	strcpy(out->type, "relay");
}

bool
ice_knows(const struct ice *ice, const struct addr *from)
{
	return ice_check_find(ice, from) != NULL;
}

const struct addr *
ice_early(const struct ice *ice, const struct addr *relay)
{
	const struct ice_pair *checked = NULL;
	size_t i;

	for (i = 0; i < ice->n_pairs; i++) {
		const struct ice_pair *pair = &ice->pairs[i];

		if (!addr_equal_ip(&pair->remote, relay))
			continue;
		if (pair->heard_ns != 0)
			return &pair->remote;
		if (pair->state != ICE_IN_PROGRESS)
			continue;
		if (checked == NULL || (checked->expected && !pair->expected))
			checked = pair;
	}
	return checked != NULL ? &checked->remote : NULL;
}

const char *
ice_heard(const struct ice *ice)
{
	return ice->heard_ufrag;
}

bool
ice_is_checked(const struct ice *ice)
{
	size_t i;

	for (i = 0; i < ice->n_pairs; i++)
		if (ice->pairs[i].heard_ns != 0)
			return *ice->remote_ufrag != '\0';
	return false;
}

uint64_t
ice_due_ns(const struct ice *ice)
{
	return ice_check_due_ns(ice);
}

void
ice_run(struct ice *ice, uint64_t now_ns)
{
	ice_check_run(ice, now_ns);
}

void
ice_start(struct ice *ice, const struct addr *relay, uint64_t now_ns)
{
	size_t i;

	ice->relay = *relay;
	for (i = 0; ice->started && i < ice->n_pairs; i++)
		if (ice->pairs[i].state == ICE_IN_PROGRESS)
			ice_check_trigger(&ice->pairs[i], now_ns);
	ice->started = true;
	ice_check_run(ice, now_ns);
}

int
ice_remote(struct ice *ice, const char *ufrag, const char *password,
    uint64_t now_ns)
{
	if (strlen(ufrag) >= SDP_UFRAG || strlen(password) >= SDP_UFRAG)
		return -EINVAL;
	if (*ice->heard_ufrag != '\0' && strcmp(ice->heard_ufrag, ufrag) != 0)
		ice->n_pairs = 0;
	strcpy(ice->remote_ufrag, ufrag);
	strcpy(ice->remote_password, password);
	ice_check_run(ice, now_ns);
	return 0;
}

int
ice_remote_candidate(struct ice *ice,
    const struct sdp_candidate *candidate, uint64_t now_ns)
{
	const struct ice_pair new = {
		.remote = candidate->addr,
		.priority = candidate->priority,
		.relayed = strcmp(candidate->type, "relay") == 0
	};
	struct ice_pair *pair = ice_check_find(ice, &candidate->addr);

	if (pair == NULL) {
		if (ice_check_add(ice, &new) == NULL)
			return -ENOSPC;
	} else {	/* peer-reflexive so far, or of another kind too */
		pair->priority = new.priority;
		pair->relayed |= new.relayed;
		pair->expected = false;
	}
	ice_check_run(ice, now_ns);
	return 0;
}

int
ice_expect(struct ice *ice, const struct addr *remote, uint64_t now_ns)
{
	const struct ice_pair new = {
		.remote = *remote,
		.priority = ice_check_priority(false),
		.relayed = true,
		.expected = true
	};

	if (ice_check_find(ice, remote) == NULL &&
	    ice_check_add(ice, &new) == NULL)
		return -ENOSPC;
	ice_check_run(ice, now_ns);
	return 0;
}

/*
 * Switch our role: the peer has the same one and keeps it (RFC 8445 7.2.5.1).
 */
static void
role_conflict(struct ice *ice, struct ice_pair *pair, uint64_t now_ns)
{
	if (pair->check.controlling == ice->controlling) {
		ice->controlling = !ice->controlling;
		if (crypto_random(&ice->tie_breaker,
		    sizeof(ice->tie_breaker)) < 0)
			return;
	}
	pair->nominate = false;
	ice_check_start(ice, pair, now_ns);
}

static bool
check_is(const struct ice_check *check, const struct stun_msg *msg)
{
	return memcmp(check->id, msg->transaction, STUN_TRANSACTION) == 0;
}

static int
on_check_answer(struct ice *ice, struct ice_pair *pair,
    const struct stun_msg *msg, uint64_t now_ns)
{
	unsigned code;

	if (stun_class(msg->type) == STUN_SUCCESS)
		ice_check_succeeded(ice, pair, now_ns);
	else if (stun_get_error(msg, &code) == 0 && code == 487)
		role_conflict(ice, pair, now_ns);
	return 0;
}

/*
 * Take an answer. It counts only if its integrity is valid and it comes from
 * the target of the check (RFC 8445 7.2.5.2.1). Others are ignored; the check
 * is retransmitted.
 */
static int
on_answer(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	struct ice_pair *pair = ice_check_find(ice, from);
	bool is_check = pair != NULL && pair->state == ICE_IN_PROGRESS &&
	    check_is(&pair->check, msg);
	bool is_consent = pair != NULL && pair == ice->selected &&
	    check_is(&ice->consent, msg);
	int err = 0;

	if (!is_check && !is_consent)
		return -ENOENT;
	if (stunauth_check(msg, ice->remote_password,
	    strlen(ice->remote_password)) < 0)
		return -EACCES;
	if (is_check)
		err = on_check_answer(ice, pair, msg, now_ns);
	else if (stun_class(msg->type) == STUN_SUCCESS)
		ice_check_consented(ice, now_ns);
	sped_take(ice->sped, from, msg);
	return err;
}

static void
answer(struct ice *ice, const struct addr *to, const struct stun_msg *msg,
    unsigned code, struct sped *sped)
{
	const struct icemsg_answer message = {
		.check = msg,
		.from = to,
		.code = code,
		.password = ice->password,
		.sped = sped,
	};
	uint8_t data[ICEMSG_MAX];
	ssize_t len = icemsg_answer(data, &message);

	if (len > 0)
		ice->handlers.send(to, data, (size_t)len, ice->arg);
}

/*
 * Resolve a role conflict (RFC 8445 7.3.1.1). Return false if the check was
 * answered with 487, which completes it.
 */
static bool
settle_roles(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	uint16_t same = ice->controlling ? STUN_ATTR_ICE_CONTROLLING :
	    STUN_ATTR_ICE_CONTROLLED;
	uint64_t theirs;
	bool we_control;

	if (stun_get_u64(msg, same, &theirs) < 0)
		return true;
	we_control = ice->tie_breaker >= theirs;
	if (we_control == ice->controlling) {
		answer(ice, from, msg, 487, NULL);
		return false;
	}
	ice->controlling = we_control;
	if (we_control && ice->selected != NULL)
		ice_check_consider(ice, ice->selected, now_ns);
	return true;
}

/*
 * Is the check of the described peer, or of the first one that is heard? Another
 * device of the callee knows our password as well. It is not the peer until its
 * description comes.
 */
static bool
is_of_peer(struct ice *ice, const struct stun_msg *msg)
{
	char sender[SDP_UFRAG];

	if (!icemsg_sender(sender, msg, ice->ufrag))
		return false;
	if (*ice->remote_ufrag != '\0')
		return strcmp(sender, ice->remote_ufrag) == 0;
	if (*ice->heard_ufrag == '\0')
		strcpy(ice->heard_ufrag, sender);
	return strcmp(sender, ice->heard_ufrag) == 0;
}

static int
on_authentic_request(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	struct ice_pair new = { .remote = *from, .heard_ns = now_ns };
	struct ice_pair *pair = ice_check_find(ice, from);

	if (stun_get_u32(msg, STUN_ATTR_PRIORITY, &new.priority) < 0) {
		answer(ice, from, msg, 400, NULL);
		return -EBADMSG;
	}
	if (!is_of_peer(ice, msg)) {
		answer(ice, from, msg, 0, NULL);
		return 0;
	}
	if (!settle_roles(ice, from, msg, now_ns))
		return 0;
	if (pair == NULL)	/* peer-reflexive, RFC 8445 7.3.1.3 */
		pair = ice_check_add(ice, &new);
	if (pair != NULL) {
		pair->heard_ns = now_ns;
		/* The answer acknowledges what the check has brought. */
		sped_take(ice->sped, from, msg);
	}
	answer(ice, from, msg, 0, ice->sped);
	if (pair == NULL)
		return -ENOSPC;
	pair->refused = false;
	ice_check_trigger(pair, now_ns);
	if (!ice->controlling && stun_has(msg, STUN_ATTR_USE_CANDIDATE)) {
		pair->peer_nominates = true;
		if (pair->valid)
			ice_check_consider(ice, pair, now_ns);
	}
	ice_check_run(ice, now_ns);
	return 0;
}

static int
on_request(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	if (!icemsg_is_for(msg, ice->ufrag))
		return -ENOENT;
	if (stunauth_check(msg, ice->password, strlen(ice->password)) < 0)
		return -EACCES;
	return on_authentic_request(ice, from, msg, now_ns);
}

int
ice_receive(struct ice *ice, const struct addr *from, const uint8_t *data,
    size_t len, uint64_t now_ns)
{
	struct stun_msg msg;

	if (stun_parse(&msg, data, len) < 0 ||
	    stun_method(msg.type) != STUN_BINDING)
		return -EBADMSG;
	if (stunauth_check_fingerprint(&msg) < 0)
		return -EACCES;
	if (ice->over)
		return -ENOENT;
	switch (stun_class(msg.type)) {
	case STUN_REQUEST:
		return on_request(ice, from, &msg, now_ns);
	case STUN_INDICATION:
		return 0;
	default:
		return on_answer(ice, from, &msg, now_ns);
	}
}
