/*
 * Bytes as words: both lists in full, and the examples of the lists' authors.
 */
#include <string.h>

#include "unit.h"
#include "wire/words.h"

/* PGPfone's and later manuals' example fingerprint begins so. */
static const uint8_t example[WORDS_N] = { 0xe5, 0x82, 0x94, 0xf2 };

START_TEST(says_the_known)
{
	static const char *const words[WORDS_N] = {
		"topmost", "Istanbul", "Pluto", "vagabond"
	};
	size_t i;

	for (i = 0; i < WORDS_N; i++)
		ck_assert_str_eq(words_of(example[i], i), words[i]);
	ck_assert_str_eq(words_of(0x00, 0), "aardvark");
	ck_assert_str_eq(words_of(0x00, 1), "adroitness");
	ck_assert_str_eq(words_of(0xff, 0), "Zulu");
	ck_assert_str_eq(words_of(0xff, 1), "Yucatan");
}
END_TEST

/* What 0.1.0 shows, whatever its nonces are, is never what we show. */
START_TEST(says_nothing_that_0_1_0_can_say)
{
	char text[WORDS_TEXT];
	size_t i, j;

	words_text(text, example);
	ck_assert_str_eq(text, "travesty miser molecule uproot");
	for (i = 0; i < 256; i++)
		for (j = 0; j < 256; j++)
			ck_assert_str_ne(words_of((uint8_t)i, 0),
			    words_of((uint8_t)j, WORDS_FIRST));
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

UNIT_SUITE(words, says_the_known, says_nothing_that_0_1_0_can_say,
    has_no_word_twice, fits)
