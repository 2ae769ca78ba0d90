/*
 * base64: the text forms of bytes (RFC 4648): base64, base64url without
 * padding, and lower-case hexadecimal. Pure.
 */
#ifndef RP_WIRE_BASE64_H
#define RP_WIRE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Room for the text of n bytes and its NUL. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1)
#define HEX_TEXT(n) (2 * (n) + 1)

/* Write the text of data, NUL included, into a buffer of BASE64_TEXT(len). */
void base64_encode(char *text, const void *data, size_t len_bytes);
void base64_encode_url(char *text, const void *data, size_t len_bytes);

/*
 * Read text into at most *len_bytes bytes and set *len_bytes. Either alphabet
 * is taken, padded or not. -EINVAL on anything else, -EMSGSIZE if it does not
 * fit; data is then undefined.
 */
int base64_decode(void *data, size_t *len_bytes, const char *text,
    size_t text_len);

/* Write 2 * len_bytes digits and a NUL. */
void hex_encode(char *text, const void *data, size_t len_bytes);

/* Read exactly len_bytes bytes. -EINVAL unless text is just their digits. */
int hex_decode(void *data, size_t len_bytes, const char *text);

#endif
