/*
 * wav: parse the header of a WAV stream. Pure. See wav.h.
 */
#include "wire/wav.h"

#include <errno.h>
#include <string.h>

enum {
	RIFF = 12,		/* "RIFF", length, "WAVE" */
	CHUNK = 8,		/* name, length */
	FORMAT_MIN = 16,
	FORMAT_EXTENSIBLE = 26,	/* up to the two bytes of the sub-format */
	PCM = 1,
	EXTENSIBLE = 0xfffe
};

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

bool
wav_is(const uint8_t *data, size_t len)
{
	return len >= 4 && memcmp(data, "RIFF", 4) == 0;
}

static int
read_format(struct wav *out, const uint8_t *p, size_t len)
{
	uint16_t format;

	if (len < FORMAT_MIN)
		return -EBADMSG;
	format = get16(p);
	if (format == EXTENSIBLE && len >= FORMAT_EXTENSIBLE)
		format = get16(p + 24);
	out->channels = get16(p + 2);
	out->rate = get32(p + 4);
	if (format != PCM || get16(p + 14) != 16 || out->channels == 0 ||
	    out->channels > WAV_CHANNELS_MAX || out->rate < WAV_RATE_MIN ||
	    out->rate > WAV_RATE_MAX)
		return -EOPNOTSUPP;
	return 0;
}

ssize_t
wav_parse(struct wav *out, const uint8_t *data, size_t len)
{
	struct wav wav = { 0 };
	size_t at = RIFF;
	int err;

	if (len < RIFF)
		return -EAGAIN;
	if (!wav_is(data, len) || memcmp(data + 8, "WAVE", 4) != 0)
		return -EBADMSG;
	while (at + CHUNK <= len) {
		const uint8_t *chunk = data + at;
		uint32_t body = get32(chunk + 4);

		at += CHUNK;
		if (memcmp(chunk, "data", 4) == 0) {
			*out = wav;
			return wav.rate != 0 ? (ssize_t)at : -EBADMSG;
		}
		if (body > WAV_HEAD_MAX || at + body > WAV_HEAD_MAX)
			return -EBADMSG;
		if (at + body > len)
			return -EAGAIN;
		if (memcmp(chunk, "fmt ", 4) == 0) {
			err = read_format(&wav, chunk + CHUNK, body);
			if (err < 0)
				return err;
		}
		at += body + (body & 1);
	}
	return at + CHUNK > WAV_HEAD_MAX ? -EBADMSG : -EAGAIN;
}
