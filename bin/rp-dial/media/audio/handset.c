/*
 * handset: devices and tones for the calls. See handset.h.
 */
#include "media/audio/handset.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/audio/device.h"
#include "media/audio/echo.h"
#include "net/loop.h"

#define MS (CODEC_RATE / 1000)	/* samples per millisecond */

/* How a tone sounds; ring-back is Europe's (ETSI TR 101 041-2). */
static const struct tone {
	unsigned on_ms, period_ms;
	double hz, warble_hz;	/* two pitches in turns, for 40 ms each */
	double level;
} tones[] = {
	[HANDSET_RING] = { 1000, 3000, 800, 1000, 8000 },
	[HANDSET_RINGBACK] = { 1000, 5000, 425, 425, 3000 }
};

#define TONE_MAX (1000 * MS)
#define WARBLE (CODEC_RATE / 25)

struct handset {
	struct device *mic, *speaker;
	struct echo *echo;		/* NULL unless there are both */
	struct loop_event *ringer;
	enum handset_tone tone;
	void (*lost)(const char *what, void *arg);
	void *arg;
	bool told_mic, told_speaker;
	int16_t played[CODEC_FRAME];
	int16_t burst[TONE_MAX];
};

static void
on_ringer(void *arg)
{
	struct handset *h = arg;

	device_add_tone(h->speaker, h->burst, tones[h->tone].on_ms * MS);
}

/* Open one device, unless its name is NULL. */
static int
open_one(struct device **out, enum device_kind kind, const char *name,
    const char *option, char why[static WHY_TEXT])
{
	char what[WHY_TEXT];
	int err;

	if (name == NULL)
		return 0;
	err = device_open(out, kind, strcmp(name, "default") == 0 ? NULL :
	    name, what);
	if (err < 0)
		why_set(why, "%s %.60s: %.160s", option, name, what);
	return err;
}

int
handset_new(struct handset **out, struct event_base *loop,
    const struct handset_options *options, char why[static WHY_TEXT])
{
	struct handset *h = calloc(1, sizeof(*h));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (h == NULL)
		return err;
	h->ringer = loop_ticker_new(loop, on_ringer, h);
	if (h->ringer != NULL)
		err = open_one(&h->mic, DEVICE_MIC, options->mic, "--mic",
		    why);
	if (err == 0)
		err = open_one(&h->speaker, DEVICE_SPEAKER, options->speaker,
		    "--speaker", why);
	if (err == 0 && h->mic != NULL && h->speaker != NULL) {
		h->echo = echo_new();
		err = h->echo == NULL ? -ENOMEM : 0;
	}
	if (err < 0) {
		handset_free(h);
		return err;
	}
	*out = h;
	return 0;
}

void
handset_free(struct handset *h)
{
	if (h == NULL)
		return;
	loop_event_free(h->ringer);
	device_free(h->mic);
	device_free(h->speaker);
	echo_free(h->echo);
	free(h);
}

void
handset_watch(struct handset *h, void (*lost)(const char *what, void *arg),
    void *arg)
{
	if (h == NULL)
		return;
	h->lost = lost;
	h->arg = arg;
}

static void
run_all(struct handset *h, bool mic, bool speaker)
{
	loop_event_stop(h->ringer);
	if (h->mic != NULL)
		device_run(h->mic, mic);
	if (h->speaker != NULL)
		device_run(h->speaker, speaker);
}

static void
make_burst(struct handset *h)
{
	const struct tone *tone = &tones[h->tone];
	size_t i, n = tone->on_ms * MS;
	double phase = 0;

	for (i = 0; i < n; i++) {
		phase += 2 * M_PI / CODEC_RATE *
		    (i / WARBLE % 2 == 0 ? tone->hz : tone->warble_hz);
		h->burst[i] = (int16_t)(tone->level * sin(phase));
	}
}

void
handset_ring(struct handset *h, enum handset_tone tone)
{
	if (h == NULL || h->speaker == NULL)
		return;
	run_all(h, false, true);
	h->tone = tone;
	make_burst(h);
	on_ringer(h);
	loop_timer_set_ms(h->ringer, tones[tone].period_ms);
}

void
handset_begin(struct handset *h)
{
	if (h == NULL)
		return;
	run_all(h, true, true);
	memset(h->played, 0, sizeof(h->played));
	if (h->echo != NULL)
		echo_reset(h->echo);
}

void
handset_end(struct handset *h)
{
	if (h != NULL)
		run_all(h, false, false);
}

bool
handset_has_mic(const struct handset *h)
{
	return h != NULL && h->mic != NULL;
}

/* Tell once that a device has gone. Return whether it has. */
static bool
check_gone(struct handset *h, const struct device *device, const char *what,
    bool *told)
{
	if (!device_gone(device))
		return false;
	if (!*told && h->lost != NULL)
		h->lost(what, h->arg);
	*told = true;
	return true;
}

void
handset_say(struct handset *h, int16_t pcm[static CODEC_FRAME])
{
	if (check_gone(h, h->mic, "the microphone", &h->told_mic) ||
	    !device_take(h->mic, pcm)) {
		memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
		return;
	}
	if (h->echo != NULL)
		echo_cancel(h->echo, pcm, h->played);
}

void
handset_hear(struct handset *h, const int16_t pcm[static CODEC_FRAME])
{
	if (h == NULL || h->speaker == NULL ||
	    check_gone(h, h->speaker, "the speaker", &h->told_speaker))
		return;
	device_add(h->speaker, pcm);
	memcpy(h->played, pcm, sizeof(h->played));
}
