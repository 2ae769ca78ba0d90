/*
 * fresh: bound what waits of a live source, and give standing delay back.
 * Called by audio_in. See fresh.h.
 */
#include "media/audio/fresh.h"

#define WAIT 3			/* frames: 60 ms, that a listener can bear */
/* Of lumps: 200 ms. arecord delivers 125 ms at a time unless told otherwise. */
#define LUMP_MAX 10
#define WINDOW 25		/* frames: half a second */
/*
 * Windows in which one frame waited all the time, as after a hiccup of the
 * source. It goes after four seconds, because the next hiccup may need it.
 */
#define STILL 8

void
fresh_lump(struct fresh *fresh, size_t waiting)
{
	if (fresh->lump == 0)
		return;
	fresh->last[1] = fresh->last[0];
	fresh->last[0] = fresh->lump;
	fresh->lump = 0;
	if (waiting < fresh->low)
		fresh->low = waiting;
}

/* One lump alone is a backlog. Two in a row are how the source works. */
size_t
fresh_lumps(const struct fresh *fresh)
{
	size_t n = fresh->last[0] < fresh->last[1] ? fresh->last[0] :
	    fresh->last[1];

	return n > LUMP_MAX ? LUMP_MAX : n;
}

size_t
fresh_keep(struct fresh *fresh, size_t waiting)
{
	size_t keep = WAIT - 1;

	fresh->lump++;
	if (fresh_lumps(fresh) > 1)
		keep += fresh_lumps(fresh) - 1;
	if (waiting < keep)
		keep = waiting;
	if (fresh->seen++ % WINDOW != 0)
		return keep;
	/* All that time at least so many waited, which is of no use. */
	if (fresh->seen > 1 && fresh->low > 1 && fresh->low - 1 < keep)
		keep -= fresh->low - 1;
	fresh->still = fresh->seen > 1 && fresh->low == 1 ? fresh->still + 1 :
	    0;
	if (fresh->still == STILL && keep > 0) {
		keep--;
		fresh->still = 0;
	}
	fresh->low = waiting;
	return keep;
}
