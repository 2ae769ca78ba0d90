/*
 * settings_check: the checks of a configuration that involve more than one key
 * or something outside it.
 */
#ifndef RP_SWITCHD_SETTINGS_CHECK_H
#define RP_SWITCHD_SETTINGS_CHECK_H

#include "base/conf.h"
#include "wire/why.h"

struct settings;

/*
 * Check that addresses parse, files can be read, and secrets are long enough.
 * Without relay.secret a random one is made. Return -EINVAL with file and line
 * in `why`, or -ENOMEM.
 */
int settings_check(struct settings *settings, const char *file,
    char why[static WHY_TEXT]);

#endif
