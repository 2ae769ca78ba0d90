#include "ice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "wire/base64.h"
#include "wire/stunauth.h"

#define PAIRS 24
#define MESSAGE 1100		/* two longest ufrags and all else fit */

/*
 * RFC 8445 14 wants a first wait of 500 ms where it knows nothing of the path.
 * Here both ends are at one relay that each chose for being near, and a first
 * check is often lost only because the peer's permission is not there yet.
 */
#define TA_NS (20 * CLOCK_MS)		/* between the starts of checks */
#define RTO_NS (100 * CLOCK_MS)
#define RTO_MAX_NS (1600 * CLOCK_MS)
#define CHECK_NS (30 * CLOCK_S)		/* then the pair has failed */

#define CONSENT_MIN_MS 4000		/* RFC 7675 5.1: 5 s, +-20% */
#define CONSENT_MAX_MS 6000
#define CONSENT_NS (30 * CLOCK_S)

#define RELAYED 0u			/* type preferences, RFC 8445 5.1.2.2 */
#define PEER_REFLEXIVE 110u

enum pair_state {
	WAITING,
	IN_PROGRESS,
	SUCCEEDED,
	FAILED
};

struct check {
	uint8_t id[STUN_TRANSACTION];
	uint64_t sent_ns;		/* the latest */
	bool controlling;		/* what it said of our role */
	bool nominates;
};

struct pair {
	struct addr remote;
	uint32_t priority;		/* the remote candidate's */
	enum pair_state state;
	bool valid;
	bool nominate;			/* a USE-CANDIDATE is to be sent */
	bool peer_nominates;		/* it has come, our check is to succeed */
	struct check check;
	uint64_t started_ns;
	uint64_t wait_ns;		/* before the next retransmission */
	uint64_t due_ns;
};

struct ice {
	struct ice_handlers handlers;
	void *arg;
	bool controlling;
	bool started;
	bool over;
	uint64_t tie_breaker;
	char ufrag[ICE_UFRAG];
	char password[ICE_PASSWORD];
	char remote_ufrag[SDP_UFRAG];
	char remote_password[SDP_UFRAG];
	struct pair pairs[PAIRS];
	size_t n_pairs;
	uint64_t next_start_ns;
	struct pair *selected;
	bool nominated;
	struct check consent;
	uint64_t consent_due_ns;
	uint64_t consent_until_ns;
	uint64_t rtt_ns;
};

static uint32_t
priority(unsigned type_preference)
{
	return type_preference << 24 | 65535u << 8 | (256 - 1);
}

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
	/* Lengths without padding: base64's alphabet is ICE's. */
	base64_encode(ice->ufrag, random, 6);
	base64_encode(ice->password, random + 6, 18);
	memcpy(&ice->tie_breaker, random + 24, sizeof(ice->tie_breaker));
	*out = ice;
	return 0;
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
	out->priority = priority(RELAYED);
	strcpy(out->foundation, "1");
	strcpy(out->type, "relay");
}

static struct pair *
find_pair(const struct ice *ice, const struct addr *remote)
{
	size_t i;

	for (i = 0; i < ice->n_pairs; i++)
		if (addr_equal(&ice->pairs[i].remote, remote))
			return (struct pair *)&ice->pairs[i];
	return NULL;
}

bool
ice_knows(const struct ice *ice, const struct addr *from)
{
	return find_pair(ice, from) != NULL;
}

/* The pair's check is to start as soon as the pace allows. */
static void
await(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	pair->state = WAITING;
	pair->due_ns = ice->next_start_ns > now_ns ? ice->next_start_ns :
	    now_ns;
	ice->next_start_ns = pair->due_ns + TA_NS;
}

static struct pair *
add_pair(struct ice *ice, const struct addr *remote, uint32_t prio,
    uint64_t now_ns)
{
	struct pair *pair;

	if (ice->n_pairs == PAIRS)
		return NULL;
	pair = &ice->pairs[ice->n_pairs++];
	pair->remote = *remote;
	pair->priority = prio;
	await(ice, pair, now_ns);
	return pair;
}

static bool
can_check(const struct ice *ice)
{
	return ice->started && !ice->over && ice->remote_password[0] != '\0';
}

/* Send a Binding request; check.id and the flags are set. */
static void
send_check(struct ice *ice, struct pair *pair, struct check *check,
    uint64_t now_ns)
{
	char username[SDP_UFRAG + ICE_UFRAG];
	uint8_t data[MESSAGE];
	struct stun_builder b;
	ssize_t len;

	snprintf(username, sizeof(username), "%s:%s", ice->remote_ufrag,
	    ice->ufrag);
	stun_begin(&b, data, sizeof(data), STUN_REQUEST | STUN_BINDING,
	    check->id);
	stun_add(&b, STUN_ATTR_USERNAME, username, strlen(username));
	stun_add_u32(&b, STUN_ATTR_PRIORITY, priority(PEER_REFLEXIVE));
	stun_add_u64(&b, check->controlling ? STUN_ATTR_ICE_CONTROLLING :
	    STUN_ATTR_ICE_CONTROLLED, ice->tie_breaker);
	if (check->nominates)
		stun_add(&b, STUN_ATTR_USE_CANDIDATE, NULL, 0);
	stunauth_add(&b, ice->remote_password, strlen(ice->remote_password));
	stunauth_add_fingerprint(&b);
	len = stun_end(&b);
	check->sent_ns = now_ns;
	if (len > 0)
		ice->handlers.send(&pair->remote, data, (size_t)len, ice->arg);
}

static void
start_check(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	if (crypto_random(pair->check.id, STUN_TRANSACTION) < 0)
		return;
	pair->state = IN_PROGRESS;
	pair->started_ns = now_ns;
	pair->wait_ns = RTO_NS;
	pair->due_ns = now_ns + pair->wait_ns;
	pair->check.controlling = ice->controlling;
	pair->check.nominates = pair->nominate;
	send_check(ice, pair, &pair->check, now_ns);
}

static void
give_up(struct ice *ice, int err)
{
	ice->over = true;
	ice->handlers.failed(err, ice->arg);
}

static void
pair_failed(struct ice *ice, struct pair *pair)
{
	size_t i;

	pair->state = FAILED;
	pair->due_ns = ICE_NEVER;
	for (i = 0; i < ice->n_pairs; i++)
		if (ice->pairs[i].state != FAILED)
			return;
	if (ice->selected == NULL)
		give_up(ice, -ETIMEDOUT);
}

static void
run_pair(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	if (pair->state == WAITING) {
		start_check(ice, pair, now_ns);
		return;
	}
	if (now_ns - pair->started_ns >= CHECK_NS) {
		pair_failed(ice, pair);
		return;
	}
	pair->wait_ns *= 2;
	if (pair->wait_ns > RTO_MAX_NS)
		pair->wait_ns = RTO_MAX_NS;
	pair->due_ns = now_ns + pair->wait_ns;
	send_check(ice, pair, &pair->check, now_ns);
}

static void
run_consent(struct ice *ice, uint64_t now_ns)
{
	if (now_ns >= ice->consent_until_ns) {
		give_up(ice, -ETIMEDOUT);
		return;
	}
	if (now_ns < ice->consent_due_ns)
		return;
	ice->consent_due_ns = now_ns + crypto_random_between(CONSENT_MIN_MS,
	    CONSENT_MAX_MS) * CLOCK_MS;
	if (crypto_random(ice->consent.id, STUN_TRANSACTION) < 0)
		return;
	ice->consent.controlling = ice->controlling;
	send_check(ice, ice->selected, &ice->consent, now_ns);
}

void
ice_run(struct ice *ice, uint64_t now_ns)
{
	size_t i;

	if (!can_check(ice))
		return;
	for (i = 0; i < ice->n_pairs && !ice->over; i++)
		if (ice->pairs[i].due_ns <= now_ns)
			run_pair(ice, &ice->pairs[i], now_ns);
	if (!ice->over && ice->selected != NULL)
		run_consent(ice, now_ns);
}

uint64_t
ice_due_ns(const struct ice *ice)
{
	uint64_t due_ns = ice->consent_due_ns;
	size_t i;

	if (!can_check(ice))
		return ICE_NEVER;
	if (ice->consent_until_ns < due_ns)
		due_ns = ice->consent_until_ns;
	for (i = 0; i < ice->n_pairs; i++)
		if (ice->pairs[i].due_ns < due_ns)
			due_ns = ice->pairs[i].due_ns;
	return due_ns;
}

void
ice_start(struct ice *ice, uint64_t now_ns)
{
	ice->started = true;
	ice_run(ice, now_ns);
}

int
ice_remote(struct ice *ice, const char *ufrag, const char *password,
    uint64_t now_ns)
{
	if (strlen(ufrag) >= SDP_UFRAG || strlen(password) >= SDP_UFRAG)
		return -EINVAL;
	strcpy(ice->remote_ufrag, ufrag);
	strcpy(ice->remote_password, password);
	ice_run(ice, now_ns);
	return 0;
}

int
ice_remote_candidate(struct ice *ice,
    const struct sdp_candidate *candidate, uint64_t now_ns)
{
	struct pair *pair = find_pair(ice, &candidate->addr);

	if (pair == NULL)
		pair = add_pair(ice, &candidate->addr, candidate->priority,
		    now_ns);
	else	/* known as peer-reflexive so far */
		pair->priority = candidate->priority;
	if (pair == NULL)
		return -ENOSPC;
	ice_run(ice, now_ns);
	return 0;
}

static void
select_pair(struct ice *ice, struct pair *pair, bool nominated,
    uint64_t now_ns)
{
	if (ice->selected == pair && ice->nominated == nominated)
		return;
	if (ice->selected != pair) {
		ice->consent_due_ns = now_ns + CONSENT_MIN_MS * CLOCK_MS;
		ice->consent_until_ns = now_ns + CONSENT_NS;
	}
	ice->selected = pair;
	ice->nominated = nominated;
	ice->handlers.selected(&pair->remote, nominated, ice->arg);
}

/* What a pair that is valid by now means for the selection. */
static void
consider(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	if (!ice->controlling) {
		if (pair->peer_nominates)
			select_pair(ice, pair, true, now_ns);
		else if (ice->selected == NULL)
			select_pair(ice, pair, false, now_ns);
		return;
	}
	if (ice->nominated)
		return;
	if (pair->check.nominates) {
		select_pair(ice, pair, true, now_ns);
		return;
	}
	if (ice->selected == NULL)
		select_pair(ice, pair, false, now_ns);
	if (ice->selected == pair) {
		pair->nominate = true;
		start_check(ice, pair, now_ns);
	}
}

static void
check_succeeded(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	ice->rtt_ns = now_ns - pair->check.sent_ns;
	pair->state = SUCCEEDED;
	pair->due_ns = ICE_NEVER;
	pair->valid = true;
	consider(ice, pair, now_ns);
}

/* RFC 8445 7.2.5.1: the peer has our role and will not give way. */
static void
role_conflict(struct ice *ice, struct pair *pair, uint64_t now_ns)
{
	if (pair->check.controlling == ice->controlling) {
		ice->controlling = !ice->controlling;
		if (crypto_random(&ice->tie_breaker,
		    sizeof(ice->tie_breaker)) < 0)
			return;
	}
	pair->nominate = false;
	start_check(ice, pair, now_ns);
}

static bool
check_is(const struct check *check, const struct stun_msg *msg)
{
	return memcmp(check->id, msg->transaction, STUN_TRANSACTION) == 0;
}

static int
on_check_answer(struct ice *ice, struct pair *pair,
    const struct stun_msg *msg, uint64_t now_ns)
{
	unsigned code;

	if (stun_class(msg->type) == STUN_SUCCESS)
		check_succeeded(ice, pair, now_ns);
	else if (stun_get_error(msg, &code) == 0 && code == 487)
		role_conflict(ice, pair, now_ns);
	return 0;
}

/*
 * An answer counts only if it is signed and comes from where the check went
 * (RFC 8445 7.2.5.2.1). Others are left to the retransmissions.
 */
static int
on_answer(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	struct pair *pair = find_pair(ice, from);
	bool is_check = pair != NULL && pair->state == IN_PROGRESS &&
	    check_is(&pair->check, msg);
	bool is_consent = pair != NULL && pair == ice->selected &&
	    check_is(&ice->consent, msg);

	if (!is_check && !is_consent)
		return -ENOENT;
	if (stunauth_check(msg, ice->remote_password,
	    strlen(ice->remote_password)) < 0)
		return -EACCES;
	if (is_check)
		return on_check_answer(ice, pair, msg, now_ns);
	if (stun_class(msg->type) == STUN_SUCCESS) {
		ice->rtt_ns = now_ns - ice->consent.sent_ns;
		ice->consent_until_ns = now_ns + CONSENT_NS;
	}
	return 0;
}

static void
answer(struct ice *ice, const struct addr *to, const struct stun_msg *msg,
    unsigned code)
{
	uint8_t data[MESSAGE];
	struct stun_builder b;
	ssize_t len;

	stun_begin(&b, data, sizeof(data), STUN_BINDING |
	    (code == 0 ? STUN_SUCCESS : STUN_ERROR), msg->transaction);
	if (code == 0)
		stun_add_xor_addr(&b, STUN_ATTR_XOR_MAPPED_ADDRESS, to);
	else
		stun_add_error(&b, code, code == 487 ? "Role Conflict" :
		    "Bad Request");
	stunauth_add(&b, ice->password, strlen(ice->password));
	stunauth_add_fingerprint(&b);
	len = stun_end(&b);
	if (len > 0)
		ice->handlers.send(to, data, (size_t)len, ice->arg);
}

/* RFC 8445 7.3.1.1. False: answered 487, and that was it. */
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
		answer(ice, from, msg, 487);
		return false;
	}
	ice->controlling = we_control;
	if (we_control && ice->selected != NULL)
		consider(ice, ice->selected, now_ns);
	return true;
}

/* RFC 8445 7.3.1.4: check the way back at once, unless that is known. */
static void
trigger(struct pair *pair, uint64_t now_ns)
{
	if (pair->valid)
		return;
	if (pair->state == IN_PROGRESS)
		pair->wait_ns = RTO_NS;		/* the way is open now */
	else
		pair->state = WAITING;
	pair->due_ns = now_ns;
}

static int
on_authentic_request(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	struct pair *pair = find_pair(ice, from);
	uint32_t prio;

	if (stun_get_u32(msg, STUN_ATTR_PRIORITY, &prio) < 0) {
		answer(ice, from, msg, 400);
		return -EBADMSG;
	}
	if (!settle_roles(ice, from, msg, now_ns))
		return 0;
	if (pair == NULL)	/* peer-reflexive, RFC 8445 7.3.1.3 */
		pair = add_pair(ice, from, prio, now_ns);
	answer(ice, from, msg, 0);
	if (pair == NULL)
		return -ENOSPC;
	trigger(pair, now_ns);
	if (!ice->controlling && stun_has(msg, STUN_ATTR_USE_CANDIDATE)) {
		pair->peer_nominates = true;
		if (pair->valid)
			consider(ice, pair, now_ns);
	}
	ice_run(ice, now_ns);
	return 0;
}

/* Is the USERNAME "OURS:THEIRS" with our ufrag? */
static bool
for_us(const struct ice *ice, const struct stun_msg *msg)
{
	struct stun_attr username;
	size_t len = strlen(ice->ufrag);

	return stun_find(msg, STUN_ATTR_USERNAME, &username) == 0 &&
	    username.len > len && username.value[len] == ':' &&
	    memcmp(username.value, ice->ufrag, len) == 0;
}

static int
on_request(struct ice *ice, const struct addr *from,
    const struct stun_msg *msg, uint64_t now_ns)
{
	if (!for_us(ice, msg))
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
