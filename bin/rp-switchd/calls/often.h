/*
 * often: does a party of a call say the same too often? A client that is ill
 * must not take the switch's time, nor the other side's, whatever it is ill of.
 * The limits are a party's, so that nobody is limited for another.
 */
#ifndef RP_SWITCHD_OFTEN_H
#define RP_SWITCHD_OFTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/sigmsg.h"

struct calls_reply;
struct metrics;
struct party;

/* Requests that met a limit, by what they got. */
struct often_counters {
	uint64_t *infos_refused, *resumes_refused, *resumes_bare;
};

void often_count_by(struct often_counters *counters, struct metrics *metrics);

/*
 * May it be carried out? If not, reply says 429 and when. A RESUME that may has
 * reply->bare set if it comes often enough to be a loop, RESUME by RESUME: who
 * gets no relay can only keep the way it has, and that ends the loop. Clients
 * older than this limit end their call upon 429, and not upon that.
 */
bool often_allows(struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

#endif
