/* copies: when to send a datagram again. See copies.h. */
#include "media/path/copies.h"

#include <string.h>

void
copies_end(struct copies *copies)
{
	copies->due_ns = COPIES_NEVER;
}

void
copies_begin(struct copies *copies, const struct copies_pace *pace,
    const uint8_t *data, size_t len, uint64_t now_ns)
{
	copies_end(copies);
	if (pace->n == 0 || len > COPIES_DATAGRAM)
		return;
	memcpy(copies->data, data, len);
	copies->len = len;
	copies->pace = *pace;
	copies->sent = 0;
	copies->wait_ns = pace->first_ns;
	copies->due_ns = now_ns + copies->wait_ns;
}

bool
copies_next(struct copies *copies, uint64_t now_ns)
{
	if (now_ns < copies->due_ns)
		return false;
	copies->wait_ns *= 2;
	if (copies->wait_ns > copies->pace.longest_ns)
		copies->wait_ns = copies->pace.longest_ns;
	copies->due_ns = ++copies->sent == copies->pace.n ? COPIES_NEVER :
	    now_ns + copies->wait_ns;
	return true;
}
