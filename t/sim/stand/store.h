/*
 * store: what the one directory of all switches holds. Each subscriber is kept
 * as it was for a while, because a replica may be late. For the engines that
 * read it: that of this version (directory.c), and that of 0.1.0.
 */
#ifndef RP_SIM_STORE_H
#define RP_SIM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/directory.h"

#define STORE_LAG_MOST_MS 600000

struct store_device {
	uint8_t hash[CRYPTO_SHA256];
	char *push;
	int64_t push_s, seen_s, added_s;
};

/* A subscriber from `since` on, until the one that is later. */
struct store_version {
	struct store_version *earlier;
	uint64_t since;
	size_t n;
	struct store_device devices[DIRECTORY_DEVICES];
};

/* Return a number as it was at that time; NULL: it was not there. */
const struct store_version *store_find(const char *number, uint64_t at);

/* Change it, now. Return 0, -ENOENT, -EEXIST or -ENOSPC. */
int store_add(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    const char *push, int64_t now_s);
int store_push(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    const char *push, int64_t now_s, int64_t before_s);
int store_seen(const char *number, const uint8_t hash[static CRYPTO_SHA256],
    int64_t day_s);
int store_remove(const char *number, const uint8_t hash[static CRYPTO_SHA256]);

void store_reset(void);

#endif
