/*
 * early: the DTLS handshake of a callee that was told our offer by the push and
 * begins before we have its description. We are the server. There is one such
 * peer at a time, the first whose check proved that it knows the offer. Nothing
 * is secure before its description comes and the fingerprint in it is that of
 * its certificate. Until then the handshake may go to its end, and keeps the
 * keys to itself. If another device is described first, this one stays as it is,
 * because it may be the one that answers in the end, and it does not begin twice.
 */
#ifndef RP_DIAL_EARLY_H
#define RP_DIAL_EARLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct dtls;
struct early;
struct identity;

/* Send to the peer's address; called from within early_ functions. */
typedef void early_send(const struct addr *to, const uint8_t *data,
    size_t len, void *arg);

/* NULL: out of memory. `identity` must outlive it. */
struct early *early_new(const struct identity *identity, early_send *send,
    void *arg);
void early_free(struct early *early);

/*
 * Begin with the peer of that ufrag, at that address.
 *
 *  -EALREADY  there is one
 *  -EDQUOT    too many have failed
 */
int early_begin(struct early *early, const char *ufrag,
    const struct addr *from);

/* Return whether this is the address of the early peer. */
bool early_is_from(const struct early *early, const struct addr *from);

/* Return whether the early peer has this ufrag. */
bool early_is_of(const struct early *early, const char *ufrag);

/* Take a datagram from that address. */
void early_receive(struct early *early, const uint8_t *data, size_t len,
    uint64_t now_ns);

/* Send what is due, or return when that will be, or DTLS_NEVER. */
void early_run(struct early *early, uint64_t now_ns);
uint64_t early_due_ns(const struct early *early);

/*
 * Hand over the handshake, because the peer's description has come; dtls_expect
 * must follow. There is no early peer any more.
 */
struct dtls *early_take(struct early *early);

#endif
