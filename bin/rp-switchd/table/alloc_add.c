/*
 * alloc_add: admit a new allocation: quotas, ports, links between channels.
 * Called by turnreq_alloc; takes the table's mutex.
 */
#include "table/alloc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/quota.h"

/* The call is gone, and so are all threads that could see it. */
static void
free_parties(struct reclaim_item *item)
{
	struct alloc_call *call = (struct alloc_call *)item;
	uint64_t now_ns = clock_ns();
	struct alloc_party *party;

	while ((party = call->parties) != NULL) {
		call->parties = party->next;
		shared_give_share(call->shared, party->share, now_ns);
		free(party);
	}
	shared_give_share(call->shared, call->share, now_ns);
}

struct alloc_call *
alloc_get_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call = alloc_find_call(table, name);
	struct alloc_call **bucket = alloc_call_bucket(table, name);

	if (call != NULL)
		return call;
	call = calloc(1, sizeof(*call));
	if (call == NULL)
		return NULL;
	call->item.end = free_parties;
	call->shared = table->shared;
	call->share = alloc_take_share(call->shared, &call->own);
	memcpy(call->name, name, strlen(name) + 1);
	call->next = *bucket;
	*bucket = call;
	return call;
}

/* Find or make the party's share. NULL if out of memory. */
static struct alloc_share *
get_share(struct alloc_call *call, const char *name)
{
	struct alloc_party *party = call->parties;

	for (; party != NULL; party = party->next)
		if (strcmp(party->name, name) == 0)
			return party->share;
	if (call->n_parties == ALLOC_PARTIES)
		return call->parties->share;
	party = calloc(1, sizeof(*party));
	if (party == NULL)
		return NULL;
	memcpy(party->name, name, strlen(name) + 1);
	party->next = call->parties;
	call->parties = party;
	call->n_parties++;
	party->share = alloc_take_share(call->shared, &party->own);
	return party->share;
}

/*
 * Find the share of the new allocation. Credentials that name no party serve
 * both ends, and the call alone has one.
 */
static int
set_share(struct alloc *a, const struct turncred *cred)
{
	if (!cred->ours)
		return 0;		/* its user's is the call's */
	if (cred->party[0] == '\0') {
		a->call->nameless = true;
	} else {
		a->share = get_share(a->call, cred->party);
		if (a->share == NULL)
			return -ENOMEM;
	}
	alloc_settle_share(a->call);
	return 0;
}

/* Return when its client last sent a packet to relay. */
static uint64_t
heard_ns(const struct alloc *a)
{
	uint64_t last_ns = counter_get(&a->traffic->last_ns);

	return last_ns > a->made_ns ? last_ns : a->made_ns;
}

/* Return the party's allocation that has been silent the longest, or NULL. */
static struct alloc *
find_quietest(const struct alloc_call *call, const char *party)
{
	struct alloc *s, *found = NULL;

	for (s = call->allocs; s != NULL; s = s->sibling)
		if (strcmp(s->party, party) == 0 &&
		    (found == NULL || heard_ns(s) < heard_ns(found)))
			found = s;
	return found;
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

/* Close its socket. Only now can nobody be sending by it. */
static void
close_socket(struct reclaim_item *item)
{
	struct alloc *a = (struct alloc *)item;

	alloc_leave_kernel(a);
	if (a->fd >= 0)
		close(a->fd);
	if (a->second != NULL && a->second->fd >= 0)
		close(a->second->fd);
	free(a->second);
}

static enum callstats_via
via_of(const struct alloc_new *new)
{
	if (new->inbox == NULL)
		return CALLSTATS_UDP;
	return new->tls ? CALLSTATS_TLS : CALLSTATS_TCP;
}

static struct alloc *
make_alloc(struct shared *shared, const struct alloc_new *new,
    uint64_t now_ns)
{
	size_t len = strlen(new->username);
	/* One block, with the name: it may be long, and seldom is. */
	struct alloc *a = calloc(1, sizeof(*a) + len + 1);

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
	a->made_ns = now_ns;
	a->flow = (uint8_t)CALLSTATS_FLOW(via_of(new),
	    addr_is_v6(new->client));
	a->relayed = *new->relayed;
	a->username = memcpy(a + 1, new->username, len + 1);
	a->party = a->username + len - strlen(new->cred->party);
	a->key = *new->key;
	memcpy(a->transaction, new->transaction, sizeof(a->transaction));
	alloc_enter_kernel(a, new->inbox == NULL ? shared : NULL, now_ns);
	return a;
}

static void
link_channels(struct chan_set *chans, struct alloc *a)
{
	chan_link(chans, &a->relayed, a);
	if (a->second != NULL)
		chan_link(chans, &a->second->relayed, a);
}

/* Publish `a`, which is complete, to readers. */
static void
publish(struct alloc_table *table, struct alloc *a)
{
	struct alloc **bucket = alloc_tuple_bucket(table, &a->tuple), *s;

	/* Others are looked up by their address for each packet. */
	if (a->space == ALLOC_SIBLINGS)
		for (s = a->call->allocs; s != NULL; s = s->sibling)
			link_channels(s->chans, a);
	a->sibling = a->call->allocs;
	a->sibling_link = &a->call->allocs;
	if (a->sibling != NULL)
		a->sibling->sibling_link = &a->sibling;
	__atomic_store_n(&a->call->allocs, a, __ATOMIC_RELEASE);
	a->next = *bucket;
	__atomic_store_n(bucket, a, __ATOMIC_RELEASE);
	alloc_show_relayed(table, a);
	alloc_show_socket(table, a->fd, a);
	if (a->second != NULL)
		alloc_show_socket(table, a->second->fd, a);
	if (a->call->n++ == 0)
		wheel_clear(&a->call->expiry);
	__atomic_store_n(&table->n, table->n + 1, __ATOMIC_RELAXED);
	alloc_schedule(table, a);
}

/*
 * Has that same request, from any address, made an allocation already? Just our
 * own calls have early nonces, which are good at every address.
 */
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

/*
 * Have a silent allocation of that party make room, if there is one. The call
 * stays, even if that was its last one: the next follows at once.
 */
static bool
evict_silent(struct alloc_table *table, struct alloc_call *call,
    const char *party, uint64_t now_ns)
{
	struct alloc *quietest;
	uint64_t silent_ns;

	if (now_ns < call->silent_ns)
		return false;
	quietest = find_quietest(call, party);
	if (quietest == NULL)
		return false;
	silent_ns = heard_ns(quietest) + ALLOC_SILENT_S * CLOCK_S;
	if (silent_ns > now_ns) {
		/* A user, who is one party, may have too many to look often. */
		if (quietest->service != NULL)
			call->silent_ns = silent_ns;
		return false;
	}
	table->limited.evicted++;
	alloc_remove(table, quietest);
	return true;
}

/* May the party have one more? A silent one of its own makes room. */
static bool
make_room(struct alloc_table *table, struct alloc_call *call,
    const char *party, uint64_t now_ns)
{
	return !over_quota(table, call, party) ||
	    evict_silent(table, call, party, now_ns);
}

/*
 * Count an allocation of that party or user, of `most`. The key is a hash,
 * because a username is longer than a key can be.
 */
static bool
within_pace(struct alloc_table *table, const struct turncred *cred, long most,
    uint64_t now_ns)
{
	uint64_t key[2] = {
		tuple_hash_text(cred->call, &table->seed),
		tuple_hash_text(cred->party, &table->seed)
	};

	return quota_take(table->pace, key, sizeof(key), most,
	    now_ns / CLOCK_MS) == 0;
}

/* Refuse an allocation for that reason, which is counted. */
static int
refuse_alloc(uint64_t *count, int err)
{
	(*count)++;
	return err;
}

/* May this call and party of ours have one more? */
static int
admit_party(struct alloc_table *table, struct alloc_call *call,
    const struct turncred *cred, uint64_t now_ns)
{
	struct alloc_limited *limited = &table->limited;

	if (call != NULL && !make_room(table, call, cred->party, now_ns))
		return refuse_alloc(&limited->held, -EDQUOT);
	if (!within_pace(table, cred, (long)table->limits.per_pace, now_ns))
		return refuse_alloc(&limited->paced, -EDQUOT);
	return 0;
}

/*
 * Return how many a user may make in ALLOC_PACE_MS: as many as it may hold, if
 * that is more than a party may make. 0: no limit.
 */
static long
user_pace(const struct alloc_table *table, const struct alloc_service *s)
{
	if (s->per_user == 0 || table->limits.per_pace == 0)
		return 0;
	return s->per_user > table->limits.per_pace ? (long)s->per_user :
	    (long)table->limits.per_pace;
}

/* May this user have one more, and its service and network? */
static int
admit_user(struct alloc_table *table, struct alloc_call *call,
    const struct alloc_new *new, uint64_t now_ns)
{
	struct alloc_service *s = &table->users.services[new->cred->service];
	struct alloc_limited *limited = &table->limited;
	int err;

	err = alloc_users_admit(&table->users, &table->seed,
	    new->cred->service, new->client);
	if (err == -ENOBUFS)
		alloc_users_refused(&s->counts.over_service);
	if (err < 0)
		return refuse_alloc(err == -ENOBUFS ? &limited->service :
		    &limited->prefix, err);
	if (call != NULL && s->per_user != 0 && call->n >= s->per_user &&
	    !evict_silent(table, call, "", now_ns)) {
		alloc_users_refused(&s->counts.over_user);
		return refuse_alloc(&limited->user, -EDQUOT);
	}
	if (!within_pace(table, new->cred, user_pace(table, s), now_ns)) {
		alloc_users_refused(&s->counts.over_user);
		return refuse_alloc(&limited->user_paced, -EDQUOT);
	}
	return 0;
}

/*
 * Are there no places for one more? Users of other applications leave an eighth
 * of them to our own calls, which could otherwise have no media because of them.
 */
static bool
is_full(const struct alloc_table *table, bool ours)
{
	size_t total = table->limits.total;

	return total != 0 && table->n >= (ours ? total : total - total / 8);
}

/* May this call and party have one more? Under the mutex. */
static int
admit(struct alloc_table *table, const struct alloc_new *new, uint64_t now_ns)
{
	struct alloc_call *call;
	struct tuple tuple;
	struct alloc *old;

	if (tombstones_has(&table->ended,
	    tuple_hash_text(new->cred->call, &table->seed), now_ns))
		return -ECANCELED;
	tuple_make(&tuple, new->client, new->local,
	    new->inbox != NULL ? TUPLE_TCP : TUPLE_UDP);
	if (alloc_find(table, &tuple, now_ns) != NULL)
		return -EEXIST;
	/* It has expired, but the wheel has not reached it yet. */
	old = alloc_find(table, &tuple, 0);
	if (old != NULL)
		alloc_remove(table, old);
	if (new->fd >= SOCKETS || new->second_fd >= SOCKETS)
		return -ENOSPC;
	if (is_full(table, new->cred->ours))
		return refuse_alloc(&table->limited.total, -ENOSPC);
	call = alloc_find_call(table, new->cred->call);
	if (!new->cred->ours)
		return admit_user(table, call, new, now_ns);
	if (call != NULL && is_repeated(call, new))
		return -ESTALE;
	return admit_party(table, call, new->cred, now_ns);
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
	a = make_alloc(table->shared, new, now_ns);
	if (a == NULL)
		goto refused;
	a->call = alloc_get_call(table, new->cred->call);
	if (a->call == NULL)
		goto no_call;
	a->space = alloc_space(table, new->cred);
	err = set_share(a, new->cred);
	if (err == 0)
		err = alloc_choose_ports(table, a, new, now_ns);
	if (err == 0 && !new->cred->ours)
		err = alloc_users_enter(&table->users, &table->seed,
		    new->cred->service, a);
	if (err < 0)
		goto no_port;
	begin_life(a, now_ns + new->lifetime_s * CLOCK_S);
	publish(table, a);
	pthread_mutex_unlock(&table->mutex);
	*out = a;
	return 0;

no_port:
	alloc_settle(table, a->call);
no_call:
	alloc_leave_kernel(a);
	free(a->second);
	free(a);
refused:
	pthread_mutex_unlock(&table->mutex);
	return err;
}
