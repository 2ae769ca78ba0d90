/*
 * secret: texts that may not stand in a log: the numbers of people, which a
 * switch tells at debug only, and keys, which nobody tells at all: tokens,
 * passwords of relays and what they are made of, endpoints and keys of pushes.
 * Those that the product makes are learned by taps.
 */
#ifndef RP_SIM_SECRET_H
#define RP_SIM_SECRET_H

#include <stdbool.h>
#include <stddef.h>

void secret_begin(void);
void secret_reset(void);

/* The text is copied. Too short ones are let be: they stand in any line. */
void secret_add(const char *text, bool key);
void secret_file(const char *path);	/* of a key in PEM */
size_t secret_count(void);

/* Return one that stands in a line, or NULL. With `keys`: a key. */
const char *secret_in(const char *line, bool keys);

#endif
