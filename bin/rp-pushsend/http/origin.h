/*
 * origin: check a URL that a user chose, before anything is sent there. Pure.
 */
#ifndef RP_PUSHSEND_ORIGIN_H
#define RP_PUSHSEND_ORIGIN_H

#include <stddef.h>

#define ORIGIN_URL_MAX 2048

/*
 * Check the URL and write its origin, "https://host" with a port that is not
 * the default one. The URL must be http or https, with a host, without user,
 * password or fragment, and of at most ORIGIN_URL_MAX bytes.
 *
 *  -EINVAL  invalid URL
 *  -ENOMEM  out of memory
 */
int origin_read(char *origin, size_t origin_max, const char *url);

#endif
