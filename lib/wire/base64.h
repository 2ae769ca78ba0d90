/*
 * base64: the text forms of bytes (RFC 4648): base64, base64url without
 * padding, and lower-case hexadecimal. Pure.
 */
#ifndef RP_WIRE_BASE64_H
#define RP_WIRE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* The room that the text of `n` bytes and its NUL needs. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1)
#define HEX_TEXT(n) (2 * (n) + 1)

/*
 * Write the text of `data`, NUL included, into a buffer of
 * BASE64_TEXT(len_bytes).
 */
void base64_encode(char *text, const void *data, size_t len_bytes);
void base64_encode_url(char *text, const void *data, size_t len_bytes);

/*
 * Decode `text` into at most `*len_bytes` bytes, and set `*len_bytes`. Either
 * alphabet is accepted, padded or not. After an error `data` is undefined.
 *
 *   -EINVAL    any other character or padding
 *   -EMSGSIZE  the bytes do not fit
 */
int base64_decode(void *data, size_t *len_bytes, const char *text,
    size_t text_len);

/* Return the value of a hexadecimal digit, or -1. */
int hex_digit(char c);

/* Write 2 * `len_bytes` digits and a NUL. */
void hex_encode(char *text, const void *data, size_t len_bytes);

/*
 * Decode exactly `len_bytes` bytes. Return -EINVAL unless `text` is just their
 * digits.
 */
int hex_decode(void *data, size_t len_bytes, const char *text);

#endif
