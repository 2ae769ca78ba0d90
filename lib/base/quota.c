/*
 * quota: count per key in a window of time. If all keys are taken, a new one
 * gets nothing. See quota.h.
 */
#include "base/quota.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

struct account {
	struct map_node node;
	uint64_t since_ms;	/* the window began */
	unsigned taken;
	char key[QUOTA_KEY];
};

struct quota {
	struct quota_options options;
	struct map *accounts;
	uint64_t now_ms;	/* for drop_old */
};

struct quota *
quota_new(const struct quota_options *options)
{
	struct quota *quota = calloc(1, sizeof(*quota));

	if (quota == NULL)
		return NULL;
	quota->options = *options;
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
	free(account);
}

static void
drop_each(struct map_node *node, void *arg)
{
	drop_account(arg, MAP_ENTRY(node, struct account, node));
}

void
quota_free(struct quota *quota)
{
	if (quota == NULL)
		return;
	map_each(quota->accounts, drop_each, quota);
	map_free(quota->accounts);
	free(quota);
}

static void
drop_old(struct map_node *node, void *arg)
{
	struct account *account = MAP_ENTRY(node, struct account, node);
	struct quota *quota = arg;

	if (quota->now_ms - account->since_ms >= quota->options.window_ms)
		drop_account(quota, account);
}

/* Open an account. NULL if there are too many, or out of memory. */
static struct account *
open_account(struct quota *quota, const void *key, size_t key_bytes)
{
	struct account *account;

	if (map_count(quota->accounts) >= quota->options.max_keys)
		map_each(quota->accounts, drop_old, quota);
	if (map_count(quota->accounts) >= quota->options.max_keys ||
	    key_bytes > QUOTA_KEY)
		return NULL;
	account = calloc(1, sizeof(*account));
	if (account == NULL)
		return NULL;
	memcpy(account->key, key, key_bytes);
	account->since_ms = quota->now_ms;
	map_add(quota->accounts, &account->node, account->key, key_bytes);
	return account;
}

uint32_t
quota_take(struct quota *quota, const void *key, size_t key_bytes,
    uint64_t now_ms)
{
	struct map_node *node = map_find(quota->accounts, key, key_bytes);
	struct account *account;
	uint64_t age_ms;

	quota->now_ms = now_ms;
	account = node != NULL ? MAP_ENTRY(node, struct account, node) :
	    open_account(quota, key, key_bytes);
	if (account == NULL)
		return quota->options.window_ms;
	age_ms = now_ms - account->since_ms;
	if (age_ms >= quota->options.window_ms) {
		account->since_ms = now_ms;
		account->taken = 0;
		age_ms = 0;
	}
	if (account->taken >= quota->options.most)
		return quota->options.window_ms - (uint32_t)age_ms;
	account->taken++;
	return 0;
}
