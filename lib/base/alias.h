/*
 * alias: a short name for a subscriber in a log, which others cannot turn back
 * into a number. It is keyed by random bytes of this process, so that it means
 * nothing in another log, nor after a restart.
 */
#ifndef RP_BASE_ALIAS_H
#define RP_BASE_ALIAS_H

#include <stdint.h>

#define ALIAS_KEY 32
/*
 * 48 bits as hexadecimal digits, and a NUL: among a million subscribers two are
 * equal with a chance of one in 500.
 */
#define ALIAS_BYTES 6
#define ALIAS_TEXT (2 * ALIAS_BYTES + 1)

struct alias {
	uint8_t key[ALIAS_KEY];
};

/* Choose the key. Return -EIO without random bytes. */
int alias_init(struct alias *alias);

/* Write the alias of a number into `text`, and return it. */
const char *alias_of(const struct alias *alias, const char *number,
    char text[static ALIAS_TEXT]);

#endif
