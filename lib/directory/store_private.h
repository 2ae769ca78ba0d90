/*
 * store_private: what directory_store.c shares with store_run.c: a connection
 * with its statements.
 */
#ifndef RP_DIRECTORY_STORE_PRIVATE_H
#define RP_DIRECTORY_STORE_PRIVATE_H

#include <sys/types.h>

#include <sqlite3.h>

#include "directory/directory_store.h"

enum store_statement {
	/* Reading. */
	STORE_FIND, STORE_SHOW, STORE_NEXT, STORE_PROBE,
	/* Writing. */
	STORE_BEGIN, STORE_COMMIT, STORE_ROLLBACK, STORE_BLOCKED, STORE_COUNT,
	STORE_INSERT, STORE_PUT, STORE_MAKE_ROOM, STORE_REMOVE, STORE_REVOKE,
	STORE_BLOCK, STORE_UNBLOCK, STORE_REFUSE, STORE_FORGET, STORE_SET_PUSH, STORE_DROP_PUSH,
	STORE_SEEN, STORE_RESULT, STORE_TOUCH,
	STORE_STATEMENTS
};
#define STORE_READING STORE_BEGIN	/* the first that writes */

struct directory_store {
	struct directory_store_options options;
	sqlite3 *db;
	dev_t dev;			/* the file that was opened */
	ino_t ino;
	bool whole;			/* with what was added to the tables */
	sqlite3_stmt *statement[STORE_STATEMENTS];
};

/* Log an unexpected result of SQLite's, and return -EIO. */
int store_fault(struct directory_store *store, const char *doing,
    char why[static WHY_TEXT]);

#endif
