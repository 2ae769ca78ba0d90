/* kernel_mode: what relay.kernel says, and what came of it. See kernel.h. */
#include "config.h"
#include "kernel/kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
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

void
kernel_stats_text(const struct kernel_stats *stats,
    char text[static WHY_TEXT])
{
	const struct inkernel_counts *counts = &stats->counts;
	uint64_t relayed = 0, passed = 0;
	size_t i, len = 0;

	for (i = 0; i < CALLSTATS_FLOWS; i++)
		relayed += counts->flows[i].packets;
	for (i = 0; i < INKERNEL_REASONS_N; i++)
		passed += counts->passed[i];
	text[0] = '\0';
	for (i = 0; i < stats->n_devices && len + 100 < WHY_TEXT; i++)
		len += (size_t)snprintf(text + len, WHY_TEXT - len,
		    "%s%.15s %s", i > 0 ? ", " : "", stats->devices[i].name,
		    names[stats->devices[i].mode]);
	snprintf(text + len, WHY_TEXT - len, "%s; %" PRIu64 " packets relayed, "
	    "%" PRIu64 " passed up", len > 0 ? "" : "on no device", relayed,
	    passed);
}
