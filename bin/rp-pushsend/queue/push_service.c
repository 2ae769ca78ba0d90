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

/* Services kept without a job. More are dropped if possible. */
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

struct push_service *
push_services_get(struct push_services *services,
    const struct provider_instance *instance, const char *name)
{
	struct push_service *service;

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
	TAILQ_INIT(&service->ready);
	LIST_INSERT_HEAD(&services->all, service, link);
	services->n++;
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
	TAILQ_INSERT_TAIL(&service->ready, job, link);
	push_service_wake(service);
}

void
push_service_remove(struct push_service *service, struct job *job)
{
	TAILQ_REMOVE(&service->ready, job, link);
}

void
push_service_wake(struct push_service *service)
{
	if (service->runnable || TAILQ_EMPTY(&service->ready))
		return;
	service->runnable = true;
	TAILQ_INSERT_TAIL(&service->services->runnable, service, run);
}

/* Return whether an attempt may start. If not, arrange for another check. */
static bool
may_start(struct push_service *service)
{
	uint64_t wait = health_gate(&service->health, clock_ms());

	if (wait == 0)
		return true;
	if (wait != HEALTH_FULL)
		loop_timer_set_ms(service->timer, wait);
	return false;
}

struct job *
push_services_next(struct push_services *services)
{
	struct push_service *service;

	while ((service = TAILQ_FIRST(&services->runnable)) != NULL) {
		TAILQ_REMOVE(&services->runnable, service, run);
		service->runnable = false;
		if (TAILQ_EMPTY(&service->ready) || !may_start(service))
			continue;
		push_service_wake(service);
		return TAILQ_FIRST(&service->ready);
	}
	return NULL;
}
