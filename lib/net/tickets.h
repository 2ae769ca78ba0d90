/*
 * tickets: TLS sessions to resume, by the server name that the certificate was
 * verified for, the address, and the trusted authorities at that time. The
 * table in memory is read from a small file and written back, one line per
 * session, "NAME ADDRESS TRUST UNTIL BASE64", the latest first. Only its owner
 * may read the file, because a session decrypts the early data sent in it.
 */
#ifndef RP_NET_TICKETS_H
#define RP_NET_TICKETS_H

#include <stddef.h>

#include "wire/addr.h"

struct tickets;

#define TICKETS_MAX 16		/* sessions kept; the oldest are dropped */
#define TICKETS_BYTES 4096	/* per session */
#define TICKETS_S 21600		/* the longest age of a usable session */

/*
 * Make the table from `file` (copied). It is empty if the file is missing or
 * unreadable; malformed lines are skipped. -ENOMEM.
 */
int tickets_new(struct tickets **out, const char *file);
void tickets_free(struct tickets *tickets);

/*
 * Return the session for that server and that trust (tls_config_trust). Its
 * bytes stay valid until the next tickets_keep. NULL if there is none.
 */
const void *tickets_find(const struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, size_t *bytes);

/*
 * Remember a copy of the session in place of an older one. -EMSGSIZE, -ENOMEM.
 */
int tickets_keep(struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, const void *session,
    size_t bytes);

/* Write the file if anything is new. Return 0 or a negative errno. */
int tickets_save(struct tickets *tickets);

#endif
