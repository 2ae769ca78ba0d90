/*
 * tls_replay: the ClientHellos with early data that a server has seen recently,
 * so that none is accepted twice (RFC 8446 8.2). Memory is bounded: when it is
 * full, early data is refused, which costs its client a round trip. Its
 * caller sees to it that one thread uses it at a time.
 */
#ifndef RP_NET_TLS_REPLAY_H
#define RP_NET_TLS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

#define TLS_REPLAY_MAX 4096	/* with 40 bytes each, 160 KiB */

struct tls_replay {		/* all zero: empty */
	struct {
		uint8_t digest[CRYPTO_SHA256];
		int64_t until_s;
	} seen[TLS_REPLAY_MAX];	/* a ring, by age */
	size_t first, n;
	uint64_t refused;
};

/*
 * Record a ClientHello that came at `now_s`. It is remembered until `until_s`,
 * which hardly ever decreases between calls. Return false if it came before, or
 * if there is no room; that is counted.
 */
bool tls_replay_is_new(struct tls_replay *replay, const void *hello,
    size_t bytes, int64_t now_s, int64_t until_s);

#endif
