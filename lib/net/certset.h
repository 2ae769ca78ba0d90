/*
 * certset: the pairs of certificate and key that a server has, and which of
 * them a client gets. A set does not change once it is loaded, so that several
 * threads may share it.
 */
#ifndef RP_NET_CERTSET_H
#define RP_NET_CERTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "net/certcheck.h"
#include "net/certpair.h"
#include "wire/why.h"

struct certset;

/*
 * Pairs in a set: the region's name and the switch's own, each with two types
 * of key, and as many again while names change.
 */
#define CERTSET_MAX 8

/*
 * Read the pairs, of which there are 1 to CERTSET_MAX. The keys go to the
 * process `holder`, which must outlive the set; NULL keeps them here. Return
 * -EINVAL, with one line in `why` that names the file.
 */
int certset_load(struct certset **out, const struct certpair_files files[],
    size_t n, struct keyholder *holder, char why[static WHY_TEXT]);

/*
 * Make a set of pairs that were loaded, which it owns from now on, on an error
 * too. Return -EINVAL or -ENOMEM with one line in `why`.
 */
int certset_of(struct certset **out, struct certpair *const pairs[], size_t n,
    char why[static WHY_TEXT]);

/*
 * Pack a set whose keys are held by another process, for a guest of that. The
 * caller frees the bytes. The guest unpacks it; errors are as for certset_of.
 * A set without such keys is -EINVAL.
 */
int certset_pack(const struct certset *set, char **bytes, size_t *len);
int certset_unpack(struct certset **out, struct keyholder *guest,
    const char *bytes, size_t len, char why[static WHY_TEXT]);

/* Add a reference, and drop one. Any thread may; NULL is fine to drop. */
struct certset *certset_hold(struct certset *set);
void certset_free(struct certset *set);

size_t certset_count(const struct certset *set);
const struct certpair *certset_pair(const struct certset *set, size_t i);

/*
 * Refuse a set of which clients would refuse a pair; see certcheck_refuse.
 * `now_s` is the wall clock.
 */
int certset_check(const struct certset *set, int64_t now_s,
    char why[static WHY_TEXT]);

/*
 * Warn of what clients will refuse soon, or some of them do, and of a set
 * without a certificate for `name`, unless that is NULL.
 */
void certset_warn(const struct certset *set, const char *name, int64_t now_s,
    certcheck_warning *warn, void *arg);

/*
 * Warn of a set that has no key but of RSA, of which each handshake costs a
 * multiple of that with ECDSA, also of strangers.
 */
void certset_warn_price(const struct certset *set, certcheck_warning *warn,
    void *arg);

/* Has it a certificate for this name or address? */
bool certset_is_for(const struct certset *set, const char *name);

/* Give a session the first pair. */
int certset_begin(const struct certset *set, gnutls_session_t session);

/*
 * Give a session the pair for its ClientHello: the first one that is for the
 * name which the client asks for (RFC 6066 3) and has a key that the client can
 * use; of those for the name, the first in any case. Without such a name it is
 * the first of all. A pair stands for others of the same names with another
 * type of key, of which GnuTLS takes what suits the client.
 */
int certset_choose(const struct certset *set, gnutls_session_t session);

#endif
