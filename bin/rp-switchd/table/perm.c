/*
 * perm: permissions of one allocation in sets that are copied to grow. See
 * perm.h.
 */
#include "table/perm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "table/reclaim.h"

struct perm {
	uint64_t ip[2];		/* IPv4 as IPv4-mapped */
	uint64_t expires_ns;	/* renewed in place */
};

struct perm_set {
	struct reclaim_item item;
	size_t n;
	struct perm perms[];
};

static void
pack(uint64_t out[static 2], const struct addr *addr)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	size_t ip_bytes;
	const uint8_t *bytes = addr_ip(addr, &ip_bytes);

	memcpy(ip + 16 - ip_bytes, bytes, ip_bytes);
	memcpy(out, ip, sizeof(ip));
}

static struct perm *
find_perm(struct perm_set *set, const struct addr *peer)
{
	uint64_t ip[2];
	size_t i;

	if (set == NULL)
		return NULL;
	pack(ip, peer);
	for (i = 0; i < set->n; i++)
		if (set->perms[i].ip[1] == ip[1] &&
		    set->perms[i].ip[0] == ip[0])
			return &set->perms[i];
	return NULL;
}

uint64_t
perm_until(struct perm_set *const *set, const struct addr *peer)
{
	const struct perm *perm;

	perm = find_perm(__atomic_load_n(set, __ATOMIC_ACQUIRE), peer);
	return perm == NULL ? 0 :
	    __atomic_load_n(&perm->expires_ns, __ATOMIC_RELAXED);
}

bool
perm_allows(struct perm_set *const *set, const struct addr *peer,
    uint64_t now_ns)
{
	return now_ns < perm_until(set, peer);
}

/* Copy the unexpired permissions, with room for `n` more. */
static struct perm_set *
copy_set(const struct perm_set *old, size_t n, uint64_t now_ns)
{
	size_t i, n_old = old != NULL ? old->n : 0;
	struct perm_set *set;

	set = malloc(sizeof(*set) + (n_old + n) * sizeof(set->perms[0]));
	if (set == NULL)
		return NULL;
	set->item.end = NULL;
	set->n = 0;
	for (i = 0; i < n_old; i++)
		if (old->perms[i].expires_ns > now_ns)
			set->perms[set->n++] = old->perms[i];
	return set;
}

static void
prolong(struct perm *perm, uint64_t expires_ns)
{
	if (perm->expires_ns < expires_ns)
		__atomic_store_n(&perm->expires_ns, expires_ns,
		    __ATOMIC_RELAXED);
}

void
perm_prolong(struct perm_set *set, const struct addr *peer,
    uint64_t expires_ns)
{
	struct perm *perm = find_perm(set, peer);

	if (perm != NULL)
		prolong(perm, expires_ns);
}

int
perm_install(struct perm_set **set, struct reclaim *reclaim,
    const struct addr peers[], size_t n, uint64_t now_ns)
{
	uint64_t expires_ns = now_ns + PERM_LIFETIME_S * CLOCK_S;
	struct perm_set *old = *set, *new = old;
	size_t i, missing = 0;
	struct perm *perm;

	for (i = 0; i < n; i++)
		missing += find_perm(old, &peers[i]) == NULL;
	if (missing > 0) {
		new = copy_set(old, n, now_ns);
		if (new == NULL)
			return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		perm = find_perm(new, &peers[i]);
		if (perm == NULL) {
			perm = &new->perms[new->n++];
			perm->expires_ns = 0;
			pack(perm->ip, &peers[i]);
		}
		prolong(perm, expires_ns);
	}
	if (missing == 0)
		return 0;
	if (new->n > PERM_MAX) {
		free(new);
		return -ENOSPC;
	}
	/* There is a set at every moment. */
	__atomic_store_n(set, new, __ATOMIC_RELEASE);
	if (old != NULL)
		reclaim_later(reclaim, &old->item);
	return 0;
}

void
perm_free_later(struct perm_set **set, struct reclaim *reclaim)
{
	struct perm_set *old = *set;

	if (old == NULL)
		return;
	__atomic_store_n(set, NULL, __ATOMIC_RELAXED);
	reclaim_later(reclaim, &old->item);
}
