/*
 * push_service: the push services that requests are for, each with its health and
 * the jobs that wait for it; and whose turn it is.
 */
#ifndef RP_PUSHSEND_PUSH_SERVICE_H
#define RP_PUSHSEND_PUSH_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "net/loop.h"
#include "providers/provider.h"
#include "queue/health.h"

struct provider_instance;
struct event_base;
struct job;
struct push_services;

struct push_service {
	char name[PROVIDER_SERVICE];
	struct push_services *services;
	const struct provider_instance *instance;
	struct health health;
	unsigned jobs;			/* for it; the engine counts */
	TAILQ_HEAD(, job) ready;	/* push_service_add, push_service_remove */
	bool runnable;
	struct loop_event *timer;
	TAILQ_ENTRY(push_service) run;
	LIST_ENTRY(push_service) link;
};

/* run is called when a place's time to wait is over: push_services_next then. */
struct push_services *push_services_new(struct event_base *loop, void (*run)(void *arg),
    void *arg);
/* After all jobs are removed. NULL is fine. */
void push_services_free(struct push_services *services);

/*
 * The place of that name behind that provider, made if there is none, with the
 * provider's bounds. NULL if out of memory. It stays while it has jobs.
 */
struct push_service *push_services_get(struct push_services *services, const struct provider_instance *instance,
    const char *name);

/* Queue a job, and take one out wherever it stands. */
void push_service_add(struct push_service *service, struct job *job);
void push_service_remove(struct push_service *service, struct job *job);

/* Something has changed: it may be its turn again. */
void push_service_wake(struct push_service *service);

/*
 * The job that may start now, each place in turn; it stays queued. NULL if
 * there is none; then run is called once there may be, or push_service_wake is.
 */
struct job *push_services_next(struct push_services *services);

#endif
