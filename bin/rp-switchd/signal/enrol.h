/*
 * enrol: proof of owning a number. A code goes to it by SMS, and a client that
 * knows the code may add a device. Codes are short, so each is valid for just a
 * few minutes and tries, and numbers and sources get few of them. A network has
 * tries of its own, so that a stranger cannot void another's code. Codes are in
 * this switch's memory only.
 */
#ifndef RP_SWITCHD_ENROL_H
#define RP_SWITCHD_ENROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/sigmsg.h"

struct addr;
struct enrol;
struct metrics;
struct push;
struct quotas;

/* Make one. NULL if out of memory. */
struct enrol *enrol_new(struct push *push, struct quotas *quotas,
    struct metrics *metrics);
void enrol_free(struct enrol *enrol);

/*
 * Send a code to `number`, a canonical one, which replaces an earlier code.
 *
 *   -EAGAIN   too many; retry after `*retry_ms`
 *   -ENOBUFS  nothing can be sent at the moment
 */
int enrol_send(struct enrol *enrol, const char *number,
    const struct addr *source, uint32_t *retry_ms);

/*
 * Check a code. If it is right, only the device with this token can use it
 * until enrol_settle, but that one can as often as it likes: its connection may
 * break.
 *
 *   -EACCES  wrong, too old, used, or void for this network after some wrong
 *            ones
 *   -EAGAIN  too many wrong ones; retry after `*retry_ms`
 */
int enrol_check(struct enrol *enrol, const char *number, const char *code,
    const uint8_t token_hash[static CRYPTO_SHA256], const struct addr *source,
    uint32_t *retry_ms);

/*
 * Report what became of a number whose code was right. If it is `used`, it is
 * void; otherwise, as where the directory could not be written, it stays valid.
 */
void enrol_settle(struct enrol *enrol, const char *number, bool used);

#define ENROL_CODE 7		/* six digits and a NUL */
#define ENROL_LINK 23		/* 128 bits in base64url and a NUL */

/*
 * The body of PUT /subscriber from a new device: {"code", "token"}, or with
 * "key" in place of the token. The code came by SMS or is a link's (joins.h).
 */
struct enrol_claim {
	char code[ENROL_LINK];
	bool link;
	uint8_t hash[CRYPTO_SHA256];	/* of the token, or of the key */
};

/*
 * Parse it. Return -EINVAL if it is malformed, or if the token is too short to
 * be a secret, or the key is not a point of P-256.
 */
int enrol_claim_parse(struct enrol_claim *out, const char *text, size_t len);

#endif
