/*
 * quota: a rate limit per key. Memory is bounded: a new key takes the place of
 * the one that was used the longest ago, so that nobody is refused because
 * strangers filled the table. It reads no clock; `now_ms` comes from the
 * caller.
 */
#ifndef RP_BASE_QUOTA_H
#define RP_BASE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUOTA_KEY 48		/* bytes of a key, at most */

struct quota;

struct quota_options {
	uint32_t window_ms;
	size_t max_keys;	/* 1 or more */
	/*
	 * A bucket that refills evenly, as pace does. Otherwise a key has its
	 * allowance once in a window, which begins with its first use. That
	 * is never exceeded within a window, as where a bill is counted.
	 */
	bool evenly;
	uint64_t *forgotten;	/* counts keys that made room; may be NULL */
};

/* Make one. NULL if out of memory. */
struct quota *quota_new(const struct quota_options *options);
void quota_free(struct quota *quota);

/*
 * Take one of `most`, which may differ from call to call; with 0 there is no
 * limit. Return 0, or the milliseconds until one is available again. Without
 * memory for a new key that is the whole window.
 */
uint32_t quota_take(struct quota *quota, const void *key, size_t key_bytes,
    long most, uint64_t now_ms);

/* Return what quota_take would, and take nothing. */
uint32_t quota_wait(const struct quota *quota, const void *key,
    size_t key_bytes, long most, uint64_t now_ms);

/* Return how many could be taken now; LONG_MAX if there is no limit. */
long quota_left(const struct quota *quota, const void *key, size_t key_bytes,
    long most, uint64_t now_ms);

#endif
