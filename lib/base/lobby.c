/*
 * lobby: a tree of prefixes, with the members at its leaves in the order in
 * which they came. See lobby.h.
 */
#include "base/lobby.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define TOP (LOBBY_LEVELS - 1)
/*
 * A block is judged by its size if it holds more than this part of all. There
 * are few such blocks, so that finding the biggest takes no time.
 */
#define PARTS 64
#define RANKS 64		/* a size_t has at most so many bits */
/* Family, level, and the longest prefix in bytes. */
#define KEY_MAX (2 + 8)

TAILQ_HEAD(members, lobby_member);

struct lobby_prefix {
	struct map_node node;
	uint8_t key[KEY_MAX];
	struct lobby_prefix *parent;	/* the next wider one, or NULL */
	LIST_ENTRY(lobby_prefix) of_parent;
	LIST_HEAD(, lobby_prefix) children;
	struct members members;		/* of an address; the oldest first */
	size_t n;
};

struct lobby {
	struct map *prefixes;
	LIST_HEAD(, lobby_prefix) blocks[RANKS];	/* by rank_of their size */
	struct members members;		/* the oldest first */
	size_t n;
};

static const struct {
	unsigned v4_bits, v6_bits;
} levels[LOBBY_LEVELS] = {
#define X(id, name, v4_bits, v6_bits) { v4_bits, v6_bits },
	LOBBY_LEVELS_X(X)
#undef X
};

struct lobby *
lobby_new(void)
{
	struct lobby *lobby = calloc(1, sizeof(*lobby));

	if (lobby == NULL)
		return NULL;
	lobby->prefixes = map_new();
	if (lobby->prefixes == NULL) {
		free(lobby);
		return NULL;
	}
	TAILQ_INIT(&lobby->members);
	return lobby;
}

void
lobby_free(struct lobby *lobby)
{
	if (lobby == NULL)
		return;
	map_free(lobby->prefixes);
	free(lobby);
}

/* Return the number of the highest bit of `n`, which is not 0. */
static unsigned
rank_of(size_t n)
{
	unsigned rank = 0;

	while (n >>= 1)
		rank++;
	return rank;
}

static void
make_key(uint8_t key[static KEY_MAX], const struct addr *peer,
    enum lobby_level level)
{
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(peer, &ip_bytes);
	unsigned bits = ip_bytes == 4 ? levels[level].v4_bits :
	    levels[level].v6_bits;

	memset(key, 0, KEY_MAX);
	key[0] = (uint8_t)ip_bytes;
	key[1] = (uint8_t)level;
	memcpy(key + 2, ip, bits / 8);
}

static struct lobby_prefix *
find_prefix(const struct lobby *lobby, const struct addr *peer,
    enum lobby_level level)
{
	uint8_t key[KEY_MAX];
	struct map_node *node;

	make_key(key, peer, level);
	node = map_find(lobby->prefixes, key, sizeof(key));
	return node != NULL ? MAP_ENTRY(node, struct lobby_prefix, node) :
	    NULL;
}

/* Count one more or one less in a prefix and all wider ones. */
static void
count_in(struct lobby *lobby, struct lobby_prefix *prefix, int change)
{
	for (; prefix->parent != NULL; prefix = prefix->parent)
		prefix->n += (size_t)change;
	if (prefix->n > 0)
		LIST_REMOVE(prefix, of_parent);
	prefix->n += (size_t)change;
	if (prefix->n > 0)
		LIST_INSERT_HEAD(&lobby->blocks[rank_of(prefix->n)], prefix,
		    of_parent);
}

/* Free a prefix without members, and the wider ones that have none either. */
static void
drop_empty(struct lobby *lobby, struct lobby_prefix *prefix)
{
	struct lobby_prefix *parent;

	for (; prefix != NULL && prefix->n == 0 &&
	    LIST_EMPTY(&prefix->children); prefix = parent) {
		parent = prefix->parent;
		if (parent != NULL)
			LIST_REMOVE(prefix, of_parent);
		map_remove(lobby->prefixes, &prefix->node);
		free(prefix);
	}
}

/* Return the prefix of an address, made with the wider ones. NULL: no memory. */
static struct lobby_prefix *
make_prefix(struct lobby *lobby, const struct addr *peer)
{
	struct lobby_prefix *prefix, *parent = NULL;
	int level;

	for (level = TOP; level >= 0; level--, parent = prefix) {
		prefix = find_prefix(lobby, peer, (enum lobby_level)level);
		if (prefix != NULL)
			continue;
		prefix = calloc(1, sizeof(*prefix));
		if (prefix == NULL) {
			drop_empty(lobby, parent);
			return NULL;
		}
		make_key(prefix->key, peer, (enum lobby_level)level);
		TAILQ_INIT(&prefix->members);
		prefix->parent = parent;
		if (parent != NULL)
			LIST_INSERT_HEAD(&parent->children, prefix, of_parent);
		map_add(lobby->prefixes, &prefix->node, prefix->key, KEY_MAX);
	}
	return parent;
}

int
lobby_enter(struct lobby *lobby, struct lobby_member *member,
    const struct addr *peer)
{
	struct lobby_prefix *address = make_prefix(lobby, peer);

	if (address == NULL)
		return -ENOMEM;
	member->address = address;
	TAILQ_INSERT_TAIL(&lobby->members, member, of_lobby);
	TAILQ_INSERT_TAIL(&address->members, member, of_address);
	count_in(lobby, address, 1);
	lobby->n++;
	return 0;
}

void
lobby_leave(struct lobby *lobby, struct lobby_member *member)
{
	struct lobby_prefix *address = member->address;

	if (address == NULL)
		return;
	member->address = NULL;
	TAILQ_REMOVE(&lobby->members, member, of_lobby);
	TAILQ_REMOVE(&address->members, member, of_address);
	count_in(lobby, address, -1);
	lobby->n--;
	drop_empty(lobby, address);
}

void
lobby_renew(struct lobby *lobby, struct lobby_member *member)
{
	struct lobby_prefix *address = member->address;

	if (address == NULL)
		return;
	TAILQ_REMOVE(&lobby->members, member, of_lobby);
	TAILQ_REMOVE(&address->members, member, of_address);
	TAILQ_INSERT_TAIL(&lobby->members, member, of_lobby);
	TAILQ_INSERT_TAIL(&address->members, member, of_address);
}

size_t
lobby_count(const struct lobby *lobby)
{
	return lobby->n;
}

size_t
lobby_count_of(const struct lobby *lobby, const struct addr *peer,
    enum lobby_level level)
{
	const struct lobby_prefix *prefix = find_prefix(lobby, peer, level);

	return prefix != NULL ? prefix->n : 0;
}

/*
 * Return the oldest of the address that holds the most, at each level. Of
 * several such prefixes it is the one that has been there the longest.
 */
static struct lobby_member *
first_of(const struct lobby_prefix *prefix)
{
	const struct lobby_prefix *child, *most;

	while ((most = LIST_FIRST(&prefix->children)) != NULL) {
		LIST_FOREACH(child, &prefix->children, of_parent)
			if (child->n >= most->n)
				most = child;
		prefix = most;
	}
	return TAILQ_FIRST(&prefix->members);
}

/* Return the block that holds the most, if that is much, else NULL. */
static const struct lobby_prefix *
biggest_block(const struct lobby *lobby)
{
	const struct lobby_prefix *block, *most;
	unsigned rank = RANKS - 1;

	while (rank > 0 && LIST_EMPTY(&lobby->blocks[rank]))
		rank--;
	/* Those with a single member are as many as there are members. */
	if (rank == 0 || ((size_t)2 << rank) <= lobby->n / PARTS)
		return NULL;
	most = LIST_FIRST(&lobby->blocks[rank]);
	LIST_FOREACH(block, &lobby->blocks[rank], of_parent)
		if (block->n > most->n)
			most = block;
	return most->n > lobby->n / PARTS ? most : NULL;
}

struct lobby_member *
lobby_first(const struct lobby *lobby)
{
	const struct lobby_prefix *block = biggest_block(lobby);

	return block != NULL ? first_of(block) : TAILQ_FIRST(&lobby->members);
}

struct lobby_member *
lobby_over(const struct lobby *lobby, const struct lobby_member *newest,
    const struct lobby_limits *limits, enum lobby_level *limit)
{
	const struct lobby_prefix *prefix = newest->address;
	int level;

	for (level = 0; level < LOBBY_LEVELS; level++) {
		*limit = (enum lobby_level)level;
		if (prefix->n > limits->per[level])
			return first_of(prefix);
		prefix = prefix->parent;
	}
	*limit = LOBBY_LEVELS;
	return lobby->n > limits->most ? lobby_first(lobby) : NULL;
}

struct lobby_member *
lobby_oldest_at(const struct lobby *lobby, const struct addr *peer)
{
	const struct lobby_prefix *prefix = find_prefix(lobby, peer,
	    LOBBY_ADDRESS);

	return prefix != NULL ? TAILQ_FIRST(&prefix->members) : NULL;
}
