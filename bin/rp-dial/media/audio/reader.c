/*
 * reader: one reader for files and pipes: libsndfile over a lookahead, mixed
 * down. Called by audio_in's thread. See reader.h.
 */
#include "media/audio/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sndfile.h>

#include "media/audio/codec.h"
#include "media/audio/lookahead.h"
#include "media/audio/mixdown.h"
#include "wire/soundhead.h"

#define CHUNKS_PER_S 100
#define CHANNELS_MAX 1024	/* libsndfile's own limit */
#define SAMPLES_MAX 65536	/* of all channels in one chunk */
#define FRAMES_MAX ((sf_count_t)1 << 36)	/* what a FLAC can promise */

struct reader {
	struct lookahead *bytes;
	SNDFILE *file;
	struct mixdown *mix;
	unsigned rate, channels;
	size_t chunk;		/* sample frames */
	sf_count_t missing;	/* of those that the head promises */
	float *pcm;
};

/* Let libsndfile read a stream that cannot be sought. */
static void
prepare(struct lookahead *bytes, enum soundhead_kind kind)
{
	size_t want = SOUNDHEAD_MAX, len = 0;
	uint8_t *data = lookahead_head(bytes, 0, &len);

	if (kind == SOUNDHEAD_MPEG)
		lookahead_no_end(bytes);
	if (kind != SOUNDHEAD_RIFF)
		return;
	lookahead_no_gaps(bytes);
	while ((want = soundhead_lengths(data, len)) > len) {
		size_t before = len;

		data = lookahead_head(bytes, want, &len);
		if (len == before)
			return;		/* it ends before its samples */
	}
}

/*
 * Tell what it is by the first bytes: 12 of them, or more where those look like
 * MPEG. A live source must not wait for more.
 */
static enum soundhead_kind
look(struct lookahead *bytes, const char **name)
{
	size_t len;
	uint8_t *data = lookahead_head(bytes, 12, &len);

	if (len >= 2 && data[0] == 0xff && (data[1] & 0xe0) == 0xe0)
		data = lookahead_head(bytes, SOUNDHEAD_MAX, &len);
	return soundhead_of(data, len, name);
}

/* Open it for libsndfile, in the way that suits its kind. */
static SNDFILE *
open_kind(struct lookahead *bytes, enum soundhead_kind kind, SF_INFO *info)
{
	bool flows = kind == SOUNDHEAD_RIFF || kind == SOUNDHEAD_MPEG ||
	    kind == SOUNDHEAD_FLOW;
	bool was_file = lookahead_is_file(bytes);
	SNDFILE *file;

	if (was_file && flows && !lookahead_stream(bytes, true))
		flows = false;
	if (!lookahead_is_file(bytes) && kind != SOUNDHEAD_UNKNOWN) {
		prepare(bytes, kind);
		lookahead_search(bytes);
	}
	file = sf_open_virtual((SF_VIRTUAL_IO *)&lookahead_io, SFM_READ, info,
	    bytes);
	/* A few formats inside of WAV must be sought. */
	if (file == NULL && was_file && flows &&
	    lookahead_stream(bytes, false))
		file = sf_open_virtual((SF_VIRTUAL_IO *)&lookahead_io,
		    SFM_READ, info, bytes);
	return file;
}

static int
open_sound(struct reader *reader, struct lookahead *bytes,
    enum reader_source source, char why[static WHY_TEXT])
{
	SF_INFO info = { .format = 0 };
	const char *name = NULL;
	enum soundhead_kind kind = source == READER_RAW ? SOUNDHEAD_UNKNOWN :
	    look(bytes, &name);
	bool is_file = lookahead_is_file(bytes);

	if (kind == SOUNDHEAD_REFUSED ||
	    (kind == SOUNDHEAD_SEEKS && !is_file)) {
		why_set(why, "%s, which cannot be read%s", name,
		    kind == SOUNDHEAD_SEEKS ? " from a pipe" : "");
		return -EINVAL;
	}
	if (kind == SOUNDHEAD_UNKNOWN && (source != READER_FILE || !is_file)) {
		info.format = SF_FORMAT_RAW | SF_FORMAT_PCM_16 |
		    SF_ENDIAN_LITTLE;
		info.samplerate = CODEC_RATE;
		info.channels = 1;
	}
	reader->file = open_kind(bytes, kind, &info);
	if (reader->file == NULL) {
		why_set(why, "%s%s%s", name != NULL ? name : "",
		    name != NULL ? ": " : "", sf_strerror(NULL));
		return -EINVAL;
	}
	if (info.channels < 1 || info.channels > CHANNELS_MAX ||
	    info.samplerate < READER_RATE_MIN ||
	    info.samplerate > READER_RATE_MAX) {
		why_set(why, "%d channels at %d Hz: wants 1 to %d at %d to %d",
		    info.channels, info.samplerate, CHANNELS_MAX,
		    READER_RATE_MIN, READER_RATE_MAX);
		return -EINVAL;
	}
	/* libsndfile takes a broken FLAC for one that has ended. */
	if ((info.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC &&
	    info.frames < FRAMES_MAX)
		reader->missing = info.frames;
	reader->rate = (unsigned)info.samplerate;
	reader->channels = (unsigned)info.channels;
	return 0;
}

static int
make_buffers(struct reader *reader, char why[static WHY_TEXT])
{
	reader->chunk = reader->rate / CHUNKS_PER_S;
	if (reader->chunk * reader->channels > SAMPLES_MAX)
		reader->chunk = SAMPLES_MAX / reader->channels;
	reader->pcm = calloc(reader->chunk * reader->channels,
	    sizeof(*reader->pcm));
	reader->mix = mixdown_new(reader->channels);
	if (reader->pcm != NULL && reader->mix != NULL)
		return 0;
	why_set(why, "out of memory");
	return -ENOMEM;
}

int
reader_new(struct reader **out, struct lookahead *bytes,
    enum reader_source source, char why[static WHY_TEXT])
{
	struct reader *reader = calloc(1, sizeof(*reader));
	size_t len;
	int err = 0;

	why_set(why, "out of memory");
	if (reader == NULL)
		return -ENOMEM;
	reader->bytes = bytes;
	lookahead_head(bytes, 1, &len);
	if (len == 0) {
		err = lookahead_error(bytes);
		why_set(why, "%s", err < 0 ? strerror(-err) :
		    "holds no audio");
		err = err < 0 ? err : -ENODATA;
	}
	if (err == 0)
		err = open_sound(reader, bytes, source, why);
	if (err == 0)
		err = make_buffers(reader, why);
	if (err < 0) {
		reader_free(reader);
		return err;
	}
	lookahead_settle(bytes);
	*out = reader;
	return 0;
}

unsigned
reader_rate(const struct reader *reader)
{
	return reader->rate;
}

size_t
reader_read(struct reader *reader, float mono[static READER_CHUNK])
{
	sf_count_t n = sf_readf_float(reader->file, reader->pcm,
	    (sf_count_t)reader->chunk);

	if (n <= 0)
		return 0;
	reader->missing -= n;
	mixdown_run(reader->mix, mono, reader->pcm, (size_t)n);
	return (size_t)n;
}

int
reader_error(const struct reader *reader, char why[static WHY_TEXT])
{
	int err = lookahead_error(reader->bytes);

	if (err < 0)
		why_set(why, "%s", strerror(-err));
	else if (sf_error(reader->file) != SF_ERR_NO_ERROR ||
	    reader->missing > 0)
		why_set(why, "broken, or cut off");
	else
		return 0;
	return err < 0 ? err : -EIO;
}

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->file != NULL)
		sf_close(reader->file);
	mixdown_free(reader->mix);
	free(reader->pcm);
	free(reader);
}
