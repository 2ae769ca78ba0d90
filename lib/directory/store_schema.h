/*
 * store_schema: the tables of a directory in SQLite, and what was added to them
 * later.
 *
 * 0.1.0 refuses a schema whose number is not 1, and switches are upgraded one
 * by one. So the number stays 1, and what came later are columns with defaults
 * and tables of their own, which 0.1.0 does not look at.
 */
#ifndef RP_DIRECTORY_STORE_SCHEMA_H
#define RP_DIRECTORY_STORE_SCHEMA_H

#include <stdbool.h>

#include <sqlite3.h>

#include "wire/why.h"

#define STORE_SCHEMA 1		/* of 0.1.0, and of this */

/*
 * Check that the file holds a directory, or may become one (`create`). Write
 * nothing. Return -EINVAL with one line in `why`, which does not name the file.
 */
int store_schema_check(sqlite3 *db, bool create, char why[static WHY_TEXT]);

/* Make the tables, and what was added to them, if they are not there. */
int store_schema_bring(sqlite3 *db, char why[static WHY_TEXT]);

/*
 * Return whether the additions are there. Without them the file can be read all
 * the same.
 */
bool store_schema_whole(sqlite3 *db);

#endif
