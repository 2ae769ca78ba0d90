/*
 * settings_paths: the names of files in a configuration, relative to its folder
 * or to the one that a command line names.
 */
#ifndef RP_SWITCHD_SETTINGS_PATHS_H
#define RP_SWITCHD_SETTINGS_PATHS_H

#include "wire/why.h"

struct settings;

/*
 * Resolve all names but the directory's. -ENAMETOOLONG or -ENOMEM, with one
 * line in `why` if a key is to blame.
 */
int settings_paths_resolve(struct settings *settings,
    char why[static WHY_TEXT]);

/*
 * Resolve the names of files in the directory's URL, once that is known. -EINVAL if it has no name; other errors likewise.
 */
int settings_paths_resolve_directory(struct settings *settings,
    char why[static WHY_TEXT]);

#endif
