/*
 * story: a short scenario in words, as t/sim/stories/README has them. Reading
 * one touches nothing of the world.
 */
#ifndef RP_SIM_STORY_H
#define RP_SIM_STORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define STORY_WHY 256

struct story;

/*
 * Read a story. In `why` is "FILE:LINE: reason", without LINE if the file
 * cannot be read.
 *
 *  -EINVAL  it makes no sense
 *  others   the file cannot be read
 */
int story_read(struct story **out, const char *file,
    char why[static STORY_WHY]);
void story_free(struct story *story);

/*
 * Let it happen by other seeds than it says: so many higher. With `busy` its
 * machines are: each handler takes its time, and what is ready is drawn.
 */
void story_vary(struct story *story, uint64_t seed, bool busy);

/* In how many worlds it happens: for each seed, and each value that varies. */
uint64_t story_worlds(const struct story *story);

/* Write "seed=1 d=40ms": what is special to one of them. */
void story_world_name(const struct story *story, uint64_t world, char *out,
    size_t size);

/*
 * Run it in one of them, once in a process of the real system. The working
 * directory has the certificates and is written to. What was not as expected
 * is written to `out`, a line each, and false is returned.
 */
struct story_result {
	uint64_t lines, hash;
};
bool story_run(struct story *story, uint64_t world, FILE *record, FILE *out,
    struct story_result *result);

#endif
