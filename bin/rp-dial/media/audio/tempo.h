/*
 * tempo: when delay that is too much is given back, a piece at a time. It goes
 * faster the more there is of it, and in silences first. In words it waits for
 * a place where a cut is not heard; the longer it waited, the less good that
 * place must be. Excess is in samples of CODEC_RATE. Pure.
 */
#ifndef RP_DIAL_TEMPO_H
#define RP_DIAL_TEMPO_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded; zeroed at first. */
struct tempo {
	unsigned since_step;		/* frames since the latest piece */
	unsigned in_excess;		/* frames with too much delay */
};

/* Count a frame. Call it once for each. */
void tempo_frame(struct tempo *tempo, bool in_excess);

/* Return whether a piece may go from this frame, which is `quiet` or not. */
bool tempo_due(const struct tempo *tempo, int64_t excess, bool quiet);

/* Return how well the cut must fit in words, as in splice_find. */
double tempo_fit(const struct tempo *tempo, int64_t excess);

/* Note that a piece went, or that one was put in. */
void tempo_step(struct tempo *tempo);

#endif
