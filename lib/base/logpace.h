/*
 * logpace: a limit for lines that strangers can cause, for each kind of line.
 * A flood of failures must neither fill a disk nor hide failures of other
 * kinds. How many lines were left out is told. Pure: the time comes from the
 * caller.
 */
#ifndef RP_BASE_LOGPACE_H
#define RP_BASE_LOGPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lines of one kind in a window. The longest lines make less than 200 MB per
 * day and kind, and one failure still has its neighbours.
 */
#define LOGPACE_LINES 20
#define LOGPACE_MS 10000

#define LOGPACE_KIND 64		/* bytes of a kind's name */
/*
 * Kinds at once: there are some fifty. Those beyond share the last place, so
 * that they are bounded, too.
 */
#define LOGPACE_KINDS 96

struct logpace_kind {
	char name[LOGPACE_KIND];
	uint64_t until_ms;	/* the end of its window */
	unsigned lines;		/* in this window */
	unsigned left_out;	/* and not told yet */
};

/* All zero is empty. */
struct logpace {
	struct logpace_kind kinds[LOGPACE_KINDS];
	size_t n;
	size_t untold;		/* kinds with lines left out */
};

/* May a line of that kind be written now? If not, it is counted. */
bool logpace_take(struct logpace *pace, const char *kind, uint64_t now_ms);

/*
 * Find a kind whose window is over and of which lines were left out; with
 * `all`, also if its window is not over. Return their number, which counts as
 * told, or 0 if there is none.
 */
unsigned logpace_told(struct logpace *pace, char kind[static LOGPACE_KIND],
    uint64_t now_ms, bool all);

#endif
