/*
 * push_service: the push services of the requests, each with its health and its
 * queue of jobs, and the order in which they take turns.
 */
#ifndef RP_PUSHSEND_PUSH_SERVICE_H
#define RP_PUSHSEND_PUSH_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "net/loop.h"
#include "providers/provider.h"
#include "queue/health.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

struct provider_instance;
struct providers;
struct event_base;
struct job;
struct push_services;

struct push_service {
	char name[PROVIDER_SERVICE];
	struct push_services *services;
	const struct provider_instance *instance;
	struct health health;
	unsigned jobs;			/* for it; counted by the engine */
	/* push_service_add, push_service_remove */
	TAILQ_HEAD(, job) ready[ENDPOINT_LANES];
	unsigned starts;		/* so far */
	bool runnable;
	struct loop_event *timer;
	TAILQ_ENTRY(push_service) run;
	LIST_ENTRY(push_service) link;
};

/*
 * Create the list. `run` is called when a service's wait is over; call
 * push_services_next then.
 */
struct push_services *push_services_new(struct event_base *loop,
    void (*run)(void *arg), void *arg);
/* Free the list, after all jobs are removed. NULL is allowed. */
void push_services_free(struct push_services *services);

/*
 * Return the push service that carries the request, created if there is none,
 * with its provider's limits. It stays while it has jobs. NULL with `why` if
 * there is no such provider, the request's form is invalid, or out of memory.
 */
struct push_service *push_services_of(struct push_services *services,
    const struct providers *providers, const struct pushmsg_request *request,
    char why[static WHY_TEXT]);

/*
 * Use other providers, which were opened by other settings. The services keep
 * their jobs and their health.
 */
void push_services_adopt(struct push_services *services,
    const struct providers *providers);

/* Queue a job in its lane, or remove one from any position. */
void push_service_add(struct push_service *service, struct job *job);
void push_service_remove(struct push_service *service, struct job *job);

/* Check the service again, because it may be its turn after a change. */
void push_service_wake(struct push_service *service);

/*
 * Return the job that may start now, each service in turn; it stays queued.
 * Within a service the earlier goes first, except that repeats at endpoints
 * that failed take one turn in eight while others wait. Return NULL if there is
 * none. `run` is then called once there may be one, or after push_service_wake.
 */
struct job *push_services_next(struct push_services *services);

#endif
