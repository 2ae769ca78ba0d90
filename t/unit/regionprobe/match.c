/*
 * Which answers count for a region, so that a change may write their addresses:
 * those of the zone's servers, on behalf of its networks, or certain by name.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "verdict/match.h"

static struct addr
ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, 0), 0);
	return a;
}

static void
add(struct set *set, const char *text)
{
	struct addr a = ip(text);

	ck_assert_int_eq(set_add(set, &a), 0);
}

static struct region *
from_file(struct regions *regions, const char *name, const char *listed)
{
	struct region *region = regions_add(regions, name);

	ck_assert_ptr_nonnull(region);
	region->from_file = true;
	add(&region->listed, listed);
	return region;
}

/* Add an answer of two addresses to the survey. */
static struct survey_asked *
answer(struct survey *survey, enum survey_kind kind, unsigned scope,
    const char *one, const char *other)
{
	struct addr server = ip("192.0.2.53");
	struct survey_asked *a = survey_new_asked(survey, kind, &server, "");

	ck_assert_ptr_nonnull(a);
	a->scope = scope;
	a->scoped = true;
	add(&a->addrs, one);
	add(&a->addrs, other);
	return a;
}

static bool
may_be_written(const struct region *region, const char *text)
{
	struct addr a = ip(text);

	return set_has(&region->answered, &a);
}

static const struct region_options none;

START_TEST(counts_the_network_alone)
{
	struct regions regions = { 0 };
	struct survey survey = { 0 };
	struct region *near = from_file(&regions, "near", "5.3.1.1");

	/* A resolver, a plain answer, the default one, and the network's. */
	answer(&survey, SURVEY_RESOLVER, 0, "5.3.1.1", "5.3.9.1");
	answer(&survey, SURVEY_AUTHORITY, 0, "5.3.1.1", "5.3.9.2");
	answer(&survey, SURVEY_NOWHERE, 0, "5.3.1.1", "5.3.9.3");
	answer(&survey, SURVEY_SUBNET, 16, "5.3.1.1", "5.3.2.1");
	answer(&survey, SURVEY_SUBNET, 16, "5.3.1.1", "10.0.0.1");
	answer(&survey, SURVEY_SUBNET, 16, "5.3.1.1", "64:ff9b::5.3.1.1");
	answer(&survey, SURVEY_FOR, 0, "5.3.1.1", "5.3.9.4");
	answer(&survey, SURVEY_SUBNET, 16, "5.3.1.1", "5.3.9.5")->cached = true;
	/* The default answer, from a server that gives it a scope. */
	answer(&survey, SURVEY_FOR, 16, "5.3.1.1", "5.3.9.3");
	ck_assert_int_eq(match_all(&survey, &regions, &none), 0);
	ck_assert(may_be_written(near, "5.3.2.1"));
	ck_assert(may_be_written(near, "5.3.1.1"));
	ck_assert_uint_eq(near->answered.n, 2);
	ck_assert_uint_eq(near->heard.n, 8);
	ck_assert_uint_eq(regions.n, 1);
	survey_clear(&survey);
	regions_clear(&regions);
}
END_TEST

/* A default region takes its own, and so does one that shall hold the same. */
START_TEST(counts_the_default_for_its_own)
{
	struct regions regions = { 0 };
	struct survey survey = { 0 };
	struct region *near = from_file(&regions, "near", "5.3.1.1");
	struct region *world = from_file(&regions, "world", "5.3.1.1");

	world->is_default = true;
	answer(&survey, SURVEY_NOWHERE, 0, "5.3.1.1", "5.3.2.1")->of_net =
	    world;
	answer(&survey, SURVEY_REGION, 16, "5.3.1.1", "5.3.2.1")->of_net =
	    near;
	ck_assert_int_eq(match_all(&survey, &regions, &none), 0);
	ck_assert(may_be_written(near, "5.3.2.1"));
	ck_assert(may_be_written(world, "5.3.2.1"));
	survey_clear(&survey);
	regions_clear(&regions);
}
END_TEST

/* The TXT record, or exactly these addresses, make it certain. */
START_TEST(counts_what_is_named)
{
	struct regions regions = { 0 };
	struct survey survey = { 0 };
	struct region *near = from_file(&regions, "near", "5.3.1.1");
	struct survey_asked *a;

	a = answer(&survey, SURVEY_AUTHORITY, 0, "5.3.1.1", "5.3.2.1");
	strcpy(a->told, "near");
	ck_assert_int_eq(match_all(&survey, &regions, &none), 0);
	ck_assert(may_be_written(near, "5.3.2.1"));
	survey_clear(&survey);
	regions_clear(&regions);
}
END_TEST

/* A region that only a resolver reveals is none that a change could have. */
START_TEST(keeps_hearsay_apart)
{
	struct regions regions = { 0 };
	struct survey survey = { 0 };

	answer(&survey, SURVEY_RESOLVER, 0, "5.9.1.1", "5.9.2.1");
	ck_assert_int_eq(match_all(&survey, &regions, &none), 0);
	ck_assert_uint_eq(regions.n, 0);
	ck_assert_uint_eq(regions.n_heard, 1);
	ck_assert_str_eq(regions.heard[0]->name, "with-5.9.1.1");
	survey_clear(&survey);
	regions_clear(&regions);
}
END_TEST

/* The address in question is taken as the operator says it. */
START_TEST(takes_the_operators_word)
{
	struct regions regions = { 0 };
	struct survey survey = { 0 };
	struct region_options options = { .remove = true,
	    .addr = ip("10.0.0.1") };
	struct region *near = from_file(&regions, "near", "5.3.1.1");

	answer(&survey, SURVEY_SUBNET, 16, "5.3.1.1", "10.0.0.1");
	ck_assert_int_eq(match_all(&survey, &regions, &options), 0);
	ck_assert(may_be_written(near, "10.0.0.1"));
	survey_clear(&survey);
	regions_clear(&regions);
}
END_TEST

UNIT_SUITE(match, counts_the_network_alone,
    counts_the_default_for_its_own, counts_what_is_named,
    keeps_hearsay_apart, takes_the_operators_word)
