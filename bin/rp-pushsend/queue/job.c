/*
 * job: one request under way, and the tables that find its twin and its topic.
 * See job.h.
 */
#include "queue/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/loop.h"
#include "wire/pushform.h"

LIST_HEAD(bucket, job);

struct jobs {
	size_t mask;
	struct bucket *by_id, *by_topic;
};

struct job *
job_new(struct pushmsg_request *request, uint64_t now_ms,
    struct event_base *loop, loop_handler *on_timer)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->timer = loop_timer_new(loop, on_timer, job);
	if (job->timer == NULL) {
		free(job);
		return NULL;
	}
	job->request = *request;
	job->attempt.request = &job->request;
	job->read_ms = now_ms;
	job->deadline_ms = now_ms + (uint64_t)request->deadline_ms;
	TAILQ_INIT(&job->echoes);
	return job;
}

void
job_free(struct job *job)
{
	struct echo *echo;

	if (job == NULL)
		return;
	while ((echo = TAILQ_FIRST(&job->echoes)) != NULL) {
		TAILQ_REMOVE(&job->echoes, echo, link);
		free(echo);
	}
	loop_event_free(job->timer);
	json_decref(job->brief.payload);
	pushmsg_request_clear(&job->request);
	free(job);
}

bool
job_is_too_long(const struct job *job)
{
	const struct pushmsg_request *r = &job->request;
	size_t room = pushform_room(r->type, r->to);

	return room > 0 &&
	    json_dumpb(r->payload, NULL, 0, JSON_COMPACT) > room;
}

int
job_shorten(struct job *job)
{
	const struct pushmsg_request *whole = &job->request;

	if (job->brief.payload != NULL ||
	    json_object_get(whole->payload, "early") == NULL)
		return -ENOENT;
	job->brief = *whole;
	job->brief.payload = json_copy(whole->payload);
	if (job->brief.payload == NULL)
		return -ENOMEM;
	json_object_del(job->brief.payload, "early");
	job->attempt.request = &job->brief;
	return 0;
}

void
job_set_timer(struct job *job, uint64_t at_ms)
{
	uint64_t now = clock_ms();

	loop_timer_set_ms(job->timer, at_ms > now ? at_ms - now : 0);
}

int
job_echo(struct job *job, uint64_t now_ms)
{
	struct echo *echo = malloc(sizeof(*echo));

	if (echo == NULL)
		return -ENOMEM;
	echo->read_ms = now_ms;
	TAILQ_INSERT_TAIL(&job->echoes, echo, link);
	return 0;
}

/* Hash by FNV-1a. Ids and topics come from the switch, not from a stranger. */
static size_t
hash(const char *text)
{
	uint64_t h = 14695981039346656037ULL;

	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

struct jobs *
jobs_new(size_t n)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	size_t size = 16;

	if (jobs == NULL)
		return NULL;
	while (size < n)
		size *= 2;
	jobs->mask = size - 1;
	jobs->by_id = calloc(size, sizeof(*jobs->by_id));
	jobs->by_topic = calloc(size, sizeof(*jobs->by_topic));
	if (jobs->by_id == NULL || jobs->by_topic == NULL) {
		jobs_free(jobs);
		return NULL;
	}
	return jobs;
}

void
jobs_free(struct jobs *jobs)
{
	if (jobs == NULL)
		return;
	free(jobs->by_id);
	free(jobs->by_topic);
	free(jobs);
}

void
jobs_add(struct jobs *jobs, struct job *job)
{
	const struct pushmsg_request *r = &job->request;

	LIST_INSERT_HEAD(&jobs->by_id[hash(r->id) & jobs->mask], job, by_id);
	if (r->topic[0] != '\0')
		LIST_INSERT_HEAD(&jobs->by_topic[hash(r->topic) & jobs->mask],
		    job, by_topic);
}

void
jobs_remove(struct job *job)
{
	LIST_REMOVE(job, by_id);
	if (job->request.topic[0] != '\0')
		LIST_REMOVE(job, by_topic);
}

struct job *
jobs_twin(const struct jobs *jobs, const struct pushmsg_request *request)
{
	struct job *job;

	LIST_FOREACH(job, &jobs->by_id[hash(request->id) & jobs->mask], by_id)
		if (strcmp(job->request.id, request->id) == 0 &&
		    strcmp(job->request.type, request->type) == 0 &&
		    json_equal(job->request.to, request->to) &&
		    json_equal(job->request.payload, request->payload))
			return job;
	return NULL;
}

struct job *
jobs_same_topic(const struct jobs *jobs,
    const struct pushmsg_request *request, struct job *prior)
{
	struct job *job;

	if (request->topic[0] == '\0')
		return NULL;
	job = prior != NULL ? LIST_NEXT(prior, by_topic) :
	    LIST_FIRST(&jobs->by_topic[hash(request->topic) & jobs->mask]);
	for (; job != NULL; job = LIST_NEXT(job, by_topic))
		if (strcmp(job->request.topic, request->topic) == 0 &&
		    strcmp(job->request.type, request->type) == 0 &&
		    json_equal(job->request.to, request->to))
			break;
	return job;
}
