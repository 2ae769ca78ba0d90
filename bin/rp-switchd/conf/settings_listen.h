/*
 * settings_listen: the addresses of a configuration: each with its port, and no
 * two that cannot be bound side by side.
 */
#ifndef RP_SWITCHD_SETTINGS_LISTEN_H
#define RP_SWITCHD_SETTINGS_LISTEN_H

#include "wire/why.h"

struct settings;

#define SETTINGS_CALL_PORT 31337

/*
 * Write each address as "IP:PORT", with the key's own port where it has none,
 * and those of the relay's streams where they are not set. Return -EINVAL with
 * file and line in `why`, or -ENOMEM.
 */
int settings_listen_settle(struct settings *settings,
    char why[static WHY_TEXT]);

#endif
