/*
 * The directory on SQLite: its contents and its refusals. A cancelled request
 * stays silent. The directory is lost while it cannot be read or is empty, and
 * comes back. It is not lost while it cannot be written. Clean under
 * ThreadSanitizer.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <event2/event.h>
#include <sqlite3.h>

#include "directory/directory.h"
#include "unit.h"

static char dir[40];
static char path[64], url[80], why[WHY_TEXT];
static struct event_base *loop;
static struct directory *directory;

/* The last answer. */
static int err, answers;
static size_t at;
static struct directory_subscriber got;
static char numbers[256];

static int usable = -1, states;

static void
on_state(bool now, void *arg)
{
	(void)arg;
	usable = now;
	states++;
}

static void
on_lookup(int e, const struct directory_subscriber *found, void *arg)
{
	(void)arg;
	err = e;
	answers++;
	ck_assert((found != NULL) == (e == 0));
	if (found == NULL)
		return;
	got = *found;
	if (strlen(numbers) + strlen(found->number) + 2 < sizeof(numbers))
		strcat(strcat(numbers, found->number), " ");
}

static void
on_done(int e, void *arg)
{
	(void)arg;
	err = e;
	answers++;
}

static void
on_import(int e, size_t which, void *arg)
{
	at = which;
	on_done(e, arg);
}

static void
open_it(void)
{
	snprintf(url, sizeof(url), "sqlite:%s", path);
	ck_assert_msg(directory_open(&directory, loop, url, true, why) == 0,
	    "%s", why);
	directory_on_state(directory, on_state, NULL);
}

static void
set_up(void)
{
	strcpy(dir, "/tmp/rp-unit-directory-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/rp.db", dir);
	loop = event_base_new();
	open_it();
}

static void
tear_down(void)
{
	char file[80];

	directory_free(directory);
	event_base_free(loop);
	snprintf(file, sizeof(file), "%s-wal", path);
	unlink(file);
	snprintf(file, sizeof(file), "%s-shm", path);
	unlink(file);
	unlink(path);
	rmdir(dir);
}

/* Run until one more answer came; its err. */
static int
answer(struct directory_request *request)
{
	int before = answers;

	ck_assert_ptr_nonnull(request);
	ck_assert_int_eq(answers, before);
	while (answers == before)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(answers, before + 1);
	return err;
}

static void
hash_of(uint8_t hash[static CRYPTO_SHA256], int n)
{
	char token[32];

	snprintf(token, sizeof(token), "token-%d", n);
	directory_hash(hash, token);
}

static int
add(const char *number, int n)
{
	uint8_t hash[CRYPTO_SHA256];

	hash_of(hash, n);
	return answer(directory_add(directory, number, hash, false, on_done,
	    NULL));
}

static int
lookup(const char *number)
{
	return answer(directory_lookup(directory, number, NULL, on_lookup, NULL));
}

START_TEST(keeps)
{
	char long_number[40];
	int i;

	set_up();
	ck_assert_int_eq(lookup("alice"), -ENOENT);
	ck_assert_int_eq(add("alice", 1), 0);
	ck_assert_int_eq(add("alice", 1), -EEXIST);
	ck_assert_int_eq(add("alice", 2), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_str_eq(got.number, "alice");
	ck_assert_uint_eq(got.n_devices, 2);
	ck_assert_int_ge(directory_device_of(&got, "token-1"), 0);
	ck_assert_int_ne(directory_device_of(&got, "token-1"),
	    directory_device_of(&got, "token-2"));
	ck_assert_int_eq(directory_device_of(&got, "token-3"), -1);
	ck_assert_str_eq(got.devices[0].push, "");
	for (i = 3; i <= DIRECTORY_DEVICES; i++)
		ck_assert_int_eq(add("alice", i), 0);
	ck_assert_int_eq(add("alice", i), -ENOSPC);
	ck_assert_int_eq(lookup("alic"), -ENOENT);
	ck_assert_int_eq(lookup("alice' OR 1=1"), -ENOENT);
	ck_assert_int_eq(answer(directory_remove(directory, "alice", on_done,
	    NULL)), 0);
	ck_assert_int_eq(answer(directory_remove(directory, "alice", on_done,
	    NULL)), -ENOENT);
	ck_assert_int_eq(lookup("alice"), -ENOENT);
	memset(long_number, '1', sizeof(long_number));
	long_number[sizeof(long_number) - 1] = '\0';
	ck_assert_ptr_null(directory_lookup(directory, long_number, on_lookup,
	    NULL));
	tear_down();
}
END_TEST

START_TEST(registers)
{
	uint8_t hash[CRYPTO_SHA256];
	char big[DIRECTORY_PUSH + 1];
	int64_t then;

	set_up();
	hash_of(hash, 1);
	ck_assert_int_eq(answer(directory_set_push(directory, "bob", hash,
	    "{}", on_done, NULL)), -ENOENT);
	add("bob", 1);
	add("bob", 2);
	ck_assert_int_eq(answer(directory_set_push(directory, "bob", hash,
	    "{\"type\":\"command\"}", on_done, NULL)), 0);
	lookup("bob");
	at = (size_t)directory_device_of(&got, "token-1");
	ck_assert_str_eq(got.devices[at].push, "{\"type\":\"command\"}");
	ck_assert_str_eq(got.devices[1 - at].push, "");
	then = got.devices[at].push_s;
	ck_assert_int_gt(then, 1700000000);
	ck_assert_int_eq(answer(directory_drop_push(directory, "bob", hash,
	    then - 1, on_done, NULL)), -ENOENT);
	ck_assert_int_eq(answer(directory_drop_push(directory, "bob", hash,
	    then, on_done, NULL)), 0);
	lookup("bob");
	ck_assert_str_eq(got.devices[at].push, "");
	memset(big, 'x', sizeof(big));
	big[DIRECTORY_PUSH] = '\0';
	ck_assert_ptr_null(directory_set_push(directory, "bob", hash, big,
	    on_done, NULL));
	big[DIRECTORY_PUSH - 1] = '\0';
	ck_assert_int_eq(answer(directory_set_push(directory, "bob", hash, big,
	    on_done, NULL)), 0);
	lookup("bob");
	ck_assert_str_eq(got.devices[at].push, big);
	tear_down();
}
END_TEST

START_TEST(lists)
{
	char number[16];
	int i, before;

	set_up();
	ck_assert_int_eq(answer(directory_list(directory, on_lookup, on_done,
	    NULL)), 0);
	add("b", 1);
	add("a", 2);
	add("c", 3);
	add("b", 4);
	numbers[0] = '\0';
	before = answers;
	ck_assert_ptr_nonnull(directory_list(directory, on_lookup, on_done,
	    NULL));
	while (answers < before + 4)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_str_eq(numbers, "a b c ");
	/* More than a step of it. */
	for (i = 0; i < 97; i++) {
		snprintf(number, sizeof(number), "x%03d", i);
		add(number, i);
	}
	before = answers;
	ck_assert_ptr_nonnull(directory_list(directory, on_lookup, on_done,
	    NULL));
	while (answers < before + 101)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_str_eq(got.number, "x096");
	tear_down();
}
END_TEST

START_TEST(imports)
{
	static struct directory_entry entries[3] = {
		{ "d", { 1 } }, { "e", { 2 } }, { "d", { 1 } },
	};

	set_up();
	ck_assert_int_eq(answer(directory_import(directory, entries, 3,
	    on_import, NULL)), -EEXIST);
	ck_assert_uint_eq(at, 2);
	ck_assert_int_eq(lookup("d"), -ENOENT);
	entries[2].token_hash[0] = 3;
	ck_assert_int_eq(answer(directory_import(directory, entries, 3,
	    on_import, NULL)), 0);
	ck_assert_int_eq(lookup("d"), 0);
	ck_assert_uint_eq(got.n_devices, 2);
	tear_down();
}
END_TEST

START_TEST(cancels)
{
	struct directory_request *request;
	int before, i;

	set_up();
	add("alice", 1);
	before = answers;
	for (i = 0; i < 100; i++) {
		request = directory_lookup(directory, "alice", on_lookup, NULL);
		ck_assert_ptr_nonnull(request);
		directory_cancel(request);
	}
	request = directory_list(directory, on_lookup, on_done, NULL);
	directory_cancel(request);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(answers, before + 1);
	/* Freed with requests in flight: none is answered. */
	for (i = 0; i < 100; i++)
		directory_lookup(directory, "alice", on_lookup, NULL);
	tear_down();
	ck_assert_int_eq(answers, before + 1);
}
END_TEST

START_TEST(is_bounded)
{
	int i;

	set_up();
	for (i = 0; i < 100000; i++)
		if (directory_lookup(directory, "x", on_lookup, NULL) == NULL)
			break;
	ck_assert_int_lt(i, 100000);
	while (answers < i)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(lookup("x"), -ENOENT);
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

static int
try_open(const char *where, bool create)
{
	struct directory *d;

	why[0] = '\0';
	return directory_open(&d, loop, where, create, why);
}

START_TEST(refuses_to_open)
{
	sqlite3 *newer;
	int fd;

	set_up();
	ck_assert_int_eq(try_open("mysql:x", true), -EINVAL);
	ck_assert_int_eq(try_open("sqlite:/nonexistent/x", true), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
	directory_free(directory);
	directory = NULL;
	unlink(path);
	ck_assert_int_eq(try_open(url, false), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_eq(write(fd, "this is no database, but text\n", 30), 30);
	close(fd);
	ck_assert_int_eq(try_open(url, true), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "not a database"));
	unlink(path);
	ck_assert_int_eq(sqlite3_open(path, &newer), SQLITE_OK);
	sqlite3_exec(newer, "PRAGMA user_version = 2", NULL, NULL, NULL);
	sqlite3_close(newer);
	ck_assert_int_eq(try_open(url, true), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "newer"));
	unlink(path);
	open_it();
	ck_assert_int_eq(add("alice", 1), 0);
	directory_free(directory);
	open_it();
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
	ck_assert_int_eq(try_open(url, false), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, "holds no directory"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	/* Where it is to be made it is made, and then good to open. */
	open_it();
	ck_assert_int_eq(add("alice", 1), 0);
	directory_free(directory);
	/* A dump that is written back has lost the version, and no more. */
	by_another("PRAGMA user_version = 0");
	ck_assert_int_eq(directory_open(&directory, loop, url, false, why), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	tear_down();
}
END_TEST

UNIT_SUITE(directory, keeps, registers, lists, imports, cancels, is_bounded,
    comes_back_from_busy, comes_back_from_a_full_disk, survives_corruption,
    is_lost_when_emptied, is_lost_without_its_table, refuses_to_open,
    empty_is_no_directory)
