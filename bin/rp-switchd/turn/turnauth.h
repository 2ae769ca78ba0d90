/*
 * turnauth: who may ask the relay for something: stateless nonces, a keyed
 * hash of the time and the 5-tuple (RFC 8489 9.2) or, handed out together with
 * the credentials, the username; and time-limited credentials (wire/turncred).
 * A request without valid ones leaves nothing behind. Any thread may ask.
 */
#ifndef RP_SWITCHD_TURNAUTH_H
#define RP_SWITCHD_TURNAUTH_H

#include <stdint.h>

#include "base/conf.h"
#include "table/tuple.h"
#include "wire/stun.h"
#include "wire/stunauth.h"
#include "wire/turncred.h"

#define TURNAUTH_NONCE 30	/* its text and the NUL */
#define TURNAUTH_NONCE_S 3600	/* how long it is good (RFC 8489 9.2.4) */
/*
 * And an early one, which who reads it on its way may use from another address
 * to repeat what was sent: for as long as it takes to set up a call.
 */
#define TURNAUTH_EARLY_S 60

struct turnauth;

/* Copies realm and secrets. -ENOMEM, -EIO. */
int turnauth_new(struct turnauth **out, const char *realm,
    const struct conf_strings *secrets);
void turnauth_free(struct turnauth *auth);

/*
 * From now on these secrets verify, and no others. What is allocated already
 * keeps its key. On -ENOMEM nothing has changed.
 */
int turnauth_set_secrets(struct turnauth *auth,
    const struct conf_strings *secrets);

const char *turnauth_realm(const struct turnauth *auth);

/*
 * For whoever is challenged; early: for whoever gets that username, so that its
 * first request need not be challenged. now_s is monotonic.
 */
void turnauth_nonce(const struct turnauth *auth, const struct tuple *tuple,
    uint64_t now_s, char nonce[static TURNAUTH_NONCE]);

void turnauth_early_nonce(const struct turnauth *auth, const char *username,
    uint64_t now_s, char nonce[static TURNAUTH_NONCE]);

/* 0; -ESTALE unless it is ours, for one of these and not too old. */
int turnauth_nonce_check(const struct turnauth *auth,
    const struct tuple *tuple, const char *username, uint64_t now_s,
    const struct stun_attr *nonce);

/*
 * Does the message bear the credential that username, NUL-terminated, stands
 * for, not yet expired at wall_s, with that password algorithm? On success
 * what it says and its key. -EINVAL: no such username or algorithm;
 * -ETIMEDOUT: expired; -EACCES: wrong password.
 */
int turnauth_check(const struct turnauth *auth, const struct stun_msg *msg,
    const char *username, uint16_t algorithm, int64_t wall_s,
    struct turncred *cred, struct stunauth_key *key);

/* The message's integrity, of either kind, by that key. As stunauth_check. */
int turnauth_check_key(const struct stun_msg *msg,
    const struct stunauth_key *key);

#endif
