/*
 * telnumber: telephone numbers in one canonical form. One telephone has many
 * spellings: +27 21 555 0100, 0027215550100, 021-555-0100. A module that
 * counts, compares or keeps numbers uses the canonical form (E.164). A text
 * that begins with "+" or a digit is a telephone number, and one that begins
 * with a letter is a name. Pure.
 */
#ifndef RP_WIRE_TELNUMBER_H
#define RP_WIRE_TELNUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/why.h"

/* E.164 6.1: at most 15 digits. */
#define TELNUMBER_DIGITS_MAX 15
/*
 * The shortest numbers in use (Niue, 683 and four digits) have 7. Emergency and
 * other short numbers have fewer, and nobody can be asked to own one.
 */
#define TELNUMBER_DIGITS_MIN 7
#define TELNUMBER_TEXT (TELNUMBER_DIGITS_MAX + 2)	/* "+" and a NUL */

/*
 * How numbers are dialled where the operator is. Each is digits only, and ""
 * means none.
 */
struct telnumber_rules {
	const char *country_code;		/* "27" */
	const char *national_prefix;		/* "0", trunk prefix */
	const char *international_prefix;	/* "00" */
};

/* The prefixes of most countries (ITU-T E.164, E.123), as defaults of keys. */
#define TELNUMBER_NATIONAL_PREFIX "0"
#define TELNUMBER_INTERNATIONAL_PREFIX "00"

/*
 * Check the rules of a configuration. Return -EINVAL with one line in `why`
 * about the rule that `*wrong` then names: "country_code", "national_prefix" or
 * "international_prefix".
 */
int telnumber_check_rules(const struct telnumber_rules *rules,
    const char **wrong, char why[static WHY_TEXT]);

/* Does it begin with "+" or a digit? */
bool telnumber_is_number(const char *text);

/*
 * Write the canonical form of a telephone number: "+" and 7 to 15 digits, of
 * which the first is not 0. Spaces, dashes, dots and parentheses are left out.
 * Without a "+", the first of these rules that fits is taken:
 *
 *  1. `international_prefix` stands for "+".
 *  2. `national_prefix` stands for "+" and `country_code`.
 *  3. Without a `national_prefix`, the digits are a number in the country.
 *  4. The digits begin with `country_code`, or there is none: only the "+" is
 *     missing.
 *
 * Return -EINVAL with one line in `why` for anything else, a name included, and
 * for a 0 of national dialling behind `country_code`.
 * `text` may be longer than a subscriber's number.
 */
int telnumber_canonical(char out[static TELNUMBER_TEXT], const char *text,
    const struct telnumber_rules *rules, char why[static WHY_TEXT]);

/*
 * Return how many digits of a number in the canonical form are the code of its
 * country: 1 to 3 (E.164). A code that is not assigned has as many as its
 * neighbours would have. It stands behind the "+".
 */
size_t telnumber_country(const char *number);

#endif
