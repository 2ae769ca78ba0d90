/*
 * store_schema: the tables of a directory in SQLite, and what was added to them
 * later.
 *
 * 0.1.0 refuses a schema whose number is not 1, and switches are upgraded one by
 * one. So the number stays 1, and what came later are columns with defaults and
 * tables of their own, which 0.1.0 does not look at.
 */
#ifndef RP_DIRECTORY_STORE_SCHEMA_H
#define RP_DIRECTORY_STORE_SCHEMA_H

#include <stdbool.h>

#include <sqlite3.h>

#include "wire/why.h"

#define STORE_SCHEMA 1		/* of 0.1.0, and of this */

/*
 * Check what the file holds. With `create` an empty file becomes a directory,
 * and with `writes` one of 0.1.0 gets what was added. `*whole` tells whether
 * the additions are there: without them the file can be read all the same.
 * Return -EINVAL with one line in `why`, which does not name the file.
 */
int store_schema_open(sqlite3 *db, bool create, bool writes, bool *whole,
    char why[static WHY_TEXT]);

/* Return whether the additions are there. */
bool store_schema_whole(sqlite3 *db);

#endif
