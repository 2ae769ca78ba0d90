/*
 * tuple: a client's 5-tuple as a TURN server sees it (RFC 8656 3.2), packed
 * into words for fast comparison and hashing. Pure.
 */
#ifndef RP_SWITCHD_TUPLE_H
#define RP_SWITCHD_TUPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define TUPLE_WORDS 5

/* A value; every bit of it is significant. */
struct tuple {
	uint64_t w[TUPLE_WORDS];
};

/* A random key for hashes, because clients choose their ports. */
struct tuple_seed {
	uint64_t w[2];
};

/* The fifth element. TLS counts as TCP. */
enum tuple_transport {
	TUPLE_UDP,
	TUPLE_TCP
};

void tuple_make(struct tuple *out, const struct addr *client,
    const struct addr *local, enum tuple_transport transport);

static inline bool
tuple_equal(const struct tuple *a, const struct tuple *b)
{
	/* Compare the word that differs most often first. */
	return a->w[4] == b->w[4] && a->w[0] == b->w[0] &&
	    a->w[1] == b->w[1] && a->w[2] == b->w[2] && a->w[3] == b->w[3];
}

uint64_t tuple_hash(const struct tuple *tuple, const struct tuple_seed *seed);

/* Hash a transport address likewise. */
uint64_t tuple_hash_addr(const struct addr *addr,
    const struct tuple_seed *seed);

/* Hash a text likewise, such as a call's name. */
uint64_t tuple_hash_text(const char *text, const struct tuple_seed *seed);

#endif
