/*
 * The codes of continents, countries and subdivisions, and how each is written
 * for a name server.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/geography.h"
#include "conf/regions.h"
#include "unit.h"

static struct geography
country(const char *code)
{
	struct geography place;

	ck_assert_msg(geography_country(&place, code) == 0, "%s", code);
	return place;
}

START_TEST(codes_are_checked)
{
	static const char *const bad[] = {
		"", "I", "IRL", "ie", "XX", "UK", "EU", "US-", "US-XX", "US-ca",
		"CA-ONT", "IE-", "IE-DUBL", "IE-d", "-CA", "US-CA-LA", "U ", " S",
		"A ",
	};
	static const char *const good[] = {
		"IE", "NA", "XK", "US-CA", "US-DC", "CA-QC", "GB-ENG", "IE-D",
		"NZ-OTA", "CZ-10", "US-WY", "CA-YT", "AO", "ZW", "WS",
	};
	static const char *const continents[] = { "", "E", "EUR", "eu", "IE" };
	struct geography place;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(geography_country(&place, bad[i]) == -EINVAL,
		    "%s", bad[i]);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		country(good[i]);
	for (i = 0; i < sizeof(continents) / sizeof(continents[0]); i++)
		ck_assert_int_eq(geography_continent(&place, continents[i]),
		    -EINVAL);
	for (i = 0; i < GEOGRAPHY_CONTINENTS; i++)
		ck_assert_int_eq(geography_continent(&place,
		    geography_code(i)), 0);
}
END_TEST

/* AF, AS, NA and SA are continents as well as countries. */
START_TEST(a_continent_is_no_country)
{
	struct geography africa, afghanistan = country("AF");
	char text[GEOGRAPHY_TEXT];

	ck_assert_int_eq(geography_continent(&africa, "AF"), 0);
	ck_assert(!geography_equal(&africa, &afghanistan));
	ck_assert_str_eq(geography_path(text, &africa, ';'), "AF");
	ck_assert_str_eq(geography_path(text, &afghanistan, ';'), "AS;AF");
	ck_assert_str_eq(geography_text(text, &africa), "AF");
	ck_assert_str_eq(geography_text(text, &afghanistan), "AF");
}
END_TEST

START_TEST(places_are_written)
{
	struct geography place = country("US-CA");
	char text[GEOGRAPHY_TEXT];

	ck_assert_int_eq(place.level, GEOGRAPHY_PART);
	ck_assert_str_eq(geography_path(text, &place, ';'), "NA;US;CA");
	ck_assert_str_eq(geography_text(text, &place), "US-CA");
	place = country("GB-ENG");
	ck_assert_str_eq(geography_path(text, &place, '-'), "EU-GB-ENG");
}
END_TEST

/* octoDNS and GeoIP2 disagree about some; a part is in octoDNS's continent. */
START_TEST(octodns_has_its_own_continents)
{
	static const struct {
		const char *code, *continent;
	} cases[] = {
		{ "IE", "EU" }, { "CY", "AS" }, { "CX", "AS" }, { "GS", "SA" },
		{ "TL", "AS" }, { "XK", NULL }, { "US-CA", "NA" },
		{ "CA-ON", "NA" }, { "GB-ENG", NULL }, { "CY-01", NULL },
	};
	struct geography place;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got;

		place = country(cases[i].code);
		got = geography_octodns(&place);
		ck_assert_msg(cases[i].continent == NULL ? got == NULL :
		    got != NULL && strcmp(got, cases[i].continent) == 0,
		    "%s", cases[i].code);
	}
	ck_assert_int_eq(geography_continent(&place, "EU"), 0);
	ck_assert_str_eq(geography_octodns(&place), "EU");
}
END_TEST

/* A place stands in one region, and once. */
START_TEST(no_place_twice)
{
	struct regions regions = { .file = "regions" };
	char why[WHY_TEXT];
	struct region *a = regions_add(&regions, "a");
	struct region *b = regions_add(&regions, "b");

	ck_assert_int_eq(geography_add(&a->places, &a->n_places,
	    GEOGRAPHY_COUNTRY, "NA"), 0);
	ck_assert_int_eq(geography_add(&b->places, &b->n_places,
	    GEOGRAPHY_CONTINENT, "NA"), 0);
	ck_assert_int_eq(geography_add(&b->places, &b->n_places,
	    GEOGRAPHY_COUNTRY, "XX"), -EINVAL);
	ck_assert_uint_eq(b->n_places, 1);
	ck_assert_int_eq(geography_check(&regions, why), 0);
	ck_assert_int_eq(geography_add(&b->places, &b->n_places,
	    GEOGRAPHY_CONTINENT, "NA"), 0);
	a->file = strdup("one");
	a->line = 1;
	b->file = strdup("two");
	b->line = 2;
	ck_assert_int_eq(geography_check(&regions, why), -EINVAL);
	ck_assert_str_eq(why, "two:2: region b holds NA, which region b in "
	    "line 2 holds already");
	b->n_places--;
	ck_assert_int_eq(geography_add(&b->places, &b->n_places,
	    GEOGRAPHY_COUNTRY, "NA"), 0);
	ck_assert_int_eq(geography_check(&regions, why), -EINVAL);
	ck_assert_str_eq(why, "two:2: region b holds NA, which region a in "
	    "one:1 holds already");
	regions_clear(&regions);
}
END_TEST

UNIT_SUITE(geography, codes_are_checked, a_continent_is_no_country,
    places_are_written, octodns_has_its_own_continents, no_place_twice)
