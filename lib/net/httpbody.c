/* httpbody: a body is read from its beginning each time. See httpbody.h. */
#include "net/httpbody.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/buffer.h"

/* Get the next line of a chunk's frame, or a negative errno. */
static int
next_line(const char **at, const char *end, const char **line)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));

	if (lf == NULL)
		return -EAGAIN;
	*line = *at;
	*at = lf + 1;
	return 0;
}

/* Read a chunk's size in hexadecimal; what follows it is ignored. */
static int
read_size(const char *line, size_t max, size_t *out)
{
	size_t size = 0;
	const char *p;

	for (p = line; isxdigit((unsigned char)*p); p++) {
		size = size * 16 + (size_t)(isdigit((unsigned char)*p) ?
		    *p - '0' : (*p | 0x20) - 'a' + 10);
		if (size > max)
			return -EFBIG;
	}
	*out = size;
	return p > line ? 0 : -EBADMSG;
}

/* Skip the trailer, which ends with an empty line. */
static int
skip_trailer(const char *at, const char *end)
{
	const char *line;
	int err;

	while ((err = next_line(&at, end, &line)) == 0)
		if (*line == '\n' || (*line == '\r' && line[1] == '\n'))
			return 0;
	return err;
}

/* Read all chunks into `text`, which holds body->max bytes. */
static int
read_chunks(const struct httpbody *body, const char *at, const char *end,
    char *text, size_t *n)
{
	const char *line;
	size_t size;
	int err;

	for (*n = 0;; *n += size) {
		err = next_line(&at, end, &line);
		if (err == 0)
			err = read_size(line, body->max - *n, &size);
		if (err < 0)
			return err;
		if (size == 0)
			return skip_trailer(at, end);
		if ((size_t)(end - at) < size + 2)
			return -EAGAIN;
		memcpy(text + *n, at, size);
		at += size;
		if (memcmp(at, "\r\n", 2) != 0)
			return -EBADMSG;
		at += 2;
	}
}

static int
take_chunks(const struct httpbody *body, const char *data, size_t len,
    struct buffer *out)
{
	char *text;
	size_t n;
	int err;

	if (strcasecmp(body->coding, "chunked") != 0 || body->length != NULL)
		return -EBADMSG;
	text = malloc(body->max + 1);
	if (text == NULL)
		return -ENOMEM;
	err = read_chunks(body, data, data + len, text, &n);
	if (err == 0)
		err = buffer_add(out, text, n);
	free(text);
	return err;
}

int
httpbody_read(const struct httpbody *body, const char *data, size_t len,
    struct buffer *out)
{
	size_t size;
	char *end;

	if (body->coding != NULL)
		return take_chunks(body, data, len, out);
	if (body->length == NULL)
		return 0;
	if (!isdigit((unsigned char)*body->length))
		return -EBADMSG;
	errno = 0;
	size = strtoul(body->length, &end, 10);
	if (*end != '\0')
		return -EBADMSG;
	if (errno != 0 || size > body->max)
		return -EFBIG;
	if (len < size)
		return -EAGAIN;
	return buffer_add(out, data, size);
}
