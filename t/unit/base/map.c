/* The hash table: many entries, equal keys, removal while walking. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "unit.h"

#define N 5000

struct entry {
	int number;
	char key[24];
	struct map_node node;
};

static void
fill(struct map *map, struct entry entries[static N])
{
	int i;

	for (i = 0; i < N; i++) {
		entries[i].number = i;
		snprintf(entries[i].key, sizeof(entries[i].key), "entry-%d", i);
		map_add(map, &entries[i].node, entries[i].key,
		    strlen(entries[i].key));
	}
}

START_TEST(finds_each)
{
	static struct entry entries[N];
	struct map *map = map_new();
	struct map_node *node;
	int i;

	fill(map, entries);
	ck_assert_uint_eq(map_count(map), N);
	for (i = 0; i < N; i++) {
		char key[24];

		snprintf(key, sizeof(key), "entry-%d", i);
		node = map_find(map, key, strlen(key));
		ck_assert_ptr_nonnull(node);
		ck_assert_int_eq(MAP_ENTRY(node, struct entry, node)->number,
		    i);
		ck_assert_ptr_null(map_find_next(node));
	}
	ck_assert_ptr_null(map_find(map, "entry", 5));
	ck_assert_ptr_null(map_find(map, "", 0));
	for (i = 0; i < N; i += 2)
		map_remove(map, &entries[i].node);
	ck_assert_uint_eq(map_count(map), N / 2);
	ck_assert_ptr_null(map_find(map, "entry-42", 8));
	ck_assert_ptr_nonnull(map_find(map, "entry-43", 8));
	map_free(map);
	map_free(NULL);
}
END_TEST

START_TEST(keeps_equal_keys)
{
	struct map *map = map_new();
	struct entry entries[3] = { { .number = 1 }, { .number = 2 },
	    { .number = 4 } };
	struct map_node *node;
	int i, sum = 0;

	for (i = 0; i < 3; i++)
		map_add(map, &entries[i].node, "same", 4);
	for (node = map_find(map, "same", 4); node != NULL;
	    node = map_find_next(node))
		sum += MAP_ENTRY(node, struct entry, node)->number;
	ck_assert_int_eq(sum, 7);
	map_remove(map, &entries[1].node);
	ck_assert_uint_eq(map_count(map), 2);
	map_free(map);
}
END_TEST

struct walk {
	struct map *map;
	long sum;
};

static void
remove_and_add(struct map_node *node, void *arg)
{
	struct walk *walk = arg;

	walk->sum += MAP_ENTRY(node, struct entry, node)->number;
	map_remove(walk->map, node);
}

START_TEST(walks)
{
	static struct entry entries[N];
	struct walk walk = { map_new(), 0 };

	fill(walk.map, entries);
	map_each(walk.map, remove_and_add, &walk);
	ck_assert_int_eq(walk.sum, (long)N * (N - 1) / 2);
	ck_assert_uint_eq(map_count(walk.map), 0);
	map_free(walk.map);
}
END_TEST

UNIT_SUITE(map, finds_each, keeps_equal_keys, walks)
