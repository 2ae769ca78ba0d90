/*
 * standing: may a client go on? A device may be removed and a number blocked
 * while a client is connected, by another program or on another switch. Each
 * known client is therefore looked up again after connections.recheck_ms. While
 * the directory is away they all go on.
 *
 * A client that may not go on is refused and disconnected, and its rings and
 * trials of the relay end. A call that was answered goes on to its end, unless
 * the directory says that it ends too; until then the client may speak about
 * it.
 */
#ifndef RP_SWITCHD_STANDING_H
#define RP_SWITCHD_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"

struct client;
struct directory_subscriber;
struct event_base;
struct metrics;
struct settings;
struct standing;

/* NULL: out of memory. */
struct standing *standing_new(struct event_base *loop,
    const struct settings *settings, struct metrics *metrics);
/* All clients must have left. NULL is fine. */
void standing_free(struct standing *standing);

/*
 * Judge a device by its subscriber, who is NULL if there is none. `*calls_end`
 * tells whether its calls are to end as well.
 *
 *   0    it may go on
 *   401  there is no such device
 *   403  the operator has blocked the number
 */
int standing_of(const struct directory_subscriber *found,
    const uint8_t token_hash[static CRYPTO_SHA256], bool *calls_end);

/* Note that the client, which is known, was looked up now. */
void standing_enter(struct standing *standing, struct client *client);
/* Forget the client. Nothing happens if it never entered. */
void standing_leave(struct standing *standing, struct client *client);

/* Look up the clients of a number in the next turns. */
void standing_doubt(struct standing *standing, const char *number);

/*
 * Refuse a known client with this status from now on, and end what it has. Its
 * open request, if any, is answered. The client still exists afterwards.
 */
void standing_lose(struct standing *standing, struct client *client,
    int status, bool calls_end);

#endif
