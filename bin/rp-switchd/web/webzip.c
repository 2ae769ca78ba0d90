/* webzip: one call of deflate. See webzip.h. */
#include "web/webzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#define GZIP 16			/* deflateInit2: with gzip's head, not zlib's */
#define MEMORY 9

int
webzip_pack(uint8_t **out, size_t *out_len, const uint8_t *data, size_t len)
{
	z_stream z = { .next_in = (Bytef *)data };
	int code;

	*out = NULL;
	*out_len = 0;
	if (len < 2 || len > UINT_MAX)
		return 0;
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP,
	    MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	*out = malloc(len - 1);
	if (*out == NULL) {
		deflateEnd(&z);
		return -ENOMEM;
	}
	z.avail_in = (uInt)len;
	z.next_out = *out;
	z.avail_out = (uInt)len - 1;
	code = deflate(&z, Z_FINISH);
	*out_len = z.total_out;
	deflateEnd(&z);
	if (code == Z_STREAM_END)
		return 0;
	free(*out);
	*out = NULL;
	*out_len = 0;
	return 0;
}
