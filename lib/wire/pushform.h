/*
 * pushform: the `to` of rp-push(7), which names the device to wake in the form
 * of its type. The sender of pushes checks its requests by it, and a switch the
 * registrations of clients, so that both accept the same. Pure.
 */
#ifndef RP_WIRE_PUSHFORM_H
#define RP_WIRE_PUSHFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/p256.h"
#include "wire/why.h"

struct pushurl;

#define PUSHFORM_AUTH 16		/* RFC 8291 3.2: bytes of the secret */
#define PUSHFORM_TOKEN_MAX 4096	/* characters of an FCM registration token */
#define PUSHFORM_DEVICE_MAX 200	/* hexadecimal digits of APNs; 64 today */
#define PUSHFORM_TOPIC_MAX 160	/* characters of an app's bundle id */

/*
 * Check the form of `to`, an object, for a provider of rp-push(7).
 *
 *   -ENOENT   unknown type
 *   -EBADMSG  invalid; `why` holds one line
 */
int pushform_check(const char *type, const json_t *to,
    char why[static WHY_TEXT]);

/*
 * How long a payload may be, as JSON without spaces, to be encrypted for each
 * service: what is left of its message without the base64, RFC 8291's overhead
 * and what stands around.
 */
#define PUSHFORM_ROOM_WEBPUSH 3993	/* of 4,096 (RFC 8291 4) */
#define PUSHFORM_ROOM_FCM 2960		/* of 4,096 */
#define PUSHFORM_ROOM_APNS 3545		/* of Apple's 5,120, for VoIP */
#define PUSHFORM_ROOM_ALERT 2777	/* of its 4,096 for the rest */

/*
 * Return how long a payload for this device may be. 0: it is not encrypted, and
 * others read it.
 */
size_t pushform_room(const char *type, const json_t *to);

/* Return a string member of an object, or NULL. */
const char *pushform_text(const json_t *object, const char *name);

/* Has `to` keys to encrypt for? */
bool pushform_has_keys(const json_t *to);

/* Decode these keys. -EBADMSG with one line in `why`. */
int pushform_keys(uint8_t public[static P256_POINT],
    uint8_t auth[static PUSHFORM_AUTH], const json_t *to,
    char why[static WHY_TEXT]);

/*
 * Take the endpoint of Web Push apart. -EBADMSG with one line in `why`.
 */
int pushform_endpoint(struct pushurl *url, const json_t *to,
    char why[static WHY_TEXT]);

#endif
