/*
 * tickets: TLS sessions to be resumed, by the name that the server's certificate
 * was checked for, its address, and whom we trusted then: a table in memory
 * that is read from a small file and written back ("NAME ADDRESS TRUST UNTIL
 * BASE64", a line a session, the latest first). The file is its owner's only:
 * who has a session can read what is sent early in it.
 */
#ifndef RP_NET_TICKETS_H
#define RP_NET_TICKETS_H

#include <stddef.h>

#include "wire/addr.h"

struct tickets;

#define TICKETS_MAX 16		/* kept; the oldest go */
#define TICKETS_BYTES 4096	/* of one session */
#define TICKETS_S 21600		/* older than this is good no more */

/*
 * Those of the file, or none if it is missing or unreadable; lines that cannot
 * be understood are passed over. file is copied. -ENOMEM.
 */
int tickets_new(struct tickets **out, const char *file);
void tickets_free(struct tickets *tickets);

/*
 * The session for that server, by tls_config_trust's trust. Its bytes stay
 * valid until the next tickets_keep; NULL: none.
 */
const void *tickets_find(const struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, size_t *bytes);

/* Remember it in place of an older one; it is copied. -EMSGSIZE, -ENOMEM. */
int tickets_keep(struct tickets *tickets, const char *name,
    const struct addr *addr, const char *trust, const void *session,
    size_t bytes);

/* Write the file, if anything is new. 0 or a negative errno. */
int tickets_save(struct tickets *tickets);

#endif
