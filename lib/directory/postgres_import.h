/*
 * postgres_import: an import as one transaction, in steps that are short enough
 * for a display and for the limit of silence. Nobody's look-up waits for it,
 * because PostgreSQL's readers never wait for a writer.
 */
#ifndef RP_DIRECTORY_POSTGRES_IMPORT_H
#define RP_DIRECTORY_POSTGRES_IMPORT_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "directory/directory_engine.h"

/*
 * Send the next step: the beginning and the first entries, or more entries, or
 * the end. `progress` of the request says where it is. Return false if it could
 * not be sent.
 */
bool postgres_import_step(PGconn *conn, struct directory_request *request);

/* Return how many statements the next step has. */
unsigned postgres_import_statements(const struct directory_request *request);

/*
 * Read a result of a step. Return true when the import has ended; then `err`
 * and `failed_at` of the request say how. If it failed, the transaction is
 * still open: see postgres_import_undo.
 */
bool postgres_import_read(struct directory_request *request,
    const PGresult *result);

bool postgres_import_undo(PGconn *conn);

#endif
