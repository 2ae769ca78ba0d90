/*
 * The pure half of rp-regionprobe: the result of a change of regions, and the
 * length of an answer.
 */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "verdict/change.h"

static struct addr
ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, 0), 0);
	return a;
}

static struct region *
add_region(struct regions *regions, const char *name, const char *listed,
    const char *answered)
{
	struct region *region = regions_add(regions, name);
	struct addr a;

	ck_assert_ptr_nonnull(region);
	a = ip(listed);
	ck_assert_int_eq(set_add(&region->listed, &a), 0);
	a = ip(answered);
	ck_assert_int_eq(set_add(&region->answered, &a), 0);
	return region;
}

START_TEST(sets)
{
	struct set a = { 0 }, b = { 0 };
	struct addr one = ip("192.0.2.1"), two = ip("192.0.2.2"),
	    six = ip("2001:db8::1");

	ck_assert(set_equal(&a, &b));
	ck_assert_int_eq(set_add(&a, &six), 0);
	ck_assert_int_eq(set_add(&a, &two), 0);
	ck_assert_int_eq(set_add(&a, &one), 0);
	ck_assert_int_eq(set_add(&a, &one), 0);
	ck_assert_uint_eq(a.n, 3);
	ck_assert_uint_eq(set_count(&a, true), 1);
	ck_assert_uint_eq(set_count(&a, false), 2);
	set_sort(&a);
	ck_assert(addr_equal_ip(&a.item[0], &one));
	ck_assert(addr_equal_ip(&a.item[2], &six));
	ck_assert_int_eq(set_add(&b, &two), 0);
	ck_assert_uint_eq(set_common(&a, &b), 1);
	ck_assert(!set_equal(&a, &b));
	set_remove(&a, &six);
	set_remove(&a, &six);
	set_remove(&a, &one);
	ck_assert(set_equal(&a, &b));
	set_clear(&a);
	set_clear(&b);
}
END_TEST

/* A region keeps what the file knows and what DNS knows. */
START_TEST(adds_to_the_chosen_and_loses_nobody)
{
	struct regions regions = { 0 };
	struct region *near = add_region(&regions, "near", "192.0.2.1",
	    "192.0.2.2");
	struct region_options options = { .add = true, .addr = ip("192.0.2.9") };
	struct change change;

	add_region(&regions, "far", "192.0.2.65", "192.0.2.65");
	ck_assert_int_eq(change_plan(&change, &regions, near, &options), 0);
	ck_assert_uint_eq(change.n_changes, 1);
	ck_assert_uint_eq(change.item[0].before.n, 2);
	ck_assert_uint_eq(change.item[0].after.n, 3);
	ck_assert(set_has(&change.item[0].after, &options.addr));
	ck_assert(!change.item[1].changes);
	change_clear(&change);

	/* In both, by name, whatever was found. */
	options.regions[0] = (char[]){ "far" };
	options.regions[1] = (char[]){ "near" };
	options.n_regions = 2;
	ck_assert_int_eq(change_plan(&change, &regions, NULL, &options), 0);
	ck_assert_uint_eq(change.n_changes, 2);
	change_clear(&change);

	options.regions[1] = (char[]){ "nowhere" };
	ck_assert_int_eq(change_plan(&change, &regions, near, &options),
	    -ENOENT);
	options.n_regions = 0;
	ck_assert_int_eq(change_plan(&change, &regions, NULL, &options),
	    -ENOENT);
	regions_clear(&regions);
}
END_TEST

START_TEST(removes_wherever_it_is)
{
	struct regions regions = { 0 };
	struct region_options options = { .remove = true, .addr = ip("192.0.2.1") };
	struct change change;

	add_region(&regions, "a", "192.0.2.1", "192.0.2.2");
	add_region(&regions, "b", "192.0.2.3", "192.0.2.1");
	add_region(&regions, "c", "192.0.2.4", "192.0.2.4");
	ck_assert_int_eq(change_plan(&change, &regions, NULL, &options), 0);
	ck_assert_uint_eq(change.n_changes, 2);
	ck_assert(!set_has(&change.item[0].after, &options.addr));
	ck_assert(!set_has(&change.item[1].after, &options.addr));
	change_clear(&change);
	options.regions[0] = (char[]){ "b" };
	options.n_regions = 1;
	ck_assert_int_eq(change_plan(&change, &regions, NULL, &options), 0);
	ck_assert_uint_eq(change.n_changes, 1);
	ck_assert(set_has(&change.item[0].after, &options.addr));
	change_clear(&change);
	regions_clear(&regions);
}
END_TEST

/* DESIGN: 512 bytes hold about 29 A or 16 AAAA records. */
START_TEST(answers_have_a_length)
{
	/* 12 + (1+6+1+7+1+3+1) + 4 + 16 n + 11 */
	ck_assert_uint_eq(change_answer_bytes("switch.example.org", 0, false),
	    12 + 20 + 4 + 11);
	ck_assert_uint_eq(change_answer_bytes("switch.example.org.", 2, true),
	    12 + 20 + 4 + 11 + 2 * 28);
	ck_assert_uint_le(change_answer_bytes("call.example.org", 29, false),
	    512);
	ck_assert_uint_gt(change_answer_bytes("call.example.org", 30, false),
	    512);
	ck_assert_uint_le(change_answer_bytes("call.example.org", 16, true),
	    512);
	ck_assert_uint_gt(change_answer_bytes("call.example.org", 17, true),
	    512);
}
END_TEST

UNIT_SUITE(change, sets, adds_to_the_chosen_and_loses_nobody,
    removes_wherever_it_is, answers_have_a_length)
