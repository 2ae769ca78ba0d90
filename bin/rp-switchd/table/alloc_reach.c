/*
 * alloc_reach: whom an allocation meets. Credentials of our own signalling name
 * a call, and its allocations are siblings. Others meet all of their space (a
 * service, or everybody) by a table of relayed addresses. It is one for all
 * spaces; readers take no lock.
 */
#include "table/alloc_private.h"

/* The first space that is not ALLOC_SIBLINGS. */
#define SPACES 1

uint16_t
alloc_space(const struct alloc_table *table, const struct turncred *cred)
{
	switch (table->limits.reach) {
	case ALLOC_ALL:
		return SPACES;
	case ALLOC_SERVICE:
		return cred->ours ? ALLOC_SIBLINGS :
		    (uint16_t)(SPACES + cred->service);
	default:
		return ALLOC_SIBLINGS;
	}
}

static struct alloc_entry **
bucket(struct alloc_table *table, const struct addr *relayed)
{
	return &table->relayed[tuple_hash_addr(relayed, &table->seed) %
	    BUCKETS];
}

/* Return the first entry where a search for that address begins. */
static struct alloc_entry *
first(const struct alloc_table *table, const struct addr *relayed)
{
	uint64_t hash = tuple_hash_addr(relayed, &table->seed);

	return __atomic_load_n(&table->relayed[hash % BUCKETS],
	    __ATOMIC_ACQUIRE);
}

static struct alloc_entry *
after(const struct alloc_entry *entry)
{
	return __atomic_load_n(&entry->next, __ATOMIC_ACQUIRE);
}

static void
show(struct alloc_table *table, struct alloc_entry *entry, struct alloc *a,
    const struct addr *relayed)
{
	struct alloc_entry **link = bucket(table, relayed);

	entry->alloc = a;
	entry->next = *link;
	__atomic_store_n(link, entry, __ATOMIC_RELEASE);
}

static void
hide(struct alloc_table *table, const struct alloc_entry *entry,
    const struct addr *relayed)
{
	struct alloc_entry **link = bucket(table, relayed);

	while (*link != entry)
		link = &(*link)->next;
	__atomic_store_n(link, entry->next, __ATOMIC_RELEASE);
}

/*
 * Is it in the table? Siblings are, if they have a relay socket, just so that
 * nobody else reaches it.
 */
static bool
is_shown(const struct alloc *a)
{
	return a->space != ALLOC_SIBLINGS || a->fd >= 0;
}

void
alloc_show_relayed(struct alloc_table *table, struct alloc *a)
{
	if (!is_shown(a))
		return;
	show(table, &a->entry, a, &a->relayed);
	if (a->second != NULL)
		show(table, &a->second->entry, a, &a->second->relayed);
}

void
alloc_hide_relayed(struct alloc_table *table, struct alloc *a)
{
	if (!is_shown(a))
		return;
	hide(table, &a->entry, &a->relayed);
	if (a->second != NULL)
		hide(table, &a->second->entry, &a->second->relayed);
}

struct alloc *
alloc_in_space(const struct alloc_table *table, uint16_t space,
    const struct addr *relayed)
{
	struct alloc_entry *entry = first(table, relayed);

	while (entry != NULL && (entry->alloc->space != space ||
	    !alloc_is_at(entry->alloc, relayed)))
		entry = after(entry);
	return entry != NULL ? entry->alloc : NULL;
}

bool
alloc_is_relayed(const struct alloc_table *table, const struct addr *relayed)
{
	struct alloc_entry *entry = first(table, relayed);

	while (entry != NULL && !alloc_is_at(entry->alloc, relayed))
		entry = after(entry);
	return entry != NULL;
}

struct alloc *
alloc_peer(const struct alloc_table *table, const struct alloc *a,
    const struct addr *relayed, uint64_t now_ns)
{
	struct alloc *peer;

	if (a->space == ALLOC_SIBLINGS)
		return alloc_sibling(a, relayed, now_ns);
	peer = alloc_in_space(table, a->space, relayed);
	return peer != NULL && alloc_lives(peer, relayed->sa.sa_family,
	    now_ns) ? peer : NULL;
}

static bool
is_at_ip(const struct alloc *a, const struct addr *ip)
{
	return addr_equal_ip(&a->relayed, ip) || (a->second != NULL &&
	    addr_equal_ip(&a->second->relayed, ip));
}

bool
alloc_meets_at(const struct alloc_table *table, const struct alloc *a,
    const struct addr *ip, uint64_t now_ns)
{
	const struct alloc *s;

	if (a->space != ALLOC_SIBLINGS)
		return is_at_ip(a, ip) ||
		    alloc_peer(table, a, ip, now_ns) != NULL;
	s = __atomic_load_n(&a->call->allocs, __ATOMIC_ACQUIRE);
	while (s != NULL && !is_at_ip(s, ip))
		s = __atomic_load_n(&s->sibling, __ATOMIC_ACQUIRE);
	return s != NULL;
}

void
alloc_avoid_ports(struct alloc_table *table, const struct addr addrs[],
    size_t n)
{
	uint16_t port;
	size_t i;

	for (i = 0; i < n; i++) {
		port = addr_port(&addrs[i]);
		__atomic_fetch_or(&table->avoided[port / 64],
		    UINT64_C(1) << port % 64, __ATOMIC_RELAXED);
	}
}

bool
alloc_avoids_port(const struct alloc_table *table, uint16_t port)
{
	return (__atomic_load_n(&table->avoided[port / 64],
	    __ATOMIC_RELAXED) >> port % 64 & 1) != 0;
}
