/* map: an intrusive hash table keyed by SipHash-2-4. See map.h. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

#define FIRST_BUCKETS 64	/* a power of two */

struct map {
	struct map_node **buckets;
	size_t mask;		/* number of buckets - 1 */
	size_t count;
	uint64_t seed[2];
};

struct map *
map_new(void)
{
	struct map *map = calloc(1, sizeof(*map));

	if (map == NULL)
		return NULL;
	map->mask = FIRST_BUCKETS - 1;
	map->buckets = calloc(FIRST_BUCKETS, sizeof(*map->buckets));
	if (map->buckets == NULL ||
	    crypto_random(map->seed, sizeof(map->seed)) < 0) {
		map_free(map);
		return NULL;
	}
	return map;
}

void
map_free(struct map *map)
{
	if (map == NULL)
		return;
	free(map->buckets);
	free(map);
}

static uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
sip_rounds(uint64_t v[static 4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* SipHash-2-4 (Aumasson, Bernstein), in the host's byte order. */
static uint64_t
hash_of(const struct map *map, const void *key, size_t key_bytes)
{
	uint64_t v[4] = {
		map->seed[0] ^ 0x736f6d6570736575, map->seed[1] ^
		0x646f72616e646f6d, map->seed[0] ^ 0x6c7967656e657261,
		map->seed[1] ^ 0x7465646279746573
	};
	const uint8_t *at = key;
	size_t left;
	uint64_t word;

	for (left = key_bytes; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		v[3] ^= word;
		sip_rounds(v, 2);
		v[0] ^= word;
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, left);
	word |= (uint64_t)key_bytes << 56;
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Double the buckets. Without memory for them the map only gets slower. */
static void
grow(struct map *map)
{
	size_t mask = map->mask * 2 + 1, i;
	struct map_node **buckets = calloc(mask + 1, sizeof(*buckets));

	if (buckets == NULL)
		return;
	for (i = 0; i <= map->mask; i++) {
		struct map_node *node = map->buckets[i], *next;

		for (; node != NULL; node = next) {
			next = node->next;
			node->next = buckets[node->hash & mask];
			buckets[node->hash & mask] = node;
		}
	}
	free(map->buckets);
	map->buckets = buckets;
	map->mask = mask;
}

void
map_add(struct map *map, struct map_node *node, const void *key,
    size_t key_bytes)
{
	struct map_node **bucket;

	if (map->count > map->mask)
		grow(map);
	node->hash = hash_of(map, key, key_bytes);
	node->key = key;
	node->key_bytes = key_bytes;
	bucket = &map->buckets[node->hash & map->mask];
	node->next = *bucket;
	*bucket = node;
	map->count++;
}

void
map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = &map->buckets[node->hash & map->mask];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	node->next = NULL;
	map->count--;
}

static struct map_node *
match(struct map_node *node, uint64_t hash, const void *key, size_t key_bytes)
{
	for (; node != NULL; node = node->next)
		if (node->hash == hash && node->key_bytes == key_bytes &&
		    memcmp(node->key, key, key_bytes) == 0)
			return node;
	return NULL;
}

struct map_node *
map_find(const struct map *map, const void *key, size_t key_bytes)
{
	uint64_t hash = hash_of(map, key, key_bytes);

	return match(map->buckets[hash & map->mask], hash, key, key_bytes);
}

struct map_node *
map_find_next(const struct map_node *node)
{
	return match(node->next, node->hash, node->key, node->key_bytes);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

void
map_each(struct map *map, void (*each)(struct map_node *node, void *arg),
    void *arg)
{
	struct map_node *node, *next;
	size_t i;

	for (i = 0; i <= map->mask; i++)
		for (node = map->buckets[i]; node != NULL; node = next) {
			next = node->next;
			each(node, arg);
		}
}
