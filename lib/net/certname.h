/*
 * certname: whether a certificate is for a name, by its subject alternative
 * names alone (RFC 9525, 6.3). GnuTLS also takes the common name of one that
 * has none, which browsers refuse.
 */
#ifndef RP_NET_CERTNAME_H
#define RP_NET_CERTNAME_H

#include <stdbool.h>

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

#endif
