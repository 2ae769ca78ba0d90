/*
 * A foreign Web Push body does not decrypt, and no byte beyond it is read. A
 * body that we made decrypts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/webpush.h"
#include "fuzz.h"
#include "wire/base64.h"

#define PLAIN_MAX 512

/* The keys of RFC 8291's example: a crash found once is found again. */
#define PRIVATE "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
#define PUBLIC "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx" \
	"aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"

static void
take(void *out, size_t len, const char *text)
{
	if (base64_decode(out, &len, text, strlen(text)) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct webpush_sender from = { .private = { 9 } };
	size_t n, len = size < PLAIN_MAX ? size : PLAIN_MAX;
	uint8_t body[PLAIN_MAX + WEBPUSH_OVERHEAD];
	uint8_t *copy = malloc(size + 1), *plain = malloc(size + sizeof(body));
	struct webpush_keys keys;

	take(keys.private, sizeof(keys.private), PRIVATE);
	take(keys.public, sizeof(keys.public), PUBLIC);
	take(keys.auth, sizeof(keys.auth), AUTH);
	/* A copy, for the sanitizer to see a read beyond its end. */
	memcpy(copy, data, size);
	if (webpush_decrypt(plain, &n, copy, size, &keys) == 0)
		abort();
	if (webpush_encrypt_as(body, &n, data, len, &keys, &from) < 0 ||
	    webpush_decrypt(plain, &n, body, n, &keys) < 0 || n != len ||
	    memcmp(plain, data, len) != 0)
		abort();
	free(copy);
	free(plain);
	return 0;
}
