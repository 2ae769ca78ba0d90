/*
 * Base64 and hexadecimal digits of any bytes, into a buffer of any size, and any
 * bytes written so.
 *
 * Sources: lib/wire/base64.c t/verify/eva/stand/nettle.c
 */
#define ROOM 32
#include "eva.h"
#include "wire/base64.h"

static void
one(const uint8_t *data, size_t len)
{
	uint8_t out[ROOM];
	size_t room = any_size(sizeof(out));

	base64_decode(out + ROOM - room, &room, (const char *)data, len);
}

int
main(void)
{
	char hex[ROOM], text[BASE64_TEXT(20)], digits[HEX_TEXT(20)];
	uint8_t data[20], out[ROOM];

	EACH_LENGTH(one);
	make_any(data, sizeof(data));
	hex_decode(out, any_size(sizeof(out)), make_text(hex, sizeof(hex)));
	base64_encode(text, data, sizeof(data));
	base64_encode_url(text, data, sizeof(data));
	hex_encode(digits, data, sizeof(data));
	return 0;
}
