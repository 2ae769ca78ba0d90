/*
 * ice_agent: the state of an ICE agent, shared by ice.c (its interface) and
 * ice_check.c (the pairs and the checks that are sent).
 */
#ifndef RP_DIAL_ICE_AGENT_H
#define RP_DIAL_ICE_AGENT_H

#include "media/path/ice.h"
#include "wire/stun.h"

/*
 * SDP_CANDIDATES, and 8 more that are trickled or peer-reflexive. Beyond that a
 * better pair takes the place of a worse one.
 */
#define ICE_PAIRS 24

enum ice_pair_state {
	ICE_WAITING,
	ICE_IN_PROGRESS,
	ICE_SUCCEEDED,
	ICE_FAILED
};

struct ice_check {
	uint8_t id[STUN_TRANSACTION];
	uint64_t sent_ns;		/* the latest */
	bool controlling;		/* the role that it claimed for us */
	bool nominates;
};

/* With one local candidate, the remote one identifies a pair. */
struct ice_pair {
	struct addr remote;
	uint32_t priority;		/* the remote candidate's */
	bool relayed;			/* likewise */
	bool expected;			/* told beforehand; see ice_expect */
	enum ice_pair_state state;
	uint64_t heard_ns;		/* the peer's latest check; 0: none */
	bool refused;			/* by our relay, for good */
	bool valid;
	bool nominate;			/* send USE-CANDIDATE */
	bool peer_nominates; /* USE-CANDIDATE came; our check is pending */
	struct ice_check check;
	uint64_t started_ns;
	uint64_t wait_ns;		/* before the next retransmission */
	uint64_t due_ns; /* ICE_NEVER while it waits: as the pace allows */
};

struct ice {
	struct ice_handlers handlers;
	void *arg;
	struct sped *sped;		/* NULL: none */
	bool controlling;
	bool started;
	bool over;
	struct addr relay;		/* all zero: not yet known */
	uint64_t tie_breaker;
	char ufrag[ICE_UFRAG];
	char password[ICE_PASSWORD];
	char heard_ufrag[SDP_UFRAG];	/* of the first check; "": none */
	char remote_ufrag[SDP_UFRAG];
	char remote_password[SDP_UFRAG];
	struct ice_pair pairs[ICE_PAIRS];
	size_t n_pairs;
	uint64_t next_start_ns;		/* the pace of new checks */
	struct ice_pair *selected;
	bool nominated;
	struct ice_check consent;
	uint64_t consent_due_ns;
	uint64_t consent_until_ns;
	uint64_t rtt_ns;
};

/*
 * Return the priority of our candidate, or of a peer-reflexive one (RFC 8445
 * 5.1.2).
 */
uint32_t ice_check_priority(bool reflexive);

struct ice_pair *ice_check_find(const struct ice *ice,
    const struct addr *remote);

/*
 * Add a copy of `pair`, in place of a worse one if there are too many. NULL if
 * none is worse.
 */
struct ice_pair *ice_check_add(struct ice *ice, const struct ice_pair *pair);

/*
 * Check the reverse direction at once, unless it is known, because a check
 * came.
 */
void ice_check_trigger(struct ice_pair *pair, uint64_t now_ns);

/* A new check of the pair, now. */
void ice_check_start(struct ice *ice, struct ice_pair *pair, uint64_t now_ns);

/* The pair's check was answered with success. */
void ice_check_succeeded(struct ice *ice, struct ice_pair *pair,
    uint64_t now_ns);

/* Update the selection, because the pair is valid or our role has changed. */
void ice_check_consider(struct ice *ice, struct ice_pair *pair,
    uint64_t now_ns);

/* Send what is due, or return when that will be, or ICE_NEVER. */
void ice_check_run(struct ice *ice, uint64_t now_ns);
uint64_t ice_check_due_ns(const struct ice *ice);

/* Note that a consent check was answered. */
void ice_check_consented(struct ice *ice, uint64_t now_ns);

#endif
