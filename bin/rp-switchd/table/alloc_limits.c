/*
 * alloc_limits: limits of users, networks, services and the whole. Called by
 * alloc_add and alloc under the table's mutex, and by the data path without.
 * See alloc_limits.h.
 */
#include "table/alloc_limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "table/alloc_private.h"

/*
 * A network is an IPv4 /24, the least that is routed, or an IPv6 /56, which is
 * what a household has at least: with a /64, one has 256 of them.
 */
#define V4_BYTES 3
#define V6_BYTES 7

/* Return the time in which a byte returns, in picoseconds. */
static uint64_t
byte_ps(unsigned kbps)
{
	return kbps > 0 ? 8 * DRAW_PS * CLOCK_MS / kbps : 0;
}

void
alloc_users_init(struct alloc_users *users, unsigned per_prefix, unsigned kbps,
    struct alloc_rate_limit *rates)
{
	unsigned i;

	memset(users, 0, sizeof(*users));
	users->per_prefix = per_prefix;
	users->rates = rates != NULL ? rates : users->own;
	__atomic_store_n(&users->rates[0].byte_ps, byte_ps(kbps),
	    __ATOMIC_RELAXED);
	for (i = 0; i < ALLOC_SERVICES; i++) {
		users->services[i].users = users;
		users->services[i].rate = &users->rates[1 + i];
	}
}

void
alloc_users_free(struct alloc_users *users)
{
	struct alloc_prefix *prefix;
	size_t i;

	for (i = 0; i < ALLOC_PREFIXES; i++)
		while ((prefix = users->prefixes[i]) != NULL) {
			users->prefixes[i] = prefix->next;
			free(prefix);
		}
}

void
alloc_users_limit(struct alloc_users *users, unsigned service,
    const struct alloc_service_limits *limits)
{
	struct alloc_service *s = &users->services[service];

	s->allocations = limits->allocations;
	s->per_user = limits->per_user;
	__atomic_store_n(&s->rate->user_byte_ps, byte_ps(limits->kbps_per_user),
	    __ATOMIC_RELAXED);
	__atomic_store_n(&s->rate->byte_ps, byte_ps(limits->kbps),
	    __ATOMIC_RELAXED);
}

void
alloc_users_renew(struct alloc_users *users, unsigned service)
{
	struct alloc_service_counts *counts = &users->services[service].counts;
	int i;

	__atomic_store_n(&counts->over_user, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&counts->over_service, 0, __ATOMIC_RELAXED);
	for (i = 0; i < ALLOC_RATES; i++)
		__atomic_store_n(&counts->dropped[i], 0, __ATOMIC_RELAXED);
}

/* Return the network of an address in one word, with its family. */
static uint64_t
network(const struct addr *client)
{
	size_t ip_bytes, n, i;
	const uint8_t *ip = addr_ip(client, &ip_bytes);
	uint64_t bits = 0;

	n = ip_bytes == 4 ? V4_BYTES : V6_BYTES;
	for (i = 0; i < n; i++)
		bits = bits << 8 | ip[i];
	return bits << 8 | n;
}

/* Return where the network's entry is, or would be. */
static struct alloc_prefix **
find_prefix(const struct alloc_users *users, const struct tuple_seed *seed,
    const struct addr *client)
{
	uint64_t bits = network(client);
	const struct tuple key = { { bits } };
	struct alloc_prefix **link;

	link = (struct alloc_prefix **)&users->prefixes[
	    tuple_hash(&key, seed) % ALLOC_PREFIXES];
	while (*link != NULL && (*link)->bits != bits)
		link = &(*link)->next;
	return link;
}

int
alloc_users_admit(const struct alloc_users *users,
    const struct tuple_seed *seed, unsigned service, const struct addr *client)
{
	const struct alloc_service *s = &users->services[service];
	const struct alloc_prefix *prefix;

	if (s->allocations != 0 && s->counts.allocations >= s->allocations)
		return -ENOBUFS;
	if (users->per_prefix == 0)
		return 0;
	prefix = *find_prefix(users, seed, client);
	return prefix != NULL && prefix->n >= users->per_prefix ? -EUSERS : 0;
}

/* Count a user who holds his first allocation, or no longer holds one. */
static void
count_user(struct alloc_service *service, int by)
{
	__atomic_add_fetch(&service->rate->users, by, __ATOMIC_RELAXED);
	__atomic_add_fetch(&service->users->rates[0].users, by, __ATOMIC_RELAXED);
}

int
alloc_users_enter(struct alloc_users *users, const struct tuple_seed *seed,
    unsigned service, struct alloc *a)
{
	struct alloc_prefix **link = find_prefix(users, seed, &a->client);

	if (*link == NULL) {
		*link = calloc(1, sizeof(**link));
		if (*link == NULL)
			return -ENOMEM;
		(*link)->bits = network(&a->client);
	}
	(*link)->n++;
	a->service = &users->services[service];
	if (a->call->n == 0)
		count_user(a->service, 1);
	__atomic_add_fetch(&a->service->counts.allocations, 1,
	    __ATOMIC_RELAXED);
	return 0;
}

void
alloc_users_leave(struct alloc_users *users, const struct tuple_seed *seed,
    struct alloc *a)
{
	struct alloc_prefix **link, *prefix;

	if (a->service == NULL)
		return;
	__atomic_sub_fetch(&a->service->counts.allocations, 1,
	    __ATOMIC_RELAXED);
	if (a->call->n == 1)
		count_user(a->service, -1);
	link = find_prefix(users, seed, &a->client);
	prefix = *link;
	if (--prefix->n > 0)
		return;
	*link = prefix->next;
	free(prefix);
}

enum alloc_rate
alloc_users_take(const struct alloc *a, bool sent, size_t len, uint64_t now_ns)
{
	struct alloc_service *service = a->service;
	const struct draw_user draws = draw_user(alloc_call_share(a), sent,
	    service->rate, service->users->rates, len);
	enum alloc_rate over = draw_user_over(&draws, now_ns);

	if (over == ALLOC_RATES)
		draw_user_take(&draws, now_ns);
	else
		__atomic_add_fetch(&service->counts.dropped[over], 1,
		    __ATOMIC_RELAXED);
	return over;
}

void
alloc_users_note(const struct alloc_table *table, size_t len, uint64_t now_ns)
{
	draw_note(table->users.rates, len, now_ns);
}
