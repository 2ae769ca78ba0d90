/* The head of a sound is told without a byte beyond it, and ends. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/soundhead.h"
#include "wire/soundnext.h"

static void
find_next(const uint8_t *data, size_t len)
{
	struct soundnext next;
	size_t at;

	soundnext_init(&next, data, len);
	for (at = SOUNDNEXT_BEFORE; at + SOUNDNEXT_SPAN <= len; at++)
		(void)soundnext_here(&next, data + at, at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len + 1);
	const char *name;
	enum soundhead_kind kind;
	size_t wanted;

	if (copy == NULL)
		return 0;
	memcpy(copy, data, len);
	find_next(copy, len);
	kind = soundhead_of(copy, len, &name);
	wanted = soundhead_lengths(copy, len);
	if ((kind == SOUNDHEAD_UNKNOWN) != (name == NULL) ||
	    (wanted != 0 && wanted <= len))
		abort();
	free(copy);
	return 0;
}
