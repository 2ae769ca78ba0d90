/*
 * postgres_ops: requests as prepared statements, and their results.
 */
#ifndef RP_DIRECTORY_POSTGRES_OPS_H
#define RP_DIRECTORY_POSTGRES_OPS_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "directory/directory_engine.h"

/*
 * Send the preparation of all statements. Those that write are checked by the
 * server only when they run, but their tables must be there. Return false if it
 * could not be sent, as all of these do.
 */
bool postgres_ops_prepare(PGconn *conn);

/* Return how many statements that are. */
unsigned postgres_ops_prepared(void);

/* Send a look-up of nobody, which is the half of a probe that reads. */
bool postgres_ops_look(PGconn *conn);

/* Send a request's statements. An import is postgres_import's. */
bool postgres_ops_send(PGconn *conn, const struct directory_request *request);

/* Return how many results a request has; the last one tells. */
unsigned postgres_ops_results(const struct directory_request *request);

/* Read the last result into the request and its `err`. */
void postgres_ops_read(struct directory_request *request,
    const PGresult *result);

#endif
