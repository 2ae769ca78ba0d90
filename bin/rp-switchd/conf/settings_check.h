/*
 * settings_check: what no single key of a configuration can show.
 */
#ifndef RP_SWITCHD_SETTINGS_CHECK_H
#define RP_SWITCHD_SETTINGS_CHECK_H

#include "base/conf.h"

struct settings;

/*
 * Addresses parse, files can be read, secrets are long enough. Without
 * relay.secret a random one is made. -EINVAL with file and line in why, or
 * -ENOMEM.
 */
int settings_check(struct settings *settings, const char *file,
    char why[static CONF_WHY]);

#endif
