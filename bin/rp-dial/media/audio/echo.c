/*
 * echo: speexdsp's echo canceller. See echo.h.
 */
#include "media/audio/echo.h"

#include <stdlib.h>
#include <string.h>

#include <speex/speex_echo.h>

/* Queues and devices take up to 120 ms, and a room some 80 ms. */
#define TAIL (CODEC_RATE / 5)

struct echo {
	SpeexEchoState *state;
};

struct echo *
echo_new(void)
{
	struct echo *echo = calloc(1, sizeof(*echo));
	spx_int32_t rate = CODEC_RATE;

	if (echo == NULL)
		return NULL;
	echo->state = speex_echo_state_init(CODEC_FRAME, TAIL);
	if (echo->state == NULL) {
		free(echo);
		return NULL;
	}
	speex_echo_ctl(echo->state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
	return echo;
}

void
echo_free(struct echo *echo)
{
	if (echo == NULL)
		return;
	speex_echo_state_destroy(echo->state);
	free(echo);
}

void
echo_reset(struct echo *echo)
{
	speex_echo_state_reset(echo->state);
}

void
echo_cancel(struct echo *echo, int16_t said[static CODEC_FRAME],
    const int16_t played[static CODEC_FRAME])
{
	int16_t clean[CODEC_FRAME];

	speex_echo_cancellation(echo->state, said, played, clean);
	memcpy(said, clean, sizeof(clean));
}
