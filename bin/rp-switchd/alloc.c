#include "alloc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"

static struct alloc **
tuple_bucket(struct alloc_table *table, const struct tuple *tuple)
{
	return &table->tuples[tuple_hash(tuple, &table->seed) % BUCKETS];
}

static struct alloc_call **
call_bucket(struct alloc_table *table, const char *name)
{
	return &table->calls[tuple_hash_text(name, &table->seed) % BUCKETS];
}

struct alloc_call *
alloc_find_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call = *call_bucket(table, name);

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
alloc_of_socket(const struct alloc_table *table, int fd, uint64_t now_ns)
{
	const struct addr *relayed;
	struct alloc *a;

	a = __atomic_load_n(&table->sockets[fd], __ATOMIC_ACQUIRE);
	if (a == NULL)
		return NULL;
	relayed = fd == a->fd ? &a->relayed : &a->second->relayed;
	return alloc_lives(a, relayed->sa.sa_family, now_ns) ? a : NULL;
}

static bool
is_at_ip(const struct alloc *a, const struct addr *ip)
{
	return addr_equal_ip(&a->relayed, ip) || (a->second != NULL &&
	    addr_equal_ip(&a->second->relayed, ip));
}

bool
alloc_call_is_at(const struct alloc *a, const struct addr *ip)
{
	const struct alloc *s;

	s = __atomic_load_n(&a->call->allocs, __ATOMIC_ACQUIRE);
	while (s != NULL && !is_at_ip(s, ip))
		s = __atomic_load_n(&s->sibling, __ATOMIC_ACQUIRE);
	return s != NULL;
}

/* Whose is the relay socket? */
static void
show_socket(struct alloc_table *table, int fd, struct alloc *a)
{
	if (fd >= 0)
		__atomic_store_n(&table->sockets[fd], a, __ATOMIC_RELEASE);
}

/* Take it out of where readers look. */
static void
hide(struct alloc_table *table, const struct alloc *a)
{
	struct alloc **link;

	show_socket(table, a->fd, NULL);
	if (a->second != NULL)
		show_socket(table, a->second->fd, NULL);
	link = tuple_bucket(table, &a->tuple);
	while (*link != a)
		link = &(*link)->next;
	__atomic_store_n(link, a->next, __ATOMIC_RELEASE);
	link = &a->call->allocs;
	while (*link != a)
		link = &(*link)->sibling;
	__atomic_store_n(link, a->sibling, __ATOMIC_RELEASE);
}

/* All but what becomes of the call. */
static void
take(struct alloc_table *table, struct alloc *a)
{
	struct alloc_call *call = a->call;
	struct alloc *s;

	hide(table, a);
	for (s = call->allocs; s != NULL; s = s->sibling)
		chan_unlink(s->chans, a);
	a->gone = true;
	alloc_remember(call, a);
	alloc_remember_socket(table, a->fd);
	if (a->second != NULL)
		alloc_remember_socket(table, a->second->fd);
	perm_bury(&a->perms, table->keeper);
	chan_bury(&a->chans, table->keeper);
	wheel_clear(&a->expiry);
	__atomic_store_n(&table->n, table->n - 1, __ATOMIC_RELAXED);
	keeper_bury(table->keeper, &a->item);
	call->n--;
}

void
alloc_remove_call(struct alloc_table *table, struct alloc_call *call)
{
	struct alloc_call **link = call_bucket(table, call->name);

	while (call->allocs != NULL)
		take(table, call->allocs);
	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	wheel_clear(&call->expiry);
	free(call->reserved);		/* no reader looks there */
	alloc_forget(call);
	keeper_bury(table->keeper, &call->item);
}

/* If it holds no allocation: what it did may still be asked for. */
static void
settle(struct alloc_table *table, struct alloc_call *call)
{
	if (call->n == 0 && call->gone == NULL)
		alloc_remove_call(table, call);
	else if (call->n == 0)
		wheel_set(&table->kept, &call->expiry,
		    table->kept.now_s + ALLOC_KEPT_S);
}

void
alloc_remove(struct alloc_table *table, struct alloc *a)
{
	struct alloc_call *call = a->call;

	take(table, a);
	settle(table, call);
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
	/* Rounded up, so that the wheel never comes early. */
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
	wheel_init(&table->wheel, clock_ns() / CLOCK_S);
	wheel_init(&table->kept, table->wheel.now_s);
	err = crypto_random(&table->seed, sizeof(table->seed));
	if (err < 0)
		goto no_seed;
	err = -pthread_mutex_init(&table->mutex, NULL);
	if (err < 0)
		goto no_seed;
	err = keeper_new(&table->keeper, tick, table);
	if (err < 0)
		goto no_keeper;
	*out = table;
	return 0;

no_keeper:
	pthread_mutex_destroy(&table->mutex);
no_seed:
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
	keeper_free(table->keeper);
	pthread_mutex_destroy(&table->mutex);
	free(table);
}

static struct alloc_call *
get_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call = alloc_find_call(table, name);
	struct alloc_call **bucket = call_bucket(table, name);

	if (call != NULL)
		return call;
	call = calloc(1, sizeof(*call));
	if (call == NULL)
		return NULL;
	memcpy(call->name, name, strlen(name) + 1);
	call->next = *bucket;
	*bucket = call;
	return call;
}

static bool
over_quota(const struct alloc_table *table, const struct alloc_call *call,
    const char *party)
{
	const struct alloc *s;
	unsigned n = 0;

	if (table->limits.per_call != 0 && call->n >= table->limits.per_call)
		return true;
	if (table->limits.per_party == 0)
		return false;
	for (s = call->allocs; s != NULL; s = s->sibling)
		n += strcmp(s->party, party) == 0;
	return n >= table->limits.per_party;
}

/* Only now nobody can be sending by it. */
static void
close_socket(struct keeper_item *item)
{
	struct alloc *a = (struct alloc *)item;

	if (a->fd >= 0)
		close(a->fd);
	if (a->second != NULL && a->second->fd >= 0)
		close(a->second->fd);
	free(a->second);
}

static struct alloc *
make(const struct alloc_new *new)
{
	struct alloc *a = calloc(1, sizeof(*a));
	size_t len = strlen(new->username);

	if (a == NULL)
		return NULL;
	if (new->second != NULL) {
		a->second = calloc(1, sizeof(*a->second));
		if (a->second == NULL) {
			free(a);
			return NULL;
		}
		a->second->relayed = *new->second;
		a->second->fd = new->second_fd;
	}
	tuple_make(&a->tuple, new->client, new->local,
	    new->inbox != NULL ? TUPLE_TCP : TUPLE_UDP);
	a->client = *new->client;
	a->local = *new->local;
	a->item.end = close_socket;
	a->fd = new->fd;
	a->listen = new->listen;
	a->inbox = new->inbox;
	a->stream = new->stream;
	a->tls = new->tls;
	a->relayed = *new->relayed;
	memcpy(a->username, new->username, len + 1);
	a->party = a->username + len - strlen(new->cred->party);
	a->key = *new->key;
	memcpy(a->transaction, new->transaction, sizeof(a->transaction));
	return a;
}

static void
link_channels(struct chan_set *chans, struct alloc *a)
{
	chan_link(chans, &a->relayed, a);
	if (a->second != NULL)
		chan_link(chans, &a->second->relayed, a);
}

/* Show a, which is complete, to readers. */
static void
publish(struct alloc_table *table, struct alloc *a)
{
	struct alloc **bucket = tuple_bucket(table, &a->tuple), *s;

	for (s = a->call->allocs; s != NULL; s = s->sibling)
		link_channels(s->chans, a);
	a->sibling = a->call->allocs;
	__atomic_store_n(&a->call->allocs, a, __ATOMIC_RELEASE);
	a->next = *bucket;
	__atomic_store_n(bucket, a, __ATOMIC_RELEASE);
	show_socket(table, a->fd, a);
	if (a->second != NULL)
		show_socket(table, a->second->fd, a);
	if (a->call->n++ == 0)
		wheel_clear(&a->call->expiry);
	__atomic_store_n(&table->n, table->n + 1, __ATOMIC_RELAXED);
	alloc_schedule(table, a);
}

/* Has that very request, from wherever it came, made one already? */
static bool
is_repeated(const struct alloc_call *call, const struct alloc_new *new)
{
	const struct alloc *s;

	for (s = call->allocs; s != NULL; s = s->sibling)
		if (memcmp(s->transaction, new->transaction,
		    sizeof(s->transaction)) == 0 &&
		    strcmp(s->username, new->username) == 0)
			return true;
	return false;
}

/* May this call and party have one more? Under the mutex. */
static int
admit(struct alloc_table *table, const struct alloc_new *new, uint64_t now_ns)
{
	const struct alloc_call *call;
	struct tuple tuple;
	struct alloc *old;

	if (ended_has(&table->ended,
	    tuple_hash_text(new->cred->call, &table->seed), now_ns))
		return -ECANCELED;
	tuple_make(&tuple, new->client, new->local,
	    new->inbox != NULL ? TUPLE_TCP : TUPLE_UDP);
	if (alloc_find(table, &tuple, now_ns) != NULL)
		return -EEXIST;
	/* One that has expired, and the wheel has not come to yet. */
	old = alloc_find(table, &tuple, 0);
	if (old != NULL)
		alloc_remove(table, old);
	if (new->fd >= SOCKETS || new->second_fd >= SOCKETS)
		return -ENOSPC;
	if (table->limits.total != 0 && table->n >= table->limits.total)
		return -ENOSPC;
	call = alloc_find_call(table, new->cred->call);
	if (call != NULL && is_repeated(call, new))
		return -ESTALE;
	if (call != NULL && over_quota(table, call, new->cred->party))
		return -EDQUOT;
	return 0;
}

static void
begin_life(struct alloc *a, uint64_t expires_ns)
{
	a->expires_ns = expires_ns;
	if (a->second != NULL)
		a->second->expires_ns = a->second->first_expires_ns =
		    expires_ns;
}

int
alloc_add(struct alloc_table *table, const struct alloc_new *new,
    uint64_t now_ns, struct alloc **out)
{
	struct alloc *a;
	int err;

	pthread_mutex_lock(&table->mutex);
	err = admit(table, new, now_ns);
	if (err < 0)
		goto refused;
	err = -ENOMEM;
	a = make(new);
	if (a == NULL)
		goto refused;
	a->call = get_call(table, new->cred->call);
	if (a->call == NULL)
		goto no_call;
	err = alloc_choose_ports(a->call, a, new, now_ns);
	if (err < 0)
		goto no_port;
	begin_life(a, now_ns + new->lifetime_s * CLOCK_S);
	publish(table, a);
	pthread_mutex_unlock(&table->mutex);
	*out = a;
	return 0;

no_port:
	settle(table, a->call);
no_call:
	free(a->second);
	free(a);
refused:
	pthread_mutex_unlock(&table->mutex);
	return err;
}

unsigned
alloc_count(const struct alloc_table *table)
{
	return __atomic_load_n(&table->n, __ATOMIC_RELAXED);
}
