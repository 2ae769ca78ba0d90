/*
 * words: bytes as words to say aloud: the PGP word list (Juola and Zimmermann,
 * 1995), chosen so that no two sound alike. Bytes at even positions have words
 * of two syllables, at odd ones of three, so that a word left out, doubled or
 * swapped is heard. Pure.
 */
#ifndef RP_WIRE_WORDS_H
#define RP_WIRE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_N 4	/* words that two people compare: 32 bits */
#define WORDS_TEXT 64	/* four of at most 11 letters, spaces and a NUL */

/* The word for a byte at a position counted from 0. */
const char *words_of(uint8_t byte, size_t position);

/* "topmost Istanbul Pluto vagabond" */
void words_text(char text[static WORDS_TEXT],
    const uint8_t bytes[static WORDS_N]);

#endif
