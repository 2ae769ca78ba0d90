/* What nettle promises of its hexadecimal digits; nettle.c has it. */
#include <stddef.h>
#include <stdint.h>

void base16_encode_update(char *dst, size_t length, const uint8_t *src);
