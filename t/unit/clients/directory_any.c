/*
 * What every engine of the directory does alike: devices come and go, keep what
 * is told of them, and a blocked number stays blocked. It runs on SQLite, and
 * on other engines by RP_TEST_DIRECTORY.
 */
#include "../directoryhelp.h"

/* Return the index of the device that has this token, or -1. */
static int
device_of(const char *token)
{
	uint8_t hash[CRYPTO_SHA256];

	directory_hash(hash, token);
	return directory_device_by_hash(&got, hash);
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
	ck_assert_int_ge(device_of("token-1"), 0);
	ck_assert_int_ne(device_of("token-1"), device_of("token-2"));
	ck_assert_int_eq(device_of("token-3"), -1);
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
	ck_assert_ptr_null(directory_lookup(directory, long_number, NULL,
	    on_lookup, NULL));
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
	at = (size_t)device_of("token-1");
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
	static struct directory_entry entries[300];
	int i;

	set_up();
	ck_assert_int_eq(list_all(), 0);
	add("b", 1);
	add("a", 2);
	add("c", 3);
	add("b", 4);
	add("B", 5);
	numbers[0] = '\0';
	ck_assert_int_eq(list_all(), 4);
	ck_assert_str_eq(numbers, "B a b c ");
	/* More than a step of it. */
	for (i = 0; i < 300; i++) {
		snprintf(number, sizeof(number), "x%03d", i);
		strcpy(entries[i].number, number);
		entries[i].device = true;
		hash_of(entries[i].token_hash, i);
	}
	ck_assert_int_eq(answer(directory_import(directory, entries, 300,
	    false, on_import, NULL)), 0);
	ck_assert_int_eq(list_all(), 304);
	ck_assert_str_eq(got.number, "x299");
	tear_down();
}
END_TEST

START_TEST(imports)
{
	static struct directory_entry entries[3] = {
		{ .number = "d", .device = true, .token_hash = { 1 } },
		{ .number = "e", .device = true, .token_hash = { 2 } },
		{ .number = "d", .device = true, .token_hash = { 1 } },
	};

	set_up();
	ck_assert_int_eq(answer(directory_import(directory, entries, 3,
	    false, on_import, NULL)), -EEXIST);
	ck_assert_uint_eq(at, 2);
	ck_assert_int_eq(lookup("d"), -ENOENT);
	entries[2].token_hash[0] = 3;
	ck_assert_int_eq(answer(directory_import(directory, entries, 3,
	    false, on_import, NULL)), 0);
	ck_assert_int_eq(lookup("d"), 0);
	ck_assert_uint_eq(got.n_devices, 2);
	ck_assert_int_eq(answer(directory_import(directory, entries, 3,
	    false, on_import, NULL)), -EEXIST);
	ck_assert_uint_eq(at, 0);
	tear_down();
}
END_TEST

START_TEST(imports_everything_twice)
{
	static struct directory_entry entries[] = {
		{ .number = "d", .device = true, .token_hash = { 1 },
		    .added_s = 1700000001, .seen_s = 1700006400,
		    .push_s = 1700000003, .result_s = 1700000004,
		    .push = "{\"type\":\"sms\"}", .result = "sent 201" },
		{ .number = "e", .blocked_s = 1700000005 },
		{ .number = "f", .device = true, .token_hash = { 2 } },
	};
	int i;

	set_up();
	ck_assert_int_eq(add("d", 7), 0);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(answer(directory_import(directory, entries,
		    3, true, on_import, NULL)), 0);
		ck_assert_int_eq(list_all(), 3);
		ck_assert_int_eq(answer(directory_show(directory, "d",
		    on_lookup, NULL)), 0);
		ck_assert_uint_eq(got.n_devices, 2);
		ck_assert_int_eq(got.devices[0].added_s, 1700000001);
		ck_assert_int_eq(got.devices[0].seen_s, 1700006400);
		ck_assert_int_eq(got.devices[0].push_s, 1700000003);
		ck_assert_int_eq(got.devices[0].result_s, 1700000004);
		ck_assert_str_eq(got.devices[0].push, "{\"type\":\"sms\"}");
		ck_assert_str_eq(got.devices[0].result, "sent 201");
		ck_assert_int_eq(got.blocked_s, 0);
		ck_assert_int_eq(answer(directory_show(directory, "e",
		    on_lookup, NULL)), 0);
		ck_assert_int_eq(got.blocked_s, 1700000005);
		ck_assert_uint_eq(got.n_devices, 0);
		ck_assert_int_eq(answer(directory_show(directory, "f",
		    on_lookup, NULL)), 0);
		ck_assert_int_gt(got.devices[0].added_s, 1700000000);
	}
	tear_down();
}
END_TEST

static int
take_back(const char *number, int n)
{
	uint8_t hash[CRYPTO_SHA256];

	hash_of(hash, n);
	return answer(directory_revoke(directory, number, hash, on_done,
	    NULL));
}

START_TEST(revokes_one_device)
{
	set_up();
	add("alice", 1);
	add("alice", 2);
	ck_assert_int_eq(take_back("alice", 1), 0);
	ck_assert_int_eq(take_back("alice", 1), -ENOENT);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_uint_eq(got.n_devices, 1);
	ck_assert_int_ge(device_of("token-2"), 0);
	ck_assert_int_eq(take_back("alice", 2), 0);
	ck_assert_int_eq(lookup("alice"), -ENOENT);
	ck_assert_int_eq(take_back("alice", 2), -ENOENT);
	numbers[0] = '\0';
	ck_assert_int_eq(list_all(), 0);
	tear_down();
}
END_TEST

static int
block(const char *number, int64_t since_s)
{
	return answer(directory_block(directory, number, since_s, on_done,
	    NULL));
}

START_TEST(blocks_a_number)
{
	set_up();
	ck_assert_int_eq(block("alice", 0), -ENOENT);
	add("alice", 1);
	ck_assert_int_eq(block("alice", 1700000000), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(got.blocked_s, 1700000000);
	ck_assert_int_eq(add("alice", 2), -EPERM);
	/* It outlives the devices. */
	ck_assert_int_eq(answer(directory_remove(directory, "alice", on_done,
	    NULL)), 0);
	ck_assert_int_eq(lookup("alice"), -ENOENT);
	ck_assert_int_eq(add("alice", 2), -EPERM);
	ck_assert_int_eq(answer(directory_show(directory, "alice", on_lookup,
	    NULL)), 0);
	ck_assert_uint_eq(got.n_devices, 0);
	ck_assert_int_eq(list_all(), 1);
	ck_assert_int_eq(got.blocked_s, 1700000000);
	/* Others are not touched, with or without devices. */
	ck_assert_int_eq(block("nobody", 1700000000), 0);
	ck_assert_int_eq(add("bob", 1), 0);
	ck_assert_int_eq(block("alice", 0), 0);
	ck_assert_int_eq(add("alice", 2), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_int_eq(got.blocked_s, 0);
	tear_down();
}
END_TEST

static int
refuse(const char *number, const char *caller, int64_t since_s)
{
	return answer(directory_refuse(directory, number, caller, since_s,
	    on_done, NULL));
}

START_TEST(refuses_callers)
{
	static const char longest[] = "+123456789012345-and-16-more-xxx";
	static struct directory_entry entries[] = {
		{ .number = "bob", .refused = "eve" },
		{ .number = "bob", .device = true, .token_hash = { 9 } },
		{ .number = "bob", .refused = "mallory" },
		{ .number = "carol", .refused = "eve" },
	};
	char caller[16];
	int i;

	set_up();
	add("alice", 1);
	add("alice", 2);
	add("bob", 3);
	lookup("alice");
	ck_assert_str_eq(got.refused, "");
	ck_assert_int_eq(refuse("alice", "bob", 0), -ENOENT);
	ck_assert_int_eq(refuse("alice", "bob", 1700000000), 0);
	ck_assert_int_eq(refuse("alice", "bob", 1700000001), 0);
	ck_assert_int_eq(refuse("alice", longest, 1700000002), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_uint_eq(got.n_devices, 2);
	ck_assert_int_eq(got.blocked_s, 0);
	ck_assert(directory_refuses(&got, "bob"));
	ck_assert(directory_refuses(&got, longest));
	ck_assert(!directory_refuses(&got, "bo"));
	ck_assert(!directory_refuses(&got, "bobb"));
	ck_assert(!directory_refuses(&got, ""));
	ck_assert_str_eq(got.refused, "+123456789012345-and-16-more-xxx bob");
	ck_assert_int_eq(answer(directory_show(directory, "alice", on_lookup,
	    NULL)), 0);
	ck_assert(directory_refuses(&got, "bob"));
	lookup("bob");
	ck_assert_str_eq(got.refused, "");
	ck_assert_int_eq(refuse("alice", "bob", 0), 0);
	lookup("alice");
	ck_assert_str_eq(got.refused, longest);
	/* So many, and no more, but the same again. */
	for (i = 0; i < DIRECTORY_REFUSED - 1; i++) {
		snprintf(caller, sizeof(caller), "x%d", i);
		ck_assert_int_eq(refuse("alice", caller, 1700000000), 0);
	}
	ck_assert_int_eq(refuse("alice", "y", 1700000000), -ENOSPC);
	ck_assert_int_eq(refuse("alice", "x0", 1700000000), 0);
	lookup("alice");
	ck_assert(directory_refuses(&got, "x0"));
	ck_assert(directory_refuses(&got, "x98"));
	ck_assert(!directory_refuses(&got, "y"));
	/* It goes with the subscriber, and a block of the operator does not. */
	ck_assert_int_eq(block("alice", 1700000000), 0);
	ck_assert_int_eq(answer(directory_remove(directory, "alice", on_done,
	    NULL)), 0);
	ck_assert_int_eq(block("alice", 0), 0);
	add("alice", 1);
	lookup("alice");
	ck_assert_str_eq(got.refused, "");
	/* It is imported, also twice, and before its subscriber. */
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(answer(directory_import(directory, entries, 4,
		    true, on_import, NULL)), 0);
	lookup("bob");
	ck_assert_uint_eq(got.n_devices, 2);
	ck_assert_str_eq(got.refused, "eve mallory");
	ck_assert_int_eq(lookup("carol"), -ENOENT);
	add("carol", 1);
	lookup("carol");
	ck_assert_str_eq(got.refused, "eve");
	numbers[0] = '\0';
	ck_assert_int_eq(list_all(), 3);
	ck_assert_str_eq(numbers, "alice bob carol ");
	ck_assert_str_eq(got.refused, "eve");
	tear_down();
}
END_TEST

START_TEST(makes_room_for_a_new_device)
{
	struct directory_entry entries[DIRECTORY_DEVICES];
	uint8_t hash[CRYPTO_SHA256];
	int i;

	set_up();
	memset(entries, 0, sizeof(entries));
	for (i = 0; i < DIRECTORY_DEVICES; i++) {
		strcpy(entries[i].number, "alice");
		entries[i].device = true;
		hash_of(entries[i].token_hash, i);
		entries[i].added_s = 1700000000 + i;
	}
	/* The oldest was used, and the next one registered for pushes. */
	entries[0].seen_s = 1700600000;
	entries[1].push_s = 1700600000;
	entries[1].push = "{}";
	ck_assert_int_eq(answer(directory_import(directory, entries,
	    DIRECTORY_DEVICES, false, on_import, NULL)), 0);
	ck_assert_int_eq(add("alice", 99), -ENOSPC);
	hash_of(hash, 99);
	ck_assert_int_eq(answer(directory_add(directory, "alice", hash, true,
	    on_done, NULL)), 0);
	ck_assert_int_eq(lookup("alice"), 0);
	ck_assert_uint_eq(got.n_devices, DIRECTORY_DEVICES);
	ck_assert_int_ge(device_of("token-0"), 0);
	ck_assert_int_ge(device_of("token-1"), 0);
	ck_assert_int_eq(device_of("token-2"), -1);
	ck_assert_int_ge(device_of("token-99"), 0);
	tear_down();
}
END_TEST

START_TEST(keeps_last_use_and_result)
{
	uint8_t hash[CRYPTO_SHA256];
	char longer[DIRECTORY_RESULT + 9];

	set_up();
	hash_of(hash, 1);
	ck_assert_int_eq(answer(directory_seen(directory, "alice", hash,
	    on_done, NULL)), -ENOENT);
	add("alice", 1);
	ck_assert_int_eq(answer(directory_show(directory, "alice", on_lookup,
	    NULL)), 0);
	ck_assert_int_gt(got.devices[0].added_s, 1700000000);
	ck_assert_int_eq(got.devices[0].seen_s, 0);
	ck_assert_str_eq(got.devices[0].result, "");
	ck_assert_int_eq(answer(directory_seen(directory, "alice", hash,
	    on_done, NULL)), 0);
	memset(longer, 'r', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(answer(directory_set_result(directory, "alice", hash,
	    longer, on_done, NULL)), 0);
	ck_assert_int_eq(answer(directory_show(directory, "alice", on_lookup,
	    NULL)), 0);
	ck_assert_int_gt(got.devices[0].seen_s, 1700000000);
	ck_assert_int_eq(got.devices[0].seen_s % 86400, 0);
	ck_assert_uint_eq(strlen(got.devices[0].result), DIRECTORY_RESULT - 1);
	ck_assert_int_gt(got.devices[0].result_s, 1700000000);
	/* A new registration has had no push yet. */
	ck_assert_int_eq(answer(directory_set_push(directory, "alice", hash,
	    "{}", on_done, NULL)), 0);
	ck_assert_int_eq(answer(directory_show(directory, "alice", on_lookup,
	    NULL)), 0);
	ck_assert_str_eq(got.devices[0].result, "");
	ck_assert_int_eq(got.devices[0].result_s, 0);
	tear_down();
}
END_TEST

UNIT_SUITE(directory_any, keeps, registers, lists, imports,
    imports_everything_twice, revokes_one_device, blocks_a_number,
    refuses_callers, makes_room_for_a_new_device, keeps_last_use_and_result)
