/*
 * certname: whether a certificate is for a name, by its subject alternative
 * names alone (RFC 9525, 6.3). GnuTLS also takes the common name of one that
 * has none, which browsers refuse.
 */
#ifndef RP_NET_CERTNAME_H
#define RP_NET_CERTNAME_H

#include <stdbool.h>
#include <stddef.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/*
 * Is there an alternative name that can be a server's: a DNS name or an
 * address?
 */
bool certname_has_any(gnutls_x509_crt_t certificate);

/* Is the certificate for that host name or address, which its SAN holds? */
bool certname_matches(gnutls_x509_crt_t certificate, const char *name);

/*
 * Does the peer's certificate in that session have such a name? Call it after
 * the handshake.
 */
bool certname_of_peer(gnutls_session_t session);

/* The DNS names of a certificate, in lower case. */
struct certname_list {
	char **name;
	size_t n;
};

/* More than any authority puts into one; each takes time at a handshake. */
#define CERTNAME_MAX 256

/*
 * Collect the DNS names, for certname_list_free.
 *
 *   -E2BIG   there are more than CERTNAME_MAX names, of any type
 *   -ENOMEM
 */
int certname_list(struct certname_list *out, gnutls_x509_crt_t certificate);
void certname_list_free(struct certname_list *list);

/*
 * Is the host name among them? A wildcard stands for one whole label, the
 * first (RFC 9525 6.3). The case of letters does not matter.
 */
bool certname_list_holds(const struct certname_list *list, const char *host);

/* Does `list` hold every name that `other` stands for, which has one? */
bool certname_list_covers(const struct certname_list *list,
    const struct certname_list *other);

#endif
