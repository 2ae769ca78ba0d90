/*
 * quota: so many of something for each key in so long, for what a stranger may
 * ask for. Bounded: when there are too many keys none gets more. Knows no
 * clock: now_ms is the caller's.
 */
#ifndef RP_BASE_QUOTA_H
#define RP_BASE_QUOTA_H

#include <stddef.h>
#include <stdint.h>

#define QUOTA_KEY 40		/* bytes of a key, at most */

struct quota;

struct quota_options {
	unsigned most;		/* in a window */
	uint32_t window_ms;
	size_t max_keys;
};

/* NULL if out of memory. */
struct quota *quota_new(const struct quota_options *options);
void quota_free(struct quota *quota);

/* Take one. 0, or the milliseconds until there is one again. */
uint32_t quota_take(struct quota *quota, const void *key, size_t key_bytes,
    uint64_t now_ms);

#endif
