/*
 * store_links: the links of subscribers in SQLite, in the table of guests. See
 * store_private.h.
 */
#include <errno.h>
#include <stdio.h>

#include "directory/directory_engine.h"
#include "directory/store_private.h"
#include "wire/base64.h"

static sqlite3_stmt *
bind_link(struct directory_store *s, enum store_statement which,
    const char *number, const uint8_t hash[static CRYPTO_SHA256])
{
	sqlite3_stmt *statement = s->statement[which];

	sqlite3_bind_text(statement, 1, number, -1, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 2, hash, CRYPTO_SHA256, SQLITE_STATIC);
	return statement;
}

/* Add the row's link. Return false if there is no room. */
static bool
read_link(struct directory_request *r, sqlite3_stmt *row)
{
	const char *number = (const char *)sqlite3_column_text(row, 0);
	const char *note = (const char *)sqlite3_column_text(row, 3);

	if (number == NULL || note == NULL ||
	    sqlite3_column_bytes(row, 1) != CRYPTO_SHA256)
		return true;
	return directory_found_link(r, number, sqlite3_column_blob(row, 1),
	    sqlite3_column_int64(row, 2), note);
}

int
store_links_read(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT])
{
	bool list = request->op == DIRECTORY_LIST_LINKS;
	sqlite3_stmt *row = bind_link(store, list ? STORE_LIST_LINKS :
	    STORE_FIND_LINK, request->number, request->token_hash);
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW)
		if (!read_link(request, row))
			break;
	sqlite3_reset(row);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return store_fault(store, "read", why);
	/* The first link of an old file comes with the table for it. */
	if (!store->whole && directory_store_stale(store)) {
		why_set(why, "%.150s: its tables are new", store->options.path);
		return -EIO;
	}
	return !list && request->n_links == 0 ? -ENOENT : 0;
}

int
store_links_put(struct directory_store *store,
    const struct directory_link *link, int64_t now_s,
    char why[static WHY_TEXT])
{
	sqlite3_stmt *row = bind_link(store, STORE_OLD_LINKS, link->number,
	    link->hash);
	int err, n = 0;

	sqlite3_bind_int64(row, 3, now_s);
	err = store_change(store, STORE_OLD_LINKS, why);
	if (err < 0 && err != -ENOENT)
		return err;
	row = bind_link(store, STORE_COUNT_LINKS, link->number, link->hash);
	if (sqlite3_step(row) == SQLITE_ROW)
		n = sqlite3_column_int(row, 0);
	sqlite3_reset(row);
	if (n >= DIRECTORY_LINKS)
		return -ENOSPC;
	row = bind_link(store, STORE_PUT_LINK, link->number, link->hash);
	sqlite3_bind_int64(row, 3, link->expires_s);
	sqlite3_bind_text(row, 4, link->note, -1, SQLITE_STATIC);
	return store_change(store, STORE_PUT_LINK, why);
}

/* Has this device used the link, and is it still there? */
static bool
is_used_by(struct directory_store *s, const struct directory_request *r,
    const char *note)
{
	sqlite3_stmt *row = bind_link(s, STORE_USED_LINK, r->number,
	    r->link.hash);
	bool used;

	sqlite3_bind_text(row, 4, note, -1, SQLITE_STATIC);
	sqlite3_bind_blob(row, 5, r->token_hash, CRYPTO_SHA256,
	    SQLITE_STATIC);
	used = sqlite3_step(row) == SQLITE_ROW;
	sqlite3_reset(row);
	sqlite3_clear_bindings(row);
	return used;
}

int
store_links_redeem(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT])
{
	char hash[HEX_TEXT(CRYPTO_SHA256)];
	char note[sizeof(DIRECTORY_JOIN " ") + sizeof(hash)];
	sqlite3_stmt *use;
	int err;

	hex_encode(hash, request->token_hash, CRYPTO_SHA256);
	snprintf(note, sizeof(note), DIRECTORY_JOIN " %s", hash);
	if (is_used_by(store, request, note))
		return 0;
	use = bind_link(store, STORE_USE_LINK, request->number,
	    request->link.hash);
	sqlite3_bind_int64(use, 3, request->now_s);
	sqlite3_bind_text(use, 4, note, -1, SQLITE_STATIC);
	err = store_change(store, STORE_USE_LINK, why);
	if (err == -ENOENT)
		return -EACCES;
	if (err == 0)
		err = store_add_device(store, request, why);
	return err == -EEXIST ? 0 : err;
}

int
store_links_drop(struct directory_store *store,
    const struct directory_request *request, char why[static WHY_TEXT])
{
	bind_link(store, STORE_DROP_LINK, request->number,
	    request->token_hash);
	return store_delete(store, STORE_DROP_LINK, why);
}

int
store_links_forget(struct directory_store *store, const char *number,
    char why[static WHY_TEXT])
{
	sqlite3_bind_text(store->statement[STORE_FORGET_LINKS], 1, number, -1,
	    SQLITE_STATIC);
	return store_change(store, STORE_FORGET_LINKS, why);
}
