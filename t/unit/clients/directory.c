/*
 * The directory on SQLite: a cancelled request stays silent. The directory is
 * lost while it cannot be read or is empty, and comes back. It is not lost
 * while it cannot be written. A file that was replaced is noticed, and one of
 * 0.1.0 is brought forward. Clean under ThreadSanitizer.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "../directoryhelp.h"

START_TEST(cancels)
{
	struct directory_request *request;
	int before, i;

	set_up();
	add("alice", 1);
	before = answers;
	for (i = 0; i < 100; i++) {
		request = directory_lookup(directory, "alice", NULL,
		    on_lookup, NULL);
		ck_assert_ptr_nonnull(request);
		directory_cancel(request);
	}
	request = directory_list(directory, on_lookup, on_done, NULL);
	directory_cancel(request);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(answers, before + 1);
	/* Freed with requests in flight: none is answered. */
	for (i = 0; i < 100; i++)
		directory_lookup(directory, "alice", NULL,
		    on_lookup, NULL);
	tear_down();
	ck_assert_int_eq(answers, before + 1);
}
END_TEST

START_TEST(is_bounded)
{
	int i;

	set_up();
	for (i = 0; i < 100000; i++)
		if (directory_lookup(directory, "x", NULL, on_lookup,
		    NULL) == NULL)
			break;
	ck_assert_int_lt(i, 100000);
	while (answers < i)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(lookup("x"), -ENOENT);
	tear_down();
}
END_TEST

/* A flood of writes leaves room for look-ups, and the other way round. */
START_TEST(bounds_writes_apart)
{
	uint8_t hash[CRYPTO_SHA256];
	int writes, i;

	set_up();
	hash_of(hash, 1);
	add("alice", 1);
	answers = 0;
	for (writes = 0; directory_set_push(directory, "alice", hash, "{}",
	    on_done, NULL) != NULL; writes++)
		ck_assert_int_lt(writes, 100000);
	for (i = 0; directory_lookup(directory, "alice", NULL, on_lookup,
	    NULL) != NULL; i++)
		ck_assert_int_lt(i, 100000);
	ck_assert_int_gt(writes, 100);
	ck_assert_int_gt(i, 2 * writes);
	while (answers < writes + i)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(answer(directory_set_push(directory, "alice", hash,
	    "", on_done, NULL)), 0);
	tear_down();
}
END_TEST

static void
wait_usable(int wanted)
{
	while (usable != wanted)
		event_base_loop(loop, EVLOOP_ONCE);
}

START_TEST(comes_back_from_busy)
{
	sqlite3 *other;

	set_up();
	add("alice", 1);
	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL,
	    NULL), SQLITE_OK);
	/* A reader is not held up by another's write. */
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(add("bob", 1), -EIO);
	ck_assert_int_eq(add("bob", 1), -EIO);
	ck_assert_int_eq(lookup("alice"), 0);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	while (add("bob", 1) != 0)
		ck_assert_int_eq(err, -EIO);
	ck_assert_int_eq(states, 0);
	tear_down();
}
END_TEST

START_TEST(comes_back_from_a_full_disk)
{
	struct rlimit limit, small;
	char number[16];
	struct stat st;
	int i;

	set_up();
	add("alice", 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = 64 * 1024;
	setrlimit(RLIMIT_FSIZE, &small);
	for (i = 0; i < 1000; i++) {
		snprintf(number, sizeof(number), "n%d", i);
		if (add(number, 1) != 0)
			break;
	}
	ck_assert_int_eq(err, -EIO);
	ck_assert_int_eq(lookup("alice"), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	while (add("bob", 1) != 0)
		ck_assert_int_eq(err, -EIO);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(states, 0);
	tear_down();
}
END_TEST

/* Overwrite the file and those beside it with something else. */
static void
spoil(void)
{
	char file[80], junk[4096];
	int fd, i;

	memset(junk, 'x', sizeof(junk));
	fd = open(path, O_WRONLY);
	for (i = 0; i < 16; i++)
		ck_assert_int_gt(write(fd, junk, sizeof(junk)), 0);
	close(fd);
	snprintf(file, sizeof(file), "%s-wal", path);
	ck_assert_int_eq(truncate(file, 0), 0);
}

START_TEST(survives_corruption)
{
	int i;

	set_up();
	for (i = 0; i < DIRECTORY_DEVICES; i++)
		add("alice", i);
	spoil();
	/* The writer may still live off its cache; the reader has none. */
	ck_assert_int_eq(lookup("alice"), -EIO);
	wait_usable(0);
	ck_assert_int_eq(lookup("alice"), -EIO);
	tear_down();
}
END_TEST

static void
empty(const char *suffix)
{
	char file[80];

	snprintf(file, sizeof(file), "%s%s", path, suffix);
	ck_assert_int_eq(truncate(file, 0), 0);
}

/* What another process does to the file. */
static void
by_another(const char *statement)
{
	sqlite3 *other;

	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, statement, NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}

START_TEST(is_lost_when_emptied)
{
	uint8_t hash[CRYPTO_SHA256];
	int i;

	set_up();
	for (i = 0; i < DIRECTORY_DEVICES; i++)
		add("alice", i);
	empty("");
	empty("-wal");
	/* "No such subscriber" would be a lie. */
	ck_assert_int_eq(lookup("alice"), -EIO);
	wait_usable(0);
	ck_assert_int_eq(lookup("alice"), -EIO);
	/* Whether or not the writer lives off its cache, it makes none of it. */
	hash_of(hash, 0);
	for (i = 0; i < 3; i++)
		answer(directory_set_push(directory, "alice", hash, "", on_done,
		    NULL));
	ck_assert_int_eq(lookup("alice"), -EIO);
	ck_assert_int_eq(usable, 0);
	tear_down();
}
END_TEST

START_TEST(is_lost_without_its_table)
{
	set_up();
	add("alice", 1);
	by_another("ALTER TABLE device RENAME TO elsewhere");
	ck_assert_int_eq(lookup("alice"), -EIO);
	wait_usable(0);
	by_another("ALTER TABLE elsewhere RENAME TO device");
	wait_usable(1);
	ck_assert_int_eq(lookup("alice"), 0);
	tear_down();
}
END_TEST

/* Open it as a switch does; why it cannot be read. */
static const char *
open_why(bool create)
{
	int e;

	directory_free(directory);
	directory = NULL;
	e = directory_open(&directory, loop, url, create, why);
	ck_assert_int_eq(e, 0);
	return directory_why(directory, create);
}

START_TEST(refuses_to_open)
{
	struct directory *d;

	set_up();
	ck_assert_int_eq(directory_open(&d, loop, "mysql:x", true, why),
	    -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "wants sqlite:PATH"));
	tear_down();
}
END_TEST

START_TEST(waits_for_a_good_file)
{
	sqlite3 *newer;
	int fd;

	set_up();
	unlink(path);
	empty("-wal");
	ck_assert_ptr_nonnull(strstr(open_why(false), "No such file"));
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_eq(write(fd, "this is no database, but text\n", 30), 30);
	close(fd);
	ck_assert_ptr_nonnull(strstr(open_why(true), "not a database"));
	unlink(path);
	ck_assert_int_eq(sqlite3_open(path, &newer), SQLITE_OK);
	sqlite3_exec(newer, "PRAGMA user_version = 2", NULL, NULL, NULL);
	sqlite3_close(newer);
	ck_assert_ptr_nonnull(strstr(open_why(true), "newer"));
	ck_assert_int_eq(lookup("alice"), -EIO);
	ck_assert_int_eq(add("alice", 1), -EIO);
	directory_on_state(directory, on_state, NULL);
	ck_assert_int_eq(usable, 0);
	/* What comes later is found. */
	unlink(path);
	wait_usable(1);
	ck_assert_int_eq(add("alice", 1), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	tear_down();
}
END_TEST

START_TEST(empty_is_no_directory)
{
	struct stat st;
	int fd;

	set_up();
	directory_free(directory);
	directory = NULL;
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	ck_assert_ptr_nonnull(strstr(open_why(false), "holds no directory"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	/* Where it is to be made it is made, and then good to open. */
	directory_free(directory);
	open_it();
	ck_assert_int_eq(add("alice", 1), 0);
	directory_free(directory);
	directory = NULL;
	/* A dump that is written back has lost the version, and no more. */
	by_another("PRAGMA user_version = 0");
	ck_assert_str_eq(open_why(false), "");
	ck_assert_int_eq(lookup("alice"), 0);
	tear_down();
}
END_TEST

/* As 0.1.0 made a file, and wrote into it. */
static const char old_file[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE device (number TEXT NOT NULL,"
    " token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),"
    " added_s INTEGER NOT NULL, push TEXT NOT NULL DEFAULT '',"
    " push_s INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (number, token_hash)) WITHOUT ROWID;"
    "CREATE TABLE touched (times INTEGER NOT NULL);"
    "INSERT INTO touched VALUES (0);"
    "PRAGMA user_version = 1;"
    "INSERT INTO device VALUES ('alice', zeroblob(32), 7, '{}', 8);";

/* The statements of 0.1.0, which may run beside us. */
static const char old_writes[] =
    "INSERT INTO device (number, token_hash, added_s)"
    " VALUES ('bob', zeroblob(32), 9);"
    "UPDATE device SET push = '{}', push_s = 3 WHERE number = 'bob';";

START_TEST(brings_an_old_file_forward)
{
	sqlite3 *other;

	set_up();
	directory_free(directory);
	directory = NULL;
	unlink(path);
	by_another(old_file);
	/* While it cannot be written it is read as it is. */
	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	ck_assert_str_eq(open_why(false), "");
	/* Opening does not wait for the other one; its thread does. */
	ck_assert_str_eq(directory_why(directory, true), "");
	do
		ck_assert_int_eq(lookup("alice"), 0);
	while (strstr(directory_why(directory, true), "locked") == NULL);
	ck_assert_str_eq(got.devices[0].push, "{}");
	ck_assert_int_eq(list_all(), 1);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	while (answer(directory_block(directory, "alice", 5, on_done,
	    NULL)) != 0)
		ck_assert_int_eq(err, -EIO);
	/* The reader notices within a second. */
	do
		ck_assert_int_eq(lookup("alice"), 0);
	while (got.blocked_s != 5);
	by_another(old_writes);
	ck_assert_int_eq(lookup("bob"), 0);
	ck_assert_int_eq(got.devices[0].push_s, 3);
	ck_assert_int_eq(states, 0);
	tear_down();
}
END_TEST

/* Write the file as another one at the same path, with what it holds now. */
static void
copy_to(const char *name)
{
	char statement[128];

	snprintf(statement, sizeof(statement), "VACUUM INTO '%s'", name);
	by_another(statement);
}

START_TEST(notices_another_file)
{
	char copy[80];

	set_up();
	snprintf(copy, sizeof(copy), "%s.copy", path);
	add("alice", 1);
	copy_to(copy);
	add("bob", 1);
	/* The log of the old file must not be applied to the new one. */
	ck_assert_int_eq(rename(copy, path), 0);
	while (lookup("bob") == 0)
		;
	ck_assert_int_eq(err, -ENOENT);
	ck_assert_int_eq(lookup("alice"), 0);
	while (add("carol", 1) != 0)
		ck_assert_int_eq(err, -EIO);
	directory_free(directory);
	open_it();
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(lookup("bob"), -ENOENT);
	ck_assert_int_eq(lookup("carol"), 0);
	ck_assert_int_eq(states, 0);
	tear_down();
}
END_TEST

START_TEST(writes_into_no_removed_file)
{
	set_up();
	add("alice", 1);
	unlink(path);
	ck_assert_int_eq(add("bob", 1), -EIO);
	/* Calls go on with what is known. */
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(states, 0);
	tear_down();
}
END_TEST

/* Return whether the bytes are somewhere in the file. */
static bool
holds(const char *suffix, const void *bytes, size_t len)
{
	static char all[1 << 20];
	char file[80];
	ssize_t n = 0, i;
	int fd;

	snprintf(file, sizeof(file), "%s%s", path, suffix);
	fd = open(file, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, all, sizeof(all));
		close(fd);
	}
	for (i = 0; i + (ssize_t)len <= n; i++)
		if (memcmp(all + i, bytes, len) == 0)
			return true;
	return false;
}

START_TEST(removes_without_a_trace)
{
	uint8_t hash[CRYPTO_SHA256];

	set_up();
	hash_of(hash, 1);
	add("zacharias", 1);
	answer(directory_set_push(directory, "zacharias", hash, "{\"x\":1}",
	    on_done, NULL));
	ck_assert(holds("-wal", "zacharias", 9));
	answer(directory_remove(directory, "zacharias", on_done, NULL));
	ck_assert(!holds("-wal", "zacharias", 9));
	ck_assert(!holds("", "zacharias", 9));
	ck_assert(!holds("-wal", hash, sizeof(hash)));
	ck_assert(!holds("", hash, sizeof(hash)));
	tear_down();
}
END_TEST

UNIT_SUITE(directory, cancels, is_bounded, bounds_writes_apart,
    comes_back_from_busy, comes_back_from_a_full_disk, survives_corruption, is_lost_when_emptied,
    is_lost_without_its_table, refuses_to_open, waits_for_a_good_file,
    empty_is_no_directory, brings_an_old_file_forward, notices_another_file,
    writes_into_no_removed_file, removes_without_a_trace)
