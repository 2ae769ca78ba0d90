/*
 * logpace: count the lines of each kind in windows, and those left out. Pure.
 * See logpace.h.
 */
#include "base/logpace.h"

#include <stdio.h>
#include <string.h>

#define OTHERS "others"		/* the kind of all that have no place */

static struct logpace_kind *
find_kind(struct logpace *pace, const char *name)
{
	struct logpace_kind *kind;
	size_t i;

	for (i = 0; i < pace->n; i++)
		if (strncmp(pace->kinds[i].name, name, LOGPACE_KIND - 1) == 0)
			return &pace->kinds[i];
	if (pace->n == LOGPACE_KINDS)
		return &pace->kinds[LOGPACE_KINDS - 1];
	kind = &pace->kinds[pace->n++];
	snprintf(kind->name, sizeof(kind->name), "%s",
	    pace->n == LOGPACE_KINDS ? OTHERS : name);
	return kind;
}

bool
logpace_take(struct logpace *pace, const char *kind, uint64_t now_ms)
{
	struct logpace_kind *k = find_kind(pace, kind);

	if (now_ms >= k->until_ms) {
		k->until_ms = now_ms + LOGPACE_MS;
		k->lines = 0;
	}
	if (k->lines < LOGPACE_LINES) {
		k->lines++;
		return true;
	}
	pace->untold += k->left_out == 0;
	k->left_out++;
	return false;
}

unsigned
logpace_told(struct logpace *pace, char kind[static LOGPACE_KIND],
    uint64_t now_ms, bool all)
{
	unsigned n;
	size_t i;

	for (i = 0; pace->untold > 0 && i < pace->n; i++) {
		struct logpace_kind *k = &pace->kinds[i];

		if (k->left_out == 0 || (!all && now_ms < k->until_ms))
			continue;
		n = k->left_out;
		k->left_out = 0;
		pace->untold--;
		memcpy(kind, k->name, LOGPACE_KIND);
		return n;
	}
	return 0;
}
