/* Aliases of subscribers in a log. */
#include <string.h>

#include "base/alias.h"
#include "unit.h"

START_TEST(hides_and_tells_apart)
{
	char one[ALIAS_TEXT], two[ALIAS_TEXT];
	struct alias here, elsewhere;

	ck_assert_int_eq(alias_init(&here), 0);
	ck_assert_int_eq(alias_init(&elsewhere), 0);
	ck_assert_str_eq(alias_of(&here, "+27215550100", one),
	    alias_of(&here, "+27215550100", two));
	ck_assert_uint_eq(strlen(one), ALIAS_TEXT - 1);
	ck_assert_uint_eq(strspn(one, "0123456789abcdef"), ALIAS_TEXT - 1);
	ck_assert_str_ne(one, alias_of(&here, "+27215550101", two));
	ck_assert_str_ne(one, alias_of(&elsewhere, "+27215550100", two));
	ck_assert_str_ne(one, alias_of(&here, "", two));
}
END_TEST

UNIT_SUITE(alias, hides_and_tells_apart)
