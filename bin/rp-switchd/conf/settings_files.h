/*
 * settings_files: whether the files, folders and commands that a configuration
 * names can be used, by whoever we are now. Nothing is created or run.
 */
#ifndef RP_SWITCHD_SETTINGS_FILES_H
#define RP_SWITCHD_SETTINGS_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "wire/why.h"

struct settings;

/*
 * Check what a start or a reload needs: the certificate and key, the files of
 * secrets, and the folder and group of the control socket. If `planned`, a
 * folder that a service manager makes at the start (/run/NAME) may be missing,
 * and is warned of (settings_warn). Return -EINVAL with file and line in `why`.
 */
int settings_files_check(const struct settings *settings, bool planned,
    char why[static WHY_TEXT]);

/*
 * Check what a switch can start without, because it waits for it with a closed
 * gate: the SQLite file of the directory and the push command. Errors and
 * `planned` (/var/lib/NAME) likewise.
 */
int settings_files_check_later(const struct settings *settings, bool planned,
    char why[static WHY_TEXT]);

/*
 * Find the group of the control socket; PRIVDROP_NO_GROUP: none is configured.
 * Return -EINVAL with file and line in `why` if there is no such group.
 */
int settings_files_group(const struct settings *settings, gid_t *out,
    char why[static WHY_TEXT]);

#endif
