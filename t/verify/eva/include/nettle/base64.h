/* What nettle promises of its base64; nettle.c has it. */
#include <stddef.h>
#include <stdint.h>

#define BASE64_ENCODE_RAW_LENGTH(length) ((((length) + 2) / 3) * 4)
void base64_encode_raw(char *dst, size_t length, const uint8_t *src);
