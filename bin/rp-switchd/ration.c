#include "ration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "tuple.h"

#define ENTRIES 4096

struct entry {
	uint64_t since_ns;	/* 0: full */
	uint64_t answers_ns;	/* left, in time that they take to return */
	uint32_t bytes;		/* left */
};

struct ration {
	struct tuple_seed seed;
	uint64_t answer_ns;	/* until one answer more may be given */
	struct entry entries[ENTRIES];
};

int
ration_new(struct ration **out, unsigned per_second)
{
	struct ration *ration = calloc(1, sizeof(*ration));

	if (ration == NULL)
		return -ENOMEM;
	if (crypto_random(&ration->seed, sizeof(ration->seed)) < 0) {
		free(ration);
		return -EIO;
	}
	ration->answer_ns = CLOCK_S / per_second;
	*out = ration;
	return 0;
}

void
ration_free(struct ration *ration)
{
	free(ration);
}

static struct entry *
entry_of(struct ration *ration, const struct addr *client)
{
	static const struct addr none;
	struct tuple prefix;
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(client, &ip_bytes);

	tuple_make(&prefix, &none, &none, TUPLE_UDP);
	prefix.w[4] = ip_bytes;
	memcpy(prefix.w, ip, ip_bytes == 4 ? 3 : 6);
	return &ration->entries[tuple_hash(&prefix, &ration->seed) % ENTRIES];
}

static void
refill(struct entry *entry, uint64_t now_ns)
{
	uint64_t passed = now_ns - entry->since_ns, bytes;

	if (entry->since_ns == 0 || passed > 60 * CLOCK_S)
		passed = 60 * CLOCK_S;		/* fills both */
	bytes = passed * RATION_AHEAD_PER_S / CLOCK_S;
	if (bytes == 0 && entry->since_ns != 0)
		return;				/* too soon to tell */
	entry->since_ns = now_ns;
	entry->answers_ns += passed;
	if (entry->answers_ns > CLOCK_S)
		entry->answers_ns = CLOCK_S;
	entry->bytes += (uint32_t)bytes;
	if (entry->bytes > RATION_AHEAD)
		entry->bytes = RATION_AHEAD;
}

bool
ration_take(struct ration *ration, const struct addr *client,
    size_t in_bytes, size_t out_bytes, uint64_t now_ns)
{
	struct entry *entry = entry_of(ration, client);

	refill(entry, now_ns);
	/* What came in is paid for, whether it is answered or not. */
	entry->bytes += (uint32_t)in_bytes;
	if (entry->bytes > RATION_AHEAD + (uint32_t)in_bytes)
		entry->bytes = RATION_AHEAD + (uint32_t)in_bytes;
	if (entry->bytes < out_bytes || entry->answers_ns < ration->answer_ns)
		return false;
	entry->bytes -= (uint32_t)out_bytes;
	entry->answers_ns -= ration->answer_ns;
	return true;
}
