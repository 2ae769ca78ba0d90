/*
 * deviceid: the short name of a device: as many first digits of its token's
 * SHA-256 as tell it from the subscriber's others, but at least 8.
 */
#ifndef RP_USERS_DEVICEID_H
#define RP_USERS_DEVICEID_H

#include <stdbool.h>
#include <stddef.h>

#include "directory/directory.h"
#include "wire/base64.h"

#define DEVICEID_MIN 8		/* digits */
#define DEVICEID_TEXT HEX_TEXT(CRYPTO_SHA256)

/* Is this at least DEVICEID_MIN and at most all digits of a SHA-256? */
bool deviceid_ok(const char *id);

/* Write the id of a subscriber's device, and return `text`. */
const char *deviceid_format(char text[static DEVICEID_TEXT],
    const struct directory_subscriber *subscriber, size_t index);

/*
 * Find the device.
 *
 *   -ENOENT     the subscriber has no such device
 *   -ENOTUNIQ   the subscriber has several
 */
int deviceid_find(size_t *index, const struct directory_subscriber *subscriber,
    const char *id);

/* Print that error, and return its status of command.h. */
int deviceid_complain(const char *number, const char *id, int err);

#endif
