/*
 * places: who may have a signalling connection. A connection is a stranger's
 * until it has authenticated. Strangers are in one bounded lobby for both
 * ports, where the oldest gives way to the newest, and they never keep a known
 * client out. The last tenth of connections.max is for the parties of running
 * calls. It counts known clients only, so that a party can always speak first.
 * Once known clients have the other nine, the gate is closed, so that who calls
 * loses no time here.
 */
#ifndef RP_SWITCHD_PLACES_H
#define RP_SWITCHD_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lobby.h"
#include "wire/addr.h"

struct client;
struct descriptors;
struct gate;
struct metrics;
struct place_holder;
struct places;
struct settings;

/* A client's place, embedded in it. All zero means none. */
struct place {
	struct lobby_member stranger;	/* until it is known */
	struct lobby_member anyone;	/* for the count per address */
	struct place_holder *holder;	/* whose it is; NULL: a stranger's */
	bool known;
	bool reserved;		/* known as a party, when others were not let
				 * in any more */
};

/* Make one. The settings are read at each use. NULL if out of memory. */
struct places *places_new(const struct settings *settings,
    const struct descriptors *descriptors, struct gate *gate,
    struct metrics *metrics);

/* All clients must have left. NULL is fine. */
void places_free(struct places *places);

/*
 * Give a new connection a place, as a stranger's. Call places_over afterwards.
 *
 *   -ENOBUFS  a limit is reached, and no stranger can give way; it is counted
 *   -ENOMEM
 */
int places_enter(struct places *places, struct client *client);

/* Give up the place, if there is one. */
void places_leave(struct places *places, struct client *client);

/*
 * Return a stranger that must give way to `newest`, and count it; NULL if there
 * is none. The caller ends it, and asks again.
 */
struct client *places_over(struct places *places, const struct client *newest);

/*
 * Note that the client has authenticated as that subscriber, perhaps after
 * another. `is_party` tells whether it has shown that it is a party of a call.
 * Return false, and count it, if there is no place for it. A subscriber has as
 * many as an address (connections.max_per_address), because one that comes from
 * many addresses would otherwise take those of all.
 */
bool places_know(struct places *places, struct client *client,
    const char *number, bool is_party);

/*
 * May a known client go on that is a party of no call now? Not in a place of
 * the reserve.
 */
bool places_may_stay(struct places *places, struct client *client);

/* Count a stranger that did not authenticate in time. */
void places_late(struct places *places);

/*
 * Told ten times per second: while the switch is under pressure, the lobby is half
 * as big, and whatever a stranger is answered is the last. The third function returns a stranger that
 * must give way, as places_over does.
 */
void places_press(struct places *places, bool pressed);
bool places_are_pressed(const struct places *places);
struct client *places_over_pressed(struct places *places);

/* Return the number of connections, and of those whose client is known. */
size_t places_count(const struct places *places);
size_t places_known(const struct places *places);

#endif
