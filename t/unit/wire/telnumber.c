/* Spellings of telephone numbers, and what is not one. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/telnumber.h"

#define BY_DEFAULT { "", "0", "00" }
#define ZA { "27", "0", "00" }
#define US { "1", "1", "011" }
#define DK { "45", "", "00" }

static const struct {
	struct telnumber_rules rules;
	const char *text, *canonical;
} good[] = {
	{ BY_DEFAULT, "+27215550100", "+27215550100" },
	{ BY_DEFAULT, "27215550100", "+27215550100" },
	{ BY_DEFAULT, "0027215550100", "+27215550100" },
	{ BY_DEFAULT, "+27-21-555.0100", "+27215550100" },
	{ BY_DEFAULT, "+27 (21) 555-0100", "+27215550100" },
	{ BY_DEFAULT, "00-27-215550100", "+27215550100" },
	{ BY_DEFAULT, "+6834002", "+6834002" },
	{ BY_DEFAULT, "+123456789012345", "+123456789012345" },
	{ BY_DEFAULT, "00123456789012345", "+123456789012345" },
	{ ZA, "0215550100", "+27215550100" },
	{ ZA, "021-555-0100", "+27215550100" },
	{ ZA, "27215550100", "+27215550100" },
	{ ZA, "00447700900123", "+447700900123" },
	{ ZA, "+447700900123", "+447700900123" },
	{ US, "12125550100", "+12125550100" },
	{ US, "+12125550100", "+12125550100" },
	{ US, "01127215550100", "+27215550100" },
	{ DK, "32125678", "+4532125678" },
	{ DK, "+4532125678", "+4532125678" },
	{ DK, "004532125678", "+4532125678" },
	{ { "39", "", "00" }, "0612345678", "+390612345678" },
	{ { "39", "", "00" }, "+390612345678", "+390612345678" },
	{ { "7", "8", "810" }, "+78125550100", "+78125550100" },
	{ ZA, "+4402079460000", "+4402079460000" },
	{ { "", "", "" }, "27215550100", "+27215550100" },
};

START_TEST(finds_one_form)
{
	char out[TELNUMBER_TEXT], why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		strcpy(why, "");
		ck_assert_msg(telnumber_canonical(out, good[i].text,
		    &good[i].rules, why) == 0, "%s: %s", good[i].text, why);
		ck_assert_str_eq(out, good[i].canonical);
		/* The form is its own form. */
		ck_assert_int_eq(telnumber_canonical(out, out, &good[i].rules,
		    why), 0);
		ck_assert_str_eq(out, good[i].canonical);
	}
}
END_TEST

static const struct {
	struct telnumber_rules rules;
	const char *text, *why;
} bad[] = {
	{ BY_DEFAULT, "", "begins with" },
	{ BY_DEFAULT, "alice", "begins with" },
	{ BY_DEFAULT, ".", "begins with" },
	{ BY_DEFAULT, "..", "begins with" },
	{ BY_DEFAULT, "-27215550100", "begins with" },
	{ BY_DEFAULT, "(021) 5550100", "begins with" },
	{ BY_DEFAULT, "+", "7 digits or more" },
	{ BY_DEFAULT, "+1", "7 digits or more" },
	{ BY_DEFAULT, "911", "short" },
	{ BY_DEFAULT, "112", "short" },
	{ BY_DEFAULT, "9-1-1", "short" },
	{ BY_DEFAULT, "+112", "short" },
	{ BY_DEFAULT, "00112", "short" },
	{ BY_DEFAULT, "+123456", "short" },
	{ ZA, "0112", "short" },
	{ ZA, "112", "short" },
	{ US, "911", "short" },
	{ DK, "112", "short" },
	{ BY_DEFAULT, "0215550100", "begin with + and" },
	{ BY_DEFAULT, "+0027215550100", "begins with 0" },
	{ BY_DEFAULT, "00027215550100", "begins with 0" },
	{ BY_DEFAULT, "+0215550100", "begins with 0" },
	{ ZA, "447700900123", "begin with + and" },
	{ { "", "", "" }, "0215550100", "begin with + and" },
	{ BY_DEFAULT, "+1234567890123456", "at most 15" },
	{ BY_DEFAULT, "001234567890123456", "at most 15" },
	{ BY_DEFAULT, "12345678901234567890123456789012345", "at most 15" },
	{ BY_DEFAULT, "+27+215550100", "digits only" },
	{ BY_DEFAULT, "++27215550100", "digits only" },
	{ BY_DEFAULT, "+27x215550100", "digits only" },
	{ BY_DEFAULT, "27_215550100", "digits only" },
	{ BY_DEFAULT, "1abc", "digits only" },
	{ BY_DEFAULT, "+27\t215550100", "digits only" },
	{ BY_DEFAULT, "+27 (0)21 555 0100", "(0)" },
	{ ZA, "+270215550100", "leave out the 0" },
	{ ZA, "0027 021 555 0100", "leave out the 0" },
	{ ZA, "270215550100", "leave out the 0" },
};

START_TEST(refuses)
{
	char out[TELNUMBER_TEXT] = "kept", why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(why, "");
		ck_assert_msg(telnumber_canonical(out, bad[i].text,
		    &bad[i].rules, why) == -EINVAL, "%s", bad[i].text);
		ck_assert_msg(strstr(why, bad[i].why) != NULL, "%s: %s",
		    bad[i].text, why);
		ck_assert_str_eq(out, "kept");
	}
}
END_TEST

START_TEST(tells_names_from_numbers)
{
	static const struct {
		const char *text;
		bool number;
	} cases[] = {
		{ "+27215550100", true }, { "100", true }, { "+", true },
		{ "0x", true }, { "alice", false }, { "Alice", false },
		{ "z9", false }, { "", false }, { ".", false },
		{ "..", false }, { "-x", false }, { "\xc3\xa9", false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(telnumber_is_number(cases[i].text) ==
		    cases[i].number, "%s", cases[i].text);
}
END_TEST

START_TEST(checks_rules)
{
	static const struct {
		struct telnumber_rules rules;
		const char *wrong;
	} cases[] = {
		{ BY_DEFAULT, NULL }, { ZA, NULL }, { US, NULL }, { DK, NULL },
		{ { "", "", "" }, NULL }, { { "290", "8", "8~10" },
		    "international_prefix" },
		{ { "+27", "0", "00" }, "country_code" },
		{ { "027", "0", "00" }, "country_code" },
		{ { "2700", "0", "00" }, "country_code" },
		{ { "27", "x", "00" }, "national_prefix" },
		{ { "27", "0", "000000" }, "international_prefix" },
	};
	char why[WHY_TEXT];
	const char *wrong;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(telnumber_check_rules(&cases[i].rules, &wrong,
		    why), cases[i].wrong != NULL ? -EINVAL : 0);
		if (cases[i].wrong != NULL)
			ck_assert_str_eq(wrong, cases[i].wrong);
	}
}
END_TEST

START_TEST(tells_the_country)
{
	static const struct {
		const char *number;
		size_t digits;
	} cases[] = {
		{ "+12125550100", 1 }, { "+78125550100", 1 },
		{ "+27215550100", 2 }, { "+447700900123", 2 },
		{ "+4915112345678", 2 }, { "+861012345678", 2 },
		{ "+989121234567", 2 }, { "+6834002", 3 },
		{ "+8835100012345", 3 }, { "+37212345678", 3 },
		{ "+4201234567", 3 }, { "+2348012345678", 3 },
		{ "+5931234567", 3 }, { "+96612345678", 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(telnumber_country(cases[i].number),
		    cases[i].digits);
}
END_TEST

UNIT_SUITE(telnumber, finds_one_form, refuses, tells_names_from_numbers,
    checks_rules, tells_the_country)
