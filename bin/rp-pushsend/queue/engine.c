/*
 * engine: each request to its one result: attempts, waits, twins, deadlines.
 * See engine.h.
 */
#include "queue/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "conf/pushconf.h"
#include "net/loop.h"
#include "providers/providers.h"
#include "queue/booking.h"
#include "queue/endpoints.h"
#include "queue/health.h"
#include "queue/job.h"
#include "queue/push_service.h"
#include "wire/why.h"

/* Providers that others have replaced, until their last attempt has ended. */
struct retired {
	struct retired *next;
	struct providers *providers;
};

struct engine {
	struct event_base *loop;
	const struct pushconf *settings;
	struct engine_handlers handlers;
	void *arg;
	struct providers *providers;
	struct retired *retired;	/* by a reload, with attempts */
	struct loop_event *retire;
	struct jobs *jobs;
	LIST_HEAD(, job) all;
	struct push_services *services;
	struct endpoints *endpoints;
	size_t held;			/* requests without a result */
	size_t in_flight;
	bool running;			/* in engine_run */
	const struct job *starting;	/* in its provider's start */
	bool was_full;
};

static void engine_run(struct engine *engine);

/*
 * Results
 */

static void
give_result(struct engine *engine, const struct pushmsg_request *request,
    enum pushmsg_status status, const char *reason, unsigned attempts,
    uint64_t read_ms)
{
	struct pushmsg_result result = {
		.status = status,
		.attempts = attempts,
		.ms = (unsigned)(clock_ms() - read_ms)
	};

	strcpy(result.id, request->id);
	strcpy(result.session, request->session);
	snprintf(result.reason, sizeof(result.reason), "%.*s",
	    (int)sizeof(result.reason) - 1, reason);
	engine->held--;
	engine->handlers.result(&result, engine->arg);
}

static void
tell_room(struct engine *engine)
{
	if (engine->was_full && !engine_full(engine)) {
		engine->was_full = false;
		engine->handlers.env(engine->arg);
	}
	if (engine->held == 0)
		engine->handlers.idle(engine->arg);
}

/*
 * Jobs
 */

/* Note that an attempt has ended. Its provider may be in use now. */
static void
attempt_ended(struct job *job)
{
	struct engine *engine = job->engine;

	engine->in_flight--;
	providers_end(job->by);
	if (engine->retired != NULL)
		loop_event_soon(engine->retire);
}

/* Remove a job from all queues. A running attempt is cancelled. */
static void
job_detach(struct job *job)
{
	struct push_service *service = job->service;
	struct engine *engine = job->engine;

	if (job->state == JOB_READY)
		push_service_remove(service, job);
	if (job->state == JOB_FLYING) {
		if (job->attempt.state != NULL)
			job->by->provider->cancel(job->by->self,
			    &job->attempt);
		booking_end(engine->endpoints, job, NULL, true, clock_ms());
		attempt_ended(job);
		push_service_wake(service);
	}
	service->jobs--;
	jobs_remove(job);
	LIST_REMOVE(job, all);
}

/* Report the result of a job and of its echoes. The job is freed. */
static void
job_finish(struct job *job, enum pushmsg_status status, const char *reason)
{
	struct engine *engine = job->engine;
	struct echo *echo;

	job_detach(job);
	give_result(engine, &job->request, status, reason, job->attempts,
	    job->read_ms);
	TAILQ_FOREACH(echo, &job->echoes, link)
		give_result(engine, &job->request, status, reason,
		    job->attempts, echo->read_ms);
	job_free(job);
}

static void
job_too_late(struct job *job)
{
	char reason[PUSHMSG_REASON];

	if (job->reason[0] != '\0')
		snprintf(reason, sizeof(reason), "deadline passed; %.100s",
		    job->reason);
	else
		snprintf(reason, sizeof(reason), "deadline passed%s",
		    job->attempts > 0 ? " without an answer" :
		    " before its turn");
	job_finish(job, PUSHMSG_RETRY, reason);
}

/* Wait for the endpoint, or end the job if that would be too long. */
static void
job_wait(struct job *job, uint64_t until_ms)
{
	job->state = JOB_WAITING;
	if (until_ms >= job->deadline_ms) {
		job_finish(job, PUSHMSG_RETRY, job->reason[0] != '\0' ?
		    job->reason : "the endpoint failed, and its next attempt "
		    "is due later");
		return;
	}
	job_set_timer(job, until_ms);
}

/* End a job if its service wants no request before its deadline. */
static bool
ended_early(struct job *job)
{
	const struct health *health = &job->service->health;

	if (health_asked_until(health, job->lane) < job->deadline_ms)
		return false;
	job_finish(job, PUSHMSG_RETRY, "the push service asks to wait longer");
	return true;
}

/* Queue a job, unless its endpoint has to wait. */
static void
job_ready(struct job *job)
{
	uint64_t hold = booking_hold(job->engine->endpoints, job, &job->lane,
	    clock_ms());

	if (hold > 0) {
		job_wait(job, hold);
		return;
	}
	job->state = JOB_READY;
	push_service_add(job->service, job);
	if (!ended_early(job))
		job_set_timer(job, job->deadline_ms);
}

/*
 * Queue a job anew if its endpoint has failed or worked while it waited. Return
 * whether it had.
 */
static bool
job_moved(struct job *job)
{
	enum endpoint_lane lane;

	if (booking_hold(job->engine->endpoints, job, &lane, clock_ms()) == 0 &&
	    lane == job->lane)
		return false;
	push_service_remove(job->service, job);
	job_ready(job);
	return true;
}

static void
on_job_timer(void *arg)
{
	struct job *job = arg;
	struct engine *engine = job->engine;

	if (job->state == JOB_WAITING)
		job_ready(job);
	else
		job_too_late(job);
	engine_run(engine);
	tell_room(engine);
}

static void
job_again(struct job *job, const struct provider_outcome *outcome)
{
	unsigned most = job->service->instance->provider->attempts_most;

	if (job->superseded) {
		job_finish(job, PUSHMSG_RETRY, "superseded");
		return;
	}
	if (outcome->may_be_taken || (most > 0 && job->attempts >= most) ||
	    job->again_ms >= job->deadline_ms) {
		job_finish(job, PUSHMSG_RETRY, outcome->reason);
		return;
	}
	strcpy(job->reason, outcome->reason);
	job_set_timer(job, job->again_ms);
}

/* End the jobs that cannot wait as long as their service is on hold. */
static void
sweep_service(struct push_service *service)
{
	struct job *job, *next;
	size_t i;

	for (i = 0; i < ENDPOINT_LANES; i++)
		for (job = TAILQ_FIRST(&service->ready[i]); job != NULL;
		    job = next) {
			next = TAILQ_NEXT(job, link);
			ended_early(job);
		}
}

static void
attempt_done(struct provider_attempt *attempt,
    const struct provider_outcome *outcome)
{
	struct job *job = (struct job *)attempt;
	struct engine *engine = job->engine;
	struct push_service *service = job->service;
	bool started = engine->starting != job;
	bool shorter = outcome->too_long && job_shorten(job) == 0;

	job->state = JOB_WAITING;
	if (!started)
		job->attempts--;	/* nothing was sent */
	attempt_ended(job);
	/* That a payload is too long says nothing of its endpoint. */
	booking_end(engine->endpoints, job, outcome, started && !shorter,
	    clock_ms());
	if (shorter)
		job->again_ms = clock_ms();
	if (shorter || outcome->status == PUSHMSG_RETRY)
		job_again(job, outcome);
	else
		job_finish(job, outcome->status, outcome->reason);
	if (outcome->service_ill || outcome->service_throttled)
		sweep_service(service);
	push_service_wake(service);
	engine_run(engine);
	tell_room(engine);
}

/* End a job whose provider a reload has taken away. */
static bool
has_no_provider(struct job *job)
{
	const struct provider_instance *instance = job->service->instance;
	char why[PUSHMSG_REASON];

	if (instance->open)
		return false;
	snprintf(why, sizeof(why), "%s: not configured",
	    instance->provider->type);
	job_finish(job, PUSHMSG_FAILED, why);
	return true;
}

static void
job_start(struct job *job)
{
	struct engine *engine = job->engine;
	struct push_service *service = job->service;
	const struct provider_instance *instance = service->instance;
	uint64_t now = clock_ms();
	uint64_t left = job->deadline_ms > now ? job->deadline_ms - now : 1;
	uint64_t most = (uint64_t)engine->settings->attempt_ms;

	if (instance->provider->attempt_ms != NULL)
		most = instance->provider->attempt_ms(instance->self);

	push_service_remove(service, job);
	job->state = JOB_FLYING;
	job->attempts++;
	job->started_ms = now;
	job->attempt.timeout_ms = (unsigned)(left < most ? left : most);
	engine->in_flight++;
	engine->starting = job;
	booking_start(engine->endpoints, job, now);
	job->by = instance;
	providers_begin(instance);
	instance->provider->start(instance->self, &job->attempt);
	engine->starting = NULL;
}

/* Start all attempts that may start. */
static void
engine_run(struct engine *engine)
{
	size_t most = (size_t)engine->settings->in_flight;
	struct job *job;

	if (engine->running)
		return;
	engine->running = true;
	while (engine->in_flight < most &&
	    (job = push_services_next(engine->services)) != NULL)
		if (!has_no_provider(job) && !job_moved(job))
			job_start(job);
	engine->running = false;
}

static void
on_time(void *arg)
{
	engine_run(arg);
	tell_room(arg);
}

/*
 * Requests
 */

static bool
join_twin(struct engine *engine, const struct pushmsg_request *request,
    uint64_t now)
{
	struct job *job = jobs_twin(engine->jobs, request);
	uint64_t deadline = now + (uint64_t)request->deadline_ms;

	if (job == NULL || job_echo(job, now) < 0)
		return false;
	if (job->deadline_ms >= deadline)
		return true;
	job->deadline_ms = deadline;
	if (job->state != JOB_WAITING)
		job_set_timer(job, deadline);
	return true;
}

/* End the jobs that still wait under the same topic. */
static void
supersede(struct engine *engine, const struct pushmsg_request *request)
{
	struct job *job, *next;

	for (job = jobs_same_topic(engine->jobs, request, NULL); job != NULL;
	    job = next) {
		next = jobs_same_topic(engine->jobs, request, job);
		if (job->state == JOB_FLYING)
			job->superseded = true;
		else
			job_finish(job, PUSHMSG_RETRY, "superseded");
	}
}

static void
refuse_job(struct engine *engine, struct pushmsg_request *request,
    const char *why, uint64_t now)
{
	give_result(engine, request, PUSHMSG_FAILED, why, 0, now);
	pushmsg_request_clear(request);
	tell_room(engine);
}

static struct job *
take_in(struct engine *engine, struct push_service *service,
    struct pushmsg_request *request, uint64_t now)
{
	struct job *job = job_new(request, now, engine->loop, on_job_timer);

	if (job == NULL)
		return NULL;
	job->engine = engine;
	job->service = service;
	job->endpoint = endpoints_key(engine->endpoints, service->name,
	    job->request.to);
	job->attempt.done = attempt_done;
	if (job_is_too_long(job))
		(void)job_shorten(job);
	LIST_INSERT_HEAD(&engine->all, job, all);
	jobs_add(engine->jobs, job);
	service->jobs++;
	return job;
}

void
engine_push(struct engine *engine, struct pushmsg_request *request)
{
	uint64_t now = clock_ms();
	char why[WHY_TEXT];
	struct push_service *service;
	struct job *job;

	engine->held++;
	engine->was_full |= engine_full(engine);
	if (join_twin(engine, request, now)) {
		pushmsg_request_clear(request);
		return;
	}
	service = push_services_of(engine->services, engine->providers,
	    request, why);
	if (service == NULL) {
		refuse_job(engine, request, why, now);
		return;
	}
	supersede(engine, request);
	job = take_in(engine, service, request, now);
	if (job == NULL) {
		refuse_job(engine, request, "out of memory", now);
		return;
	}
	job_ready(job);
	engine_run(engine);
	tell_room(engine);
}

bool
engine_full(const struct engine *engine)
{
	return engine->held >= (size_t)engine->settings->queue;
}

bool
engine_busy(const struct engine *engine)
{
	return engine->held > 0;
}

void
engine_stop(struct engine *engine, const char *reason)
{
	struct job *job;

	while ((job = LIST_FIRST(&engine->all)) != NULL)
		job_finish(job, PUSHMSG_RETRY, reason);
	tell_room(engine);
}

/* Close retired providers, from the loop: here none of them is being called. */
static void
on_retire(void *arg)
{
	struct engine *engine = arg;
	struct retired **at = &engine->retired, *retired;

	while ((retired = *at) != NULL) {
		if (providers_in_flight(retired->providers) > 0) {
			at = &retired->next;
			continue;
		}
		*at = retired->next;
		providers_close(retired->providers);
		free(retired);
	}
}

int
engine_reload(struct engine *engine, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	struct retired *retired = calloc(1, sizeof(*retired));
	struct providers *providers;
	int err;

	why_set(why, "out of memory");
	if (retired == NULL)
		return -ENOMEM;
	err = providers_open(&providers, env, why);
	if (err < 0) {
		free(retired);
		return err;
	}
	providers_inherit(providers, engine->providers);
	retired->providers = engine->providers;
	retired->next = engine->retired;
	engine->retired = retired;
	engine->providers = providers;
	engine->settings = env->settings;
	push_services_adopt(engine->services, providers);
	loop_event_soon(engine->retire);
	engine_run(engine);
	tell_room(engine);
	return 0;
}

static void
close_providers(struct engine *engine)
{
	struct retired *retired;

	while ((retired = engine->retired) != NULL) {
		engine->retired = retired->next;
		providers_close(retired->providers);
		free(retired);
	}
	providers_close(engine->providers);
}

int
engine_new(struct engine **out, const struct provider_env *env,
    const struct engine_handlers *handlers, void *arg,
    char why[static WHY_TEXT])
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (engine == NULL)
		return -ENOMEM;
	engine->loop = env->loop;
	engine->settings = env->settings;
	engine->handlers = *handlers;
	engine->arg = arg;
	LIST_INIT(&engine->all);
	engine->jobs = jobs_new((size_t)env->settings->queue);
	engine->services = push_services_new(env->loop, on_time, engine);
	engine->retire = loop_timer_new(env->loop, on_retire, engine);
	engine->endpoints = endpoints_new();
	if (engine->jobs != NULL && engine->services != NULL &&
	    engine->retire != NULL && engine->endpoints != NULL)
		err = providers_open(&engine->providers, env, why);
	if (err < 0) {
		engine_free(engine);
		return err;
	}
	*out = engine;
	return 0;
}

void
engine_free(struct engine *engine)
{
	struct job *job;

	if (engine == NULL)
		return;
	while ((job = LIST_FIRST(&engine->all)) != NULL) {
		job_detach(job);
		job_free(job);
	}
	push_services_free(engine->services);
	endpoints_free(engine->endpoints);
	close_providers(engine);
	loop_event_free(engine->retire);
	jobs_free(engine->jobs);
	free(engine);
}
