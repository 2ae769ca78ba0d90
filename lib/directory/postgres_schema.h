/*
 * postgres_schema: the tables of a directory in PostgreSQL, and the probe that
 * tells whether a server has one.
 *
 * A program refuses a schema with a number above POSTGRES_SCHEMA, and switches
 * are upgraded one by one. So additions keep the number if they can. They are
 * columns with defaults and tables of their own, which an older program does
 * not look at.
 */
#ifndef RP_DIRECTORY_POSTGRES_SCHEMA_H
#define RP_DIRECTORY_POSTGRES_SCHEMA_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "wire/why.h"

#define POSTGRES_SCHEMA 1
#define POSTGRES_SCHEMA_COLUMNS 3	/* of a probe's result */

/*
 * Send one statement that sets the session up, makes the tables unless they are
 * there, or probes. postgres_schema_probe needs no table but the schema's.
 * Return false if it could not be sent.
 */
bool postgres_schema_session(PGconn *conn);
bool postgres_schema_make(PGconn *conn);
bool postgres_schema_probe(PGconn *conn);

/*
 * Read the probe's result: is this a standby, and can it not be written? Return
 * -EINVAL with one line in `why` if it holds no directory that we know.
 */
int postgres_schema_read(const PGresult *result, bool *standby,
    bool *read_only, char why[static WHY_TEXT]);

/* Write why a batch with a probe failed, for people. */
void postgres_schema_reason(char why[static WHY_TEXT],
    const char *state, const char *message);

#endif
