/*
 * alloc: find and keep allocations and calls, for all threads; readers take no
 * lock. Changes are in alloc_add and alloc_change, and whom an allocation meets
 * is in alloc_reach. See alloc.h.
 */
#include "table/alloc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/quota.h"

/* Parties whose pace is known: 1 MB, and more than allocate in ten seconds. */
#define PACED_MAX 10000

struct alloc **
alloc_tuple_bucket(struct alloc_table *table, const struct tuple *tuple)
{
	return &table->tuples[tuple_hash(tuple, &table->seed) % BUCKETS];
}

struct alloc_call **
alloc_call_bucket(struct alloc_table *table, const char *name)
{
	return &table->calls[tuple_hash_text(name, &table->seed) % BUCKETS];
}

struct alloc_call *
alloc_find_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call = *alloc_call_bucket(table, name);

	while (call != NULL && strcmp(call->name, name) != 0)
		call = call->next;
	return call;
}

static bool
expired(const struct alloc *a, uint64_t now_ns)
{
	return now_ns >= __atomic_load_n(&a->expires_ns, __ATOMIC_RELAXED);
}

struct alloc *
alloc_find(const struct alloc_table *table, const struct tuple *tuple,
    uint64_t now_ns)
{
	uint64_t hash = tuple_hash(tuple, &table->seed);
	struct alloc *a;

	a = __atomic_load_n(&table->tuples[hash % BUCKETS], __ATOMIC_ACQUIRE);
	while (a != NULL && !tuple_equal(&a->tuple, tuple))
		a = __atomic_load_n(&a->next, __ATOMIC_ACQUIRE);
	return a != NULL && !expired(a, now_ns) ? a : NULL;
}

struct alloc *
alloc_sibling(const struct alloc *a, const struct addr *relayed,
    uint64_t now_ns)
{
	struct alloc *s;

	s = __atomic_load_n(&a->call->allocs, __ATOMIC_ACQUIRE);
	while (s != NULL && !alloc_is_at(s, relayed))
		s = __atomic_load_n(&s->sibling, __ATOMIC_ACQUIRE);
	return s != NULL && alloc_lives(s, relayed->sa.sa_family, now_ns) ?
	    s : NULL;
}

struct alloc *
alloc_of_socket(const struct alloc_table *table, int fd)
{
	return __atomic_load_n(&table->sockets[fd], __ATOMIC_ACQUIRE);
}

struct alloc_share *
alloc_call_share(const struct alloc *a)
{
	return a->call->share;
}

const struct inkernel *
alloc_inkernel(const struct alloc_table *table)
{
	return table->limits.inkernel;
}

void
alloc_show_socket(struct alloc_table *table, int fd, struct alloc *a)
{
	if (fd >= 0)
		__atomic_store_n(&table->sockets[fd], a, __ATOMIC_RELEASE);
}

/* Remove it from the tables that readers use. */
static void
hide(struct alloc_table *table, struct alloc *a)
{
	struct alloc **link;

	alloc_show_socket(table, a->fd, NULL);
	if (a->second != NULL)
		alloc_show_socket(table, a->second->fd, NULL);
	alloc_hide_relayed(table, a);
	link = alloc_tuple_bucket(table, &a->tuple);
	while (*link != a)
		link = &(*link)->next;
	__atomic_store_n(link, a->next, __ATOMIC_RELEASE);
	/* A user may have thousands. */
	__atomic_store_n(a->sibling_link, a->sibling, __ATOMIC_RELEASE);
	if (a->sibling != NULL)
		a->sibling->sibling_link = a->sibling_link;
}

/* Remove an allocation; the caller settles its call. */
static void
remove_alloc(struct alloc_table *table, struct alloc *a)
{
	struct alloc_call *call = a->call;
	struct alloc *s;

	hide(table, a);
	if (a->space == ALLOC_SIBLINGS)
		for (s = call->allocs; s != NULL; s = s->sibling)
			chan_unlink(s->chans, a);
	__atomic_store_n(&a->gone, true, __ATOMIC_RELAXED);
	alloc_revoke(a);
	alloc_leave_ports(table, a);
	alloc_users_leave(&table->users, &table->seed, a);
	alloc_remember(call, a);
	alloc_remember_socket(table, a->fd);
	if (a->second != NULL)
		alloc_remember_socket(table, a->second->fd);
	perm_free_later(&a->perms, table->reclaim);
	chan_free_later(&a->chans, table->reclaim);
	wheel_clear(&a->expiry);
	__atomic_store_n(&table->n, table->n - 1, __ATOMIC_RELAXED);
	reclaim_later(table->reclaim, &a->item);
	call->n--;
}

void
alloc_remove_call(struct alloc_table *table, struct alloc_call *call)
{
	struct alloc_call **link = alloc_call_bucket(table, call->name);

	while (call->allocs != NULL)
		remove_alloc(table, call->allocs);
	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	wheel_clear(&call->expiry);
	free(call->reserved);		/* no reader uses it */
	alloc_forget(call);
	reclaim_later(table->reclaim, &call->item);
}

static bool
is_used(const struct alloc_share *share)
{
	return (__atomic_load_n(&share->sent.full_ns, __ATOMIC_RELAXED) |
	    __atomic_load_n(&share->heard.full_ns, __ATOMIC_RELAXED)) != 0;
}

/* Is there something to know when it comes back: statistics or shares? */
static bool
is_worth_keeping(const struct alloc_call *call)
{
	const struct alloc_party *party = call->parties;

	while (party != NULL && !is_used(party->share))
		party = party->next;
	return call->gone != NULL || party != NULL || is_used(call->share);
}

void
alloc_settle(struct alloc_table *table, struct alloc_call *call)
{
	if (call->ringing)
		return;
	if (call->n == 0 && !is_worth_keeping(call))
		alloc_remove_call(table, call);
	else if (call->n == 0)
		wheel_set(&table->kept, &call->expiry,
		    table->kept.now_s + ALLOC_KEPT_S);
}

void
alloc_remove(struct alloc_table *table, struct alloc *a)
{
	struct alloc_call *call = a->call;

	remove_alloc(table, a);
	alloc_settle(table, call);
}

static struct alloc_call *
entry_call(struct wheel_entry *entry)
{
	return (struct alloc_call *)((char *)entry -
	    offsetof(struct alloc_call, expiry));
}

static struct alloc *
entry_alloc(struct wheel_entry *entry)
{
	return (struct alloc *)((char *)entry - offsetof(struct alloc, expiry));
}

void
alloc_schedule(struct alloc_table *table, struct alloc *a)
{
	/* Round up, so that the wheel is never early. */
	wheel_set(&table->wheel, &a->expiry, a->expires_ns / CLOCK_S + 1);
}

static void
tick(void *arg)
{
	struct alloc_table *table = arg;
	uint64_t now_ns = clock_ns();
	struct wheel_entry *entry;

	pthread_mutex_lock(&table->mutex);
	while ((entry = wheel_pop(&table->wheel, now_ns / CLOCK_S)) != NULL)
		alloc_remove(table, entry_alloc(entry));
	while ((entry = wheel_pop(&table->kept, now_ns / CLOCK_S)) != NULL)
		alloc_remove_call(table, entry_call(entry));
	pthread_mutex_unlock(&table->mutex);
}

int
alloc_table_new(struct alloc_table **out, const struct alloc_limits *limits)
{
	struct alloc_table *table = calloc(1, sizeof(*table));
	int err;

	if (table == NULL)
		return -ENOMEM;
	table->limits = *limits;
	alloc_users_init(&table->users, limits->per_prefix, limits->kbps,
	    limits->inkernel != NULL ? limits->inkernel->rates : NULL);
	wheel_init(&table->wheel, clock_ns() / CLOCK_S);
	wheel_init(&table->kept, table->wheel.now_s);
	err = shared_new(&table->shared, limits->inkernel);
	if (err < 0)
		goto no_shared;
	err = crypto_random(&table->seed, sizeof(table->seed));
	if (err < 0)
		goto no_seed;
	err = -ENOMEM;
	table->pace = quota_new(&(const struct quota_options){
	    .window_ms = ALLOC_PACE_MS, .max_keys = PACED_MAX,
	    .evenly = true });
	if (table->pace == NULL)
		goto no_seed;
	err = -pthread_mutex_init(&table->mutex, NULL);
	if (err < 0)
		goto no_mutex;
	err = reclaim_new(&table->reclaim, tick, table);
	if (err < 0)
		goto no_keeper;
	*out = table;
	return 0;

no_keeper:
	pthread_mutex_destroy(&table->mutex);
no_mutex:
	quota_free(table->pace);
no_seed:
	shared_free(table->shared);
no_shared:
	free(table);
	return err;
}

void
alloc_table_free(struct alloc_table *table)
{
	size_t i;

	if (table == NULL)
		return;
	pthread_mutex_lock(&table->mutex);
	for (i = 0; i < BUCKETS; i++)
		while (table->calls[i] != NULL)
			alloc_remove_call(table, table->calls[i]);
	pthread_mutex_unlock(&table->mutex);
	reclaim_free(table->reclaim);
	alloc_users_free(&table->users);
	pthread_mutex_destroy(&table->mutex);
	quota_free(table->pace);
	shared_free(table->shared);
	free(table);
}

void
alloc_set_service(struct alloc_table *table, unsigned service,
    const struct alloc_service_limits *limits)
{
	pthread_mutex_lock(&table->mutex);
	alloc_users_limit(&table->users, service, limits);
	pthread_mutex_unlock(&table->mutex);
}

void
alloc_renew_service(struct alloc_table *table, unsigned service)
{
	alloc_users_renew(&table->users, service);
}

const struct alloc_service_counts *
alloc_service_counts(const struct alloc_table *table, unsigned service)
{
	return &table->users.services[service].counts;
}

void
alloc_limited(struct alloc_table *table, struct alloc_limited *out)
{
	pthread_mutex_lock(&table->mutex);
	*out = table->limited;
	pthread_mutex_unlock(&table->mutex);
}

unsigned
alloc_count(const struct alloc_table *table)
{
	return __atomic_load_n(&table->n, __ATOMIC_RELAXED);
}
