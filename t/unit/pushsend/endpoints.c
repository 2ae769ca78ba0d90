/* What is remembered of single endpoints, and for how long. */
#include "queue/endpoints.h"
#include "unit.h"

#define DAY_MS 86400000

static uint64_t
key_of(const struct endpoints *all, const char *service, const char *to)
{
	json_t *object = json_loads(to, 0, NULL);
	uint64_t key = endpoints_key(all, service, object);

	ck_assert_ptr_nonnull(object);
	json_decref(object);
	return key;
}

START_TEST(knows_them_apart)
{
	struct endpoints *all = endpoints_new(), *other = endpoints_new();
	uint64_t key = key_of(all, "https://a", "{\"x\":1,\"y\":2}");

	ck_assert(key == key_of(all, "https://a", "{\"y\":2, \"x\":1}"));
	ck_assert(key != key_of(all, "https://b", "{\"x\":1,\"y\":2}"));
	ck_assert(key != key_of(all, "https://a", "{\"x\":1,\"y\":3}"));
	/* Nobody can tell which share a set. */
	ck_assert(key != key_of(other, "https://a", "{\"x\":1,\"y\":2}"));
	endpoints_free(all);
	endpoints_free(other);
}
END_TEST

START_TEST(goes_by_the_last_attempt)
{
	struct endpoints *all = endpoints_new();
	struct endpoint *e = endpoints_get(all, 7, 1000);

	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FRESH);
	endpoint_failed(e, 3);
	endpoint_failed(e, 4);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FAILED);
	ck_assert_uint_eq(e->failures, 2);
	ck_assert_uint_eq(e->row_epoch, 3);
	e->hold_until_ms = 5000;
	e = endpoints_get(all, 7, 2000);
	ck_assert_uint_eq(e->hold_until_ms, 5000);
	endpoint_worked(e);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_PROVEN);
	ck_assert_uint_eq(e->hold_until_ms, 0);
	endpoint_failed(e, 5);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FRESH);
	endpoint_failed(e, 5);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FAILED);
	endpoint_refused(e);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FRESH);
	endpoint_worked(e);
	e = endpoints_get(all, 7, 2000 + DAY_MS + 1);
	ck_assert_int_eq(endpoint_lane(e), ENDPOINT_FRESH);
	endpoints_free(all);
}
END_TEST

/* The table is full at 65,536: what was used last is there. */
START_TEST(forgets_the_unused)
{
	struct endpoints *all = endpoints_new();
	uint64_t key, known = 0;

	for (key = 1; key <= 70000; key++)
		endpoint_worked(endpoints_get(all, key, 1000 + key));
	for (key = 70000; key > 60000; key--)
		ck_assert(endpoints_get(all, key, 80000)->worked);
	for (key = 1; key <= 4464; key++)
		known += endpoints_get(all, key, 80000)->worked;
	ck_assert_uint_eq(known, 0);
	endpoints_free(all);
}
END_TEST

UNIT_SUITE(endpoints, knows_them_apart, goes_by_the_last_attempt,
    forgets_the_unused)
