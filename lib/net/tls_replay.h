/*
 * tls_replay: which ClientHellos with early data a server has seen of late, so
 * that none is taken twice (RFC 8446 8.2). Bounded: when it is full early data
 * is refused, which costs its client a round trip. One loop's thread.
 */
#ifndef RP_NET_TLS_REPLAY_H
#define RP_NET_TLS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

#define TLS_REPLAY_MAX 4096

struct tls_replay {		/* zeroed: none */
	struct {
		uint8_t digest[CRYPTO_SHA256];
		int64_t until_s;
	} seen[TLS_REPLAY_MAX];	/* a ring, by age */
	size_t first, n;
	uint64_t refused;
};

/*
 * That one has come at now_s; it is remembered until until_s, which never goes
 * back. False: it came before, or there is no room, and that was counted.
 */
bool tls_replay_is_new(struct tls_replay *replay, const void *hello,
    size_t bytes, int64_t now_s, int64_t until_s);

#endif
