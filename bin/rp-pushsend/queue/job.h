/*
 * job: a request in progress, with two indexes to find it: by its id, and by
 * its recipient and topic.
 */
#ifndef RP_PUSHSEND_JOB_H
#define RP_PUSHSEND_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "net/loop.h"
#include "providers/provider.h"
#include "queue/endpoints.h"
#include "wire/pushmsg.h"

struct engine;
struct event_base;
struct provider_instance;
struct push_service;

enum job_state {
	JOB_READY,		/* waits for its service */
	JOB_FLYING,		/* an attempt is under way */
	JOB_WAITING		/* waits for the time of the next attempt */
};

struct job {
	/* first: an attempt casts to its job */
	struct provider_attempt attempt;
	struct engine *engine;
	struct push_service *service;
	struct pushmsg_request request;
	struct pushmsg_request brief;	/* see job_shorten; no payload: unused */
	uint64_t endpoint;		/* its key; endpoints.h */
	enum endpoint_lane lane;	/* READY: queued there; FLYING: in it */
	uint64_t turn;			/* READY: the lower, the earlier */
	enum job_state state;
	const struct provider_instance *by;	/* JOB_FLYING: its provider */
	bool superseded;		/* no attempt follows this one */
	unsigned attempts;
	uint64_t read_ms;
	uint64_t deadline_ms;
	uint64_t started_ms;		/* the attempt */
	uint64_t again_ms;		/* the next attempt, at the earliest */
	char reason[PUSHMSG_REASON];	/* why the last attempt failed */
	struct loop_event *timer;
	TAILQ_ENTRY(job) link;		/* JOB_READY: in its service's queue */
	LIST_ENTRY(job) all;
	LIST_ENTRY(job) by_id, by_topic;
	TAILQ_HEAD(, echo) echoes;
};

/* The same request again, while its job was in progress. */
struct echo {
	TAILQ_ENTRY(echo) link;
	uint64_t read_ms;
};

/*
 * Create a job for the request, which is moved into it; NULL if out of memory.
 * Its timer calls `on_timer` with it. The caller sets `engine`, `service` and
 * attempt.done.
 */
struct job *job_new(struct pushmsg_request *request, uint64_t now_ms,
    struct event_base *loop, loop_handler *on_timer);
void job_free(struct job *job);

/* Is its payload longer than an encrypted one may be? */
bool job_is_too_long(const struct job *job);

/*
 * Have further attempts leave out `early` of the payload, because the service
 * finds it too long. The request stays as it is, so that a repeat finds it.
 *
 *   -ENOENT  there is none, or it is left out already
 *   -ENOMEM
 */
int job_shorten(struct job *job);

/* Set its timer to `at_ms`, in place of the time before. */
void job_set_timer(struct job *job, uint64_t at_ms);

/*
 * Note that the same request has come again.
 *
 *  -ENOMEM  out of memory
 */
int job_echo(struct job *job, uint64_t now_ms);

struct jobs;

/* Create indexes sized for `n` jobs; NULL if out of memory. */
struct jobs *jobs_new(size_t n);
void jobs_free(struct jobs *jobs);

void jobs_add(struct jobs *jobs, struct job *job);
void jobs_remove(struct job *job);

/* Return the job with the same id, type, to and payload, or NULL. */
struct job *jobs_twin(const struct jobs *jobs,
    const struct pushmsg_request *request);

/*
 * Return the next job after `prior` (or NULL) of the same type, to and topic.
 */
struct job *jobs_same_topic(const struct jobs *jobs,
    const struct pushmsg_request *request, struct job *prior);

#endif
