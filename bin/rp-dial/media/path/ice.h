/*
 * ice: a full agent (RFC 8445) with one local candidate, a relayed one, and one
 * component. The caller passes in the time and the messages; a handler sends.
 * It has no socket, no timer, no clock of its own. Nomination is regular: the
 * controlling agent nominates the first pair that works, at once. A valid pair
 * carries data before it is nominated. Consent is kept fresh (RFC 7675). A
 * restart is a new agent; the old one serves until the new one has a pair.
 */
#ifndef RP_DIAL_ICE_H
#define RP_DIAL_ICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct ice;
struct sped;

#define ICE_UFRAG 9		/* 8 characters and a NUL */
#define ICE_PASSWORD 25		/* 24 characters, 144 bits, and a NUL */
#define ICE_NEVER UINT64_MAX

/*
 * The handlers are called from within ice_ functions and may call none of them.
 */
struct ice_handlers {
	/*
	 * Send to a remote address from the local candidate. Return -EACCES if
	 * the relay has refused this address for good, otherwise 0.
	 */
	int (*send)(const struct addr *to, const uint8_t *data, size_t len,
	    void *arg);
	/* Data goes to this address from now on. */
	void (*selected)(const struct addr *to, bool nominated, void *arg);
	/*
	 * -ETIMEDOUT: no pair works, or consent has expired. The agent sends no
	 * more.
	 */
	void (*failed)(int err, void *arg);
};

/*
 * Create an agent with random credentials.
 *
 *  -ENOMEM  out of memory
 *  -EIO     no random bytes
 */
int ice_new(struct ice **out, bool controlling,
    const struct ice_handlers *handlers, void *arg);
void ice_free(struct ice *ice);

/*
 * Let checks carry a handshake. Its handlers are called from within ice_
 * functions and may call none of them but ice_early.
 */
void ice_sped(struct ice *ice, struct sped *sped);

/*
 * Create an agent with the credentials of `like`, to start over with another
 * peer that knows them. Errors are those of ice_new.
 */
int ice_again(struct ice **out, const struct ice *like,
    const struct ice_handlers *handlers, void *arg);

/* Return the local credentials. */
const char *ice_ufrag(const struct ice *ice);
const char *ice_password(const struct ice *ice);

/* Write our relayed address as a candidate for the description. */
void ice_candidate(struct sdp_candidate *out, const struct addr *relayed);

/*
 * Start to send checks. A further call repeats the pending ones. The peer is
 * probably at our relay, of whose address only the IP counts, so pairs there go
 * first.
 */
void ice_start(struct ice *ice, const struct addr *relay, uint64_t now_ns);

/*
 * Set the peer's credentials, once. Checks may have come earlier. They were
 * answered, and the addresses of the first peer that sent some are known (RFC
 * 8445 7.3). If these are the credentials of another peer, they are forgotten.
 *
 *  -EINVAL  they are too long
 */
int ice_remote(struct ice *ice, const char *ufrag, const char *password,
    uint64_t now_ns);

/*
 * Add a candidate of the peer's. If there are too many, a better one takes the
 * place of the worst. From best to worst: a source of the peer's checks, an
 * address at our relay, another relayed one, others, and those that failed or
 * that the relay refuses.
 *
 *  -ENOSPC  there are too many, none of them worse
 */
int ice_remote_candidate(struct ice *ice,
    const struct sdp_candidate *candidate, uint64_t now_ns);

/*
 * Add the address where the peer probably is, before it has said so. Checks to
 * it are repeated sooner, because the peer may not be there yet.
 *
 *  -ENOSPC  there are too many candidates, none of them worse
 */
int ice_expect(struct ice *ice, const struct addr *remote, uint64_t now_ns);

/* Return the ufrag of the peer whose check came first; "": none has come. */
const char *ice_heard(const struct ice *ice);

/* Return whether a check of the described peer has come: it knows us, too. */
bool ice_is_checked(const struct ice *ice);

/*
 * Take a STUN message from a remote address. A check of another peer than the
 * described one, or the first that was heard, is answered and changes nothing.
 *
 *  -ENOENT   it is for another agent
 *  -EBADMSG  it is malformed
 *  -EACCES   its MESSAGE-INTEGRITY is missing or wrong
 */
int ice_receive(struct ice *ice, const struct addr *from, const uint8_t *data,
    size_t len, uint64_t now_ns);

/* Return when ice_run is due, or ICE_NEVER. */
uint64_t ice_due_ns(const struct ice *ice);
void ice_run(struct ice *ice, uint64_t now_ns);

/* Return whether this is an address that the peer used or announced. */
bool ice_knows(const struct ice *ice, const struct addr *from);

/*
 * Return the peer's likely address at that relay while no pair is valid yet:
 * the source of an authentic check, or else the target of our first check, an
 * expected one last. NULL if there is none.
 */
const struct addr *ice_early(const struct ice *ice, const struct addr *relay);

bool ice_controlling(const struct ice *ice);

/* Return the last check's round trip; 0: none yet. */
uint64_t ice_rtt_ns(const struct ice *ice);

/* Return when the peer last consented (RFC 7675); 0: no pair is selected. */
uint64_t ice_consented_ns(const struct ice *ice);

#endif
