/*
 * resolve_memory: load and save the last good answer of a look-up, by
 * lastgood. Called by resolve; resolve_keep is part of resolve.h.
 */
#include "net/resolve_private.h"

#include <errno.h>

void
resolve_memory_load(struct resolve *r)
{
	struct addr addrs[LASTGOOD_ADDRS];
	struct memory *m = &r->memory;
	size_t i, n;

	if (r->cache_file == NULL || lastgood_load(r->cache_file, r->name,
	    r->port, addrs, &n, &m->at_s) < 0)
		return;
	for (i = 0; i < n; i++) {
		size_t family = addr_is_v6(&addrs[i]) ? RESOLVE_V6 :
		    RESOLVE_V4;

		m->addrs[family][m->n[family]++] = addrs[i];
	}
}

/* Return the answer's addresses of a family, or the remembered ones. */
static const struct addr *
addrs_of(const struct resolve *r, size_t family, size_t *n)
{
	const struct answer *a = &r->answers[family];

	*n = resolve_is_missing(a) ? r->memory.n[family] : a->n;
	return resolve_is_missing(a) ? r->memory.addrs[family] : a->addrs;
}

/* Has DNS told this address? */
static bool
is_told(const struct resolve *r, const struct addr *addr)
{
	const struct answer *a = &r->answers[addr_is_v6(addr) ? RESOLVE_V6 :
	    RESOLVE_V4];
	size_t i;

	for (i = 0; i < a->n; i++)
		if (addr_equal_ip(&a->addrs[i], addr))
			return true;
	return false;
}

/*
 * Without the file a failed DNS means no answer, but does not end a
 * call that has been made.
 */
void
resolve_keep(const struct resolve *r, const struct addr *proved)
{
	struct addr all[LASTGOOD_ADDRS];
	size_t i, family, of_family, n = 0;
	int64_t at_s = 0;

	if (r == NULL || r->cache_file == NULL || !is_told(r, proved))
		return;
	for (i = 0; i < RESOLVE_MAX; i++)
		for (family = 0; family < RESOLVE_FAMILIES; family++) {
			const struct addr *addrs = addrs_of(r, family,
			    &of_family);

			if (i >= of_family || n == LASTGOOD_ADDRS)
				continue;
			all[n++] = addrs[i];
			if (resolve_is_missing(&r->answers[family]))
				at_s = r->memory.at_s;
		}
	(void)lastgood_save(r->cache_file, r->name, all, n, at_s);
}
