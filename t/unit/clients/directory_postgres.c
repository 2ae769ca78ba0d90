/*
 * What is PostgreSQL's own in a directory: requests go in batches and imports
 * in steps, and switches write at the same time. It needs a server that others
 * start, and name in RP_TEST_DIRECTORY. Without it there is nothing to test.
 */
#include "../directoryhelp.h"

static bool
is_postgres(void)
{
	const char *given = getenv("RP_TEST_DIRECTORY");

	return given != NULL && strncmp(given, "postgres", 8) == 0;
}

static unsigned added, full;

static void
on_race(int e, void *arg)
{
	(void)arg;
	answers++;
	ck_assert(e == 0 || e == -ENOSPC);
	added += e == 0;
	full += e == -ENOSPC;
}

/* Two switches want the last place at the same time, over and over. */
START_TEST(races)
{
	struct directory *other;
	uint8_t hash[2][CRYPTO_SHA256];
	int i, before;

	if (!is_postgres())
		return;
	set_up();
	ck_assert_int_eq(directory_open(&other, loop, url, true, why), 0);
	hash_of(hash[0], 0);
	hash_of(hash[1], 1);
	/* Both are connected. */
	ck_assert_int_eq(answer(directory_remove(other, "alice", on_done,
	    NULL)), -ENOENT);
	for (i = 2; i <= DIRECTORY_DEVICES; i++)
		ck_assert_int_eq(add("alice", i), 0);
	for (i = 0; i < 100; i++) {
		added = full = 0;
		before = answers;
		directory_add(directory, "alice", hash[0], false, on_race,
		    NULL);
		directory_add(other, "alice", hash[1], false, on_race, NULL);
		while (answers < before + 2)
			event_base_loop(loop, EVLOOP_ONCE);
		ck_assert_uint_eq(added, 1);
		ck_assert_uint_eq(full, 1);
		answer(directory_revoke(directory, "alice", hash[0], on_done,
		    NULL));
		answer(directory_revoke(directory, "alice", hash[1], on_done,
		    NULL));
	}
	directory_free(other);
	tear_down();
}
END_TEST

/* An import takes several steps, and is all or nothing over all of them. */
START_TEST(imports_in_steps)
{
	static struct directory_entry e[2500];
	int i;

	if (!is_postgres())
		return;
	set_up();
	for (i = 0; i < 2500; i++) {
		snprintf(e[i].number, sizeof(e[i].number), "n%d", i / 10);
		e[i].device = true;
		hash_of(e[i].token_hash, i);
	}
	e[2400] = e[3];
	ck_assert_int_eq(answer(directory_import(directory, e, 2500, false,
	    on_import, NULL)), -EEXIST);
	ck_assert_uint_eq(at, 2400);
	ck_assert_int_eq(lookup("n0"), -ENOENT);
	/* Within one step the first one that is refused is named. */
	for (i = 0; i < 20; i++)
		strcpy(e[i].number, "full");
	ck_assert_int_eq(answer(directory_import(directory, e, 20, false,
	    on_import, NULL)), -ENOSPC);
	ck_assert_uint_eq(at, DIRECTORY_DEVICES);
	e[5] = e[4];
	ck_assert_int_eq(answer(directory_import(directory, e, 20, false,
	    on_import, NULL)), -EEXIST);
	ck_assert_uint_eq(at, 5);
	/* Twice in one step, as an update: the last one stays. */
	e[5].push = "{\"x\":\"\\\\,{}\xc3\xa4\"}";
	e[5].added_s = 9;
	ck_assert_int_eq(answer(directory_import(directory, e + 4, 2, true,
	    on_import, NULL)), 0);
	ck_assert_int_eq(answer(directory_show(directory, "full", on_lookup,
	    NULL)), 0);
	ck_assert_uint_eq(got.n_devices, 1);
	ck_assert_str_eq(got.devices[0].push, e[5].push);
	ck_assert_int_eq(got.devices[0].added_s, 9);
	tear_down();
}
END_TEST

/* In order of bytes, whatever the database's language, and in steps. */
START_TEST(lists_in_steps)
{
	static struct directory_entry entries[600];
	int i;

	if (!is_postgres())
		return;
	set_up();
	ck_assert_int_eq(answer(directory_block(directory, "_b", 5, on_done,
	    NULL)), 0);
	add("b", 1);
	add("B", 2);
	add("c", 3);
	answer(directory_block(directory, "c", 5, on_done, NULL));
	ck_assert_int_eq(list_all(), 4);
	ck_assert_str_eq(numbers, "B _b b c ");
	ck_assert_int_eq(got.blocked_s, 5);
	ck_assert_uint_eq(got.n_devices, 1);
	for (i = 0; i < 600; i++) {
		entries[i].device = true;
		snprintf(entries[i].number, sizeof(entries[i].number),
		    "x%03d", i);
	}
	ck_assert_int_eq(answer(directory_import(directory, entries, 600,
	    false, on_import, NULL)), 0);
	ck_assert_int_eq(list_all(), 604);
	ck_assert_str_eq(got.number, "x599");
	tear_down();
}
END_TEST

START_TEST(is_bounded)
{
	struct directory_request *request;
	int before, i;

	if (!is_postgres())
		return;
	set_up();
	add("alice", 1);
	before = answers;
	for (i = 0; i < 100; i++) {
		request = directory_lookup(directory, "alice", NULL, on_lookup,
		    NULL);
		ck_assert_ptr_nonnull(request);
		directory_cancel(request);
	}
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(answers, before + 1);
	for (i = 0; i < 100000; i++)
		if (directory_lookup(directory, "alice", NULL, on_lookup,
		    NULL) == NULL)
			break;
	ck_assert_int_lt(i, 100000);
	while (answers < before + 1 + i)
		event_base_loop(loop, EVLOOP_ONCE);
	ck_assert_int_eq(err, 0);
	/* Freed with requests in flight: none is answered. */
	before = answers;
	for (i = 0; i < 100; i++)
		directory_lookup(directory, "alice", NULL, on_lookup, NULL);
	event_base_loop(loop, EVLOOP_NONBLOCK);
	before = answers;
	tear_down();
	ck_assert_int_eq(answers, before);
}
END_TEST

UNIT_SUITE(directory_postgres, races, imports_in_steps, lists_in_steps,
    is_bounded)
