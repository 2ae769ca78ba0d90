/* store_schema: make the tables, or bring them forward. See store_schema.h. */
#include "directory/store_schema.h"

#include <errno.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* As 0.1.0 made it. */
static const char first[] =
    "CREATE TABLE IF NOT EXISTS device ("
    " number TEXT NOT NULL,"
    " token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),"
    " added_s INTEGER NOT NULL,"
    " push TEXT NOT NULL DEFAULT '',"
    " push_s INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (number, token_hash)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS touched (times INTEGER NOT NULL);"
    "INSERT INTO touched SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM touched);"
    "PRAGMA user_version = " TEXT(STORE_SCHEMA) ";";

/*
 * The last table made tells that all are there. A block has an empty `other`
 * if the operator made it. A device's public key, blocks among subscribers and
 * guests have room here before they are used, so that the tables change once.
 */
static const char additions[] =
    "ALTER TABLE device ADD COLUMN seen_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN result TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE device ADD COLUMN result_s INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN public_key BLOB NOT NULL DEFAULT x'';"
    "CREATE TABLE block ("
    " number TEXT NOT NULL,"
    " other TEXT NOT NULL DEFAULT '',"
    " since_s INTEGER NOT NULL,"
    " PRIMARY KEY (number, other)) WITHOUT ROWID;"
    "CREATE TABLE guest ("
    " token_hash BLOB NOT NULL PRIMARY KEY,"
    " number TEXT NOT NULL,"
    " expires_s INTEGER NOT NULL,"
    " calls_left INTEGER NOT NULL,"
    " note TEXT NOT NULL DEFAULT '') WITHOUT ROWID;";

/* Return the file's number, or -1. */
static int
user_version(sqlite3 *db)
{
	sqlite3_stmt *statement;
	int version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement,
	    NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

static bool
has_table(sqlite3 *db, const char *table)
{
	return sqlite3_table_column_metadata(db, NULL, table, NULL, NULL,
	    NULL, NULL, NULL, NULL) == SQLITE_OK;
}

bool
store_schema_whole(sqlite3 *db)
{
	return has_table(db, "guest");
}

static int
complain_schema(char why[static WHY_TEXT], const char *what)
{
	why_set(why, "%s", what);
	return -EINVAL;
}

/*
 * Check the number. A file without one is new, or was restored from a dump,
 * which keeps the tables and loses the number. An empty file that was not to be
 * created does not count as a directory, because it would report every
 * subscriber as unknown.
 */
int
store_schema_check(sqlite3 *db, bool create, char why[static WHY_TEXT])
{
	int version = user_version(db);

	if (version < 0)
		return complain_schema(why, sqlite3_errmsg(db));
	if (version > STORE_SCHEMA) {
		why_set(why, "its schema is newer than this program's (%d)",
		    STORE_SCHEMA);
		return -EINVAL;
	}
	if (version > 0 || create || has_table(db, "device"))
		return 0;
	return complain_schema(why, "holds no directory: "
	    "rp-users init, add or import makes one");
}

/* Make in one transaction what is missing; another process may just do so. */
static int
bring_forward(sqlite3 *db, char why[static WHY_TEXT])
{
	bool done = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
	    SQLITE_OK;

	if (done && user_version(db) == 0)
		done = sqlite3_exec(db, first, NULL, NULL, NULL) == SQLITE_OK;
	if (done && !store_schema_whole(db))
		done = sqlite3_exec(db, additions, NULL, NULL, NULL) ==
		    SQLITE_OK;
	if (done)
		done = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) ==
		    SQLITE_OK;
	if (done)
		return 0;
	complain_schema(why, sqlite3_errmsg(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -EINVAL;
}

int
store_schema_bring(sqlite3 *db, char why[static WHY_TEXT])
{
	if (store_schema_whole(db) && user_version(db) > 0)
		return 0;
	return bring_forward(db, why);
}
