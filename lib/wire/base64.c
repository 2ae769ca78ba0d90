/*
 * base64: encode and decode base64, base64url and hexadecimal. Pure. See
 * base64.h.
 */
#include "wire/base64.h"

#include <errno.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/base64.h>

void
base64_encode(char *text, const void *data, size_t len_bytes)
{
	base64_encode_raw(text, len_bytes, data);
	text[BASE64_ENCODE_RAW_LENGTH(len_bytes)] = '\0';
}

void
base64_encode_url(char *text, const void *data, size_t len_bytes)
{
	char *p;

	base64_encode(text, data, len_bytes);
	for (p = text; *p != '\0' && *p != '='; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
	}
	*p = '\0';
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

int
base64_decode(void *data, size_t *len_bytes, const char *text,
    size_t text_len)
{
	uint8_t *out = data;
	uint32_t bits = 0;
	size_t i, n = 0;

	while (text_len > 0 && text_len % 4 == 0 && text[text_len - 1] == '=')
		if (text_len--, text[text_len - 1] == '=')
			text_len--;
	if (text_len % 4 == 1)
		return -EINVAL;
	for (i = 0; i < text_len; i++) {
		int d = digit(text[i]);

		if (d < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 == 0)
			continue;
		if (n == *len_bytes)
			return -EMSGSIZE;
		out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	*len_bytes = n;
	return 0;
}

void
hex_encode(char *text, const void *data, size_t len_bytes)
{
	base16_encode_update(text, len_bytes, data);
	text[2 * len_bytes] = '\0';
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(void *data, size_t len_bytes, const char *text)
{
	uint8_t *out = data;
	size_t i;

	if (strlen(text) != 2 * len_bytes)
		return -EINVAL;
	for (i = 0; i < len_bytes; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
