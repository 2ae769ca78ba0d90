/*
 * settings_paths: the names of files in a configuration, relative to its folder
 * or to the one that a command line names.
 */
#ifndef RP_SWITCHD_SETTINGS_PATHS_H
#define RP_SWITCHD_SETTINGS_PATHS_H

struct settings;

/* Resolve all names but the directory's. -ENAMETOOLONG or -ENOMEM. */
int settings_paths_resolve(struct settings *settings);

/*
 * Resolve the name of a SQLite file, once it is known that the directory is in
 * one. Errors likewise.
 */
int settings_paths_resolve_directory(struct settings *settings);

#endif
