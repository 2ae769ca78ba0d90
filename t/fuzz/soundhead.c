/* The head of a sound is told without a byte beyond it, and ends. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/soundhead.h"

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
	kind = soundhead_of(copy, len, &name);
	wanted = soundhead_lengths(copy, len);
	if ((kind == SOUNDHEAD_UNKNOWN) != (name == NULL) ||
	    (wanted != 0 && wanted <= len))
		abort();
	free(copy);
	return 0;
}
