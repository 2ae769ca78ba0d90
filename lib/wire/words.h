/*
 * words: bytes as words to read aloud, from the PGP word list (Juola and
 * Zimmermann, 1995), in which no two words sound alike. Words at even positions
 * have two syllables, and those at odd positions three. A missing, doubled or
 * swapped word is therefore heard. Pure.
 */
#ifndef RP_WIRE_WORDS_H
#define RP_WIRE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_N 4	/* words that two people compare: 32 bits */
/*
 * The position of the first word that people see. In 0.1.0 it was 0, and an
 * attacker could draw the words of such a program until they fitted ours. No
 * word stands in both lists, so that they cannot fit.
 */
#define WORDS_FIRST 1
#define WORDS_TEXT 64	/* four of at most 11 letters, spaces and a NUL */

/* Return the word for a byte at a position, which counts from 0. */
const char *words_of(uint8_t byte, size_t position);

/* Write words such as "travesty miser molecule uproot", from WORDS_FIRST. */
void words_text(char text[static WORDS_TEXT],
    const uint8_t bytes[static WORDS_N]);

#endif
