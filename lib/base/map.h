/*
 * map: a generic hash table: each entry embeds a node and owns its key. Several
 * entries may have the same key. The hash is keyed (SipHash-2-4), so that an
 * attacker cannot choose keys that collide.
 */
#ifndef RP_BASE_MAP_H
#define RP_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map;

/* Embedded in an entry; belongs to the map while it is in it. */
struct map_node {
	struct map_node *next;
	uint64_t hash;
	const void *key;
	size_t key_bytes;
};

/* The entry that embeds `node` as `member`. */
#define MAP_ENTRY(node, type, member)					\
	((type *)((char *)(node) - offsetof(type, member)))

/* Make an empty map. NULL if out of memory. */
struct map *map_new(void);

/*
 * Free the map but not its entries, which belong to the caller. NULL is fine.
 */
void map_free(struct map *map);

/* Add an entry. `key` must not move or change until map_remove. Never fails. */
void map_add(struct map *map, struct map_node *node, const void *key,
    size_t key_bytes);
void map_remove(struct map *map, struct map_node *node);

/*
 * Return the first entry with this key, or the next one with the same key; NULL
 * if there are no more.
 */
struct map_node *map_find(const struct map *map, const void *key,
    size_t key_bytes);
struct map_node *map_find_next(const struct map_node *node);

size_t map_count(const struct map *map);

/*
 * Call `each` for every entry, in no order. It may remove the entry that it
 * gets.
 */
void map_each(struct map *map, void (*each)(struct map_node *node, void *arg),
    void *arg);

#endif
