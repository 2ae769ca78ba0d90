/*
 * directory_store: open and close one connection to SQLite, and notice that its
 * file was replaced. See directory_store.h.
 */
#include "directory/directory_store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "directory/store_log.h"
#include "directory/store_private.h"
#include "directory/store_schema.h"

#define BUSY_MS 3000		/* limit of waiting for another's write */
#define BUSY_STEP_MS 5
#define PATH_BYTES 4096

static int
on_busy(void *arg, int tries)
{
	struct directory_store *s = arg;

	if (atomic_load(s->options.stop) || tries >= BUSY_MS / BUSY_STEP_MS)
		return 0;
	sqlite3_sleep(BUSY_STEP_MS);
	return 1;
}

int
store_fault(struct directory_store *store, const char *doing,
    char why[static WHY_TEXT])
{
	char text[LOG_TEXT];

	why_set(why, "%.100s: %.150s", store->options.path,
	    sqlite3_errmsg(store->db));
	log_error("directory_fault", "doing=%s code=%d err=%s", doing,
	    sqlite3_extended_errcode(store->db),
	    log_text(text, sqlite3_errmsg(store->db)));
	return -EIO;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define DEVICE "number, token_hash, push, push_s, added_s"
#define BLOCKED "(SELECT since_s FROM block b WHERE b.number = d.number" \
    " AND b.other = '')"
#define REFUSED "(SELECT group_concat(other, ' ') FROM (SELECT other" \
    " FROM block b WHERE b.number = d.number AND b.other <> ''" \
    " ORDER BY other))"
#define SHORT DEVICE ", " BLOCKED ", " REFUSED
#define LINK "number, token_hash, expires_s, note"
#define NO_LINK "'', x'', 0, '' FROM device WHERE 0"
#define KEY "number = ?1 AND token_hash = ?2"

/*
 * The reading ones have the columns number, token_hash, push, push_s, added_s,
 * blocked_s, refused, seen_s, result_s, result.
 */
static const char *const sql[STORE_STATEMENTS] = {
	[STORE_FIND] = "SELECT " SHORT
	    " FROM device d WHERE number = ?1 ORDER BY token_hash",
	[STORE_SHOW] = "SELECT " SHORT ","
	    " seen_s, result_s, result FROM device d WHERE number = ?1"
	    " UNION ALL SELECT number, NULL, '', 0, 0, since_s, '', 0, 0, ''"
	    " FROM block WHERE number = ?1 AND other = '' ORDER BY 2",
	[STORE_NEXT] = "SELECT " SHORT ","
	    " seen_s, result_s, result FROM device d WHERE number > ?1"
	    " UNION ALL SELECT number, NULL, '', 0, 0, since_s, '', 0, 0, ''"
	    " FROM block WHERE number > ?1 AND other = '' ORDER BY 1, 2",
	[STORE_PROBE] = "SELECT " SHORT " FROM device d LIMIT 1",
	[STORE_FIND_LINK] = "SELECT " LINK " FROM guest WHERE token_hash = ?2",
	[STORE_LIST_LINKS] = "SELECT " LINK " FROM guest"
	    " WHERE (number, token_hash) > (?1, ?2)"
	    " ORDER BY number, token_hash",
	[STORE_BEGIN] = "BEGIN IMMEDIATE",
	[STORE_COMMIT] = "COMMIT",
	[STORE_ROLLBACK] = "ROLLBACK",
	[STORE_BLOCKED] = "SELECT since_s FROM block"
	    " WHERE number = ?1 AND other = ''",
	[STORE_COUNT] = "SELECT count(*), sum(token_hash = ?2) FROM device"
	    " WHERE number = ?1",
	[STORE_INSERT] = "INSERT INTO device (number, token_hash, added_s)"
	    " VALUES (?1, ?2, ?3)",
	[STORE_PUT] = "INSERT OR REPLACE INTO device (number, token_hash,"
	    " added_s, push, push_s, seen_s, result, result_s)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STORE_MAKE_ROOM] = "DELETE FROM device WHERE number = ?1 AND"
	    " token_hash = (SELECT token_hash FROM device WHERE number = ?1"
	    " ORDER BY max(added_s, seen_s, push_s), token_hash LIMIT 1)",
	[STORE_REMOVE] = "DELETE FROM device WHERE number = ?1",
	[STORE_REVOKE] = "DELETE FROM device WHERE " KEY,
	[STORE_BLOCK] = "INSERT OR REPLACE INTO block (number, other, since_s)"
	    " VALUES (?1, ?4, ?3)",
	[STORE_UNBLOCK] = "DELETE FROM block WHERE number = ?1 AND other = ?4",
	[STORE_REFUSE] = "INSERT OR REPLACE INTO block (number, other, since_s)"
	    " SELECT ?1, ?4, ?3 WHERE (SELECT count(*) FROM block"
	    " WHERE number = ?1 AND other NOT IN ('', ?4)) < "
	    TEXT(DIRECTORY_REFUSED),
	[STORE_FORGET] = "DELETE FROM block WHERE number = ?1 AND other <> ''",
	[STORE_SET_PUSH] = "UPDATE device SET push = ?3, push_s = ?4,"
	    " result = '', result_s = 0 WHERE " KEY,
	[STORE_DROP_PUSH] = "UPDATE device SET push = '', push_s = 0"
	    " WHERE " KEY " AND push_s <= ?3",
	[STORE_SEEN] = "UPDATE device SET seen_s = max(seen_s, ?3)"
	    " WHERE " KEY,
	[STORE_RESULT] = "UPDATE device SET result = ?3, result_s = ?4"
	    " WHERE " KEY,
	[STORE_TOUCH] = "UPDATE touched SET times = times + 1",
	[STORE_PUT_LINK] = "INSERT OR REPLACE INTO guest (token_hash, number,"
	    " expires_s, calls_left, note) VALUES (?2, ?1, ?3, -1, ?4)",
	[STORE_DROP_LINK] = "DELETE FROM guest WHERE " KEY,
	[STORE_OLD_LINKS] = "DELETE FROM guest WHERE number = ?1"
	    " AND expires_s <= ?3",
	[STORE_FORGET_LINKS] = "DELETE FROM guest WHERE number = ?1",
	[STORE_COUNT_LINKS] = "SELECT count(*) FROM guest WHERE number = ?1"
	    " AND token_hash <> ?2",
	[STORE_USE_LINK] = "UPDATE guest SET note = ?4 WHERE " KEY
	    " AND expires_s > ?3 AND note = '" DIRECTORY_JOIN "'"
	    " AND EXISTS (SELECT 1 FROM device WHERE number = ?1)",
	[STORE_USED_LINK] = "SELECT 1 FROM guest WHERE " KEY " AND note = ?4"
	    " AND EXISTS (SELECT 1 FROM device WHERE number = ?1"
	    " AND token_hash = ?5)",
};

/* The reading ones, for tables as 0.1.0 made them. */
static const char *const old_sql[STORE_READING] = {
	[STORE_FIND] = "SELECT " DEVICE ", NULL, ''"
	    " FROM device WHERE number = ?1 ORDER BY token_hash",
	[STORE_SHOW] = "SELECT " DEVICE ", NULL, '', 0, 0, ''"
	    " FROM device WHERE number = ?1 ORDER BY token_hash",
	[STORE_NEXT] = "SELECT " DEVICE ", NULL, '', 0, 0, ''"
	    " FROM device WHERE number > ?1 ORDER BY number, token_hash",
	[STORE_PROBE] = "SELECT " DEVICE " FROM device LIMIT 1",
	[STORE_FIND_LINK] = "SELECT " NO_LINK,
	[STORE_LIST_LINKS] = "SELECT " NO_LINK,
};

static int
prepare_statements(struct directory_store *s, char why[static WHY_TEXT])
{
	int i, n = s->options.writes ? STORE_STATEMENTS : STORE_READING;

	for (i = 0; i < n; i++)
		if (sqlite3_prepare_v3(s->db, i < STORE_READING && !s->whole ?
		    old_sql[i] : sql[i], -1, SQLITE_PREPARE_PERSISTENT,
		    &s->statement[i], NULL) != SQLITE_OK) {
			why_set(why, "%s", sqlite3_errmsg(s->db));
			return -EINVAL;
		}
	return 0;
}

/* Create what a link names, or do nothing if it was created meanwhile. */
static int
make_behind_link(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/*
 * Give a file that root has just made to the owner of its folder. Otherwise a
 * switch, which is not root, could not open what rp-users made for it. Where
 * that is not permitted, the file stays as it is.
 */
static void
give_away(int fd, const char *path)
{
	char folder[PATH_BYTES];
	struct stat st;

	snprintf(folder, sizeof(folder), "%s", path);
	if (geteuid() == 0 && stat(dirname(folder), &st) == 0)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

/*
 * Create the file here rather than by SQLite, so that only its owner can read
 * it. Do so only if it is missing. Closing a descriptor of the file would drop
 * the locks that the process holds on it, and another process would remove the
 * log in use. With O_EXCL the file given away is the new one, not one to which
 * the folder's owner made a link meanwhile.
 */
static int
ensure_file(const char *path, bool create)
{
	int fd;

	if (access(path, F_OK) == 0)
		return 0;
	if (!create)
		return -errno;
	fd = open(path, O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return errno == EEXIST ? make_behind_link(path) : -errno;
	give_away(fd, path);
	close(fd);
	return 0;
}

static bool
has_log(const char *path)
{
	char log[PATH_BYTES];

	snprintf(log, sizeof(log), "%s-wal", path);
	return access(log, F_OK) == 0;
}

/* Remember which file this is, because SQLite opens it by its name. */
static void
remember_file(struct directory_store *s)
{
	struct stat st;

	if (stat(s->options.path, &st) < 0)
		return;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
}

/*
 * A file system that cannot be written has no place for SQLite's shared memory.
 * Without a log the file can be read as one that never changes.
 */
static bool
is_frozen(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0 &&
	    !has_log(path);
}

static int
open_file(struct directory_store *s, char why[static WHY_TEXT])
{
	const char *path = s->options.path;
	char uri[PATH_BYTES + 32];
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, code;

	if (!s->options.writes && is_frozen(path)) {
		snprintf(uri, sizeof(uri), "file:%s?immutable=1", path);
		code = sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READONLY |
		    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	} else {
		code = sqlite3_open_v2(path, &s->db, flags, NULL);
	}
	if (code == SQLITE_OK) {
		sqlite3_busy_handler(s->db, on_busy, s);
		return 0;
	}
	why_set(why, "%s", s->db != NULL ? sqlite3_errmsg(s->db) :
	    "out of memory");
	return -EINVAL;
}

/*
 * Prepare for writes. A removed subscriber leaves nothing in the file, so what
 * is freed is overwritten. A reader takes the file as it is.
 */
static int
prepare_writes(struct directory_store *s, char why[static WHY_TEXT])
{
	if (!s->options.writes)
		return 0;
	if (sqlite3_exec(s->db, "PRAGMA secure_delete = ON;"
	    "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK) {
		why_set(why, "%s", sqlite3_errmsg(s->db));
		return -EINVAL;
	}
	return store_schema_bring(s->db, why);
}

static int
open_store(struct directory_store *s, char why[static WHY_TEXT])
{
	int err = ensure_file(s->options.path, s->options.create);

	if (err < 0) {
		why_set(why, "%s", strerror(-err));
		return -EINVAL;
	}
	store_log_clean(s->options.log);
	remember_file(s);
	err = s->options.writes ? store_log_check(s->options.log, why) : 0;
	if (err == 0)
		err = open_file(s, why);
	if (err == 0)
		err = store_schema_check(s->db, s->options.create, why);
	if (err == 0)
		err = prepare_writes(s, why);
	s->whole = err == 0 && store_schema_whole(s->db);
	if (err == 0)
		err = prepare_statements(s, why);
	return err;
}

int
directory_store_open(struct directory_store **out,
    const struct directory_store_options *options, char why[static WHY_TEXT])
{
	struct directory_store *s = calloc(1, sizeof(*s));
	char wrong[WHY_TEXT];
	int err;

	if (s == NULL) {
		why_set(why, "out of memory");
		return -EINVAL;
	}
	s->options = *options;
	err = open_store(s, wrong);
	if (err == 0) {
		*out = s;
		return 0;
	}
	why_set(why, "%.100s: %.150s", options->path, wrong);
	directory_store_close(s);
	return -EINVAL;
}

/* Is the file still where it was opened? */
static bool
is_there(const struct directory_store *s)
{
	struct stat st;

	return stat(s->options.path, &st) == 0 && st.st_ino == s->ino &&
	    st.st_dev == s->dev;
}

static bool
is_replaced(const struct directory_store *s)
{
	return s->ino != 0 && !is_there(s) &&
	    access(s->options.path, F_OK) == 0;
}

void
directory_store_close(struct directory_store *store)
{
	int i;

	if (store == NULL)
		return;
	for (i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	store_log_clean(store->options.log);
	free(store);
}

bool
directory_store_stale(const struct directory_store *store)
{
	return is_replaced(store) ||
	    (!store->whole && store_schema_whole(store->db));
}
