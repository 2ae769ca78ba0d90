/*
 * Redundant audio stays within its bytes, and what was read can be written: the
 * same payload comes out.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/red.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	ssize_t n = red_parse(blocks, data, len), i;
	uint8_t *out;

	if (n < 0)
		return 0;
	for (i = 0; i < n; i++)
		if (blocks[i].data < data ||
		    blocks[i].data + blocks[i].len > data + len)
			abort();
	out = malloc(len);
	if (out == NULL || red_write(out, len, blocks, (size_t)n) !=
	    (ssize_t)len || memcmp(out, data, len) != 0)
		abort();
	free(out);
	return 0;
}
