/*
 * perm: the permissions of one allocation (RFC 8656 9): the IP addresses that
 * may send to it. Sets are copied to grow, so that relay threads read them
 * without a lock. A writer holds the table's mutex.
 */
#ifndef RP_SWITCHD_PERM_H
#define RP_SWITCHD_PERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct reclaim;
struct perm_set;

#define PERM_LIFETIME_S 300
#define PERM_MAX 32		/* per allocation */

/* Is the peer permitted? For readers. NULL is the empty set. */
bool perm_allows(struct perm_set *const *set, const struct addr *peer,
    uint64_t now_ns);

/* Return until when it is, or 0 if there is no permission. For readers. */
uint64_t perm_until(struct perm_set *const *set, const struct addr *peer);

/*
 * Install or renew one permission for each of `n` addresses, or for none of
 * them on an error. One that lasts longer is not shortened.
 *
 *   -ENOSPC  more than PERM_MAX
 *   -ENOMEM
 */
int perm_install(struct perm_set **set, struct reclaim *reclaim,
    const struct addr peers[], size_t n, uint64_t now_ns);

/*
 * Prolong an existing permission to that time, unless it lasts longer. For a
 * writer.
 */
void perm_prolong(struct perm_set *set, const struct addr *peer,
    uint64_t expires_ns);

void perm_free_later(struct perm_set **set, struct reclaim *reclaim);

#endif
