/*
 * turnauth: authentication of the relay's requests. Nonces are stateless: a
 * keyed hash of the time and the 5-tuple (RFC 8489 9.2) or, if handed out
 * together with the credentials, the username. Credentials are those of the
 * services (turnkeys). A request without valid ones leaves no state behind. Any
 * thread may call these functions.
 */
#ifndef RP_SWITCHD_TURNAUTH_H
#define RP_SWITCHD_TURNAUTH_H

#include <stdint.h>

#include "base/conf.h"
#include "table/tuple.h"
#include "turn/turnkeys.h"
#include "wire/stun.h"
#include "wire/stunauth.h"
#include "wire/turncred.h"

#define TURNAUTH_NONCE_KEY 32
#define TURNAUTH_NONCE_S 3600	/* lifetime (RFC 8489 9.2.4) */
/*
 * The lifetime of an early nonce. An eavesdropper may replay requests with it
 * from another address, so it lasts only as long as the set-up of a call takes.
 */
#define TURNAUTH_EARLY_S 60

struct turnauth;

/* Make one whose only service has copies of both. -ENOMEM, -EIO. */
int turnauth_new(struct turnauth **out, const char *realm,
    const struct conf_strings *secrets);
/* Take usernames of others' services, by turncred_parse_any. Before use. */
void turnauth_take_any_names(struct turnauth *auth);
/*
 * Share the key of nonces with a process that hands them out. Set it before use.
 */
void turnauth_set_nonce_key(struct turnauth *auth,
    const uint8_t key[static TURNAUTH_NONCE_KEY]);
const uint8_t *turnauth_nonce_key(const struct turnauth *auth);

void turnauth_free(struct turnauth *auth);

/*
 * Verify by these services from now on, and no others. Existing allocations
 * keep their key. On -ENOMEM nothing has changed.
 */
int turnauth_set_services(struct turnauth *auth,
    const struct turn_service *services, size_t n);

/* Write the realm to challenge a request with (see turnkeys_realm). */
void turnauth_realm(const struct turnauth *auth, const struct stun_attr *realm,
    const char *server_name, char out[static TURNUSER_REALM]);

/*
 * Write a nonce for a challenge. An early nonce is for the holder of that
 * username, whose first request then needs no challenge. `now_s` is monotonic.
 */
void turnauth_nonce(const struct turnauth *auth, const struct tuple *tuple,
    uint64_t now_s, char nonce[static TURNCRED_NONCE]);

void turnauth_early_nonce(const struct turnauth *auth, const char *username,
    uint64_t now_s, char nonce[static TURNCRED_NONCE]);

/*
 * Check a nonce. Return -ESTALE unless it is ours, for this 5-tuple or
 * username, and not too old.
 */
int turnauth_nonce_check(const struct turnauth *auth,
    const struct tuple *tuple, const char *username, uint64_t now_s,
    const struct stun_attr *nonce);

/*
 * Verify the message that is asked of, now; its time and kind of names are
 * filled in. On success `cred` and `key` are. `*tried` becomes the number of
 * keys that were tried.
 *
 *   -EINVAL     unknown or invalid username, or no key for that algorithm
 *   -ETIMEDOUT  expired
 *   -EACCES     wrong password
 */
int turnauth_check(const struct turnauth *auth,
    const struct turnkeys_asked *asked, struct turncred *cred,
    struct stunauth_key *key, unsigned *tried);

/*
 * Verify the message's integrity, of either kind, with that key. Errors are
 * those of stunauth_check.
 */
int turnauth_check_key(const struct stun_msg *msg,
    const struct stunauth_key *key);

#endif
