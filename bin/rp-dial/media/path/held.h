/*
 * held: a few datagrams that came too early, kept with their source until they
 * can be read. The newest ones stay.
 */
#ifndef RP_DIAL_HELD_H
#define RP_DIAL_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define HELD_DATAGRAM 1500

struct held;

/* Keep up to `max` datagrams. NULL: out of memory. */
struct held *held_new(size_t max);
void held_free(struct held *held);

/*
 * Keep a copy, in place of the oldest one if there are too many. Return whether
 * that cost a datagram: it, if it is too long, or the oldest.
 */
bool held_put(struct held *held, const struct addr *from, const uint8_t *data,
    size_t len);

/*
 * Hand each datagram, the oldest first, to `take`, which returns whether it is
 * done with it. Those that it is not done with stay. `take` may change nothing
 * here.
 */
void held_take(struct held *held, bool (*take)(const struct addr *from,
    const uint8_t *data, size_t len, void *arg), void *arg);

void held_clear(struct held *held);

#endif
