/*
 * proofs: does a client hold the private half of its device's key? It signs the
 * TLS session of its connection. A page cannot see its session; it signs the
 * switch's name and the time, and such a proof is taken once. See
 * base/deviceproof.h.
 */
#ifndef RP_SWITCHD_PROOFS_H
#define RP_SWITCHD_PROOFS_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/p256sig.h"
#include "wire/sigmsg.h"

struct conn;
struct proofs;

/* How far the time that a page has signed may be from ours. */
#define PROOFS_WINDOW_S 60

/* Make the memory of the proofs that were taken. NULL if out of memory. */
struct proofs *proofs_new(void);
void proofs_free(struct proofs *proofs);

/*
 * Write the hash by which the directory knows the device of these credentials:
 * of its key, or of its token.
 *
 *  -EINVAL  not a key
 */
int proofs_id(uint8_t id[static CRYPTO_SHA256], const struct sigmsg *msg);

/*
 * Check the proof of the credentials with a key, which came by `conn`. `own` is
 * this switch's name.
 *
 *  -EACCES  no proof, or one for another session, name or time
 *  -EEXIST  it was taken before
 *  -EBUSY   it is good, but too many are to be remembered, of this device or in
 *           all; `wait_ms` is when the first of these is forgotten
 */
int proofs_check(struct proofs *proofs, const struct sigmsg *msg,
    const struct conn *conn, const char *own, uint32_t *wait_ms);

/* Remember a page's proof. proofs_check does, and has these errors from it. */
int proofs_keep(struct proofs *proofs, const uint8_t public[static P256_POINT],
    const uint8_t signature[static P256SIG_BYTES], uint32_t *wait_ms);

#endif
