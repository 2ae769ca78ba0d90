/*
 * lobby: connections whose peer has not shown a credential. They are counted by
 * nested prefixes of the address, and when there are too many, the oldest gives
 * way, of the prefix that holds the most. So a newcomer can always come in, and
 * one network cannot push out another. It closes nothing itself, reads no clock,
 * and serves as a counter by prefix alone, too.
 */
#ifndef RP_BASE_LOBBY_H
#define RP_BASE_LOBBY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "wire/addr.h"

struct lobby;
struct lobby_prefix;

/*
 * The prefixes that an address is in. IPv6 hosts have a /64 at least, and sites
 * a /56 or a /48.
 */
#define LOBBY_LEVELS_X(X)						\
	X(ADDRESS, "per_address", 32, 64)				\
	X(NETWORK, "per_network", 24, 56)				\
	X(BLOCK, "per_block", 16, 48)

enum lobby_level {
#define X(id, name, v4_bits, v6_bits) LOBBY_##id,
	LOBBY_LEVELS_X(X)
#undef X
	LOBBY_LEVELS
};

/* How many there may be, at most: of each kind of prefix, and in all. */
struct lobby_limits {
	size_t per[LOBBY_LEVELS];
	size_t most;
};

/*
 * Embedded in a connection, which must not move while it is in the lobby. All
 * zero means that it is in none.
 */
struct lobby_member {
	TAILQ_ENTRY(lobby_member) of_lobby, of_address;
	struct lobby_prefix *address;	/* NULL: it is in no lobby */
};

/* The connection that embeds `member` as `field`. */
#define LOBBY_ENTRY(member, type, field)				\
	((type *)((char *)(member) - offsetof(type, field)))

/* Make an empty one. NULL if out of memory. */
struct lobby *lobby_new(void);

/* All members must have left. NULL is fine. */
void lobby_free(struct lobby *lobby);

/* Add a member as the newest. -ENOMEM. */
int lobby_enter(struct lobby *lobby, struct lobby_member *member,
    const struct addr *peer);

/* Remove a member. Nothing happens if it is in no lobby. */
void lobby_leave(struct lobby *lobby, struct lobby_member *member);

/* Make a member the newest again, as if it entered now. */
void lobby_renew(struct lobby *lobby, struct lobby_member *member);

/* Return how many are in it, or how many of the prefix of `peer`. */
size_t lobby_count(const struct lobby *lobby);
size_t lobby_count_of(const struct lobby *lobby, const struct addr *peer,
    enum lobby_level level);

/*
 * Return the member that is to leave because `newest`, who has entered, exceeds
 * a limit. `*limit` is then the level, or LOBBY_LEVELS for `most`. NULL if no
 * limit is exceeded.
 */
struct lobby_member *lobby_over(const struct lobby *lobby,
    const struct lobby_member *newest, const struct lobby_limits *limits,
    enum lobby_level *limit);

/*
 * Return the member that gives way first. It is the oldest of the prefix that
 * holds the most at each level. If no block holds more than a 64th of all,
 * it is the oldest of all, because many blocks of one owner would otherwise
 * push out an honest one. NULL if there is none.
 */
struct lobby_member *lobby_first(const struct lobby *lobby);

/* Return the oldest member at the address (or IPv6 /64) of `peer`, or NULL. */
struct lobby_member *lobby_oldest_at(const struct lobby *lobby,
    const struct addr *peer);

#endif
