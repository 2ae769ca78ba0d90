/*
 * jitter: keep packets until they are played, and fill gaps by FEC or
 * concealment. See jitter.h.
 */
#include "media/audio/jitter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <speex/speex_jitter.h>

/* Sound held back at least: what the peer's and our timers may stray by. */
#define MARGIN (CODEC_FRAME / 2)
#define RECENT 8	/* packets kept for their FEC */

struct recent {
	uint32_t timestamp;
	size_t len;
	uint8_t payload[CODEC_PACKET_MAX];
};

struct jitter {
	JitterBuffer *buffer;
	struct codec *codec;
	bool any;			/* a packet has come */
	bool waited;			/* one call since then */
	uint32_t newest;		/* timestamp behind the latest packet */
	struct recent recent[RECENT];
	unsigned next_recent;
	/* Decoded; frames are cut from its front, packets join behind. */
	int16_t pcm[CODEC_FRAME + CODEC_SPAN_MAX];
	size_t have;
	double delay_ms;
};

static void
configure(struct jitter *jitter)
{
	spx_int32_t margin = MARGIN;

	jitter_buffer_ctl(jitter->buffer, JITTER_BUFFER_SET_MARGIN, &margin);
}

int
jitter_new(struct jitter **out, struct codec *codec)
{
	struct jitter *jitter = calloc(1, sizeof(*jitter));

	if (jitter == NULL)
		return -ENOMEM;
	jitter->codec = codec;
	jitter->buffer = jitter_buffer_init(CODEC_FRAME);
	if (jitter->buffer == NULL) {
		free(jitter);
		return -ENOMEM;
	}
	configure(jitter);
	*out = jitter;
	return 0;
}

void
jitter_free(struct jitter *jitter)
{
	if (jitter == NULL)
		return;
	jitter_buffer_destroy(jitter->buffer);
	free(jitter);
}

void
jitter_reset(struct jitter *jitter)
{
	jitter_buffer_reset(jitter->buffer);
	configure(jitter);
	jitter->any = false;
	jitter->waited = false;
	jitter->have = 0;
	jitter->delay_ms = 0;
	memset(jitter->recent, 0, sizeof(jitter->recent));
}

static void
remember(struct jitter *jitter, uint32_t timestamp, const uint8_t *payload,
    size_t len)
{
	struct recent *recent = &jitter->recent[jitter->next_recent];

	jitter->next_recent = (jitter->next_recent + 1) % RECENT;
	recent->timestamp = timestamp;
	recent->len = len;
	memcpy(recent->payload, payload, len);
}

int
jitter_put(struct jitter *jitter, uint32_t timestamp, uint16_t sequence,
    const uint8_t *payload, size_t len)
{
	ssize_t span = codec_span(payload, len);
	JitterBufferPacket packet = {
		.data = (char *)payload,	/* copied */
		.len = (spx_uint32_t)len,
		.timestamp = timestamp,
		.sequence = sequence,
	};

	if (span < 0)
		return -EBADMSG;
	packet.span = (spx_uint32_t)span;
	jitter_buffer_put(jitter->buffer, &packet);
	remember(jitter, timestamp, payload, len);
	timestamp += (uint32_t)span;
	if (!jitter->any || (int32_t)(timestamp - jitter->newest) > 0)
		jitter->newest = timestamp;
	jitter->any = true;
	return 0;
}

static const struct recent *
packet_behind(const struct jitter *jitter, uint32_t timestamp)
{
	size_t i;

	for (i = 0; i < RECENT; i++)
		if (jitter->recent[i].len > 0 &&
		    jitter->recent[i].timestamp == timestamp + CODEC_FRAME)
			return &jitter->recent[i];
	return NULL;
}

/* Twenty milliseconds are missing at timestamp. */
static enum jitter_result
fill_gap(struct jitter *jitter, uint32_t timestamp, bool lost)
{
	const struct recent *next = lost ? packet_behind(jitter, timestamp) :
	    NULL;

	int16_t *pcm = jitter->pcm + jitter->have;

	jitter->have += CODEC_FRAME;
	if (next != NULL && codec_has_fec(next->payload, next->len)) {
		codec_recover(jitter->codec, pcm, next->payload, next->len);
		return JITTER_RECOVERED;
	}
	codec_conceal(jitter->codec, pcm);
	return JITTER_CONCEALED;
}

static enum jitter_result
fetch(struct jitter *jitter)
{
	uint8_t payload[CODEC_PACKET_MAX];
	JitterBufferPacket packet = {
		.data = (char *)payload, .len = sizeof(payload)
	};
	ssize_t n;
	int result;

	result = jitter_buffer_get(jitter->buffer, &packet, CODEC_FRAME, NULL);
	if (result != JITTER_BUFFER_OK)
		return fill_gap(jitter, packet.timestamp,
		    result == JITTER_BUFFER_MISSING);
	n = codec_decode(jitter->codec, jitter->pcm + jitter->have, payload,
	    packet.len);
	jitter->have += n > 0 ? (size_t)n : CODEC_FRAME;
	return n > 0 ? JITTER_VOICE : JITTER_CONCEALED;
}

/* Half a second's moving average of what lies between in and out. */
static void
measure(struct jitter *jitter)
{
	int32_t span = (int32_t)(jitter->newest -
	    (uint32_t)jitter_buffer_get_pointer_timestamp(jitter->buffer)) +
	    (int32_t)jitter->have;

	if (span < 0 || span > 10 * CODEC_RATE)
		span = 0;
	jitter->delay_ms += (span * 1000.0 / CODEC_RATE - jitter->delay_ms) /
	    25;
}

enum jitter_result
jitter_get(struct jitter *jitter, int16_t pcm[static CODEC_FRAME])
{
	enum jitter_result result = JITTER_VOICE;

	/* One call's wait: the second packet may be a little late already. */
	if (!jitter->any || !jitter->waited) {
		memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
		jitter->waited = jitter->any;
		return JITTER_NOTHING;
	}
	while (jitter->have < CODEC_FRAME)
		result = fetch(jitter);
	memcpy(pcm, jitter->pcm, CODEC_FRAME * sizeof(*pcm));
	jitter->have -= CODEC_FRAME;
	memmove(jitter->pcm, jitter->pcm + CODEC_FRAME,
	    jitter->have * sizeof(*jitter->pcm));
	jitter_buffer_remaining_span(jitter->buffer,
	    (spx_uint32_t)jitter->have);
	jitter_buffer_tick(jitter->buffer);
	measure(jitter);
	return result;
}

double
jitter_delay_ms(const struct jitter *jitter)
{
	return jitter->delay_ms;
}
