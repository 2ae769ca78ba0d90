/* lastuse: a set of hashes by open addressing. See lastuse.h. */
#include "signal/lastuse.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400
#define PLACES (1u << 20)	/* eight bytes each; untouched ones cost none */
#define DEVICES_MAX (PLACES / 4 * 3)	/* beyond it a search gets long */

struct lastuse {
	int64_t day;
	size_t n;
	uint64_t *place;	/* the beginning of a hash; 0: empty */
};

/* Forget all, and give the memory back to the system. */
static bool
start_day(struct lastuse *lastuse, int64_t day)
{
	uint64_t *place = calloc(PLACES, sizeof(*place));

	if (place == NULL)
		return false;
	free(lastuse->place);
	lastuse->place = place;
	lastuse->n = 0;
	lastuse->day = day;
	return true;
}

struct lastuse *
lastuse_new(void)
{
	struct lastuse *lastuse = calloc(1, sizeof(*lastuse));

	if (lastuse != NULL && start_day(lastuse, 0))
		return lastuse;
	free(lastuse);
	return NULL;
}

void
lastuse_free(struct lastuse *lastuse)
{
	if (lastuse == NULL)
		return;
	free(lastuse->place);
	free(lastuse);
}

bool
lastuse_first(struct lastuse *lastuse,
    const uint8_t token_hash[static CRYPTO_SHA256], int64_t wall_s)
{
	uint64_t key;
	size_t i;

	if (wall_s / DAY_S != lastuse->day &&
	    !start_day(lastuse, wall_s / DAY_S))
		return false;
	/* A SHA-256 is as good a hash as any, and two are never alike. */
	memcpy(&key, token_hash, sizeof(key));
	key += key == 0;
	for (i = key % PLACES; lastuse->place[i] != 0; i = (i + 1) % PLACES)
		if (lastuse->place[i] == key)
			return false;
	if (lastuse->n == DEVICES_MAX)
		return false;
	lastuse->place[i] = key;
	lastuse->n++;
	return true;
}
