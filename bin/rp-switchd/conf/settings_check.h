/*
 * settings_check: the checks of a configuration that involve more than one key
 * or something outside it.
 */
#ifndef RP_SWITCHD_SETTINGS_CHECK_H
#define RP_SWITCHD_SETTINGS_CHECK_H

#include <stdbool.h>

#include "base/conf.h"
#include "wire/why.h"

struct settings;

/*
 * Check that names, origins, prefixes and keys are valid, and write the origins
 * and the VAPID keys as they are compared. Return -EINVAL with file and line in
 * `why`.
 */
int settings_check(struct settings *settings, char why[static WHY_TEXT]);

/* Can it be a realm? It has 1 to 127 characters, and no quotes. */
bool settings_realm_ok(const char *realm);

#endif
