#include "place.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "doors.h"
#include "job.h"

/* Services remembered without a job; more are forgotten if they can be. */
#define SPARE 1024

struct places {
	struct event_base *loop;
	void (*run)(void *arg);
	void *arg;
	LIST_HEAD(, place) all;
	size_t n;
	TAILQ_HEAD(, place) runnable;
};

struct places *
places_new(struct event_base *loop, void (*run)(void *arg), void *arg)
{
	struct places *places = calloc(1, sizeof(*places));

	if (places == NULL)
		return NULL;
	places->loop = loop;
	places->run = run;
	places->arg = arg;
	LIST_INIT(&places->all);
	TAILQ_INIT(&places->runnable);
	return places;
}

static void
place_free(struct place *place)
{
	if (place->runnable)
		TAILQ_REMOVE(&place->places->runnable, place, run);
	event_del(&place->timer);
	LIST_REMOVE(place, link);
	place->places->n--;
	free(place);
}

void
places_free(struct places *places)
{
	struct place *place;

	if (places == NULL)
		return;
	while ((place = LIST_FIRST(&places->all)) != NULL)
		place_free(place);
	free(places);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct place *place = arg;

	(void)fd, (void)what;
	place_wake(place);
	place->places->run(place->places->arg);
}

static void
trim(struct places *places)
{
	struct place *place, *next;
	uint64_t now = clock_ms();

	if (places->n < SPARE)
		return;
	for (place = LIST_FIRST(&places->all); place != NULL; place = next) {
		next = LIST_NEXT(place, link);
		if (place->jobs == 0 && service_idle(&place->service, now))
			place_free(place);
	}
}

struct place *
places_get(struct places *places, const struct doorway *way, const char *name)
{
	struct place *place;

	LIST_FOREACH(place, &places->all, link)
		if (place->way == way && strcmp(place->name, name) == 0)
			return place;
	trim(places);
	place = calloc(1, sizeof(*place));
	if (place == NULL)
		return NULL;
	strcpy(place->name, name);
	place->places = places;
	place->way = way;
	service_init(&place->service, way->door->in_flight(way->self),
	    way->door->rate(way->self));
	TAILQ_INIT(&place->ready);
	evtimer_assign(&place->timer, places->loop, on_timer, place);
	LIST_INSERT_HEAD(&places->all, place, link);
	places->n++;
	return place;
}

void
place_add(struct place *place, struct job *job)
{
	TAILQ_INSERT_TAIL(&place->ready, job, link);
	place_wake(place);
}

void
place_remove(struct place *place, struct job *job)
{
	TAILQ_REMOVE(&place->ready, job, link);
}

void
place_wake(struct place *place)
{
	if (place->runnable || TAILQ_EMPTY(&place->ready))
		return;
	place->runnable = true;
	TAILQ_INSERT_TAIL(&place->places->runnable, place, run);
}

/* May one start? If not, see to it that it is asked again. */
static bool
may_start(struct place *place)
{
	uint64_t wait = service_gate(&place->service, clock_ms());
	struct timeval tv = { .tv_sec = (time_t)(wait / 1000),
	    .tv_usec = (suseconds_t)(wait % 1000 * 1000) };

	if (wait == 0)
		return true;
	if (wait != SERVICE_FULL)
		evtimer_add(&place->timer, &tv);
	return false;
}

struct job *
places_next(struct places *places)
{
	struct place *place;

	while ((place = TAILQ_FIRST(&places->runnable)) != NULL) {
		TAILQ_REMOVE(&places->runnable, place, run);
		place->runnable = false;
		if (TAILQ_EMPTY(&place->ready) || !may_start(place))
			continue;
		place_wake(place);
		return TAILQ_FIRST(&place->ready);
	}
	return NULL;
}
