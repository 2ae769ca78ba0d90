/*
 * vapidcheck: is a push signed by the operator of the switch (VAPID, RFC 8292)?
 * The other half of what rp-pushsend(8) sends.
 */
#ifndef RP_BASE_VAPIDCHECK_H
#define RP_BASE_VAPIDCHECK_H

#include <stdint.h>

#include "wire/p256.h"
#include "wire/why.h"

/* The key and origin that a push must be signed with, and the time. */
struct vapidcheck {
	const uint8_t *key;	/* P256_POINT bytes */
	const char *origin;	/* of the endpoint's URL */
	int64_t now_s;		/* wall clock */
};

/*
 * Check the value of a request's Authorization field, or NULL. `why` is one
 * line.
 *
 *  -ENOENT   it holds no VAPID token
 *  -EACCES   another key's, or not signed by it
 *  -EKEYEXPIRED  signed by the key, but for another time or origin
 *  -ENOMEM
 */
int vapidcheck_header(const struct vapidcheck *wanted, const char *header,
    char why[static WHY_TEXT]);

#endif
