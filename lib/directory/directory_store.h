/*
 * directory_store: one blocking connection to a directory in SQLite. It belongs
 * to one thread at a time. The schema has a number (user_version), so that a
 * newer rp can change it and an older one will not touch it.
 */
#ifndef RP_DIRECTORY_DIRECTORY_STORE_H
#define RP_DIRECTORY_DIRECTORY_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "directory/directory.h"
#include "wire/why.h"

struct directory_request;
struct directory_store;

/*
 * Open the file. `create` makes it if it is missing, and makes a directory of
 * an empty file. `*stop` becoming true ends the wait for another writer. Return
 * -EINVAL with one line in `why`.
 */
int directory_store_open(struct directory_store **out, const char *path,
    bool create, const atomic_bool *stop, char why[static WHY_TEXT]);
void directory_store_close(struct directory_store *store);

/*
 * Check that it works, and with `writes` that it can be written. Return 0 or
 * -EIO.
 */
int directory_store_probe(struct directory_store *store, bool writes);

/* Execute the request, and return its `err`. */
int directory_store_run(struct directory_store *store,
    struct directory_request *request);

#endif
