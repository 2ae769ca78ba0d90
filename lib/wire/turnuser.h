/*
 * turnuser: a static user of the relay as a line of text, with long-term keys
 * in place of a password (RFC 8489 9.2.2, 18.5):
 *
 *   USER:REALM:MD5:SHA256
 *
 * Both are hashes of "USER:REALM:PASSWORD", in hexadecimal. Without ":SHA256"
 * the line is one of htdigest(1). A realm has no colon here; a user may have
 * some. Pure.
 */
#ifndef RP_WIRE_TURNUSER_H
#define RP_WIRE_TURNUSER_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/stunauth.h"
#include "wire/turncred.h"

#define TURNUSER_REALM 128	/* characters (RFC 8489 14.9), and a NUL */
/* The longest line, with its NUL. */
#define TURNUSER_LINE (TURNCRED_ANY + TURNUSER_REALM +			\
	2 * (STUNAUTH_MD5 + STUNAUTH_SHA256) + 2)

struct turnuser {
	char name[TURNCRED_ANY];
	char realm[TURNUSER_REALM];
	unsigned char md5[STUNAUTH_MD5];
	unsigned char sha256[STUNAUTH_SHA256];
	bool has_sha256;
};

/*
 * Can a line have this name, or this realm? Neither may be empty, too long or
 * have a control character. A name must not begin with "#", which is a comment,
 * and a realm must not have a colon or a quote.
 */
bool turnuser_name_ok(const char *name);
bool turnuser_realm_ok(const char *realm);

/* Parse a line without its newline. Return -EINVAL unless it is one. */
int turnuser_parse(struct turnuser *out, const char *line, size_t len);

/* Make the user's keys. -EINVAL if a line cannot have the name or realm. */
int turnuser_make(struct turnuser *out, const char *name, const char *realm,
    const char *password);

void turnuser_format(char line[static TURNUSER_LINE],
    const struct turnuser *user);

#endif
