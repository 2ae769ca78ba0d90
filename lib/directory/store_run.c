/*
 * store_run: execute requests against one connection to SQLite. The other half
 * of directory_store.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "directory/directory_engine.h"
#include "directory/store_log.h"
#include "directory/store_private.h"

#define DAY_S 86400

static sqlite3_stmt *
bind_key(struct directory_store *s, enum store_statement which,
    const char *number, const uint8_t *token_hash)
{
	sqlite3_stmt *statement = s->statement[which];

	sqlite3_bind_text(statement, 1, number, -1, SQLITE_STATIC);
	if (token_hash != NULL)
		sqlite3_bind_blob(statement, 2, token_hash, CRYPTO_SHA256,
		    SQLITE_STATIC);
	return statement;
}

static void
bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text != NULL ? text : "", -1,
	    SQLITE_STATIC);
}

int
store_step(struct directory_store *store, enum store_statement which)
{
	int code = sqlite3_step(store->statement[which]);

	sqlite3_reset(store->statement[which]);
	sqlite3_clear_bindings(store->statement[which]);
	return code & 0xff;
}

int
directory_store_probe(struct directory_store *store, bool quiet,
    char why[static WHY_TEXT])
{
	int code = store_step(store, store->options.writes ? STORE_TOUCH :
	    STORE_PROBE);

	if (code != SQLITE_DONE && code != SQLITE_ROW && quiet) {
		why_set(why, "%.100s: %.150s", store->options.path,
		    sqlite3_errmsg(store->db));
		return -EIO;
	}
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return store_fault(store, "probe", why);
	store_log_note(store->options.log, store->dev, store->ino);
	return 0;
}

static int
read_text(const char **to, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return directory_text(to, text != NULL ? text : "",
	    (size_t)sqlite3_column_bytes(row, column));
}

/*
 * Add the row's device to the subscriber. The row of a blocked number has
 * none.
 */
static int
read_device(struct directory_subscriber *to, sqlite3_stmt *row)
{
	struct directory_device *device;

	to->blocked_s = sqlite3_column_int64(row, 5);
	if (sqlite3_column_bytes(row, 1) != CRYPTO_SHA256)
		return 0;
	device = directory_found_device(to, sqlite3_column_blob(row, 1));
	if (device == NULL)
		return 0;
	device->push_s = sqlite3_column_int64(row, 3);
	device->added_s = sqlite3_column_int64(row, 4);
	if (read_text(&device->push, row, 2) < 0)
		return -ENOMEM;
	/* Each row of a subscriber has the same. */
	if (to->n_devices == 1 && read_text(&to->refused, row, 6) < 0)
		return -ENOMEM;
	if (sqlite3_column_count(row) <= 7)
		return 0;
	device->seen_s = sqlite3_column_int64(row, 7);
	device->result_s = sqlite3_column_int64(row, 8);
	return read_text(&device->result, row, 9);
}

/*
 * Read as many subscribers as there is room for. Rows of one subscriber are
 * adjacent.
 */
static int
read_found(struct directory_store *s, enum store_statement which,
    struct directory_request *r, char why[static WHY_TEXT])
{
	sqlite3_stmt *row = bind_key(s, which, r->number, NULL);
	struct directory_subscriber *to = NULL;
	int code;

	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		const char *number =
		    (const char *)sqlite3_column_text(row, 0);

		if (number == NULL)
			continue;
		if (to == NULL || strcmp(to->number, number) != 0) {
			to = directory_found_next(r, number);
			if (to == NULL)
				break;
		}
		if (read_device(to, row) < 0) {
			code = SQLITE_NOMEM;
			break;
		}
	}
	sqlite3_reset(row);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return store_fault(s, "read", why);
	return which != STORE_NEXT && r->n_found == 0 ? -ENOENT : 0;
}

/* Count a subscriber's devices, and tell whether this is one of them. */
static int
check_place(struct directory_store *s, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], int *n, bool *there,
    char why[static WHY_TEXT])
{
	sqlite3_stmt *row = bind_key(s, STORE_COUNT, number, token_hash);
	bool good = sqlite3_step(row) == SQLITE_ROW;

	*n = good ? sqlite3_column_int(row, 0) : 0;
	*there = good && sqlite3_column_int(row, 1) > 0;
	sqlite3_reset(row);
	return good ? 0 : store_fault(s, "count", why);
}

static bool
is_blocked(struct directory_store *s, const char *number)
{
	sqlite3_stmt *row = bind_key(s, STORE_BLOCKED, number, NULL);
	bool blocked = sqlite3_step(row) == SQLITE_ROW;

	sqlite3_reset(row);
	return blocked;
}

/* Run a change within a transaction. */
static int
run(struct directory_store *s, enum store_statement which,
    char why[static WHY_TEXT])
{
	return store_step(s, which) == SQLITE_DONE ? 0 :
	    store_fault(s, "change", why);
}

int
store_add_device(struct directory_store *s, struct directory_request *r,
    char why[static WHY_TEXT])
{
	bool there;
	int n, err;

	if (is_blocked(s, r->number))
		return -EPERM;
	err = check_place(s, r->number, r->token_hash, &n, &there, why);
	if (err < 0)
		return err;
	if (there)
		return -EEXIST;
	if (n >= DIRECTORY_DEVICES) {
		if (!r->make_room)
			return -ENOSPC;
		bind_key(s, STORE_MAKE_ROOM, r->number, NULL);
		err = run(s, STORE_MAKE_ROOM, why);
		if (err < 0)
			return err;
	}
	sqlite3_bind_int64(bind_key(s, STORE_INSERT, r->number,
	    r->token_hash), 3, r->now_s);
	return run(s, STORE_INSERT, why);
}

static int
put_device(struct directory_store *s, const struct directory_request *r,
    const struct directory_entry *e, char why[static WHY_TEXT])
{
	sqlite3_stmt *put;
	bool there;
	int n, err = check_place(s, e->number, e->token_hash, &n, &there, why);

	if (err < 0)
		return err;
	if (there && !r->update)
		return -EEXIST;
	if (!there && n >= DIRECTORY_DEVICES)
		return -ENOSPC;
	put = bind_key(s, STORE_PUT, e->number, e->token_hash);
	sqlite3_bind_int64(put, 3, e->added_s != 0 ? e->added_s : r->now_s);
	bind_text(put, 4, e->push);
	sqlite3_bind_int64(put, 5, e->push_s);
	sqlite3_bind_int64(put, 6, e->seen_s);
	bind_text(put, 7, e->result);
	sqlite3_bind_int64(put, 8, e->result_s);
	return run(s, STORE_PUT, why);
}

/* Block a number, or with `caller` that one for the number. */
static int
put_block(struct directory_store *s, const char *number, const char *caller,
    int64_t since_s, char why[static WHY_TEXT])
{
	sqlite3_stmt *b = bind_key(s, STORE_BLOCK, number, NULL);

	sqlite3_bind_int64(b, 3, since_s);
	bind_text(b, 4, caller);
	return run(s, STORE_BLOCK, why);
}

/* Write every entry of an import, within a transaction. */
static int
put_all(struct directory_store *s, struct directory_request *r,
    char why[static WHY_TEXT])
{
	int err = 0;

	for (r->failed_at = 0; err == 0 && r->failed_at < r->n_entries;
	    r->failed_at += err == 0) {
		const struct directory_entry *e = &r->entries[r->failed_at];

		if (e->blocked_s != 0)
			err = put_block(s, e->number, "", e->blocked_s, why);
		if (err == 0 && e->refused[0] != '\0')
			err = put_block(s, e->number, e->refused, r->now_s,
			    why);
		if (err == 0 && e->device)
			err = put_device(s, r, e, why);
		r->progress = r->failed_at;
	}
	return err;
}

static int
run_steps(struct directory_store *s, struct directory_request *r,
    char why[static WHY_TEXT])
{
	switch (r->op) {
	case DIRECTORY_ADD:
		return store_add_device(s, r, why);
	case DIRECTORY_REDEEM:
		return store_links_redeem(s, r, why);
	case DIRECTORY_PUT_LINK:
		return store_links_put(s, &r->link, r->now_s, why);
	default:
		return put_all(s, r, why);
	}
}

static int
run_transaction(struct directory_store *s, struct directory_request *r,
    char why[static WHY_TEXT])
{
	int err;

	if (store_step(s, STORE_BEGIN) != SQLITE_DONE)
		return store_fault(s, "begin", why);
	err = run_steps(s, r, why);
	if (err == 0 && store_step(s, STORE_COMMIT) != SQLITE_DONE)
		err = store_fault(s, "commit", why);
	/* Some errors have rolled back already; this then fails harmlessly. */
	if (err < 0)
		store_step(s, STORE_ROLLBACK);
	return err;
}

int
store_change(struct directory_store *store, enum store_statement which,
    char why[static WHY_TEXT])
{
	if (store_step(store, which) != SQLITE_DONE)
		return store_fault(store, "change", why);
	return sqlite3_changes(store->db) > 0 ? 0 : -ENOENT;
}

/*
 * A reader of another process may prevent that the log is emptied; then it is
 * done with the next one.
 */
int
store_delete(struct directory_store *store, enum store_statement which,
    char why[static WHY_TEXT])
{
	int err = store_change(store, which, why);

	if (err == 0 && sqlite3_wal_checkpoint_v2(store->db, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		log_warn("directory_log", "not_emptied=1");
	return err;
}

/* Remove a block, or one caller of those that the number refuses. */
static int
remove_block(struct directory_store *s, const struct directory_request *r,
    char why[static WHY_TEXT])
{
	bind_text(bind_key(s, STORE_UNBLOCK, r->number, NULL), 4, r->caller);
	return store_change(s, STORE_UNBLOCK, why);
}

static int
refuse_caller(struct directory_store *s, const struct directory_request *r,
    char why[static WHY_TEXT])
{
	sqlite3_stmt *b = bind_key(s, STORE_REFUSE, r->number, NULL);
	int err;

	sqlite3_bind_int64(b, 3, r->since_s);
	bind_text(b, 4, r->caller);
	err = store_change(s, STORE_REFUSE, why);
	return err == -ENOENT ? -ENOSPC : err;
}

static int
remove_all(struct directory_store *s, const struct directory_request *r,
    char why[static WHY_TEXT])
{
	int err;

	bind_key(s, STORE_FORGET, r->number, NULL);
	err = store_change(s, STORE_FORGET, why);
	if (err < 0 && err != -ENOENT)
		return err;
	err = store_links_forget(s, r->number, why);
	if (err < 0 && err != -ENOENT)
		return err;
	bind_key(s, STORE_REMOVE, r->number, NULL);
	return store_delete(s, STORE_REMOVE, why);
}

static int
run_change(struct directory_store *s, struct directory_request *r,
    char why[static WHY_TEXT])
{
	sqlite3_stmt *b;

	switch (r->op) {
	case DIRECTORY_REMOVE:
		return remove_all(s, r, why);
	case DIRECTORY_REVOKE:
		bind_key(s, STORE_REVOKE, r->number, r->token_hash);
		return store_delete(s, STORE_REVOKE, why);
	case DIRECTORY_BLOCK:
		if (r->since_s != 0)
			return put_block(s, r->number, "", r->since_s, why);
		return remove_block(s, r, why);
	case DIRECTORY_REFUSE:
		return r->since_s != 0 ? refuse_caller(s, r, why) :
		    remove_block(s, r, why);
	case DIRECTORY_SET_PUSH:
		b = bind_key(s, STORE_SET_PUSH, r->number, r->token_hash);
		bind_text(b, 3, r->push);
		sqlite3_bind_int64(b, 4, r->push[0] != '\0' ? r->now_s : 0);
		return store_change(s, STORE_SET_PUSH, why);
	case DIRECTORY_DROP_PUSH:
		b = bind_key(s, STORE_DROP_PUSH, r->number, r->token_hash);
		sqlite3_bind_int64(b, 3, r->before_s);
		return store_change(s, STORE_DROP_PUSH, why);
	case DIRECTORY_SEEN:
		b = bind_key(s, STORE_SEEN, r->number, r->token_hash);
		sqlite3_bind_int64(b, 3, r->now_s - r->now_s % DAY_S);
		return store_change(s, STORE_SEEN, why);
	case DIRECTORY_SET_RESULT:
		b = bind_key(s, STORE_RESULT, r->number, r->token_hash);
		bind_text(b, 3, r->result);
		sqlite3_bind_int64(b, 4, r->now_s);
		return store_change(s, STORE_RESULT, why);
	case DIRECTORY_DROP_LINK:
		return store_links_drop(s, r, why);
	default:
		return -EINVAL;
	}
}

/*
 * A write into a file or a log that was removed or replaced would be lost.
 * SQLite does not notice that in its WAL mode.
 */
static int
check_file(struct directory_store *s, char why[static WHY_TEXT])
{
	struct stat st;

	if (stat(s->options.path, &st) == 0 && st.st_ino == s->ino &&
	    st.st_dev == s->dev)
		return store_log_check(s->options.log, why);
	why_set(why, "%.150s: the file was removed or replaced",
	    s->options.path);
	return -EIO;
}

int
directory_store_run(struct directory_store *store,
    struct directory_request *request, char why[static WHY_TEXT])
{
	int err;

	switch (request->op) {
	case DIRECTORY_LOOKUP:
		return read_found(store, STORE_FIND, request, why);
	case DIRECTORY_SHOW:
		return read_found(store, STORE_SHOW, request, why);
	case DIRECTORY_LIST:
		return read_found(store, STORE_NEXT, request, why);
	case DIRECTORY_FIND_LINK:
	case DIRECTORY_LIST_LINKS:
		return store_links_read(store, request, why);
	case DIRECTORY_ADD:
	case DIRECTORY_IMPORT:
	case DIRECTORY_PUT_LINK:
	case DIRECTORY_REDEEM:
		err = check_file(store, why);
		return err < 0 ? err : run_transaction(store, request, why);
	default:
		err = check_file(store, why);
		return err < 0 ? err : run_change(store, request, why);
	}
}
