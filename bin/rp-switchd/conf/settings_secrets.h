/*
 * settings_secrets: the secrets of a configuration, wherever they stand: in it,
 * or in files of their own.
 */
#ifndef RP_SWITCHD_SETTINGS_SECRETS_H
#define RP_SWITCHD_SETTINGS_SECRETS_H

#include "wire/why.h"

struct settings;

/*
 * Read the files that relay.secret_file and directory_file name, whose names
 * are resolved already. Without a secret of the relay a random one is made. A
 * file with secrets that others can read is warned of. Return -EINVAL with file
 * and line in `why`, or -ENOMEM.
 */
int settings_secrets_read(struct settings *settings,
    char why[static WHY_TEXT]);

/*
 * Warn if all users can read a file with a secret in it, which this key names.
 */
void settings_secrets_warn(const struct settings *settings, const char *key,
    const char *file);

#endif
