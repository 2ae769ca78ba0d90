/*
 * directory_store: one blocking connection to a directory in SQLite. It belongs
 * to one thread at a time. Its tables are those of store_schema.
 */
#ifndef RP_DIRECTORY_DIRECTORY_STORE_H
#define RP_DIRECTORY_DIRECTORY_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "directory/directory.h"
#include "wire/why.h"

struct directory_request;
struct directory_store;
struct store_log;

struct directory_store_options {
	const char *path;
	struct store_log *log;	/* shared by an engine's connections */
	/* Make the file if it is missing, and a directory of an empty one. */
	bool create;
	/* It will write: bring the tables forward. Else it only reads. */
	bool writes;
	const atomic_bool *stop;	/* ends the wait for another writer */
};

/* Open the file. Return -EINVAL with one line in `why`. */
int directory_store_open(struct directory_store **out,
    const struct directory_store_options *options, char why[static WHY_TEXT]);
/*
 * Close it. If the file was replaced, remove the log that it has left behind,
 * because SQLite would apply that to the new file.
 */
void directory_store_close(struct directory_store *store);

/*
 * Return whether it should be opened again: another file is at the path, or
 * the tables were brought forward. A path without any file does not count, so
 * that reads go on.
 */
bool directory_store_stale(const struct directory_store *store);

/*
 * Check that a look-up works, or for a writer that something can be written.
 * Return 0, or -EIO with one line in `why`, which is logged unless `quiet`.
 */
int directory_store_probe(struct directory_store *store, bool quiet,
    char why[static WHY_TEXT]);

/*
 * Execute the request, and return its `err`. With -EIO there is one line in
 * `why`.
 */
int directory_store_run(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT]);

#endif
