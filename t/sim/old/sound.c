/*
 * sound: silence in packets, and nobody to hear it; and no terminal. In place of
 * 0.1.0's media/codec.c, audio_in.c, audio_out.c and live.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "media/audio_in.h"
#include "media/audio_out.h"
#include "media/codec.h"

struct codec {
	int unused;
};

int
codec_new(struct codec **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? -ENOMEM : 0;
}

void
codec_free(struct codec *codec)
{
	free(codec);
}

int
codec_encode(struct codec *codec, uint8_t packet[static CODEC_PACKET],
    const int16_t pcm[static CODEC_FRAME])
{
	(void)codec;
	(void)pcm;
	memset(packet, 0, CODEC_PACKET);
	return 0;
}

void
codec_loss(struct codec *codec, unsigned percent)
{
	(void)codec;
	(void)percent;
}

ssize_t
codec_span(const uint8_t *packet, size_t len)
{
	(void)packet;
	return len > 0 ? CODEC_FRAME : -EBADMSG;
}

ssize_t
codec_decode(struct codec *codec, int16_t pcm[static CODEC_SPAN_MAX],
    const uint8_t *packet, size_t len)
{
	(void)codec;
	(void)packet;
	(void)len;
	memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
	return CODEC_FRAME;
}

void
codec_conceal(struct codec *codec, int16_t pcm[static CODEC_FRAME])
{
	(void)codec;
	memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
}

bool
codec_has_fec(const uint8_t *packet, size_t len)
{
	(void)packet;
	(void)len;
	return false;
}

void
codec_recover(struct codec *codec, int16_t pcm[static CODEC_FRAME],
    const uint8_t *next, size_t len)
{
	(void)next;
	(void)len;
	codec_conceal(codec, pcm);
}

int
audio_in_new(struct audio_in **out, const char *name,
    char why[static AUDIO_WHY])
{
	(void)name;
	(void)why;
	*out = NULL;
	return 0;
}

void
audio_in_unmute(struct audio_in *in)
{
	(void)in;
}

bool
audio_in_frame(struct audio_in *in, int16_t pcm[static CODEC_FRAME])
{
	(void)in;
	memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
	return false;
}

bool
audio_in_ended(struct audio_in *in)
{
	(void)in;
	return false;
}

void
audio_in_free(struct audio_in *in)
{
	(void)in;
}

int
audio_out_new(struct audio_out **out, const char *name,
    char why[static AUDIO_WHY])
{
	(void)name;
	(void)why;
	*out = NULL;
	return 0;
}

int
audio_out_frame(struct audio_out *out, const int16_t pcm[static CODEC_FRAME])
{
	(void)out;
	(void)pcm;
	return 0;
}

void
audio_out_free(struct audio_out *out)
{
	(void)out;
}

int
live_new(struct live **out, struct event_base *loop)
{
	(void)loop;
	*out = NULL;
	return 0;
}

void
live_watch(struct live *live, struct call *call)
{
	(void)live;
	(void)call;
}

void
live_clear(struct live *live)
{
	(void)live;
}

void
live_free(struct live *live)
{
	(void)live;
}
