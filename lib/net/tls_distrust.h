/*
 * tls_distrust: why the peer's certificate is not trusted, in words that say
 * what to look at: its dates and this host's clock, its names, its authority.
 */
#ifndef RP_NET_TLS_DISTRUST_H
#define RP_NET_TLS_DISTRUST_H

#include <gnutls/gnutls.h>

#include "wire/why.h"

/* This is in the reason if no authority that we trust signed the certificate. */
#define TLS_DISTRUST_AUTHORITY "is not from an authority that we trust"

/* Say why the verification of the session's certificate failed. */
void tls_distrust(gnutls_session_t session, char why[static WHY_TEXT]);

#endif
