/*
 * inbox: messages for the clients of a stream thread, from any thread: a ring
 * of fixed slots that never locks, never waits and drops when it is full
 * (what a voice call sends late is of no use). One thread reads it.
 */
#ifndef RP_SWITCHD_INBOX_H
#define RP_SWITCHD_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_MESSAGE 2120	/* bytes of the longest */

struct inbox;

/* For at most 2^order messages. A negative errno. */
int inbox_new(struct inbox **out, unsigned order);
void inbox_free(struct inbox *inbox);

/*
 * Any thread: leave a message for the stream of that number, and wake the
 * reader if it sleeps. False if there is no room.
 */
bool inbox_put(struct inbox *inbox, uint64_t stream, const void *data,
    size_t len);

/*
 * The reader: readable when there may be messages after inbox_sleep, or after
 * a kick. inbox_woken clears that; whatever is looked at later is up to date.
 */
int inbox_fd(const struct inbox *inbox);
void inbox_woken(struct inbox *inbox);

/* The next message, which stays until inbox_next; its length, 0: none. */
size_t inbox_peek(struct inbox *inbox, uint64_t *stream,
    const uint8_t **data);
void inbox_next(struct inbox *inbox);

/* About to wait for inbox_fd. False if a message came meanwhile: read on. */
bool inbox_sleep(struct inbox *inbox);

/* Wake the reader, asleep or not, without a message. */
void inbox_kick(struct inbox *inbox);

#endif
