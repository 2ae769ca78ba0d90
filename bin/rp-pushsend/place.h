/*
 * place: the push services that requests are for, each with its health and
 * the jobs that wait for it; and whose turn it is.
 */
#ifndef RP_PUSHSEND_PLACE_H
#define RP_PUSHSEND_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "door.h"
#include "service.h"

struct doorway;
struct event_base;
struct job;
struct places;

struct place {
	char name[DOOR_SERVICE];
	struct places *places;
	const struct doorway *way;
	struct service service;
	unsigned jobs;			/* for it; the engine counts */
	TAILQ_HEAD(, job) ready;	/* place_add, place_remove */
	bool runnable;
	struct event timer;
	TAILQ_ENTRY(place) run;
	LIST_ENTRY(place) link;
};

/* run is called when a place's time to wait is over: places_next then. */
struct places *places_new(struct event_base *loop, void (*run)(void *arg),
    void *arg);
/* After all jobs are removed. NULL is fine. */
void places_free(struct places *places);

/*
 * The place of that name behind that door, made if there is none, with the
 * door's bounds. NULL if out of memory. It stays while it has jobs.
 */
struct place *places_get(struct places *places, const struct doorway *way,
    const char *name);

/* Queue a job, and take one out wherever it stands. */
void place_add(struct place *place, struct job *job);
void place_remove(struct place *place, struct job *job);

/* Something has changed: it may be its turn again. */
void place_wake(struct place *place);

/*
 * The job that may start now, each place in turn; it stays queued. NULL if
 * there is none; then run is called once there may be, or place_wake is.
 */
struct job *places_next(struct places *places);

#endif
