/*
 * soundnext: the heads of sounds in the middle of a stream. So many of their
 * bytes are fixed that no samples look like them. See soundnext.h.
 */
#include "wire/soundnext.h"

#include <string.h>

#include "wire/soundhead.h"

#define ID3_HEAD 10
#define FIRST_FRAME 4096	/* what may lie before an MP3's first frame */

/* `?` stands for any byte. */
static const struct {
	const char *bytes;
	size_t len;
} heads[] = {
	{ "RIFF????WAVE", 12 },
	{ "RIFX????WAVE", 12 },
	{ "RF64\xff\xff\xff\xffWAVE", 12 },
	{ "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", 16 },
	{ "FORM????AIFF", 12 },
	{ "FORM????AIFC", 12 },
	{ "caff\0\1\0\0desc", 12 },
};

static bool
matches(const uint8_t *data, const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] != '?' && data[i] != (uint8_t)bytes[i])
			return false;
	return true;
}

/* Return whether a tag of ID3v2 begins, and not in a chunk of another format. */
static bool
id3_here(const uint8_t *data)
{
	return data[3] >= 2 && data[3] <= 4 && data[4] == 0 &&
	    (data[5] & 0x0f) == 0 &&
	    ((data[6] | data[7] | data[8] | data[9]) & 0x80) == 0 &&
	    memcmp(data - SOUNDNEXT_BEFORE, "id3 ", 4) != 0 &&
	    memcmp(data - SOUNDNEXT_BEFORE, "ID3 ", 4) != 0;
}

/* Return whether a FLAC begins that is not in the head of an Ogg. */
static bool
flac_here(const uint8_t *data)
{
	return (data[4] & 0x7f) == 0 && memcmp(data + 5, "\0\0\x22", 3) == 0 &&
	    memcmp(data - SOUNDNEXT_BEFORE, "FLAC\1", 5) != 0;
}

/* Return whether the frame of an MP3 begins that tells of all others. */
static bool
first_frame(const uint8_t *data)
{
	bool mpeg1 = (data[1] & 0x08) != 0, mono = (data[3] & 0xc0) == 0xc0;
	size_t at = 4 + (mpeg1 ? mono ? 17 : 32 : mono ? 9 : 17);

	return (data[1] & 0xe6) == 0xe2 &&
	    (memcmp(data + at, "Xing", 4) == 0 ||
	    memcmp(data + at, "Info", 4) == 0);
}

/* Ogg may begin with several streams; a further one follows their samples. */
static bool
page_here(struct soundnext *next, const uint8_t *data)
{
	static const uint8_t none[8] = { 0 };

	if (memcmp(data, "OggS", 5) != 0 || (data[5] & ~7) != 0)
		return false;
	if ((data[5] & 2) != 0)
		return (!next->ogg || next->body) &&
		    memcmp(data + 6, none, 8) == 0;
	next->body = true;
	return false;
}

void
soundnext_init(struct soundnext *next, const uint8_t *data, size_t len)
{
	const char *name;

	memset(next, 0, sizeof(*next));
	next->ogg = len >= 4 && memcmp(data, "OggS", 4) == 0;
	next->mpeg = soundhead_of(data, len, &name) == SOUNDHEAD_MPEG;
	next->start = SOUNDNEXT_BEFORE;
	/* A tag is followed by what it belongs to. */
	if (len >= ID3_HEAD && memcmp(data, "ID3", 3) == 0)
		next->start += ID3_HEAD + ((uint64_t)data[6] << 21 |
		    (uint64_t)data[7] << 14 | (uint64_t)data[8] << 7 |
		    data[9]);
}

bool
soundnext_here(struct soundnext *next, const uint8_t *data, uint64_t at)
{
	size_t i;

	if (at < next->start)
		return false;
	switch (data[0]) {
	case 'I':
		return memcmp(data, "ID3", 3) == 0 && id3_here(data);
	case 'O':
		return page_here(next, data);
	case 0xff:
		return first_frame(data) && (!next->mpeg ||
		    at > next->start + FIRST_FRAME);
	case 'f':
		return memcmp(data, "fLaC", 4) == 0 && flac_here(data);
	case '.':
		return matches(data, ".snd\0\0", 6) &&
		    matches(data + 12, "\0\0\0", 3) &&
		    matches(data + 20, "\0\0\0", 3);
	default:
		break;
	}
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (matches(data, heads[i].bytes, heads[i].len))
			return true;
	return false;
}
