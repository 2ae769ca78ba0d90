/*
 * tell: a story (t/sim/stories/README) made from the record of a day. Its names
 * are those of a story, its switches sw1, sw2 and sw3, and its time begins with
 * the first thing that somebody does. People answer and hang up as long after
 * what they heard as they did then.
 */
#ifndef RP_SIM_TELL_H
#define RP_SIM_TELL_H

#include <stdio.h>

/*
 * Write a story of the record, which breaks that invariant at its end, for so
 * many seeds. What a story cannot say is in comments: return how many.
 */
unsigned tell_story(FILE *record, const char *invariant, unsigned seeds,
    FILE *out);

#endif
