/*
 * pushurl: the URL of a push endpoint, which a user chose. It is taken apart
 * strictly, before anything is registered or sent there. Pure.
 */
#ifndef RP_WIRE_PUSHURL_H
#define RP_WIRE_PUSHURL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/why.h"

/* Those of browsers have 200 to 700 bytes; Microsoft's come near 1,000. */
#define PUSHURL_MAX 2048
#define PUSHURL_HOST 254	/* RFC 1035: 253 characters, and a NUL */
#define PUSHURL_ORIGIN (PUSHURL_HOST + 16)	/* "https://", ":65535" */

struct pushurl {
	bool tls;			/* https, not http */
	char host[PUSHURL_HOST];	/* lower case; IPv6 in brackets */
	uint16_t port;
	bool is_literal;	/* the host is an address: `addr` */
	struct addr addr;
};

/*
 * Parse an absolute http or https URL of printable ASCII. It has a host, which
 * is a name or an address in its usual form, and neither user nor fragment.
 *
 *   -EBADMSG  invalid; `why` holds one line
 */
int pushurl_parse(struct pushurl *out, const char *text,
    char why[static WHY_TEXT]);

/*
 * Write the origin, "https://host" with a port that is not the default one, and
 * return it.
 */
const char *pushurl_origin(const struct pushurl *url,
    char text[static PUSHURL_ORIGIN]);

/*
 * Is the host a name of the machine itself? These are localhost and the names
 * below it (RFC 6761 6.3).
 */
bool pushurl_is_localhost(const struct pushurl *url);

#endif
