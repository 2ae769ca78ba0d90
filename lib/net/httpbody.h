/*
 * httpbody: the body of an HTTP/1.1 request, by its length or in chunks (RFC
 * 9112 6 and 7.1). Pure, but for the buffer.
 */
#ifndef RP_NET_HTTPBODY_H
#define RP_NET_HTTPBODY_H

#include <stddef.h>

struct buffer;

/* Fields of the head. NULL: it has no such field. */
struct httpbody {
	const char *length;	/* Content-Length */
	const char *coding;	/* Transfer-Encoding */
	size_t max;		/* bytes of a body */
};

/* Bytes that a body of `max` bytes needs, with sixty-four chunks around it. */
#define HTTPBODY_MAX(max) ((max) + 1024)

/*
 * Read a body from the `len` bytes that follow the head, and add it to `out`
 * once it is complete.
 *
 *   0         it is
 *   -EAGAIN   more bytes are needed
 *   -EFBIG    it is longer than `max`
 *   -EBADMSG  it is malformed, or its coding is unknown
 *   -ENOMEM
 */
int httpbody_read(const struct httpbody *body, const char *data, size_t len,
    struct buffer *out);

#endif
