/*
 * pushreg: a device's push registration as a client sends it (PUT /push), which
 * says where and how to wake the device. Nothing is accepted that no provider
 * would take. Pure.
 */
#ifndef RP_WIRE_PUSHREG_H
#define RP_WIRE_PUSHREG_H

#include <stddef.h>

#include "wire/base64.h"
#include "wire/p256.h"
#include "wire/why.h"

struct reach;

/* The text of a VAPID public key in base64url, and its NUL. */
#define PUSHREG_KEY BASE64_TEXT(P256_POINT)

/*
 * Write a VAPID public key as base64url without padding, from either alphabet.
 * -EBADMSG unless `text` is a point of P-256.
 */
int pushreg_key(char key[static PUSHREG_KEY], const char *text);

struct pushreg_options {
	/* Where pushes may go. NULL: unknown, so that only the form counts. */
	const struct reach *reach;
	/*
	 * The VAPID public keys in force, as pushreg_key writes them. The first
	 * is noted with a Web Push registration that names none.
	 */
	char *const *keys;
	size_t n_keys;
	/*
	 * The registration that the device has; NULL: unknown. If it is the
	 * same subscription again, its key is the same, too.
	 */
	const char *registered;
};

/*
 * Parse {"type", "to", "key"} of a client, and write just what belongs to the
 * type, compactly, into `out`.
 *
 *   -EBADMSG   no provider accepts it; `why` holds one line
 *   -EMSGSIZE  the result does not fit
 *   -ENOMEM
 */
int pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    const struct pushreg_options *options, char why[static WHY_TEXT]);

#endif
