/* The head of a WAV lies within its bytes, and its values lie within bounds. */
#include <stdlib.h>

#include "fuzz.h"
#include "wire/wav.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct wav wav;
	ssize_t n = wav_parse(&wav, data, len);

	if (n >= 0 && ((size_t)n > len || n > WAV_HEAD_MAX ||
	    wav.channels == 0 || wav.channels > WAV_CHANNELS_MAX ||
	    wav.rate < WAV_RATE_MIN || wav.rate > WAV_RATE_MAX))
		abort();
	return 0;
}
