/* Random bytes as text: as many digits as asked for, and never the same. */
#include <string.h>

#include "base/crypto.h"
#include "unit.h"
#include "wire/base64.h"

#define MOST 100		/* several pieces */

START_TEST(writes_random_digits)
{
	char text[HEX_TEXT(MOST) + 1], other[HEX_TEXT(MOST)];
	size_t n;

	for (n = 0; n <= MOST; n++) {
		memset(text, '#', sizeof(text));
		ck_assert_int_eq(crypto_random_hex(text, n), 0);
		ck_assert_uint_eq(strlen(text), 2 * n);
		ck_assert_uint_eq(strspn(text, "0123456789abcdef"), 2 * n);
		ck_assert_int_eq(text[2 * n + 1], '#');
	}
	ck_assert_int_eq(crypto_random_hex(other, MOST), 0);
	ck_assert_int_ne(memcmp(text, text + 64, 64), 0);
	ck_assert_int_ne(memcmp(text, other, 64), 0);
	ck_assert_int_ne(memcmp(text + 128, other + 128, 64), 0);
}
END_TEST

UNIT_SUITE(crypto, writes_random_digits)
