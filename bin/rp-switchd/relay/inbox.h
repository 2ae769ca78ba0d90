/*
 * inbox: messages for the clients of a stream thread, from any thread. It is a
 * ring of fixed slots that never locks, never waits and drops messages when it
 * is full, because late voice is useless. One thread reads it.
 */
#ifndef RP_SWITCHD_INBOX_H
#define RP_SWITCHD_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of the longest message. It is a datagram with headroom and padding of
 * net/udp_batch.h, 2,116 bytes, rounded up to a multiple of 8.
 */
#define INBOX_MESSAGE 2120

struct inbox;

/* Make one for at most 2^`order` messages. Return 0 or a negative errno. */
int inbox_new(struct inbox **out, unsigned order);
void inbox_free(struct inbox *inbox);

/*
 * Put a message for the stream of that number, and wake the reader if it
 * sleeps. Return false if there is no room. Any thread may call it.
 */
bool inbox_put(struct inbox *inbox, uint64_t stream, const void *data,
    size_t len);

/*
 * Return the reader's descriptor. It is readable when there may be messages
 * after inbox_sleep, or after a kick. inbox_woken clears that. Whatever is read
 * after it is up to date.
 */
int inbox_fd(const struct inbox *inbox);
void inbox_woken(struct inbox *inbox);

/*
 * Return the length of the next message, which stays valid until inbox_next; 0
 * if there is none.
 */
size_t inbox_peek(struct inbox *inbox, uint64_t *stream,
    const uint8_t **data);
void inbox_next(struct inbox *inbox);

/*
 * Prepare to wait for inbox_fd. Return false if a message has come meanwhile;
 * then read on.
 */
bool inbox_sleep(struct inbox *inbox);

/* Wake the reader, asleep or not, without a message. */
void inbox_kick(struct inbox *inbox);

#endif
