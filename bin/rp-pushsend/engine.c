#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "job.h"
#include "service.h"
#include "settings.h"

/* The first retry's wait, and how often it is doubled: to 5 s at most. */
#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 300
#define RETRY_DOUBLINGS 4

/* Services remembered without a request; more are forgotten if they can be. */
#define PLACES_SPARE 1024

/* A service as the engine keeps it: its health and who waits for it. */
struct place {
	char name[DOOR_SERVICE];
	struct engine *engine;
	size_t door;			/* index of its door */
	struct service service;
	unsigned jobs;			/* that refer to it */
	bool runnable;
	struct event timer;
	TAILQ_HEAD(, job) ready;
	TAILQ_ENTRY(place) run;
	LIST_ENTRY(place) link;
};

struct entrance {			/* a door, opened or not */
	void *self;
	bool open;
};

struct engine {
	struct event_base *loop;
	const struct settings *settings;
	struct engine_handlers handlers;
	void *arg;
	struct entrance *entrances;	/* beside doors[] */
	size_t n_doors;
	struct jobs *jobs;
	LIST_HEAD(, job) all;
	LIST_HEAD(, place) places;
	size_t n_places;
	TAILQ_HEAD(, place) runnable;
	size_t held;			/* requests without a result */
	size_t in_flight;
	bool running;			/* in engine_run */
	const struct job *starting;	/* in its door's start */
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
	snprintf(result.reason, sizeof(result.reason), "%s", reason);
	engine->held--;
	engine->handlers.result(&result, engine->arg);
}

static void
tell_room(struct engine *engine)
{
	if (engine->was_full && !engine_full(engine)) {
		engine->was_full = false;
		engine->handlers.room(engine->arg);
	}
	if (engine->held == 0)
		engine->handlers.idle(engine->arg);
}

/*
 * Places
 */

static void
place_free(struct place *place)
{
	if (place->runnable)
		TAILQ_REMOVE(&place->engine->runnable, place, run);
	event_del(&place->timer);
	LIST_REMOVE(place, link);
	place->engine->n_places--;
	free(place);
}

static void
set_runnable(struct place *place)
{
	if (place->runnable || TAILQ_EMPTY(&place->ready))
		return;
	place->runnable = true;
	TAILQ_INSERT_TAIL(&place->engine->runnable, place, run);
}

static void
on_place_timer(evutil_socket_t fd, short what, void *arg)
{
	struct place *place = arg;

	(void)fd, (void)what;
	set_runnable(place);
	engine_run(place->engine);
}

/* Forget those that nobody needs, once there are many. */
static void
places_trim(struct engine *engine)
{
	struct place *place, *next;
	uint64_t now = clock_ms();

	if (engine->n_places < PLACES_SPARE)
		return;
	for (place = LIST_FIRST(&engine->places); place != NULL;
	    place = next) {
		next = LIST_NEXT(place, link);
		if (place->jobs == 0 && service_idle(&place->service, now))
			place_free(place);
	}
}

static struct place *
place_get(struct engine *engine, size_t door, const char *name)
{
	void *self = engine->entrances[door].self;
	struct place *place;

	LIST_FOREACH(place, &engine->places, link)
		if (place->door == door && strcmp(place->name, name) == 0)
			return place;
	places_trim(engine);
	place = calloc(1, sizeof(*place));
	if (place == NULL)
		return NULL;
	strcpy(place->name, name);
	place->engine = engine;
	place->door = door;
	service_init(&place->service, doors[door]->in_flight(self),
	    doors[door]->rate(self));
	TAILQ_INIT(&place->ready);
	evtimer_assign(&place->timer, engine->loop, on_place_timer, place);
	LIST_INSERT_HEAD(&engine->places, place, link);
	engine->n_places++;
	return place;
}

/*
 * Jobs
 */

static void
job_timer(struct job *job, uint64_t at_ms)
{
	uint64_t now = clock_ms();
	uint64_t wait = at_ms > now ? at_ms - now : 0;
	struct timeval tv = { .tv_sec = (time_t)(wait / 1000),
	    .tv_usec = (suseconds_t)(wait % 1000 * 1000) };

	evtimer_add(&job->timer, &tv);
}

static void
job_free(struct job *job)
{
	struct echo *echo;

	while ((echo = TAILQ_FIRST(&job->echoes)) != NULL) {
		TAILQ_REMOVE(&job->echoes, echo, link);
		free(echo);
	}
	event_del(&job->timer);
	pushmsg_request_clear(&job->request);
	free(job);
}

/* Take it off whatever holds it. An attempt under way is given up. */
static void
job_detach(struct job *job)
{
	struct place *place = job->place;
	struct engine *engine = job->engine;

	if (job->state == JOB_READY)
		TAILQ_REMOVE(&place->ready, job, link);
	if (job->state == JOB_FLYING) {
		if (job->attempt.state != NULL)
			doors[place->door]->cancel(
			    engine->entrances[place->door].self,
			    &job->attempt);
		service_ended(&place->service, SERVICE_UNKNOWN,
		    job->started_ms, 0, clock_ms());
		engine->in_flight--;
		set_runnable(place);
	}
	place->jobs--;
	jobs_remove(job);
	LIST_REMOVE(job, all);
}

/* Its result, and its echoes'. The job is gone afterwards. */
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
	char reason[PUSHMSG_WHY];

	if (job->reason[0] != '\0')
		snprintf(reason, sizeof(reason), "deadline passed; %.100s",
		    job->reason);
	else
		snprintf(reason, sizeof(reason), "deadline passed%s",
		    job->attempts > 0 ? " without an answer" :
		    " before its turn");
	job_finish(job, PUSHMSG_RETRY, reason);
}

/* Queue it; or end it if its service wants no request before its deadline. */
static void
job_ready(struct job *job)
{
	struct place *place = job->place;

	job->state = JOB_READY;
	TAILQ_INSERT_TAIL(&place->ready, job, link);
	if (place->service.hold_until_ms >= job->deadline_ms) {
		job_finish(job, PUSHMSG_RETRY, "the push service asks to wait "
		    "longer");
		return;
	}
	job_timer(job, job->deadline_ms);
	set_runnable(place);
}

static void
on_job_timer(evutil_socket_t fd, short what, void *arg)
{
	struct job *job = arg;
	struct engine *engine = job->engine;

	(void)fd, (void)what;
	if (job->state == JOB_WAITING)
		job_ready(job);
	else
		job_too_late(job);
	engine_run(engine);
	tell_room(engine);
}

/* How long until the next attempt, with chance in it. */
static uint64_t
retry_wait_ms(const struct job *job, unsigned asked_ms)
{
	unsigned doublings = job->attempts > 0 ? job->attempts - 1 : 0;
	uint64_t wait;

	if (doublings > RETRY_DOUBLINGS)
		doublings = RETRY_DOUBLINGS;
	wait = (uint64_t)crypto_random_between(RETRY_MIN_MS, RETRY_MAX_MS) <<
	    doublings;
	if (asked_ms > wait)
		wait = asked_ms + crypto_random_between(0, RETRY_MIN_MS);
	return wait;
}

static void
job_again(struct job *job, const struct door_outcome *outcome)
{
	uint64_t at = clock_ms() + retry_wait_ms(job, outcome->retry_after_ms);

	if (job->superseded) {
		job_finish(job, PUSHMSG_RETRY, "superseded");
		return;
	}
	if (at >= job->deadline_ms) {
		job_finish(job, PUSHMSG_RETRY, outcome->reason);
		return;
	}
	strcpy(job->reason, outcome->reason);
	job_timer(job, at);
}

/* A service that is held for longer than some can wait: they end now. */
static void
place_sweep(struct place *place)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(&place->ready); job != NULL; job = next) {
		next = TAILQ_NEXT(job, link);
		if (place->service.hold_until_ms >= job->deadline_ms)
			job_finish(job, PUSHMSG_RETRY,
			    "the push service asks to wait longer");
	}
}

static enum service_verdict
verdict_of(const struct door_outcome *outcome)
{
	if (outcome->status != PUSHMSG_RETRY || !outcome->service_ill)
		return SERVICE_WELL;
	return outcome->timed_out ? SERVICE_SLOW : SERVICE_UNWELL;
}

static void
attempt_done(struct door_attempt *attempt, const struct door_outcome *outcome)
{
	struct job *job = (struct job *)attempt;
	struct engine *engine = job->engine;
	struct place *place = job->place;
	bool again = outcome->status == PUSHMSG_RETRY;
	bool ill = again && outcome->service_ill;

	job->state = JOB_WAITING;
	if (engine->starting == job)
		job->attempts--;	/* nothing went out */
	engine->in_flight--;
	service_ended(&place->service, verdict_of(outcome), job->started_ms,
	    ill ? outcome->retry_after_ms : 0, clock_ms());
	if (again)
		job_again(job, outcome);
	else
		job_finish(job, outcome->status, outcome->reason);
	if (ill)
		place_sweep(place);
	set_runnable(place);
	engine_run(engine);
	tell_room(engine);
}

static void
job_start(struct job *job)
{
	struct engine *engine = job->engine;
	struct place *place = job->place;
	uint64_t now = clock_ms();
	uint64_t left = job->deadline_ms > now ? job->deadline_ms - now : 1;
	uint64_t most = (uint64_t)engine->settings->attempt_ms;

	TAILQ_REMOVE(&place->ready, job, link);
	job->state = JOB_FLYING;
	job->attempts++;
	job->started_ms = now;
	job->attempt.timeout_ms = (unsigned)(left < most ? left : most);
	engine->in_flight++;
	engine->starting = job;
	service_started(&place->service, now);
	doors[place->door]->start(engine->entrances[place->door].self,
	    &job->attempt);
	engine->starting = NULL;
}

static void
place_run(struct place *place)
{
	uint64_t wait = service_gate(&place->service, clock_ms());
	struct timeval tv = { .tv_sec = (time_t)(wait / 1000),
	    .tv_usec = (suseconds_t)(wait % 1000 * 1000) };

	if (wait == SERVICE_FULL)
		return;
	if (wait > 0) {
		evtimer_add(&place->timer, &tv);
		return;
	}
	job_start(TAILQ_FIRST(&place->ready));
	set_runnable(place);
}

/* Start what may start, each service in turn. */
static void
engine_run(struct engine *engine)
{
	size_t most = (size_t)engine->settings->in_flight;
	struct place *place;

	if (engine->running)
		return;
	engine->running = true;
	while (engine->in_flight < most &&
	    (place = TAILQ_FIRST(&engine->runnable)) != NULL) {
		TAILQ_REMOVE(&engine->runnable, place, run);
		place->runnable = false;
		if (!TAILQ_EMPTY(&place->ready))
			place_run(place);
	}
	engine->running = false;
}

/*
 * Requests
 */

static bool
join_twin(struct engine *engine, const struct pushmsg_request *request,
    uint64_t now)
{
	struct job *job = jobs_twin(engine->jobs, request);
	struct echo *echo;

	if (job == NULL)
		return false;
	echo = malloc(sizeof(*echo));
	if (echo == NULL)
		return false;
	echo->read_ms = now;
	TAILQ_INSERT_TAIL(&job->echoes, echo, link);
	if (job->deadline_ms < now + (uint64_t)request->deadline_ms) {
		job->deadline_ms = now + (uint64_t)request->deadline_ms;
		if (job->state != JOB_WAITING)
			job_timer(job, job->deadline_ms);
	}
	return true;
}

/* What still waits under the same topic has had its time. */
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
refuse(struct engine *engine, struct pushmsg_request *request,
    const char *why, uint64_t now)
{
	give_result(engine, request, PUSHMSG_FAILED, why, 0, now);
	pushmsg_request_clear(request);
	tell_room(engine);
}

static ssize_t
door_find(const char *type)
{
	size_t i;

	for (i = 0; doors[i] != NULL; i++)
		if (strcmp(doors[i]->type, type) == 0)
			return (ssize_t)i;
	return -1;
}

/* The place that the request is for, or NULL with why. */
static struct place *
find_place(struct engine *engine, const struct pushmsg_request *request,
    char why[static PUSHMSG_WHY])
{
	ssize_t door = door_find(request->type);
	char name[DOOR_SERVICE];
	struct place *place;

	if (door < 0) {
		snprintf(why, PUSHMSG_WHY, "type: no such door");
		return NULL;
	}
	if (!engine->entrances[door].open) {
		snprintf(why, PUSHMSG_WHY, "%s: not configured",
		    doors[door]->type);
		return NULL;
	}
	if (doors[door]->service(engine->entrances[door].self, request, name,
	    why) < 0)
		return NULL;
	place = place_get(engine, (size_t)door, name);
	if (place == NULL)
		snprintf(why, PUSHMSG_WHY, "out of memory");
	return place;
}

static struct job *
job_new(struct engine *engine, struct place *place,
    struct pushmsg_request *request, uint64_t now)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->engine = engine;
	job->place = place;
	job->request = *request;
	job->attempt.request = &job->request;
	job->attempt.done = attempt_done;
	job->read_ms = now;
	job->deadline_ms = now + (uint64_t)request->deadline_ms;
	TAILQ_INIT(&job->echoes);
	evtimer_assign(&job->timer, engine->loop, on_job_timer, job);
	LIST_INSERT_HEAD(&engine->all, job, all);
	jobs_add(engine->jobs, job);
	place->jobs++;
	return job;
}

void
engine_push(struct engine *engine, struct pushmsg_request *request)
{
	uint64_t now = clock_ms();
	char why[PUSHMSG_WHY];
	struct place *place;
	struct job *job;

	engine->held++;
	engine->was_full |= engine_full(engine);
	if (join_twin(engine, request, now)) {
		pushmsg_request_clear(request);
		return;
	}
	place = find_place(engine, request, why);
	if (place == NULL) {
		refuse(engine, request, why, now);
		return;
	}
	supersede(engine, request);
	job = job_new(engine, place, request, now);
	if (job == NULL) {
		refuse(engine, request, "out of memory", now);
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

static int
open_doors(struct engine *engine, const struct door_room *room,
    char why[static PUSHMSG_WHY])
{
	size_t i;
	int err;

	for (i = 0; doors[i] != NULL; i++)
		;
	engine->n_doors = i;
	engine->entrances = calloc(i, sizeof(*engine->entrances));
	if (engine->entrances == NULL)
		return -ENOMEM;
	for (i = 0; i < engine->n_doors; i++) {
		err = doors[i]->open(&engine->entrances[i].self, room, why);
		if (err < 0 && err != -ENOENT)
			return err;
		engine->entrances[i].open = err == 0;
	}
	return 0;
}

int
engine_new(struct engine **out, const struct door_room *room,
    const struct engine_handlers *handlers, void *arg,
    char why[static PUSHMSG_WHY])
{
	struct engine *engine = calloc(1, sizeof(*engine));
	int err = -ENOMEM;

	snprintf(why, PUSHMSG_WHY, "out of memory");
	if (engine == NULL)
		return -ENOMEM;
	engine->loop = room->loop;
	engine->settings = room->settings;
	engine->handlers = *handlers;
	engine->arg = arg;
	LIST_INIT(&engine->all);
	LIST_INIT(&engine->places);
	TAILQ_INIT(&engine->runnable);
	engine->jobs = jobs_new((size_t)room->settings->queue);
	if (engine->jobs != NULL)
		err = open_doors(engine, room, why);
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
	struct place *place;
	size_t i;

	if (engine == NULL)
		return;
	while ((job = LIST_FIRST(&engine->all)) != NULL) {
		job_detach(job);
		job_free(job);
	}
	while ((place = LIST_FIRST(&engine->places)) != NULL)
		place_free(place);
	for (i = 0; engine->entrances != NULL && i < engine->n_doors; i++)
		if (engine->entrances[i].open)
			doors[i]->close(engine->entrances[i].self);
	free(engine->entrances);
	jobs_free(engine->jobs);
	free(engine);
}
