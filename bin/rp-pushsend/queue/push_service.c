#include "queue/push_service.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "providers/providers.h"
#include "queue/job.h"

/* Services remembered without a job; more are forgotten if they can be. */
#define SPARE 1024

struct push_services {
	struct event_base *loop;
	void (*run)(void *arg);
	void *arg;
	LIST_HEAD(, push_service) all;
	size_t n;
	TAILQ_HEAD(, push_service) runnable;
};

struct push_services *
push_services_new(struct event_base *loop, void (*run)(void *arg), void *arg)
{
	struct push_services *places = calloc(1, sizeof(*places));

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
place_free(struct push_service *place)
{
	if (place->runnable)
		TAILQ_REMOVE(&place->places->runnable, place, run);
	event_del(&place->timer);
	LIST_REMOVE(place, link);
	place->places->n--;
	free(place);
}

void
push_services_free(struct push_services *places)
{
	struct push_service *place;

	if (places == NULL)
		return;
	while ((place = LIST_FIRST(&places->all)) != NULL)
		place_free(place);
	free(places);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct push_service *place = arg;

	(void)fd, (void)what;
	push_service_wake(place);
	place->places->run(place->places->arg);
}

static void
trim(struct push_services *places)
{
	struct push_service *place, *next;
	uint64_t now = clock_ms();

	if (places->n < SPARE)
		return;
	for (place = LIST_FIRST(&places->all); place != NULL; place = next) {
		next = LIST_NEXT(place, link);
		if (place->jobs == 0 && health_idle(&place->health, now))
			place_free(place);
	}
}

struct push_service *
push_services_get(struct push_services *places, const struct provider_instance *way, const char *name)
{
	struct push_service *place;

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
	health_init(&place->health, way->door->in_flight(way->self),
	    way->door->rate(way->self));
	TAILQ_INIT(&place->ready);
	evtimer_assign(&place->timer, places->loop, on_timer, place);
	LIST_INSERT_HEAD(&places->all, place, link);
	places->n++;
	return place;
}

void
push_service_add(struct push_service *place, struct job *job)
{
	TAILQ_INSERT_TAIL(&place->ready, job, link);
	push_service_wake(place);
}

void
push_service_remove(struct push_service *place, struct job *job)
{
	TAILQ_REMOVE(&place->ready, job, link);
}

void
push_service_wake(struct push_service *place)
{
	if (place->runnable || TAILQ_EMPTY(&place->ready))
		return;
	place->runnable = true;
	TAILQ_INSERT_TAIL(&place->places->runnable, place, run);
}

/* May one start? If not, see to it that it is asked again. */
static bool
may_start(struct push_service *place)
{
	uint64_t wait = health_gate(&place->health, clock_ms());
	struct timeval tv = { .tv_sec = (time_t)(wait / 1000),
	    .tv_usec = (suseconds_t)(wait % 1000 * 1000) };

	if (wait == 0)
		return true;
	if (wait != HEALTH_FULL)
		evtimer_add(&place->timer, &tv);
	return false;
}

struct job *
push_services_next(struct push_services *places)
{
	struct push_service *place;

	while ((place = TAILQ_FIRST(&places->runnable)) != NULL) {
		TAILQ_REMOVE(&places->runnable, place, run);
		place->runnable = false;
		if (TAILQ_EMPTY(&place->ready) || !may_start(place))
			continue;
		push_service_wake(place);
		return TAILQ_FIRST(&place->ready);
	}
	return NULL;
}
