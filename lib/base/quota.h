/*
 * quota: a rate limit per key, for requests that anybody may make. Memory is
 * bounded: if there are too many keys, new ones get nothing. It reads no clock;
 * `now_ms` comes from the caller.
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

/* Make one. NULL if out of memory. */
struct quota *quota_new(const struct quota_options *options);
void quota_free(struct quota *quota);

/* Take one. Return 0, or the milliseconds until one is available again. */
uint32_t quota_take(struct quota *quota, const void *key, size_t key_bytes,
    uint64_t now_ms);

#endif
