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
	STORE_FIND, STORE_SHOW, STORE_NEXT, STORE_PROBE, STORE_FIND_LINK,
	STORE_LIST_LINKS,
	/* Writing. */
	STORE_BEGIN, STORE_COMMIT, STORE_ROLLBACK, STORE_BLOCKED, STORE_COUNT,
	STORE_INSERT, STORE_PUT, STORE_MAKE_ROOM, STORE_REMOVE, STORE_REVOKE,
	STORE_BLOCK, STORE_UNBLOCK, STORE_REFUSE, STORE_FORGET, STORE_SET_PUSH, STORE_DROP_PUSH,
	STORE_SEEN, STORE_RESULT, STORE_TOUCH,
	STORE_PUT_LINK, STORE_DROP_LINK, STORE_OLD_LINKS, STORE_FORGET_LINKS,
	STORE_COUNT_LINKS, STORE_USE_LINK, STORE_USED_LINK,
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

/* Run a statement without rows, and return SQLite's primary code. */
int store_step(struct directory_store *store, enum store_statement which);

/*
 * Run an UPDATE or DELETE. Return -ENOENT if it changed nothing.
 * store_delete also empties the log, which holds what was deleted.
 */
int store_change(struct directory_store *store, enum store_statement which,
    char why[static WHY_TEXT]);
int store_delete(struct directory_store *store, enum store_statement which,
    char why[static WHY_TEXT]);

/* Insert the request's device, within a transaction. */
int store_add_device(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT]);

/* Read links, and write or use one; within a transaction. */
int store_links_read(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT]);
int store_links_put(struct directory_store *store,
    const struct directory_link *link, int64_t now_s,
    char why[static WHY_TEXT]);
int store_links_redeem(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT]);
/* Remove one, or all of a number. */
int store_links_drop(struct directory_store *store,
    const struct directory_request *request, char why[static WHY_TEXT]);
int store_links_forget(struct directory_store *store, const char *number,
    char why[static WHY_TEXT]);

/* Log an unexpected result of SQLite's, and return -EIO. */
int store_fault(struct directory_store *store, const char *doing,
    char why[static WHY_TEXT]);

#endif
