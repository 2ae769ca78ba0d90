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
#define WORDS_TEXT 64	/* four of at most 11 letters, spaces and a NUL */

/* Return the word for a byte at a position, which counts from 0. */
const char *words_of(uint8_t byte, size_t position);

/* Write words such as "topmost Istanbul Pluto vagabond". */
void words_text(char text[static WORDS_TEXT],
    const uint8_t bytes[static WORDS_N]);

#endif
