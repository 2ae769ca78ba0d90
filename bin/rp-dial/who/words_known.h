/*
 * words_known: the peers with whom there were words once, one number per line of
 * a file beside known_peers. A peer that had words and has none now may
 * be somebody else. 0.1.0 does not read the file.
 */
#ifndef RP_DIAL_WORDS_KNOWN_H
#define RP_DIAL_WORDS_KNOWN_H

#include <stdbool.h>

#include "wire/why.h"

/* Behind the name of known_peers. */
#define WORDS_KNOWN_SUFFIX ".words"

/*
 * Return whether there were words with `number`. The file may be missing. One
 * that cannot be read is reported in the log, and remembers nobody.
 */
bool words_known_has(const char *known_peers_file, const char *number);

/*
 * Remember that there were. Return 0, or a negative errno with one line in
 * `why`.
 */
int words_known_add(const char *known_peers_file, const char *number,
    char why[static WHY_TEXT]);

#endif
