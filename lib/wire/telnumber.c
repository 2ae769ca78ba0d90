/* telnumber: from many spellings to one. Pure. See telnumber.h. */
#include "wire/telnumber.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Separators between digits by E.123 and RFC 3966 5.1.1. */
#define SEPARATORS " -.()"

/* Room for an international prefix before the longest number. */
#define DIALLED_MAX (2 * TELNUMBER_DIGITS_MAX)

static int
wrong(char why[static WHY_TEXT], const char *what)
{
	why_set(why, "%s", what);
	return -EINVAL;
}

static int
too_short(char why[static WHY_TEXT])
{
	return wrong(why, "a telephone number has 7 digits or more; emergency "
	    "and short numbers are not accepted");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
telnumber_is_number(const char *text)
{
	return *text == '+' || is_digit(*text);
}

/* Return what follows `prefix`; NULL if it is empty or not there. */
static const char *
after(const char *digits, const char *prefix)
{
	size_t len = strlen(prefix);

	return len > 0 && strncmp(digits, prefix, len) == 0 ? digits + len :
	    NULL;
}

int
telnumber_check_rules(const struct telnumber_rules *rules, const char **which,
    char why[static WHY_TEXT])
{
	static const char digits[] = "0123456789";
	const struct {
		const char *name, *text;
	} all[] = {
		{ "country_code", rules->country_code },
		{ "national_prefix", rules->national_prefix },
		{ "international_prefix", rules->international_prefix },
	};
	size_t i, len;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*which = all[i].name;
		len = strlen(all[i].text);
		if (len > 5 || strspn(all[i].text, digits) < len)
			return wrong(why, "wants at most 5 digits");
	}
	*which = all[0].name;
	if (*rules->country_code == '0' || strlen(rules->country_code) > 3)
		return wrong(why, "wants 1 to 3 digits, of which the first is "
		    "not 0, such as 27");
	return 0;
}

/* Copy the digits of `text`, without what stands between them. */
static int
take_digits(char digits[static DIALLED_MAX + 1], const char *text,
    char why[static WHY_TEXT])
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (strchr(SEPARATORS, *text) != NULL)
			continue;
		if (!is_digit(*text))
			return wrong(why, "a telephone number has digits only, "
			    "after a + at most");
		if (n == DIALLED_MAX)
			return wrong(why, "a telephone number has at most 15 "
			    "digits");
		digits[n++] = *text;
	}
	digits[n] = '\0';
	return 0;
}

/*
 * Find the number that the digits mean by the rules: `*code` and `*rest` are
 * its two parts.
 */
static int
interpret(const char **code, const char **rest, const char *digits,
    const struct telnumber_rules *rules, char why[static WHY_TEXT])
{
	const char *country = rules->country_code;

	*code = "";
	*rest = after(digits, rules->international_prefix);
	if (*rest != NULL)
		return 0;
	*code = country;
	*rest = after(digits, rules->national_prefix);
	if (*rest == NULL && *rules->national_prefix == '\0')
		*rest = digits;
	if (*rest != NULL && *country != '\0')
		return 0;
	*code = "";
	*rest = digits;
	if (*country == '\0' ? *digits != '0' : after(digits, country) != NULL)
		return 0;
	return strlen(digits) < TELNUMBER_DIGITS_MIN ? too_short(why) :
	    wrong(why, "begin with + and the code of the country");
}

/*
 * Does the 0 of national dialling stand behind the country's code, as in
 * +27 021? Gateways leave it out, so that would be one more spelling. Other
 * prefixes may begin a number, too.
 */
static bool
has_trunk_zero(const char *digits, const struct telnumber_rules *rules)
{
	const char *rest = after(digits, rules->country_code);

	return rest != NULL && rules->national_prefix[0] == '0' &&
	    after(rest, rules->national_prefix) != NULL;
}

int
telnumber_canonical(char out[static TELNUMBER_TEXT], const char *text,
    const struct telnumber_rules *rules, char why[static WHY_TEXT])
{
	char digits[DIALLED_MAX + 1], number[TELNUMBER_DIGITS_MAX + 1];
	const char *code = "", *rest = digits;
	bool plus = *text == '+';
	size_t len;
	int err;

	if (!telnumber_is_number(text))
		return wrong(why, "a telephone number begins with + or a "
		    "digit");
	if (plus && strstr(text, "(0)") != NULL)
		return wrong(why, "leave out the (0)");
	err = take_digits(digits, text + plus, why);
	if (err == 0 && !plus)
		err = interpret(&code, &rest, digits, rules, why);
	if (err < 0)
		return err;
	len = strlen(code) + strlen(rest);
	if (len < TELNUMBER_DIGITS_MIN)
		return too_short(why);
	if (len > TELNUMBER_DIGITS_MAX)
		return wrong(why, "a telephone number has at most 15 digits");
	if (*code == '\0' && *rest == '0')
		return wrong(why, "no country has a code that begins with 0");
	snprintf(number, sizeof(number), "%s%.*s", code,
	    TELNUMBER_DIGITS_MAX, rest);
	if (has_trunk_zero(number, rules))
		return wrong(why, "leave out the 0 behind the code of the "
		    "country");
	snprintf(out, TELNUMBER_TEXT, "+%s", number);
	return 0;
}

size_t
telnumber_country(const char *number)
{
	/* The zones 2 to 6, 8 and 9: which second digits end a code (E.164). */
	static const char *const two[10] = {
		[2] = "07", [3] = "0123469", [4] = "013456789",
		[5] = "12345678", [6] = "0123456", [8] = "1246",
		[9] = "0123458"
	};
	unsigned zone = (unsigned)(number[1] - '0');

	if (zone == 1 || zone == 7)
		return 1;
	if (zone > 9 || two[zone] == NULL)
		return 3;
	return strchr(two[zone], number[2]) != NULL ? 2 : 3;
}
