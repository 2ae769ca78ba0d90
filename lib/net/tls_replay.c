/*
 * tls_replay: a ring of ClientHellos by age, which refuses a repeated one. See
 * tls_replay.h.
 */
#include "net/tls_replay.h"

#include <string.h>

bool
tls_replay_is_new(struct tls_replay *replay, const void *hello, size_t bytes,
    int64_t now_s, int64_t until_s)
{
	uint8_t digest[CRYPTO_SHA256];
	size_t i, at;

	while (replay->n > 0 && replay->seen[replay->first].until_s < now_s) {
		replay->first = (replay->first + 1) % TLS_REPLAY_MAX;
		replay->n--;
	}
	crypto_sha256(digest, hello, bytes);
	for (i = 0; i < replay->n; i++) {
		at = (replay->first + i) % TLS_REPLAY_MAX;
		if (memcmp(replay->seen[at].digest, digest,
		    sizeof(digest)) == 0)
			break;
	}
	if (i < replay->n || replay->n == TLS_REPLAY_MAX) {
		replay->refused++;
		return false;
	}
	at = (replay->first + replay->n++) % TLS_REPLAY_MAX;
	memcpy(replay->seen[at].digest, digest, sizeof(digest));
	replay->seen[at].until_s = until_s;
	return true;
}
