/*
 * soundhead: tell sound formats by their first bytes; mend lengths that a WAV's
 * writer did not know. Called by media/audio/reader. See soundhead.h.
 */
#include "wire/soundhead.h"

#include <stdbool.h>
#include <string.h>

#define UNTRUE 0x7ffff000	/* what sox writes; others write more */
#define UNFINISHED 8		/* of all, with a data chunk of 0 */
#define RIFF_HEAD 12
#define CHUNK_HEAD 8
#define TEXT 12			/* bytes: no six samples are all like text */

static const struct {
	size_t at;
	const char *bytes;
	size_t len;
	enum soundhead_kind kind;
	const char *name;
} heads[] = {
	{ 0, "RIFF", 4, SOUNDHEAD_RIFF, "WAV" },
	{ 0, "RIFX", 4, SOUNDHEAD_RIFF, "WAV" },
	{ 0, "RF64", 4, SOUNDHEAD_OTHER, "RF64" },
	{ 0, "riff\x2e\x91\xcf\x11", 8, SOUNDHEAD_OTHER, "W64" },
	{ 0, "fLaC", 4, SOUNDHEAD_FLOW, "FLAC" },
	{ 0, "OggS", 4, SOUNDHEAD_FLOW, "Ogg" },
	{ 8, "8SVX", 4, SOUNDHEAD_SEEKS, "8SVX" },
	{ 8, "16SV", 4, SOUNDHEAD_SEEKS, "16SV" },
	{ 0, "FORM", 4, SOUNDHEAD_OTHER, "AIFF" },
	{ 0, ".snd", 4, SOUNDHEAD_OTHER, "AU" },
	{ 0, "dns.", 4, SOUNDHEAD_OTHER, "AU" },
	{ 0, "caff", 4, SOUNDHEAD_OTHER, "CAF" },
	{ 0, "NIST_1A", 7, SOUNDHEAD_OTHER, "NIST" },
	{ 0, "Creative Voice File", 19, SOUNDHEAD_OTHER, "VOC" },
	{ 0, "ID3\x02", 4, SOUNDHEAD_MPEG, "MP3" },
	{ 0, "ID3\x03", 4, SOUNDHEAD_MPEG, "MP3" },
	{ 0, "ID3\x04", 4, SOUNDHEAD_MPEG, "MP3" },
	{ 4, "ftyp", 4, SOUNDHEAD_REFUSED, "MP4" },
	{ 0, "\x1a\x45\xdf\xa3", 4, SOUNDHEAD_REFUSED, "Matroska or WebM" },
	{ 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, SOUNDHEAD_REFUSED,
	    "Windows Media" },
	{ 0, "wvpk", 4, SOUNDHEAD_REFUSED, "WavPack" },
	{ 0, "MAC ", 4, SOUNDHEAD_REFUSED, "Monkey's Audio" },
	{ 0, "TTA1", 4, SOUNDHEAD_REFUSED, "TTA" },
	{ 0, "MPCK", 4, SOUNDHEAD_REFUSED, "Musepack" },
	{ 0, "FLV\x01", 4, SOUNDHEAD_REFUSED, "FLV" },
	{ 0, "MThd", 4, SOUNDHEAD_REFUSED, "MIDI" },
	{ 0, "#!AMR", 5, SOUNDHEAD_REFUSED, "AMR" },
	{ 0, "MP+", 3, SOUNDHEAD_REFUSED, "Musepack" },
	{ 0, ".RMF", 4, SOUNDHEAD_REFUSED, "RealMedia" },
	{ 0, ".ra\xfd", 4, SOUNDHEAD_REFUSED, "RealAudio" },
	{ 0, "ADIF", 4, SOUNDHEAD_REFUSED, "AAC" },
	{ 0, "DSD ", 4, SOUNDHEAD_REFUSED, "DSD" },
	{ 0, "FRM8", 4, SOUNDHEAD_REFUSED, "DSD" },
	{ 0, "qoaf", 4, SOUNDHEAD_REFUSED, "QOA" },
	{ 0, "ajkg", 4, SOUNDHEAD_REFUSED, "Shorten" },
	{ 0, "OFR ", 4, SOUNDHEAD_REFUSED, "OptimFROG" },
	{ 0, "\0\0\1\xba", 4, SOUNDHEAD_REFUSED, "MPEG video" },
	{ 0, "\x64\xa3\1\0", 4, SOUNDHEAD_SEEKS, "IRCAM" },
	{ 0, "\x64\xa3\2\0", 4, SOUNDHEAD_SEEKS, "IRCAM" },
	{ 0, "\0\1\xa3\x64", 4, SOUNDHEAD_SEEKS, "IRCAM" },
	{ 0, "\0\2\xa3\x64", 4, SOUNDHEAD_SEEKS, "IRCAM" },
	{ 0, "PVF1\n", 5, SOUNDHEAD_SEEKS, "PVF" },
	{ 0, "\x1f\x8b\x08", 3, SOUNDHEAD_REFUSED, "gzip" },
	{ 0, "BZh", 3, SOUNDHEAD_REFUSED, "bzip2" },
	{ 0, "\xfd" "7zXZ", 5, SOUNDHEAD_REFUSED, "xz" },
	{ 0, "\x28\xb5\x2f\xfd", 4, SOUNDHEAD_REFUSED, "zstd" },
	{ 0, "\x89PNG", 4, SOUNDHEAD_REFUSED, "PNG" },
	{ 0, "\xff\xd8\xff", 3, SOUNDHEAD_REFUSED, "JPEG" },
	{ 0, "\x7f" "ELF", 4, SOUNDHEAD_REFUSED, "ELF" },
	{ 0, "PK\x03\x04", 4, SOUNDHEAD_REFUSED, "ZIP" },
	{ 0, "<!DOCTYPE", 9, SOUNDHEAD_REFUSED, "HTML" },
	{ 0, "<html", 5, SOUNDHEAD_REFUSED, "HTML" },
	{ 0, "<?xml", 5, SOUNDHEAD_REFUSED, "XML" },
};

/*
 * Return the length of the MPEG frame of layer II or III that begins here, or
 * 0. Its head has eleven bits of ones only, which raw samples have as well.
 */
static size_t
mpeg_frame(const uint8_t *head)
{
	static const unsigned kbps[3][15] = {
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144,
		    160 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256,
		    320 },
		{ 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
		    384 }
	};
	static const unsigned rates[] = { 44100, 48000, 32000 };
	unsigned version = head[1] >> 3 & 3, layer = head[1] >> 1 & 3;
	unsigned bits = head[2] >> 4, rate = head[2] >> 2 & 3;
	bool first = version == 3;	/* MPEG 1; 2 is 2, 0 is 2.5 */

	if (head[0] != 0xff || (head[1] & 0xe0) != 0xe0 || version == 1 ||
	    layer < 1 || layer > 2 || bits == 0 || bits == 15 || rate == 3)
		return 0;
	return (first || layer == 2 ? 144 : 72) * 1000 *
	    kbps[first ? layer : 0][bits] /
	    (rates[rate] >> (first ? 0 : version == 2 ? 1 : 2)) +
	    (head[2] >> 1 & 1);
}

/* Return the length of the AAC frame (ADTS) that begins here, or 0. */
static size_t
adts_frame(const uint8_t *head)
{
	if (head[0] != 0xff || (head[1] & 0xf6) != 0xf0 ||
	    (head[2] >> 2 & 15) > 12)
		return 0;
	return (size_t)(head[3] & 3) << 11 | (size_t)head[4] << 3 |
	    head[5] >> 5;
}

/* Are there two frames, one right behind the other? */
static bool
two_frames(const uint8_t *data, size_t len,
    size_t (*frame)(const uint8_t *head))
{
	size_t first = len < 8 ? 0 : frame(data);

	return first >= 8 && first + 8 <= len && frame(data + first) >= 8;
}

/* Is it an error message, say, in place of the sound? */
static bool
is_text(const uint8_t *data, size_t len)
{
	size_t i, n = len < TEXT ? len : TEXT;

	if (n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		return true;
	for (i = 0; i < n; i++)
		if ((data[i] < ' ' || data[i] > '~') && data[i] != '\t' &&
		    data[i] != '\n' && data[i] != '\r')
			return false;
	return n >= 4;
}

enum soundhead_kind
soundhead_of(const uint8_t *data, size_t len, const char **name)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		*name = heads[i].name;
		if (len >= heads[i].at + heads[i].len &&
		    memcmp(data + heads[i].at, heads[i].bytes,
		    heads[i].len) == 0)
			return heads[i].kind;
	}
	*name = "MP3";
	if (two_frames(data, len, mpeg_frame))
		return SOUNDHEAD_MPEG;
	*name = "AAC";
	if (two_frames(data, len, adts_frame))
		return SOUNDHEAD_REFUSED;
	*name = "text";
	if (is_text(data, len))
		return SOUNDHEAD_SEEKS;
	*name = NULL;
	return SOUNDHEAD_UNKNOWN;
}

static uint32_t
get32(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3] :
	    (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

/*
 * Is there another chunk at `at`, so that an empty one before it is meant so?
 * The RIFF must have space for it.
 */
static bool
chunk_here(const uint8_t *data, size_t at, bool big)
{
	uint32_t all = get32(data + 4, big), len = get32(data + at + 4, big);
	int i;

	for (i = 0; i < 4; i++)
		if (data[at + i] < ' ' || data[at + i] > '~')
			return false;
	return all < UNTRUE && (uint64_t)at + len <= all;
}

/* Set the lengths that libsndfile takes for those of an unfinished file. */
static void
mark_unknown(uint8_t *data, size_t at, bool big)
{
	memset(data + 4, 0, 4);
	data[big ? 7 : 4] = UNFINISHED;
	memset(data + at + 4, 0, 4);
}

size_t
soundhead_lengths(uint8_t *data, size_t len)
{
	bool big = len >= 4 && data[3] == 'X';
	size_t at = RIFF_HEAD;

	for (;;) {
		uint32_t chunk;

		if (at + CHUNK_HEAD > len)
			return at + CHUNK_HEAD;
		chunk = get32(data + at + 4, big);
		if (memcmp(data + at, "data", 4) == 0) {
			if (chunk >= UNTRUE || (chunk == 0 &&
			    (at + 2 * CHUNK_HEAD > len ||
			    !chunk_here(data, at + CHUNK_HEAD, big))))
				mark_unknown(data, at, big);
			return 0;
		}
		if (chunk >= UNTRUE)
			return 0;	/* not a WAV that can be read */
		at += CHUNK_HEAD + chunk + (chunk & 1);
	}
}
