/* The pairs of an agent, the checks it sends, and what it selects. */
#include <errno.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "media/path/ice_agent.h"
#include "media/path/icemsg.h"

/*
 * RFC 8445 14 wants a first wait of 500 ms on an unknown path. Here both ends
 * are at one relay that each chose because it is near. A first check is often
 * lost only because the peer's permission is not there yet.
 */
#define TA_NS (20 * CLOCK_MS)		/* between the starts of checks */
#define RTO_NS (100 * CLOCK_MS)
#define RTO_MAX_NS (1600 * CLOCK_MS)
/*
 * The peer allocates at about the time at which we send a check to where it is
 * expected. If we are too early, we lose as much time again or 100 ms at most. Of
 * three packets one may be lost before the first check is through.
 */
#define EXPECTED_NS (15 * CLOCK_MS)
#define EXPECTED_MAX_NS (100 * CLOCK_MS)
#define EXPECTED_FOR_NS (3 * CLOCK_S)
#define CHECK_NS (30 * CLOCK_S)		/* after this the pair has failed */

#define CONSENT_MIN_MS 4000		/* RFC 7675 5.1: 5 s, +-20% */
#define CONSENT_MAX_MS 6000
#define CONSENT_NS (30 * CLOCK_S)

#define PREFER_RELAYED 0u	/* type preferences, RFC 8445 5.1.2.2 */
#define PREFER_REFLEXIVE 110u

/*
 * From worst to best. If a relay serves calls alone, only addresses of its own
 * work; the others are there for relays that serve anybody.
 */
enum rank {
	USELESS,
	OTHER,
	RELAYED,
	AT_OUR_RELAY,
	HEARD,
	SELECTED
};

uint32_t
ice_check_priority(bool reflexive)
{
	uint32_t type = reflexive ? PREFER_REFLEXIVE : PREFER_RELAYED;

	return type << 24 | 65535u << 8 | (256 - 1);
}

struct ice_pair *
ice_check_find(const struct ice *ice, const struct addr *remote)
{
	size_t i;

	for (i = 0; i < ice->n_pairs; i++)
		if (addr_equal(&ice->pairs[i].remote, remote))
			return (struct ice_pair *)&ice->pairs[i];
	return NULL;
}

/* Return how likely the pair is to be the way to the peer. */
static enum rank
rank_of(const struct ice *ice, const struct ice_pair *pair)
{
	if (pair == ice->selected)
		return SELECTED;
	if (pair->refused || pair->state == ICE_FAILED)
		return USELESS;
	if (pair->valid || pair->heard_ns != 0)
		return HEARD;
	if (addr_equal_ip(&pair->remote, &ice->relay))
		return AT_OUR_RELAY;
	return pair->relayed ? RELAYED : OTHER;
}

/* Is `a` better than `b`? Of two sources of checks, the later one is. */
static bool
is_better(const struct ice *ice, const struct ice_pair *a,
    const struct ice_pair *b)
{
	enum rank rank_a = rank_of(ice, a), rank_b = rank_of(ice, b);

	if (rank_a != rank_b)
		return rank_a > rank_b;
	return rank_a == HEARD && a->heard_ns > b->heard_ns;
}

static struct ice_pair *
worst(struct ice *ice)
{
	struct ice_pair *found = &ice->pairs[0];
	size_t i;

	for (i = 1; i < ice->n_pairs; i++)
		if (is_better(ice, found, &ice->pairs[i]))
			found = &ice->pairs[i];
	return found;
}

struct ice_pair *
ice_check_add(struct ice *ice, const struct ice_pair *pair)
{
	struct ice_pair *added;

	if (ice->n_pairs < ICE_PAIRS) {
		added = &ice->pairs[ice->n_pairs++];
	} else {
		added = worst(ice);
		if (!is_better(ice, pair, added))
			return NULL;
	}
	*added = *pair;
	added->state = ICE_WAITING;
	added->due_ns = ICE_NEVER;
	return added;
}

/*
 * Check the reverse direction at once, unless it is known (RFC 8445 7.3.1.4).
 */
void
ice_check_trigger(struct ice_pair *pair, uint64_t now_ns)
{
	if (pair->valid)
		return;
	if (pair->state == ICE_IN_PROGRESS)
		pair->wait_ns = RTO_NS;		/* the path is open now */
	else
		pair->state = ICE_WAITING;
	pair->due_ns = now_ns;
}

static bool
can_check(const struct ice *ice)
{
	return ice->started && !ice->over && ice->remote_password[0] != '\0';
}

/* Send a Binding request, unless it is in vain. Its id and flags are set. */
static void
send_check(struct ice *ice, struct ice_pair *pair,
    struct ice_check *check, uint64_t now_ns)
{
	const struct icemsg_check message = {
		.id = check->id,
		.ufrag = ice->ufrag,
		.remote_ufrag = ice->remote_ufrag,
		.remote_password = ice->remote_password,
		.priority = ice_check_priority(true),
		.controlling = check->controlling,
		.nominates = check->nominates,
		.tie_breaker = ice->tie_breaker,
		.sped = ice->sped,
	};
	uint8_t data[ICEMSG_MAX];
	ssize_t len = icemsg_check(data, &message);

	check->sent_ns = now_ns;
	if (len > 0 && !pair->refused)
		pair->refused = ice->handlers.send(&pair->remote, data,
		    (size_t)len, ice->arg) == -EACCES;
}

void
ice_check_start(struct ice *ice, struct ice_pair *pair, uint64_t now_ns)
{
	if (crypto_random(pair->check.id, STUN_TRANSACTION) < 0)
		return;
	pair->state = ICE_IN_PROGRESS;
	pair->started_ns = now_ns;
	pair->wait_ns = pair->expected ? EXPECTED_NS : RTO_NS;
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
pair_failed(struct ice *ice, struct ice_pair *pair)
{
	size_t i;

	pair->state = ICE_FAILED;
	pair->due_ns = ICE_NEVER;
	for (i = 0; i < ice->n_pairs; i++)
		if (ice->pairs[i].state != ICE_FAILED)
			return;
	if (ice->selected == NULL)
		give_up(ice, -ETIMEDOUT);
}

static uint64_t
longest_wait(const struct ice_pair *pair, uint64_t now_ns)
{
	return pair->expected && now_ns - pair->started_ns < EXPECTED_FOR_NS ?
	    EXPECTED_MAX_NS : RTO_MAX_NS;
}

static void
run_pair(struct ice *ice, struct ice_pair *pair, uint64_t now_ns)
{
	if (pair->state == ICE_WAITING) {
		ice_check_start(ice, pair, now_ns);
		return;
	}
	if (now_ns - pair->started_ns >= CHECK_NS) {
		pair_failed(ice, pair);
		return;
	}
	pair->wait_ns *= 2;
	if (pair->wait_ns > longest_wait(pair, now_ns))
		pair->wait_ns = longest_wait(pair, now_ns);
	pair->due_ns = now_ns + pair->wait_ns;
	send_check(ice, pair, &pair->check, now_ns);
}

/* Return the best pair whose check waits for its turn; NULL if none does. */
static struct ice_pair *
next_waiting(const struct ice *ice)
{
	const struct ice_pair *next = NULL;
	size_t i;

	for (i = 0; i < ice->n_pairs; i++) {
		const struct ice_pair *pair = &ice->pairs[i];

		if (pair->state == ICE_WAITING && pair->due_ns == ICE_NEVER &&
		    (next == NULL || is_better(ice, pair, next)))
			next = pair;
	}
	return (struct ice_pair *)next;
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
ice_check_run(struct ice *ice, uint64_t now_ns)
{
	struct ice_pair *next;
	size_t i;

	if (!can_check(ice))
		return;
	for (i = 0; i < ice->n_pairs && !ice->over; i++)
		if (ice->pairs[i].due_ns <= now_ns)
			run_pair(ice, &ice->pairs[i], now_ns);
	next = next_waiting(ice);
	if (next != NULL && ice->next_start_ns <= now_ns) {
		ice_check_start(ice, next, now_ns);
		ice->next_start_ns = now_ns + TA_NS;
	}
	if (!ice->over && ice->selected != NULL)
		run_consent(ice, now_ns);
}

uint64_t
ice_check_due_ns(const struct ice *ice)
{
	uint64_t due_ns = ice->consent_due_ns;
	size_t i;

	if (!can_check(ice))
		return ICE_NEVER;
	if (ice->consent_until_ns < due_ns)
		due_ns = ice->consent_until_ns;
	if (next_waiting(ice) != NULL && ice->next_start_ns < due_ns)
		due_ns = ice->next_start_ns;
	for (i = 0; i < ice->n_pairs; i++)
		if (ice->pairs[i].due_ns < due_ns)
			due_ns = ice->pairs[i].due_ns;
	return due_ns;
}

static void
select_pair(struct ice *ice, struct ice_pair *pair, bool nominated,
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

/* Update the selection for a pair that has become valid. */
void
ice_check_consider(struct ice *ice, struct ice_pair *pair, uint64_t now_ns)
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
		ice_check_start(ice, pair, now_ns);
	}
}

void
ice_check_succeeded(struct ice *ice, struct ice_pair *pair, uint64_t now_ns)
{
	uint64_t rtt_ns = now_ns - pair->started_ns;

	/*
	 * The answer does not tell which transmission it is for. If the round
	 * trip is longer than the first wait, it is for the first one. The peer
	 * may also be busy with the handshake. Consent, which is sent once,
	 * corrects the value.
	 */
	if (ice->rtt_ns == 0 || rtt_ns < ice->rtt_ns)
		ice->rtt_ns = rtt_ns;
	pair->state = ICE_SUCCEEDED;
	pair->due_ns = ICE_NEVER;
	pair->valid = true;
	ice_check_consider(ice, pair, now_ns);
}

uint64_t
ice_consented_ns(const struct ice *ice)
{
	return ice->selected != NULL ? ice->consent_until_ns - CONSENT_NS : 0;
}

void
ice_check_consented(struct ice *ice, uint64_t now_ns)
{
	ice->rtt_ns = now_ns - ice->consent.sent_ns;
	ice->consent_until_ns = now_ns + CONSENT_NS;
}
