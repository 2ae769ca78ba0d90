/*
 * endpoints: a set-associative table of keyed hashes. See endpoints.h.
 */
#include "queue/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

/*
 * 65,536 endpoints in 3 MiB, of which only used pages are in memory. Services
 * with more are busy enough to be judged by any of them.
 */
#define SETS 8192
#define WAYS 8

/* A subscription that nobody called for a day is a new one. */
#define KEPT_MS 86400000

#define SEED 16

struct endpoints {
	uint8_t seed[SEED];
	struct endpoint sets[SETS][WAYS];
};

struct endpoints *
endpoints_new(void)
{
	struct endpoints *endpoints = calloc(1, sizeof(*endpoints));

	if (endpoints == NULL)
		return NULL;
	if (crypto_random(endpoints->seed, SEED) < 0) {
		free(endpoints);
		return NULL;
	}
	return endpoints;
}

void
endpoints_free(struct endpoints *endpoints)
{
	free(endpoints);
}

uint64_t
endpoints_key(const struct endpoints *endpoints, const char *service,
    const json_t *to)
{
	char *text = json_dumps(to, JSON_COMPACT | JSON_SORT_KEYS);
	size_t name_len = strlen(service) + 1, text_len;
	uint8_t digest[CRYPTO_SHA256], *data;
	uint64_t key = 0;

	if (text == NULL)
		return 0;
	text_len = strlen(text);
	data = malloc(SEED + name_len + text_len);
	if (data != NULL) {
		memcpy(data, endpoints->seed, SEED);
		memcpy(data + SEED, service, name_len);
		memcpy(data + SEED + name_len, text, text_len);
		crypto_sha256(digest, data, SEED + name_len + text_len);
		memcpy(&key, digest, sizeof(key));
	}
	free(data);
	free(text);
	return key;
}

struct endpoint *
endpoints_get(struct endpoints *endpoints, uint64_t key, uint64_t now_ms)
{
	struct endpoint *set = endpoints->sets[key % SETS];
	struct endpoint *found = &set[0];
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			found = &set[i];
			break;
		}
		if (set[i].used_ms < found->used_ms)
			found = &set[i];
	}
	if (found->key != key || now_ms - found->used_ms > KEPT_MS)
		*found = (struct endpoint){ .key = key };
	found->used_ms = now_ms;
	return found;
}

enum endpoint_lane
endpoint_lane(const struct endpoint *endpoint)
{
	/* Its connection may have broken, which is not its own fault. */
	unsigned forgiven = endpoint->worked ? 1 : 0;

	if (endpoint->failures > forgiven)
		return ENDPOINT_FAILED;
	return endpoint->worked && endpoint->failures == 0 ? ENDPOINT_PROVEN :
	    ENDPOINT_FRESH;
}

void
endpoint_worked(struct endpoint *endpoint)
{
	endpoint->worked = true;
	endpoint->failures = 0;
	endpoint->hold_until_ms = 0;
}

void
endpoint_failed(struct endpoint *endpoint, unsigned epoch)
{
	if (endpoint->failures++ > 0)
		return;
	endpoint->row_epoch = epoch;
	endpoint->counted = false;
}

void
endpoint_refused(struct endpoint *endpoint)
{
	endpoint->worked = false;
	endpoint->failures = 0;
	endpoint->hold_until_ms = 0;
}
