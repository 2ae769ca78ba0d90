/*
 * wav: the header of a WAV file that comes through a pipe (RIFF, 16-bit PCM).
 * Its lengths are ignored, because a tool that writes to a pipe cannot know
 * them. Pure.
 */
#ifndef RP_WIRE_WAV_H
#define RP_WIRE_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WAV_HEAD_MAX 4096
#define WAV_RATE_MIN 4000
#define WAV_RATE_MAX 192000
#define WAV_CHANNELS_MAX 8

struct wav {
	uint32_t rate;
	uint16_t channels;
};

/* Do the first 4 bytes say RIFF? */
bool wav_is(const uint8_t *data, size_t len);

/*
 * Parse the header up to the first sample. Return its length, else:
 *
 *   -EAGAIN      it is longer than `len`
 *   -EOPNOTSUPP  unsupported sample format
 *   -EBADMSG     malformed, or longer than WAV_HEAD_MAX
 */
ssize_t wav_parse(struct wav *out, const uint8_t *data, size_t len);

#endif
