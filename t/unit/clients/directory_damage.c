/*
 * A damaged directory on SQLite. One bad page is the answer to those whose rows
 * it holds, and nothing that closes a gate. Damage that every look-up meets is
 * a lost directory. Nothing is written into a log that was removed.
 */
#include <fcntl.h>

#include <sqlite3.h>

#include "../directoryhelp.h"

#define PAGE 4096
#define LEAF 0x0a		/* the first byte of an index's leaf */
#define NUMBERS 3000

static struct directory_entry entries[NUMBERS];

/* Import m0000 and so on, beside alice, and close. */
static void
fill_and_close(void)
{
	size_t i;

	for (i = 0; i < NUMBERS; i++) {
		snprintf(entries[i].number, sizeof(entries[i].number),
		    "m%04zu", i);
		entries[i].device = true;
		hash_of(entries[i].token_hash, (int)i);
	}
	ck_assert_int_eq(add("alice", 1), 0);
	ck_assert_int_eq(answer(directory_import(directory, entries, NUMBERS,
	    false, on_import, NULL)), 0);
	directory_free(directory);
	directory = NULL;
}

static void
damage_page(long page)
{
	char junk[PAGE];
	int fd = open(path, O_WRONLY);

	memset(junk, 'x', sizeof(junk));
	ck_assert_int_eq(pwrite(fd, junk, PAGE, page * PAGE), PAGE);
	close(fd);
}

static bool
has_text(const char page[static PAGE], const char *text)
{
	size_t len = strlen(text), i;

	for (i = 0; i + len <= PAGE; i++)
		if (memcmp(page + i, text, len) == 0)
			return true;
	return false;
}

/* Return the leaf that holds the row of this number. */
static long
find_leaf(const char *number)
{
	char page[PAGE];
	int fd = open(path, O_RDONLY);
	long found = -1, i;

	for (i = 1; found < 0 && pread(fd, page, PAGE, i * PAGE) == PAGE; i++)
		if (page[0] == LEAF && has_text(page, number))
			found = i;
	close(fd);
	ck_assert_int_gt(found, 0);
	return found;
}

/* Return where the root of a table is. */
static long
find_root(const char *query)
{
	sqlite3 *other;
	sqlite3_stmt *row;
	long root;

	ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(other, query, -1, &row, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	root = sqlite3_column_int(row, 0) - 1;
	sqlite3_finalize(row);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
	return root;
}

START_TEST(a_bad_page_is_not_the_others)
{
	int i;

	set_up();
	fill_and_close();
	damage_page(find_leaf("m1500"));
	open_it();
	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(lookup("m1500"), -EIO);
		ck_assert_int_eq(lookup("alice"), 0);
		ck_assert_int_eq(lookup("m0001"), 0);
	}
	ck_assert_int_eq(states, 0);
	ck_assert_str_eq(directory_why(directory, false), "");
	ck_assert_ptr_nonnull(strstr(directory_why_read(directory),
	    "malformed"));
	tear_down();
}
END_TEST

START_TEST(the_probe_is_a_whole_look_up)
{
	set_up();
	fill_and_close();
	damage_page(find_root("SELECT rootpage FROM sqlite_master"
	    " WHERE name = 'block'"));
	open_it();
	ck_assert_int_eq(lookup("alice"), -EIO);
	ck_assert_int_eq(usable, 0);
	tear_down();
}
END_TEST

START_TEST(writes_into_no_removed_log)
{
	char file[80];

	set_up();
	snprintf(file, sizeof(file), "%s-wal", path);
	ck_assert_int_eq(add("alice", 1), 0);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(add("bob", 1), -EIO);
	ck_assert_ptr_nonnull(strstr(directory_why(directory, true),
	    "its log was removed"));
	/* Calls go on with what is known. */
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(states, 0);
	directory_free(directory);
	open_it();
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(add("bob", 1), 0);
	tear_down();
}
END_TEST

UNIT_SUITE(directory_damage, a_bad_page_is_not_the_others,
    the_probe_is_a_whole_look_up, writes_into_no_removed_log)
