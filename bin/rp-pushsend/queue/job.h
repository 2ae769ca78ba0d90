/*
 * job: a request on its way, and the two ways to find it again: by its id,
 * and by whom it is for under which topic.
 */
#ifndef RP_PUSHSEND_JOB_H
#define RP_PUSHSEND_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "net/loop.h"
#include "providers/provider.h"
#include "wire/pushmsg.h"

struct engine;
struct event_base;
struct push_service;

enum job_state {
	JOB_READY,		/* waits for its service */
	JOB_FLYING,		/* an attempt is under way */
	JOB_WAITING		/* for the time to try again */
};

struct job {
	struct provider_attempt attempt;	/* first: an attempt is its job */
	struct engine *engine;
	struct push_service *service;		/* its service */
	struct pushmsg_request request;
	enum job_state state;
	bool superseded;		/* no attempt follows this one */
	unsigned attempts;
	uint64_t read_ms;
	uint64_t deadline_ms;
	uint64_t started_ms;		/* the attempt */
	char reason[PUSHMSG_WHY];	/* why the last attempt failed */
	struct loop_event *timer;
	TAILQ_ENTRY(job) link;		/* JOB_READY: in its place's queue */
	LIST_ENTRY(job) all;
	LIST_ENTRY(job) by_id, by_topic;
	TAILQ_HEAD(, echo) echoes;
};

/* The same request again, while its job was on its way. */
struct echo {
	TAILQ_ENTRY(echo) link;
	uint64_t read_ms;
};

/*
 * A job for the request, which is moved into it; NULL if out of memory. Its
 * timer calls on_timer with it. engine, place and attempt.done are for the
 * caller to set.
 */
struct job *job_new(struct pushmsg_request *request, uint64_t now_ms,
    struct event_base *loop, loop_handler *on_timer);
void job_free(struct job *job);

/* Have its timer go off then, and not when it was to before. */
void job_set_timer(struct job *job, uint64_t at_ms);

/* The same request has come again. -ENOMEM. */
int job_echo(struct job *job, uint64_t now_ms);

struct jobs;

/* Sized for n jobs. NULL if out of memory. */
struct jobs *jobs_new(size_t n);
void jobs_free(struct jobs *jobs);

void jobs_add(struct jobs *jobs, struct job *job);
void jobs_remove(struct job *job);

/* The job that is the same in id, type, to and payload, or NULL. */
struct job *jobs_twin(const struct jobs *jobs,
    const struct pushmsg_request *request);

/* The next job after prior (or NULL) of the same type, to and topic. */
struct job *jobs_same_topic(const struct jobs *jobs,
    const struct pushmsg_request *request, struct job *prior);

#endif
