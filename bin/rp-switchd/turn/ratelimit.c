/*
 * ratelimit: a budget of answers and bytes per source prefix, for
 * unauthenticated clients. See ratelimit.h.
 */
#include "turn/ratelimit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "table/tuple.h"

#define ENTRIES 4096		/* fixed: strangers cannot make it grow */

struct bucket {
	uint64_t since_ns;	/* 0: full */
	uint64_t answers_ns;	/* left, as the time in which they return */
	uint64_t keys_ns;	/* likewise */
	uint32_t bytes;		/* left */
};

struct ratelimit {
	struct tuple_seed seed;
	uint64_t answer_ns;	/* time per answer */
	struct bucket entries[ENTRIES];
};

int
ratelimit_new(struct ratelimit **out, unsigned per_second)
{
	struct ratelimit *limit = calloc(1, sizeof(*limit));

	if (limit == NULL)
		return -ENOMEM;
	if (crypto_random(&limit->seed, sizeof(limit->seed)) < 0) {
		free(limit);
		return -EIO;
	}
	limit->answer_ns = CLOCK_S / per_second;
	*out = limit;
	return 0;
}

void
ratelimit_free(struct ratelimit *limit)
{
	free(limit);
}

static struct bucket *
entry_of(struct ratelimit *limit, const struct addr *client)
{
	static const struct addr none;
	struct tuple prefix;
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(client, &ip_bytes);

	tuple_make(&prefix, &none, &none, TUPLE_UDP);
	prefix.w[4] = ip_bytes;
	memcpy(prefix.w, ip, ip_bytes == 4 ? 3 : 6);
	return &limit->entries[tuple_hash(&prefix, &limit->seed) % ENTRIES];
}

static void
refill(struct bucket *entry, uint64_t now_ns)
{
	uint64_t passed = now_ns - entry->since_ns, bytes;

	if (entry->since_ns == 0 || passed > 60 * CLOCK_S)
		passed = 60 * CLOCK_S;		/* fills both */
	bytes = passed * RATELIMIT_AHEAD_PER_S / CLOCK_S;
	if (bytes == 0 && entry->since_ns != 0)
		return;				/* too soon for any */
	entry->since_ns = now_ns;
	entry->answers_ns += passed;
	if (entry->answers_ns > CLOCK_S)
		entry->answers_ns = CLOCK_S;
	entry->keys_ns += passed;
	if (entry->keys_ns > CLOCK_S)
		entry->keys_ns = CLOCK_S;
	entry->bytes += (uint32_t)bytes;
	if (entry->bytes > RATELIMIT_AHEAD)
		entry->bytes = RATELIMIT_AHEAD;
}

bool
ratelimit_take(struct ratelimit *limit, const struct addr *client,
    size_t in_bytes, size_t out_bytes, uint64_t now_ns)
{
	struct bucket *entry = entry_of(limit, client);

	refill(entry, now_ns);
	/* Bytes that came in count, whether they are answered or not. */
	entry->bytes += (uint32_t)in_bytes;
	if (entry->bytes > RATELIMIT_AHEAD + (uint32_t)in_bytes)
		entry->bytes = RATELIMIT_AHEAD + (uint32_t)in_bytes;
	if (entry->bytes < out_bytes || entry->answers_ns < limit->answer_ns)
		return false;
	entry->bytes -= (uint32_t)out_bytes;
	entry->answers_ns -= limit->answer_ns;
	return true;
}

bool
ratelimit_may_try(struct ratelimit *limit, const struct addr *client,
    uint64_t now_ns)
{
	struct bucket *entry = entry_of(limit, client);

	refill(entry, now_ns);
	return entry->keys_ns >= limit->answer_ns / RATELIMIT_KEYS;
}

void
ratelimit_tried(struct ratelimit *limit, const struct addr *client,
    unsigned keys)
{
	struct bucket *entry = entry_of(limit, client);
	uint64_t cost_ns = keys * (limit->answer_ns / RATELIMIT_KEYS);

	entry->keys_ns -= cost_ns < entry->keys_ns ? cost_ns : entry->keys_ns;
}
