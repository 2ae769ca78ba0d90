/*
 * certcheck: whether clients accept a server's certificate. It is an error if
 * they all refuse it. It is a warning if some of them do, or all will soon.
 */
#ifndef RP_NET_CERTCHECK_H
#define RP_NET_CERTCHECK_H

#include <stdint.h>

#include "net/certpair.h"
#include "wire/why.h"

/*
 * A certificate is warned of when so many days are left, or a fifth of its
 * lifetime if that is less. ACME clients renew at a third, so that by then
 * several tries have failed.
 */
#define CERTCHECK_DAYS 14

/*
 * Return -EINVAL if no client can use the pair: its dates, names, purpose, key,
 * signature or chain are wrong. `why` is one line that names the file.
 */
int certcheck_refuse(const struct certpair *pair, int64_t now_s,
    char why[static WHY_TEXT]);

/* One thing that is wrong with a file. */
typedef void certcheck_warning(const char *file, const char *text, void *arg);

void certcheck_warn(const struct certpair *pair, int64_t now_s,
    certcheck_warning *warn, void *arg);

/*
 * Return when the certificate ends, or an issuer that is sent with it if that
 * is earlier, in seconds since 1970.
 */
int64_t certcheck_end(const struct certpair *pair);

#endif
