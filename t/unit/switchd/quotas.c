/*
 * The table of limits: claims are taken together or not at all, networks are
 * counted as such, and refusals are counted by row.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "conf/settings.h"
#include "ops/metrics.h"
#include "ops/quotas.h"
#include "unit.h"
#include "wire/addr.h"

static struct settings settings;
static struct metrics *metrics;
static struct quotas *quotas;

static void
set_up(void)
{
	settings = (struct settings){
		.signups = 1000, .signups_per_address = 3,
		.signups_per_prefix = 5, .signups_per_number = 2
	};
	metrics = metrics_new();
	quotas = quotas_new(&settings, metrics);
	ck_assert_ptr_nonnull(quotas);
}

static void
tear_down(void)
{
	quotas_free(quotas);
	quotas_free(NULL);
	metrics_free(metrics);
}

static uint64_t
refused(const char *row)
{
	char labels[64];

	snprintf(labels, sizeof(labels), "row=\"%s\"", row);
	return *metrics_counter(metrics, "rp_quota_refused_total", labels, "");
}

static struct addr
from(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 1), 0);
	return addr;
}

static uint32_t
take(const char *number, const char *text)
{
	struct addr addr = from(text);

	return quotas_take(quotas, (const struct quotas_claim[]){
		quotas_by_both(QUOTAS_SIGNUP_NUMBER, number, &addr),
		quotas_by_address(QUOTAS_SIGNUP_ADDRESS, &addr),
		quotas_by_prefix(QUOTAS_SIGNUP_PREFIX, &addr),
		quotas_in_all(QUOTAS_SIGNUP),
	}, 4);
}

START_TEST(takes_all_or_none)
{
	int i;

	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	/* The number has had enough; the address is not charged for that. */
	for (i = 0; i < 10; i++)
		ck_assert_uint_gt(take("+1", "192.0.2.1"), 3590 * 1000);
	ck_assert_uint_eq(refused("signup-number"), 10);
	ck_assert_uint_eq(take("+2", "192.0.2.1"), 0);
	ck_assert_uint_gt(take("+2", "192.0.2.1"), 0);
	ck_assert_uint_eq(refused("signup-address"), 1);
	/* Not even the number is charged if the network has had enough. */
	ck_assert_uint_eq(take("+3", "192.0.2.2"), 0);
	ck_assert_uint_eq(take("+3", "192.0.2.2"), 0);
	ck_assert_uint_gt(take("+4", "192.0.2.3"), 0);
	ck_assert_uint_eq(refused("signup-prefix"), 1);
	ck_assert_uint_eq(refused("signup"), 0);
	/* Another network asks for the same numbers. */
	ck_assert_uint_eq(take("+1", "192.0.3.1"), 0);
	ck_assert_uint_eq(take("+4", "192.0.3.1"), 0);
}
END_TEST

START_TEST(knows_networks)
{
	char text[64];
	int i;

	/* A /64 is one address, and a /48 is one network. */
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "2001:db8:1:1::%d", i);
		ck_assert_uint_eq(take(text, text), 0);
	}
	ck_assert_uint_gt(take("+1", "2001:db8:1:1::9"), 0);
	ck_assert_uint_eq(refused("signup-address"), 1);
	ck_assert_uint_eq(take("+1", "2001:db8:1:2::1"), 0);
	ck_assert_uint_eq(take("+1", "2001:db8:1:3::1"), 0);
	ck_assert_uint_gt(take("+2", "2001:db8:1:4::1"), 0);
	ck_assert_uint_eq(refused("signup-prefix"), 1);
	ck_assert_uint_eq(take("+2", "2001:db8:2:1::1"), 0);
	/* An IPv4-mapped address is the IPv4 one. */
	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "+9%d", i);
		ck_assert_uint_eq(take(text, "198.51.100.7"), 0);
	}
	ck_assert_uint_gt(take("+5", "::ffff:198.51.100.7"), 0);
	ck_assert_uint_eq(take("+5", "::ffff:198.51.100.8"), 0);
}
END_TEST

/* One /48 asks for as much as it can; everybody else is served. */
START_TEST(a_network_of_strangers)
{
	unsigned served = 0, i;
	char text[64];

	for (i = 0; i < 65536; i++) {
		snprintf(text, sizeof(text), "2001:db8:1:%x::1", i);
		served += take(text, text) == 0;
	}
	ck_assert_uint_eq(served, 5);
	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	ck_assert_uint_eq(take("+1", "2001:db8:2::1"), 0);
	/* Nor are those of many networks, as long as there is room in all. */
	settings.signups = 0;
	for (i = 0; i < 65536; i++) {
		snprintf(text, sizeof(text), "2001:db9:%x::1", i);
		ck_assert_uint_eq(take(text, text), 0);
	}
	ck_assert_uint_eq(take("+1", "203.0.113.1"), 0);
}
END_TEST

START_TEST(limits_all)
{
	settings.signups = 2;
	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	ck_assert_uint_eq(take("+2", "198.51.100.1"), 0);
	ck_assert_uint_gt(take("+3", "203.0.113.1"), 0);
	ck_assert_uint_eq(refused("signup"), 1);
	settings.signups = 3;	/* a reload */
	ck_assert_uint_eq(take("+3", "203.0.113.1"), 0);
}
END_TEST

START_TEST(only_looks)
{
	struct addr addr = from("192.0.2.1");
	struct quotas_claim claim = quotas_by_both(QUOTAS_SIGNUP_NUMBER, "+1",
	    &addr);
	int i;

	for (i = 0; i < 10; i++)
		ck_assert_uint_eq(quotas_wait(quotas, &claim, 1), 0);
	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	ck_assert_uint_eq(take("+1", "192.0.2.1"), 0);
	ck_assert_uint_gt(quotas_wait(quotas, &claim, 1), 0);
	ck_assert_uint_eq(refused("signup-number"), 1);
}
END_TEST

/* A row of requests in a call: what is left, and what a limit of 0 means. */
START_TEST(limits_a_party)
{
	struct quotas_claim claim = quotas_by_text(QUOTAS_RESUME, "one/0");
	struct quotas_claim other = quotas_by_text(QUOTAS_RESUME, "one/1");
	long most;

	settings.resumes = 2;
	ck_assert_int_eq(quotas_left(quotas, &claim, &most), 2);
	ck_assert_int_eq(most, 2);
	ck_assert_uint_eq(quotas_take(quotas, &claim, 1), 0);
	ck_assert_uint_eq(quotas_take(quotas, &claim, 1), 0);
	ck_assert_int_eq(quotas_left(quotas, &claim, &most), 0);
	ck_assert_uint_le(quotas_take(quotas, &claim, 1), 5000);
	ck_assert_uint_eq(refused("resume"), 1);
	ck_assert_uint_eq(quotas_take(quotas, &other, 1), 0);
	settings.resumes = 0;
	ck_assert_uint_eq(quotas_take(quotas, &claim, 1), 0);
	ck_assert_int_eq(quotas_left(quotas, &claim, &most), LONG_MAX);
	ck_assert_int_eq(most, 0);
}
END_TEST

static uint32_t
take_one(struct quotas_claim claim)
{
	return quotas_take(quotas, &claim, 1);
}

/* A pair is its own in each direction, however long its numbers are. */
START_TEST(knows_pairs)
{
	static const char a[] = "+123456789012345-a-very-long-one",
	    b[] = "+123456789012345-a-very-long-two";

	settings.calls_per_pair = 1;
	ck_assert_uint_eq(take_one(quotas_by_pair(QUOTAS_CALL_PAIR, a, b)), 0);
	ck_assert_uint_gt(take_one(quotas_by_pair(QUOTAS_CALL_PAIR, a, b)), 0);
	ck_assert_uint_eq(take_one(quotas_by_pair(QUOTAS_CALL_PAIR, b, a)), 0);
	ck_assert_uint_eq(take_one(quotas_by_pair(QUOTAS_CALL_PAIR, a, a)), 0);
	ck_assert_uint_eq(refused("call-pair"), 1);
}
END_TEST

START_TEST(knows_countries)
{
	char home[] = "27", none[] = "";

	settings.sms_per_country = 1;
	settings.country_code = home;
	ck_assert_uint_eq(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+27215550100")), 0);
	ck_assert_uint_eq(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+27215550101")), 0);
	ck_assert_uint_eq(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+6834002")), 0);
	ck_assert_uint_gt(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+6835001")), 0);
	ck_assert_uint_eq(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+6725001000")), 0);
	settings.country_code = none;
	ck_assert_uint_eq(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+27215550100")), 0);
	ck_assert_uint_gt(take_one(quotas_by_country(quotas,
	    QUOTAS_SMS_COUNTRY, "+27215550100")), 0);
}
END_TEST

/* A provider has a /32 of IPv6, and a /16 of IPv4 stands for one. */
START_TEST(knows_providers)
{
	struct addr one = from("2001:db8:1::1"), two = from("2001:db8:2::1"),
	    three = from("2001:db9::1"), four = from("192.0.2.1"),
	    five = from("192.0.3.1");

	settings.signups_per_wide_prefix = 1;
	ck_assert_uint_eq(take_one(quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE,
	    &one)), 0);
	ck_assert_uint_gt(take_one(quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE,
	    &two)), 0);
	ck_assert_uint_eq(take_one(quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE,
	    &three)), 0);
	ck_assert_uint_eq(take_one(quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE,
	    &four)), 0);
	ck_assert_uint_gt(take_one(quotas_by_wide_prefix(QUOTAS_SIGNUP_WIDE,
	    &five)), 0);
}
END_TEST

UNIT_SUITE_WITH(quotas, set_up, tear_down, knows_pairs, knows_countries,
    knows_providers, takes_all_or_none, knows_networks,
    a_network_of_strangers, limits_all, only_looks, limits_a_party)
