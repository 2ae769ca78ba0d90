/*
 * push_service: one queue per service, and whose turn it is. Called by engine.
 * See push_service.h.
 */
#include "queue/push_service.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/loop.h"
#include "providers/providers.h"
#include "queue/job.h"
#include "wire/why.h"

/* Services kept without a job. More are dropped if possible. */
#define SPARE 1024

/*
 * Of so many starts one is for an endpoint that failed, if there are others.
 * None would starve those whose failure has passed, at a service with a rate.
 */
#define FAILED_TURN 8

struct push_services {
	struct event_base *loop;
	void (*run)(void *arg);
	void *arg;
	LIST_HEAD(, push_service) all;
	size_t n;
	uint64_t turns;
	TAILQ_HEAD(, push_service) runnable;
};

struct push_services *
push_services_new(struct event_base *loop, void (*run)(void *arg), void *arg)
{
	struct push_services *services = calloc(1, sizeof(*services));

	if (services == NULL)
		return NULL;
	services->loop = loop;
	services->run = run;
	services->arg = arg;
	LIST_INIT(&services->all);
	TAILQ_INIT(&services->runnable);
	return services;
}

static void
free_service(struct push_service *service)
{
	if (service->runnable)
		TAILQ_REMOVE(&service->services->runnable, service, run);
	loop_event_free(service->timer);
	LIST_REMOVE(service, link);
	service->services->n--;
	free(service);
}

void
push_services_free(struct push_services *services)
{
	struct push_service *service;

	if (services == NULL)
		return;
	while ((service = LIST_FIRST(&services->all)) != NULL)
		free_service(service);
	free(services);
}

static void
on_timer(void *arg)
{
	struct push_service *service = arg;

	push_service_wake(service);
	service->services->run(service->services->arg);
}

static void
trim(struct push_services *services)
{
	struct push_service *service, *next;
	uint64_t now = clock_ms();

	if (services->n < SPARE)
		return;
	for (service = LIST_FIRST(&services->all); service != NULL;
	    service = next) {
		next = LIST_NEXT(service, link);
		if (service->jobs == 0 && health_idle(&service->health, now))
			free_service(service);
	}
}

/*
 * Return the service of that name behind that provider, created if there is
 * none, with the provider's limits. NULL if out of memory.
 */
static struct push_service *
get_service(struct push_services *services,
    const struct provider_instance *instance, const char *name)
{
	struct push_service *service;
	size_t i;

	LIST_FOREACH(service, &services->all, link)
		if (service->instance == instance &&
		    strcmp(service->name, name) == 0)
			return service;
	trim(services);
	service = calloc(1, sizeof(*service));
	if (service == NULL)
		return NULL;
	service->timer = loop_timer_new(services->loop, on_timer, service);
	if (service->timer == NULL) {
		free(service);
		return NULL;
	}
	strcpy(service->name, name);
	service->services = services;
	service->instance = instance;
	health_init(&service->health,
	    instance->provider->in_flight(instance->self),
	    instance->provider->rate(instance->self));
	for (i = 0; i < ENDPOINT_LANES; i++)
		TAILQ_INIT(&service->ready[i]);
	LIST_INSERT_HEAD(&services->all, service, link);
	services->n++;
	return service;
}

struct push_service *
push_services_of(struct push_services *services,
    const struct providers *providers, const struct pushmsg_request *request,
    char why[static WHY_TEXT])
{
	const struct provider_instance *instance =
	    providers_find(providers, request->type);
	char name[PROVIDER_SERVICE];
	struct push_service *service;

	if (instance == NULL) {
		why_set(why, "type: no such provider");
		return NULL;
	}
	if (!instance->open) {
		why_set(why, "%s: not configured", instance->provider->type);
		return NULL;
	}
	if (instance->provider->service(instance->self, request, name, why) < 0)
		return NULL;
	service = get_service(services, instance, name);
	if (service == NULL)
		why_set(why, "out of memory");
	return service;
}

void
push_services_adopt(struct push_services *services,
    const struct providers *providers)
{
	const struct provider_instance *instance;
	struct push_service *service;

	LIST_FOREACH(service, &services->all, link) {
		instance = providers_find(providers,
		    service->instance->provider->type);
		service->instance = instance;
		if (instance->open)
			health_limit(&service->health,
			    instance->provider->in_flight(instance->self),
			    instance->provider->rate(instance->self));
		push_service_wake(service);
	}
}

void
push_service_add(struct push_service *service, struct job *job)
{
	job->turn = service->services->turns++;
	TAILQ_INSERT_TAIL(&service->ready[job->lane], job, link);
	push_service_wake(service);
}

void
push_service_remove(struct push_service *service, struct job *job)
{
	TAILQ_REMOVE(&service->ready[job->lane], job, link);
}

static bool
has_ready(const struct push_service *service)
{
	size_t i;

	for (i = 0; i < ENDPOINT_LANES; i++)
		if (!TAILQ_EMPTY(&service->ready[i]))
			return true;
	return false;
}

void
push_service_wake(struct push_service *service)
{
	if (service->runnable || !has_ready(service))
		return;
	service->runnable = true;
	TAILQ_INSERT_TAIL(&service->services->runnable, service, run);
}

/*
 * Return the first job of a lane if it may start now. If it may not, lower
 * `wait` to the time until it may.
 */
static struct job *
lane_first(const struct push_service *service, enum endpoint_lane lane,
    uint64_t *wait)
{
	struct job *job = TAILQ_FIRST(&service->ready[lane]);
	uint64_t gate;

	if (job == NULL)
		return NULL;
	gate = health_gate(&service->health, lane, clock_ms());
	if (gate == 0)
		return job;
	if (gate < *wait)
		*wait = gate;
	return NULL;
}

/*
 * Return the job of the service that may start now. If there is none, return
 * NULL and arrange for another check.
 */
static struct job *
service_next(struct push_service *service)
{
	uint64_t wait = HEALTH_FULL;
	struct job *proven = lane_first(service, ENDPOINT_PROVEN, &wait);
	struct job *fresh = lane_first(service, ENDPOINT_FRESH, &wait);
	struct job *failed = lane_first(service, ENDPOINT_FAILED, &wait);
	struct job *job = proven != NULL ? proven : fresh;

	if (job != NULL && fresh != NULL && fresh->turn < job->turn)
		job = fresh;
	if (job == NULL || (failed != NULL &&
	    service->starts % FAILED_TURN == FAILED_TURN - 1))
		job = failed;
	if (job == NULL && wait != HEALTH_FULL)
		loop_timer_set_ms(service->timer, wait);
	return job;
}

struct job *
push_services_next(struct push_services *services)
{
	struct push_service *service;
	struct job *job;

	while ((service = TAILQ_FIRST(&services->runnable)) != NULL) {
		TAILQ_REMOVE(&services->runnable, service, run);
		service->runnable = false;
		job = has_ready(service) ? service_next(service) : NULL;
		if (job == NULL)
			continue;
		service->starts++;
		push_service_wake(service);
		return job;
	}
	return NULL;
}
