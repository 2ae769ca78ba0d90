/*
 * A WebSocket peer: any bytes, or frames made from the input with a right length
 * and mask, in pieces of any size. A message is handed over whole and within
 * its bound.
 *
 * The input's first byte says how large the pieces are, and with its highest
 * bit that frames follow: a byte for the head, one for the kind of length, one
 * for the length, and the payload.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/websock.h"

#define MESSAGE_MAX 300
#define STREAM_MAX 8192

struct peer {
	struct websock *websock;
	size_t read;		/* a sum, so that each byte is touched */
};

static void
on_message(const char *text, size_t len, void *arg)
{
	struct peer *peer = arg;
	size_t i;

	if (len > MESSAGE_MAX)
		abort();
	for (i = 0; i < len; i++)
		peer->read += (unsigned char)text[i];
}

static int
on_send(const void *data, size_t len, void *arg)
{
	const uint8_t *bytes = data;
	struct peer *peer = arg;
	size_t i;

	for (i = 0; i < len; i++)
		peer->read += bytes[i];
	return 0;
}

/* Write one frame and return its length. Short input makes short frames. */
static size_t
put_frame(uint8_t *out, const uint8_t **data, size_t *len)
{
	const uint8_t *in = *data;
	size_t n = in[2] < *len - 3 ? in[2] : *len - 3, head = 2, i;

	out[0] = in[0];
	if (in[1] % 4 == 0) {
		out[1] = 0x80 | 126;
		out[2] = 0;
		out[3] = (uint8_t)n;
		head = 4;
	} else if (in[1] % 4 == 1) {	/* a length that is not there */
		out[1] = 0x80 | 127;
		memset(out + 2, in[1] >> 2, 8);
		head = 10;
	} else {
		out[1] = (uint8_t)(0x80 | (n < 126 ? n : 125));
		n = n < 126 ? n : 125;
	}
	memcpy(out + head, in, 3);	/* the mask */
	out[head + 3] = 7;
	for (i = 0; i < n; i++)
		out[head + 4 + i] = in[3 + i] ^ out[head + i % 4];
	*data += 3 + n;
	*len -= 3 + n;
	return head + 4 + n;
}

static size_t
put_frames(uint8_t out[static STREAM_MAX], const uint8_t *data, size_t len)
{
	size_t n = 0;

	while (len >= 3 && n + 300 < STREAM_MAX)
		n += put_frame(out + n, &data, &len);
	return n;
}

static void
feed(struct peer *peer, const uint8_t *data, size_t len, size_t piece)
{
	while (len > 0) {
		size_t n = piece < len ? piece : len;

		if (websock_feed(peer->websock, data, n) < 0)
			return;
		data += n;
		len -= n;
	}
	(void)websock_send(peer->websock, "", 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct websock_handlers handlers = {
		on_message, on_send
	};
	struct peer peer = { .read = 0 };
	uint8_t stream[STREAM_MAX];

	if (len < 1 || websock_new(&peer.websock, MESSAGE_MAX, &handlers,
	    &peer) < 0)
		return 0;
	if (data[0] & 0x80)
		feed(&peer, stream, put_frames(stream, data + 1, len - 1),
		    1u + (data[0] & 0x7f));
	else
		feed(&peer, data + 1, len - 1, 1u + data[0]);
	websock_free(peer.websock);
	return 0;
}
