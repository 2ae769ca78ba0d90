/*
 * preflight: the checks of a configuration that a start, a reload and
 * rp-switchd -t share. Nothing is bound, created or changed.
 */
#ifndef RP_SWITCHD_PREFLIGHT_H
#define RP_SWITCHD_PREFLIGHT_H

#include <stdbool.h>

#include "wire/why.h"

struct keyholder;
struct settings;

/*
 * Check, for a start or a reload and as the user that we are, that files and
 * folders can be used, and that a client can shake hands with each certificate.
 * A database or command that a switch waits for with a closed gate is only
 * warned of in the log. The directory is checked by opening it (reopen.h).
 * Return a negative errno with one line in `why`.
 */
int preflight_check(const struct settings *settings, struct keyholder *keys,
    char why[static WHY_TEXT]);

/*
 * Check likewise for -t, where such a thing is an error, unless it may be there
 * later: a server, a folder that the service manager makes, the subscribers. If
 * `drop`, become the user of the settings first.
 */
int preflight_test(const struct settings *settings, bool drop,
    char why[static WHY_TEXT]);

#endif
