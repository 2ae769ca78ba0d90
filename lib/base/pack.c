/* pack: values for another process. See pack.h. */
#include "base/pack.h"

#include <stdint.h>
#include <string.h>

void
pack_bytes(FILE *to, const void *bytes, size_t len)
{
	uint32_t n = (uint32_t)len;

	fwrite(&n, sizeof(n), 1, to);
	if (n > 0)
		fwrite(bytes, n, 1, to);
}

void
pack_text(FILE *to, const char *text)
{
	if (text == NULL)
		text = "";
	pack_bytes(to, text, strlen(text) + 1);
}

const void *
pack_next(struct pack_reader *reader, size_t *len)
{
	const char *bytes;
	uint32_t n;

	*len = 0;
	if (reader->bad || (size_t)(reader->end - reader->at) < sizeof(n)) {
		reader->bad = true;
		return NULL;
	}
	memcpy(&n, reader->at, sizeof(n));
	bytes = reader->at + sizeof(n);
	if ((size_t)(reader->end - bytes) < n) {
		reader->bad = true;
		return NULL;
	}
	reader->at = bytes + n;
	*len = n;
	return bytes;
}

bool
pack_read(struct pack_reader *reader, void *out, size_t len)
{
	size_t n;
	const void *bytes = pack_next(reader, &n);

	if (bytes == NULL || n != len) {
		reader->bad = true;
		return false;
	}
	memcpy(out, bytes, len);
	return true;
}

const char *
pack_next_text(struct pack_reader *reader)
{
	size_t n;
	const char *text = pack_next(reader, &n);

	if (text != NULL && n > 0 && text[n - 1] == '\0')
		return text;
	reader->bad = true;
	return "";
}
