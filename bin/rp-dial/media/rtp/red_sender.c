/* red_sender: redundancy while packets get lost. Pure. See red_sender.h. */
#include "media/rtp/red_sender.h"

#include <string.h>

#include "base/clock.h"

/* The totals count, because reports get lost, too. */
void
red_sender_report(struct red_sender *sender,
    const struct rtp_session *session, uint64_t now_ns)
{
	const struct rtp_peer_report last = sender->last, *now = &session->peer;
	uint64_t expected, lost;

	if (now->n == last.n || now->expected <= last.expected)
		return;
	sender->last = *now;
	expected = now->expected - last.expected;
	lost = now->lost > last.lost ? now->lost - last.lost : 0;
	if (lost >= RED_SENDER_ON_PACKETS &&
	    lost * 100 >= expected * RED_SENDER_ON_PCT)
		sender->on = true;
	if (lost > 0)
		sender->calm_ns = 0;
	else if (sender->calm_ns == 0)
		sender->calm_ns = now_ns;
	else if (now_ns - sender->calm_ns >= RED_SENDER_CALM_MS * CLOCK_MS)
		sender->on = false;
}

static void
keep(struct red_sender *sender, uint32_t timestamp, const uint8_t *frame,
    size_t len)
{
	sender->any = len <= RED_SENDER_FRAME;
	if (!sender->any)
		return;
	memcpy(sender->before, frame, len);
	sender->len = len;
	sender->timestamp = timestamp;
}

size_t
red_sender_wrap(struct red_sender *sender, uint8_t *out,
    uint8_t payload_type, uint32_t timestamp, const uint8_t *frame,
    size_t len)
{
	uint32_t offset = timestamp - sender->timestamp;
	const struct red_block blocks[] = {
		{ payload_type, (uint16_t)offset, sender->before,
		    sender->len },
		{ payload_type, 0, frame, len }
	};
	ssize_t n = 0;

	if (sender->on && sender->any && offset <= RED_OFFSET_MAX)
		n = red_write(out, sender->len + len + RED_SENDER_EXTRA,
		    blocks, 2);
	keep(sender, timestamp, frame, len);
	if (n <= 0)
		return 0;
	sender->sent++;
	return (size_t)n;
}
