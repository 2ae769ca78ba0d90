/*
 * quota: count per key in a window of time, and forget the oldest key when
 * there is no room. See quota.h.
 */
#include "base/quota.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/map.h"
#include "base/pace.h"

struct account {
	struct map_node node;
	TAILQ_ENTRY(account) by_use;
	struct pace pace;	/* when the whole allowance is there again */
	long taken;		/* in this window, if not evenly */
	char key[QUOTA_KEY];
};

struct quota {
	struct quota_options options;
	struct map *accounts;
	TAILQ_HEAD(, account) used;	/* the least recently used first */
};

struct quota *
quota_new(const struct quota_options *options)
{
	struct quota *quota = calloc(1, sizeof(*quota));

	if (quota == NULL)
		return NULL;
	quota->options = *options;
	TAILQ_INIT(&quota->used);
	quota->accounts = map_new();
	if (quota->accounts == NULL) {
		free(quota);
		return NULL;
	}
	return quota;
}

static void
drop_account(struct quota *quota, struct account *account)
{
	map_remove(quota->accounts, &account->node);
	TAILQ_REMOVE(&quota->used, account, by_use);
	free(account);
}

void
quota_free(struct quota *quota)
{
	if (quota == NULL)
		return;
	while (!TAILQ_EMPTY(&quota->used))
		drop_account(quota, TAILQ_FIRST(&quota->used));
	map_free(quota->accounts);
	free(quota);
}

/*
 * Make room for one account. Those that have their whole allowance are worth
 * nothing; the oldest of the others begins anew when it comes back.
 */
static void
make_room(struct quota *quota, uint64_t now_ms)
{
	struct account *oldest;

	while ((oldest = TAILQ_FIRST(&quota->used)) != NULL &&
	    oldest->pace.full_ms <= now_ms)
		drop_account(quota, oldest);
	if (map_count(quota->accounts) < quota->options.max_keys)
		return;
	drop_account(quota, oldest);
	if (quota->options.forgotten != NULL)
		++*quota->options.forgotten;
}

static struct account *
find_account(const struct quota *quota, const void *key, size_t key_bytes)
{
	struct map_node *node = map_find(quota->accounts, key, key_bytes);

	return node != NULL ? MAP_ENTRY(node, struct account, node) : NULL;
}

/* Open an account. NULL if out of memory, or if the key is too long. */
static struct account *
open_account(struct quota *quota, const void *key, size_t key_bytes,
    uint64_t now_ms)
{
	struct account *account;

	if (key_bytes > QUOTA_KEY)
		return NULL;
	make_room(quota, now_ms);
	account = calloc(1, sizeof(*account));
	if (account == NULL)
		return NULL;
	memcpy(account->key, key, key_bytes);
	map_add(quota->accounts, &account->node, account->key, key_bytes);
	TAILQ_INSERT_TAIL(&quota->used, account, by_use);
	return account;
}

static uint32_t
take_in_window(struct account *account, long most, uint32_t window_ms,
    uint64_t now_ms)
{
	if (account->pace.full_ms <= now_ms) {
		account->pace.full_ms = now_ms + window_ms;
		account->taken = 0;
	}
	if (account->taken >= most)
		return (uint32_t)(account->pace.full_ms - now_ms);
	account->taken++;
	return 0;
}

static uint32_t
take_one(struct account *account, const struct quota_options *options,
    long most, uint64_t now_ms)
{
	uint32_t wait_ms = 0;

	if (!options->evenly)
		return take_in_window(account, most, options->window_ms,
		    now_ms);
	return pace_take(&account->pace, most, options->window_ms, now_ms,
	    &wait_ms) < 0 ? wait_ms : 0;
}

uint32_t
quota_take(struct quota *quota, const void *key, size_t key_bytes, long most,
    uint64_t now_ms)
{
	struct account *account = find_account(quota, key, key_bytes);
	uint32_t wait_ms;

	if (most == 0)
		return 0;
	if (account == NULL)
		account = open_account(quota, key, key_bytes, now_ms);
	if (account == NULL)
		return quota->options.window_ms;
	wait_ms = take_one(account, &quota->options, most, now_ms);
	if (wait_ms > 0)
		return wait_ms;
	TAILQ_REMOVE(&quota->used, account, by_use);
	TAILQ_INSERT_TAIL(&quota->used, account, by_use);
	return 0;
}

uint32_t
quota_wait(const struct quota *quota, const void *key, size_t key_bytes,
    long most, uint64_t now_ms)
{
	const struct account *account = find_account(quota, key, key_bytes);
	struct account trial;

	if (most == 0 || account == NULL)
		return 0;
	trial = *account;
	return take_one(&trial, &quota->options, most, now_ms);
}

long
quota_left(const struct quota *quota, const void *key, size_t key_bytes,
    long most, uint64_t now_ms)
{
	const struct account *account = find_account(quota, key, key_bytes);
	uint32_t wait_ms;
	struct pace pace;

	if (most == 0)
		return LONG_MAX;
	if (account == NULL || account->pace.full_ms <= now_ms)
		return most;
	if (!quota->options.evenly)
		return account->taken < most ? most - account->taken : 0;
	pace = account->pace;
	return pace_take(&pace, most, quota->options.window_ms, now_ms,
	    &wait_ms) + 1;
}
