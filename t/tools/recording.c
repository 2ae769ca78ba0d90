/*
 * recording: read sound through libsndfile and convert its rate. See
 * recording.h.
 */
#include "tools/recording.h"

#include <stdlib.h>
#include <string.h>

#include <sndfile.h>
#include <speex/speex_resampler.h>

#include "base/tool.h"

static float *
read_mono(const char *name, SF_INFO *info)
{
	SNDFILE *file;
	float *wave, *frame;
	long i;
	int c;

	if (strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".raw") == 0)
		*info = (SF_INFO) { .samplerate = 48000, .channels = 1,
		    .format = SF_FORMAT_RAW | SF_FORMAT_PCM_16 };
	file = sf_open(name, SFM_READ, info);
	if (file == NULL)
		tool_fail(1, name, "%s", sf_strerror(NULL));
	wave = calloc((size_t)info->frames + 1, sizeof(*wave));
	frame = calloc((size_t)info->channels, sizeof(*frame));
	if (wave == NULL || frame == NULL)
		tool_fail(1, name, "out of memory");
	for (i = 0; sf_readf_float(file, frame, 1) == 1; i++)
		for (c = 0; c < info->channels; c++)
			wave[i] += frame[c] / (float)info->channels;
	info->frames = i;
	free(frame);
	sf_close(file);
	return wave;
}

struct sound
recording_resample(const struct sound *from, unsigned from_rate,
    unsigned to_rate)
{
	spx_uint32_t in = (spx_uint32_t)from->n, out;
	SpeexResamplerState *resampler;
	struct sound to;
	int code;

	out = (spx_uint32_t)((double)in * to_rate / from_rate) + 1;
	to.wave = calloc(out, sizeof(*to.wave));
	resampler = speex_resampler_init(1, from_rate, to_rate, 10, &code);
	if (to.wave == NULL || resampler == NULL)
		tool_fail(1, "resampling", "out of memory");
	speex_resampler_skip_zeros(resampler);
	speex_resampler_process_float(resampler, 0, from->wave, &in, to.wave,
	    &out);
	to.n = (long)out;
	speex_resampler_destroy(resampler);
	return to;
}

struct sound
recording_read(const char *name, unsigned rate)
{
	SF_INFO info = { 0 };
	struct sound whole, converted;

	whole.wave = read_mono(name, &info);
	whole.n = info.frames;
	converted = recording_resample(&whole, (unsigned)info.samplerate, rate);
	free(whole.wave);
	return converted;
}
