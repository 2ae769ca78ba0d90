/*
 * Bytes as words: both lists in full, and the examples of the lists' authors.
 */
#include <string.h>

#include "unit.h"
#include "wire/words.h"

START_TEST(says_the_known)
{
	/* PGPfone's and later manuals' example fingerprint begins so. */
	static const uint8_t bytes[WORDS_N] = { 0xe5, 0x82, 0x94, 0xf2 };
	static const uint8_t ends[WORDS_N] = { 0x00, 0x00, 0xff, 0xff };
	char text[WORDS_TEXT];

	words_text(text, bytes);
	ck_assert_str_eq(text, "topmost Istanbul Pluto vagabond");
	words_text(text, ends);
	ck_assert_str_eq(text, "aardvark adroitness Zulu Yucatan");
}
END_TEST

START_TEST(has_no_word_twice)
{
	size_t i, j;

	for (i = 0; i < 512; i++)
		for (j = i + 1; j < 512; j++)
			ck_assert_str_ne(words_of((uint8_t)i, i / 256),
			    words_of((uint8_t)j, j / 256));
}
END_TEST

START_TEST(fits)
{
	size_t i, longest[2] = { 0, 0 };

	for (i = 0; i < 512; i++) {
		size_t n = strlen(words_of((uint8_t)i, i / 256));

		if (n > longest[i / 256])
			longest[i / 256] = n;
	}
	ck_assert_uint_lt(2 * (longest[0] + longest[1]) + 3, WORDS_TEXT);
}
END_TEST

UNIT_SUITE(words, says_the_known, has_no_word_twice, fits)
