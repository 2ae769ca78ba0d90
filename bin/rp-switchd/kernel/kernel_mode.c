/* kernel_mode: the values of relay.kernel. See kernel.h. */
#include "config.h"
#include "kernel/kernel.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = {
	[KERNEL_OFF] = "off", [KERNEL_TC] = "tc", [KERNEL_XDP] = "xdp",
	[KERNEL_AUTO] = "auto"
};

int
kernel_mode_parse(enum kernel_mode *out, const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], text) == 0) {
			*out = (enum kernel_mode)i;
			return 0;
		}
	return -EINVAL;
}

const char *
kernel_mode_text(enum kernel_mode mode)
{
	return names[mode];
}
