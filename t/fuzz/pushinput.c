/*
 * What the switch writes to rp-pushsend: a stream of lines that a pipe delivers
 * in pieces, and the request that each line is. The input's first byte is the size
 * of the pieces. Each line is handed over once, within its bound and in order.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "io/stream.h"
#include "net/loop.h"
#include "wire/pushmsg.h"

#define LINE_MAX_BYTES 2000
#define INPUT_BYTES 60000	/* a pipe takes that without a reader */

struct reader {
	struct event_base *loop;
	const uint8_t *next, *end;	/* what must come */
};

static void
on_line(const char *line, size_t len, void *arg)
{
	struct reader *reader = arg;
	struct pushmsg_request request;
	char why[WHY_TEXT];
	const uint8_t *newline;
	size_t whole;

	if (len > LINE_MAX_BYTES || reader->next > reader->end)
		abort();
	newline = memchr(reader->next, '\n',
	    (size_t)(reader->end - reader->next));
	whole = (size_t)((newline != NULL ? newline : reader->end) -
	    reader->next);
	if (len != (whole < LINE_MAX_BYTES ? whole : LINE_MAX_BYTES) ||
	    memcmp(line, reader->next, len) != 0)
		abort();
	reader->next += whole + 1;
	if (pushmsg_request_parse(&request, line, len, why) == 0)
		pushmsg_request_clear(&request);
}

static void
on_ended(int err, void *arg)
{
	struct reader *reader = arg;

	if (err < 0 || reader->next < reader->end)
		abort();
	loop_stop(reader->loop);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct input_handlers handlers = { on_line, on_ended };
	struct reader reader = { .loop = loop_new() };
	struct input *input;
	size_t piece, n;
	int fds[2];

	if (len < 1 || len > INPUT_BYTES || pipe(fds) < 0) {
		loop_free(reader.loop);
		return 0;
	}
	piece = 1 + data[0] * 16u;
	reader.next = data + 1;
	reader.end = data + len;
	if (input_new(&input, reader.loop, fds[0], LINE_MAX_BYTES, &handlers,
	    &reader) < 0)
		abort();
	for (data++, len--; len > 0; data += n, len -= n) {
		n = piece < len ? piece : len;
		if (write(fds[1], data, n) != (ssize_t)n)
			abort();
		if (data + n < reader.end && data[n - 1] != '\n')
			loop_run_once(reader.loop);
	}
	close(fds[1]);
	loop_run(reader.loop);
	input_free(input);
	close(fds[0]);
	loop_free(reader.loop);
	return 0;
}
