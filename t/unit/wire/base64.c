/* Bytes to text and back; invalid text is refused. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/base64.h"

START_TEST(round_trips)
{
	/* RFC 4648, section 10 */
	static const char *const cases[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	char text[BASE64_TEXT(8)];
	char data[8];
	size_t i, len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		base64_encode(text, cases[i][0], strlen(cases[i][0]));
		ck_assert_str_eq(text, cases[i][1]);
		len = sizeof(data);
		ck_assert_int_eq(base64_decode(data, &len, text,
		    strlen(text)), 0);
		ck_assert_uint_eq(len, strlen(cases[i][0]));
		ck_assert_mem_eq(data, cases[i][0], len);
	}
	base64_encode_url(text, "\xfb\xff", 2);
	ck_assert_str_eq(text, "-_8");
	len = sizeof(data);
	ck_assert_int_eq(base64_decode(data, &len, text, 3), 0);
	ck_assert_mem_eq(data, "\xfb\xff", 2);
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = { "Z", "Zg=", "Z===", "Zm9v=", "Z g=",
	    "Zg==Zg==", "=", "====" };
	char data[8];
	size_t i, len;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = sizeof(data);
		ck_assert_msg(base64_decode(data, &len, bad[i],
		    strlen(bad[i])) == -EINVAL, "%s", bad[i]);
	}
	len = 2;
	ck_assert_int_eq(base64_decode(data, &len, "Zm9v", 4), -EMSGSIZE);
}
END_TEST

START_TEST(hexadecimal)
{
	unsigned char data[3];
	char text[HEX_TEXT(3)];

	hex_encode(text, "\x00\xab\xff", 3);
	ck_assert_str_eq(text, "00abff");
	ck_assert_int_eq(hex_decode(data, 3, "00ABff"), 0);
	ck_assert_mem_eq(data, "\x00\xab\xff", 3);
	ck_assert_int_eq(hex_decode(data, 3, "00abf"), -EINVAL);
	ck_assert_int_eq(hex_decode(data, 3, "00abfg"), -EINVAL);
}
END_TEST

UNIT_SUITE(base64, round_trips, refuses, hexadecimal)
