/*
 * nettle: it reads what it is given and writes any bytes of the length that it
 * promises.
 */
#include "eva.h"
#include <nettle/base16.h>
#include <nettle/base64.h>

static uint8_t read_so_far;

static void
read_all(const uint8_t *data, size_t len)
{
	if (len > 0)
		read_so_far = (uint8_t)(data[0] ^ data[len - 1]);
}

void
base64_encode_raw(char *dst, size_t length, const uint8_t *src)
{
	read_all(src, length);
	make_any(dst, BASE64_ENCODE_RAW_LENGTH(length));
}

void
base16_encode_update(char *dst, size_t length, const uint8_t *src)
{
	read_all(src, length);
	make_any(dst, 2 * length);
}
