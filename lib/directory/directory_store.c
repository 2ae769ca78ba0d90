/*
 * directory_store: run requests against one blocking SQLite connection. Called
 * by the threads of directory_sqlite. See directory_store.h.
 */
#include "directory/directory_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/log.h"
#include "directory/directory_engine.h"
#include "wire/why.h"

#define SCHEMA 1
#define BUSY_MS 3000		/* limit of waiting for another's write */
#define BUSY_STEP_MS 5
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

enum statement {
	BEGIN, COMMIT, ROLLBACK, READ_ONE, READ_NEXT, COUNT, INSERT, DELETE,
	SET_PUSH, DROP_PUSH, PROBE, TOUCH,
	N_STATEMENTS
};

static const char *const sql[N_STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[READ_ONE] = "SELECT number, token_hash, push, push_s FROM device "
	    "WHERE number = ?1 ORDER BY token_hash",
	[READ_NEXT] = "SELECT number, token_hash, push, push_s FROM device "
	    "WHERE number > ?1 ORDER BY number, token_hash",
	[COUNT] = "SELECT count(*) FROM device WHERE number = ?1",
	[INSERT] = "INSERT INTO device (number, token_hash, added_s) "
	    "VALUES (?1, ?2, ?3)",
	[DELETE] = "DELETE FROM device WHERE number = ?1",
	[SET_PUSH] = "UPDATE device SET push = ?3, push_s = ?4 "
	    "WHERE number = ?1 AND token_hash = ?2",
	[DROP_PUSH] = "UPDATE device SET push = '', push_s = 0 "
	    "WHERE number = ?1 AND token_hash = ?2 AND push_s <= ?3",
	[PROBE] = "SELECT number FROM device LIMIT 1",
	[TOUCH] = "UPDATE touched SET times = times + 1",
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS device ("
    " number TEXT NOT NULL,"
    " token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),"
    " added_s INTEGER NOT NULL,"
    " push TEXT NOT NULL DEFAULT '',"
    " push_s INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (number, token_hash)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS touched (times INTEGER NOT NULL);"
    "INSERT INTO touched SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM touched);"
    "PRAGMA user_version = " TEXT(SCHEMA) ";"
    "COMMIT;";

struct directory_store {
	sqlite3 *db;
	const atomic_bool *stop;
	sqlite3_stmt *statement[N_STATEMENTS];
};

static int
on_busy(void *arg, int tries)
{
	struct directory_store *s = arg;

	if (atomic_load(s->stop) || tries >= BUSY_MS / BUSY_STEP_MS)
		return 0;
	sqlite3_sleep(BUSY_STEP_MS);
	return 1;
}

/* Log an unexpected result of SQLite's, and return -EIO. */
static int
fault(struct directory_store *s, const char *doing)
{
	char text[LOG_TEXT];

	log_error("directory_fault", "doing=%s code=%d err=%s", doing,
	    sqlite3_extended_errcode(s->db),
	    log_text(text, sqlite3_errmsg(s->db)));
	return -EIO;
}

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

/*
 * Check the schema's version. A file without one is new, or was restored from a
 * dump, which keeps the tables and loses the version. An empty file that was
 * not to be created does not count as a directory, because it would report
 * every subscriber as unknown.
 */
static int
check_version(struct directory_store *s, bool create)
{
	int version = user_version(s->db), code;

	if (version < 0)
		return -EINVAL;
	if (version > SCHEMA)
		return -EPROTONOSUPPORT;
	if (version > 0 || create)
		return 0;
	code = sqlite3_exec(s->db, sql[PROBE], NULL, NULL, NULL);
	if (code == SQLITE_ERROR)
		return -ENOENT;
	return code == SQLITE_OK ? 0 : -EINVAL;
}

static int
prepare_store(struct directory_store *s, bool create)
{
	int i, err = check_version(s, create);

	if (err < 0)
		return err;
	if (sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL,
	    NULL) != SQLITE_OK)
		return -EINVAL;
	if (user_version(s->db) == 0 &&
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return -EINVAL;
	for (i = 0; i < N_STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &s->statement[i], NULL) !=
		    SQLITE_OK)
			return -EINVAL;
	return 0;
}

/*
 * Create the file here rather than by SQLite, so that only its owner can read
 * it. Do so only if it is missing. Closing a descriptor of the file would drop
 * the locks that the process holds on it, and another process would remove the
 * log in use.
 */
static int
ensure_file(const char *path, bool create)
{
	int fd;

	if (access(path, F_OK) == 0)
		return 0;
	if (!create)
		return -errno;
	fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int
directory_store_open(struct directory_store **out, const char *path,
    bool create, const atomic_bool *stop, char why[static WHY_TEXT])
{
	struct directory_store *s = calloc(1, sizeof(*s));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, err;

	if (s == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	s->stop = stop;
	err = ensure_file(path, create);
	if (err < 0) {
		why_set(why, "%.150s: %s", path, strerror(-err));
		free(s);
		return -EINVAL;
	}
	err = -EINVAL;
	if (sqlite3_open_v2(path, &s->db, flags, NULL) == SQLITE_OK) {
		sqlite3_busy_handler(s->db, on_busy, s);
		err = prepare_store(s, create);
	}
	if (err == 0) {
		*out = s;
		return 0;
	}
	if (err == -ENOENT)
		why_set(why, "%.150s: holds no directory: "
		    "rp-users add or import makes one", path);
	else if (err == -EPROTONOSUPPORT)
		why_set(why, "%.150s: its schema is newer "
		    "than this program's (%d)", path, SCHEMA);
	else
		why_set(why, "%.100s: %.100s", path,
		    s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory");
	directory_store_close(s);
	return -EINVAL;
}

void
directory_store_close(struct directory_store *store)
{
	int i;

	if (store == NULL)
		return;
	for (i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	free(store);
}

static sqlite3_stmt *
bind_key(struct directory_store *s, enum statement which, const char *number,
    const uint8_t *token_hash)
{
	sqlite3_stmt *statement = s->statement[which];

	sqlite3_bind_text(statement, 1, number, -1, SQLITE_STATIC);
	if (token_hash != NULL)
		sqlite3_bind_blob(statement, 2, token_hash, CRYPTO_SHA256,
		    SQLITE_STATIC);
	return statement;
}

/* Run a statement without rows, and return SQLite's primary code. */
static int
step(struct directory_store *s, enum statement which)
{
	int code = sqlite3_step(s->statement[which]);

	sqlite3_reset(s->statement[which]);
	sqlite3_clear_bindings(s->statement[which]);
	return code & 0xff;
}

int
directory_store_probe(struct directory_store *store, bool writes)
{
	int code = step(store, writes ? TOUCH : PROBE);

	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : -EIO;
}

static void
copy_text(char *out, size_t max, sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	snprintf(out, max, "%s", text != NULL ? (const char *)text : "");
}

/* Add the row's device to the subscriber, who is named by the first row. */
static void
read_row(struct directory_subscriber *to, sqlite3_stmt *row)
{
	struct directory_device *device;

	copy_text(to->number, sizeof(to->number), row, 0);
	if (to->n_devices >= DIRECTORY_DEVICES ||
	    sqlite3_column_bytes(row, 1) != CRYPTO_SHA256)
		return;
	device = &to->devices[to->n_devices++];
	memcpy(device->token_hash, sqlite3_column_blob(row, 1),
	    CRYPTO_SHA256);
	copy_text(device->push, sizeof(device->push), row, 2);
	device->push_s = sqlite3_column_int64(row, 3);
}

/*
 * Read as many subscribers as there is room for. Rows of one subscriber are
 * adjacent.
 */
static int
read_found(struct directory_store *s, enum statement which,
    struct directory_request *r)
{
	sqlite3_stmt *row = bind_key(s, which, r->number, NULL);
	struct directory_subscriber *to = NULL;
	int code;

	memset(r->found, 0, r->max_found * sizeof(*r->found));
	r->n_found = 0;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		const char *number =
		    (const char *)sqlite3_column_text(row, 0);

		if (number == NULL)
			continue;
		if (to == NULL || strcmp(to->number, number) != 0) {
			if (r->n_found == r->max_found)
				break;
			to = &r->found[r->n_found++];
		}
		read_row(to, row);
	}
	sqlite3_reset(row);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return fault(s, "read");
	return which == READ_ONE && r->n_found == 0 ? -ENOENT : 0;
}

/* Insert a device, within a transaction. */
static int
insert(struct directory_store *s, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256], int64_t now_s)
{
	sqlite3_stmt *count = bind_key(s, COUNT, number, NULL);
	int n = -1;

	if (sqlite3_step(count) == SQLITE_ROW)
		n = sqlite3_column_int(count, 0);
	sqlite3_reset(count);
	if (n < 0)
		return fault(s, "count");
	sqlite3_bind_int64(bind_key(s, INSERT, number, token_hash), 3, now_s);
	switch (n < DIRECTORY_DEVICES ? step(s, INSERT) : SQLITE_TOOBIG) {
	case SQLITE_DONE:
		return 0;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_TOOBIG:
		return -ENOSPC;
	default:
		return fault(s, "insert");
	}
}

static int
insert_all(struct directory_store *s, struct directory_request *r)
{
	int err;

	if (r->op == DIRECTORY_ADD)
		return insert(s, r->number, r->token_hash, r->now_s);
	for (r->failed_at = 0; r->failed_at < r->n_entries; r->failed_at++) {
		const struct directory_entry *e = &r->entries[r->failed_at];

		err = insert(s, e->number, e->token_hash, r->now_s);
		if (err < 0)
			return err;
	}
	return 0;
}

static int
add_device(struct directory_store *s, struct directory_request *r)
{
	int err;

	if (step(s, BEGIN) != SQLITE_DONE)
		return fault(s, "begin");
	err = insert_all(s, r);
	if (err == 0 && step(s, COMMIT) != SQLITE_DONE)
		err = fault(s, "commit");
	/* Some errors have rolled back already; this then fails harmlessly. */
	if (err < 0)
		step(s, ROLLBACK);
	return err;
}

/* Run an UPDATE or DELETE. Return -ENOENT if it changed nothing. */
static int
change(struct directory_store *s, enum statement which)
{
	if (step(s, which) != SQLITE_DONE)
		return fault(s, "change");
	return sqlite3_changes(s->db) > 0 ? 0 : -ENOENT;
}

int
directory_store_run(struct directory_store *store,
    struct directory_request *request)
{
	struct directory_request *r = request;
	struct directory_store *s = store;
	sqlite3_stmt *statement;

	switch (r->op) {
	case DIRECTORY_LOOKUP:
		return read_found(s, READ_ONE, r);
	case DIRECTORY_LIST:
		return read_found(s, READ_NEXT, r);
	case DIRECTORY_ADD:
	case DIRECTORY_IMPORT:
		return add_device(s, r);
	case DIRECTORY_REMOVE:
		bind_key(s, DELETE, r->number, NULL);
		return change(s, DELETE);
	case DIRECTORY_SET_PUSH:
		statement = bind_key(s, SET_PUSH, r->number, r->token_hash);
		sqlite3_bind_text(statement, 3, r->push, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 4, r->push[0] != '\0' ?
		    r->now_s : 0);
		return change(s, SET_PUSH);
	case DIRECTORY_DROP_PUSH:
		statement = bind_key(s, DROP_PUSH, r->number, r->token_hash);
		sqlite3_bind_int64(statement, 3, r->before_s);
		return change(s, DROP_PUSH);
	}
	return -EINVAL;
}
