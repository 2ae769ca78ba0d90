/*
 * source: the audio of --in, opened once, before anybody is rung. It outlives
 * the calls that it serves one after the other.
 */
#ifndef RP_DIAL_SOURCE_H
#define RP_DIAL_SOURCE_H

#include <stdbool.h>

struct audio_in;
struct options;

/*
 * Open --in, if it is given. `afresh` says that each call is to play a regular
 * file from its start. The file is then only tried, and `out` is NULL. On an
 * error print it and return a negative errno.
 */
int source_open(struct audio_in **out, const struct options *options,
    bool afresh);

/* NULL is allowed. */
void source_close(struct audio_in *source);

#endif
