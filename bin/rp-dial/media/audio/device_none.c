/*
 * device_none: a build without devices. See device.h.
 */
#include "media/audio/device.h"

#include <errno.h>

static int
refuse_missing(char why[static WHY_TEXT])
{
	why_set(why, "this rp-dial was built without devices (SDL2)");
	return -ENOTSUP;
}

int
device_open(struct device **out, enum device_kind kind, const char *name,
    char why[static WHY_TEXT])
{
	(void)out;
	(void)kind;
	(void)name;
	return refuse_missing(why);
}

void
device_free(struct device *device)
{
	(void)device;
}

void
device_run(struct device *device, bool runs)
{
	(void)device;
	(void)runs;
}

bool
device_take(struct device *device, int16_t pcm[static CODEC_FRAME])
{
	(void)device;
	(void)pcm;
	return false;
}

void
device_add(struct device *device, const int16_t pcm[static CODEC_FRAME])
{
	(void)device;
	(void)pcm;
}

void
device_add_tone(struct device *device, const int16_t *pcm, size_t n)
{
	(void)device;
	(void)pcm;
	(void)n;
}

bool
device_gone(const struct device *device)
{
	(void)device;
	return true;
}

int
device_list(enum device_kind kind, FILE *out, char why[static WHY_TEXT])
{
	(void)kind;
	(void)out;
	return refuse_missing(why);
}
