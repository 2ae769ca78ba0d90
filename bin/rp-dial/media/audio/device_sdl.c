/*
 * device_sdl: devices by SDL's queues. SDL is loaded when a device is asked for,
 * because it and what it needs take longer to load than a call to begin. See
 * device.h.
 */
#include "media/audio/device.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <SDL.h>

#include "wire/why.h"

#define SAMPLE sizeof(int16_t)
#define FRAME_BYTES (CODEC_FRAME * SAMPLE)
/* Samples moved at once: 10 ms. With 5 ms a busy machine tears words. */
#define PERIOD 480
#define LATE_BYTES (3 * FRAME_BYTES)	/* 60 ms: live sound is too old */
#define LOOKS 25		/* half a second shows what waits for nothing */

#define LIBRARY "libSDL2-2.0.so.0"	/* the soname of all of SDL 2 */

#define FUNCTIONS(apply) \
	apply(SetHint) apply(WasInit) apply(InitSubSystem) apply(GetError) \
	apply(OpenAudioDevice) apply(CloseAudioDevice) \
	apply(PauseAudioDevice) apply(GetAudioDeviceStatus) \
	apply(GetQueuedAudioSize) apply(ClearQueuedAudio) \
	apply(QueueAudio) apply(DequeueAudio) \
	apply(GetNumAudioDevices) apply(GetAudioDeviceName)

struct sdl {
#define MEMBER(name) typeof(SDL_##name) *name;
	FUNCTIONS(MEMBER)
};

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define ROW(name) { "SDL_" #name, offsetof(struct sdl, name) },
	FUNCTIONS(ROW)
};

struct device {
	struct sdl sdl;
	SDL_AudioDeviceID id;
	enum device_kind kind;
	Uint32 least_bytes;	/* that waited in the last looks */
	unsigned looks;
};

/* Load the library, which then stays. */
static int
load_library(struct sdl *out, char why[static WHY_TEXT])
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_NODELETE), *found;
	size_t i;

	if (library == NULL) {
		why_set(why, "%s", dlerror());
		return -ENODEV;
	}
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		found = dlsym(library, functions[i].name);
		if (found == NULL) {
			why_set(why, "%s", dlerror());
			return -ENODEV;
		}
		memcpy((char *)out + functions[i].offset, &found,
		    sizeof(found));
	}
	return 0;
}

/*
 * Load SDL and start its audio, once. Its handlers of SIGINT and SIGTERM would
 * take the place of ours.
 */
static int
start(struct sdl *sdl, char why[static WHY_TEXT])
{
	int err = load_library(sdl, why);

	if (err < 0)
		return err;
	sdl->SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	sdl->SetHint(SDL_HINT_AUDIO_DEVICE_APP_NAME, "rp-dial");
	sdl->SetHint(SDL_HINT_AUDIO_DEVICE_STREAM_NAME, "call");
	sdl->SetHint(SDL_HINT_AUDIO_DEVICE_STREAM_ROLE, "phone");
	if (sdl->WasInit(SDL_INIT_AUDIO) != 0 ||
	    sdl->InitSubSystem(SDL_INIT_AUDIO) == 0)
		return 0;
	why_set(why, "%s", sdl->GetError());
	return -ENODEV;
}

/*
 * Send standard error nowhere, or back to `saved`: libasound writes lines of
 * its own there when a device cannot be opened.
 */
static int
hush(void)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (saved >= 0 && nowhere >= 0)
		dup2(nowhere, STDERR_FILENO);
	if (nowhere >= 0)
		close(nowhere);
	return saved;
}

static void
speak(int saved)
{
	if (saved < 0)
		return;
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* Open the device itself. 0: that failed. */
static SDL_AudioDeviceID
open_device(const struct sdl *sdl, enum device_kind kind, const char *name)
{
	const SDL_AudioSpec spec = {
		.freq = CODEC_RATE,
		.format = AUDIO_S16SYS,
		.channels = 1,
		.samples = PERIOD
	};
	int saved = hush();
	SDL_AudioDeviceID id = sdl->OpenAudioDevice(name, kind == DEVICE_MIC,
	    &spec, NULL, 0);

	speak(saved);
	return id;
}

int
device_open(struct device **out, enum device_kind kind, const char *name,
    char why[static WHY_TEXT])
{
	struct device *device;
	struct sdl sdl;
	int err = start(&sdl, why);

	if (err < 0)
		return err;
	device = calloc(1, sizeof(*device));
	if (device == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	device->sdl = sdl;
	device->kind = kind;
	device->id = open_device(&sdl, kind, name);
	if (device->id == 0) {
		why_set(why, "%s", sdl.GetError());
		free(device);
		return -ENODEV;
	}
	*out = device;
	return 0;
}

void
device_free(struct device *device)
{
	if (device == NULL)
		return;
	device->sdl.CloseAudioDevice(device->id);
	free(device);
}

void
device_run(struct device *device, bool runs)
{
	device->looks = 0;
	device->sdl.PauseAudioDevice(device->id, !runs);
	device->sdl.ClearQueuedAudio(device->id);
}

/*
 * Return whether a whole frame waited all the time, so that it is only delay.
 */
static bool
has_spare(struct device *device, Uint32 waits)
{
	if (device->looks == 0 || waits < device->least_bytes)
		device->least_bytes = waits;
	if (++device->looks < LOOKS)
		return false;
	device->looks = 0;
	return device->least_bytes >= FRAME_BYTES;
}

bool
device_take(struct device *device, int16_t pcm[static CODEC_FRAME])
{
	Uint32 have = device->sdl.GetQueuedAudioSize(device->id);

	while (have > LATE_BYTES) {
		device->sdl.DequeueAudio(device->id, pcm, FRAME_BYTES);
		have -= FRAME_BYTES;
	}
	if (have < FRAME_BYTES) {
		device->looks = 0;
		return false;
	}
	if (has_spare(device, have - FRAME_BYTES))
		device->sdl.DequeueAudio(device->id, pcm, FRAME_BYTES);
	device->sdl.DequeueAudio(device->id, pcm, FRAME_BYTES);
	return true;
}

void
device_add(struct device *device, const int16_t pcm[static CODEC_FRAME])
{
	Uint32 waits = device->sdl.GetQueuedAudioSize(device->id);

	if (has_spare(device, waits) || waits + FRAME_BYTES > LATE_BYTES)
		return;
	device->sdl.QueueAudio(device->id, pcm, FRAME_BYTES);
}

void
device_add_tone(struct device *device, const int16_t *pcm, size_t n)
{
	device->sdl.QueueAudio(device->id, pcm, (Uint32)(n * SAMPLE));
}

bool
device_gone(const struct device *device)
{
	return device->sdl.GetAudioDeviceStatus(device->id) ==
	    SDL_AUDIO_STOPPED;
}

int
device_list(enum device_kind kind, FILE *out, char why[static WHY_TEXT])
{
	struct sdl sdl;
	int i, n, err = start(&sdl, why);

	if (err < 0)
		return err;
	n = sdl.GetNumAudioDevices(kind == DEVICE_MIC);
	if (n <= 0) {
		why_set(why, "the sound system has none");
		return -ENOENT;
	}
	for (i = 0; i < n; i++)
		fprintf(out, "%s\n",
		    sdl.GetAudioDeviceName(i, kind == DEVICE_MIC));
	return 0;
}
