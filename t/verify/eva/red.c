/*
 * Redundant audio of any bytes, and blocks of any kind written into a buffer of
 * any size.
 *
 * Sources: lib/wire/red.c
 * Options: -eva-slevel 20000
 */
#define ROOM 24
#include "eva.h"
#include "wire/red.h"

static void
one(const uint8_t *data, size_t len)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	ssize_t i, n = red_parse(blocks, data, len);

	for (i = 0; i < n; i++)
		if (blocks[i].len > 0)
			(void)blocks[i].data[blocks[i].len - 1];
}

int
main(void)
{
	struct red_block blocks[3];
	uint8_t out[ROOM], data[ROOM];
	size_t i;

	EACH_LENGTH(one);
	make_any(data, sizeof(data));
	for (i = 0; i < 3; i++) {
		blocks[i].payload_type = any_u8();
		blocks[i].offset = any_u16();
		blocks[i].data = data;
		blocks[i].len = any_size(sizeof(data));
	}
	red_write(out, any_size(sizeof(out)), blocks, any_size(3));
	return 0;
}
