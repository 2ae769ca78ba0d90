/*
 * directory_store: one connection to a directory in SQLite, blocking; it
 * belongs to one thread at a time. The schema is numbered (user_version), so
 * that a newer rp can change it and an older one will not touch it.
 */
#ifndef RP_DIRECTORY_DIRECTORY_STORE_H
#define RP_DIRECTORY_DIRECTORY_STORE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "directory/directory.h"

struct directory_request;
struct directory_store;

/*
 * Open the file; with create, make it if it is missing, and a directory of it
 * if it is empty. *stop becoming true ends waiting for another writer. -EINVAL
 * with one line in why.
 */
int directory_store_open(struct directory_store **out, const char *path,
    bool create, const atomic_bool *stop, char why[static DIRECTORY_WHY]);
void directory_store_close(struct directory_store *store);

/* Does it work, and with writes: can it be written to? 0 or -EIO. */
int directory_store_probe(struct directory_store *store, bool writes);

/* Do what request asks; returns what its err is to be. */
int directory_store_run(struct directory_store *store,
    struct directory_request *request);

#endif
