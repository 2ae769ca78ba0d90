/*
 * tls_try: whether a client could shake hands with a server's credentials. Both
 * ends are in memory, so that it is known before anybody connects.
 */
#ifndef RP_NET_TLS_TRY_H
#define RP_NET_TLS_TRY_H

#include "wire/why.h"

struct tls_config;

/*
 * Shake hands with the server once. The client asks for `name` by SNI, unless
 * it is NULL, and believes any certificate. Files that load may still fail
 * here: a key that is too short, or one whose certificate does not allow it to
 * sign.
 *
 *   -EPROTO  no client can; `why` says why
 *   -ENOMEM
 */
int tls_try(struct tls_config *server, const char *name,
    char why[static WHY_TEXT]);

#endif
