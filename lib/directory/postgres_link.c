/*
 * postgres_link: seek, probe and lose a server. See postgres_link.h.
 */
#include "directory/postgres_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "directory/postgres_dial.h"
#include "directory/postgres_ops.h"
#include "directory/postgres_private.h"
#include "directory/postgres_schema.h"
#include "net/loop.h"

#define TICK_MS 250
#define PROBE_MS 1000		/* between probes while nothing is wrong */
#define SILENT_MS 3000		/* with a batch in flight: it is lost */
#define SILENT_IMPORT_MS 60000	/* a commit of a million on a slow disk */
#define FIRST_MS 10000		/* how long requests wait at the start, */
#define CHANGE_MS 1000		/* and after a loss */
/*
 * Between passes over the hosts. Writes are to be back soon after a promotion,
 * and a server that is away for long is not to be flooded with logins.
 */
#define PACE_MS 250
#define PACE_LATER_MS 1000
#define PACE_QUICK 40		/* passes in PACE_MS */

void
postgres_link_changed(struct postgres_link *link)
{
	char text[LOG_TEXT];

	if (strcmp(link->why, link->logged) != 0 && link->why[0] != '\0' &&
	    !link->o.quiet)
		log_warn("directory_fault", "writes=%d err=%s",
		    link->o.writes, log_text(text, link->why));
	strcpy(link->logged, link->why);
	link->o.changed(link, link->o.arg);
}

/* Requests do not wait any longer. */
static void
lose_hope(struct postgres_link *l)
{
	l->hopes = false;
	if (l->why[0] == '\0')
		why_set(l->why, "postgresql: no host has answered yet");
	postgres_run_refuse(l);
	postgres_link_changed(l);
}

/* Leave the server, for the next one, because of `why`. */
static void
leave_server(struct postgres_link *l, const char *why)
{
	uint64_t now_ms = clock_ms();

	/* `why` may be the pipe's. */
	why_set(l->why, "%.90s: %.400s", l->server, why);
	postgres_run_recover(l);
	postgres_pipe_free(l->pipe);
	l->pipe = NULL;
	if (!l->up) {
		postgres_dial_next(l->dial, l->why);
		return;
	}
	l->up = false;
	l->passes = 0;
	l->hopes = true;
	l->hope_ms = now_ms + CHANGE_MS;
	/* One that lets us in and then fails is not asked all the time. */
	postgres_dial_start(l->dial, now_ms - l->up_ms < PACE_LATER_MS ?
	    PACE_MS : 0);
	postgres_link_changed(l);
}

static void
on_lost(const char *why, void *arg)
{
	leave_server(arg, why);
}

static void
send_probe(struct postgres_link *l)
{
	PGconn *conn = postgres_pipe_conn(l->pipe);

	l->probe_ms = clock_ms() + PROBE_MS;
	if (postgres_pipe_begin(l->pipe, POSTGRES_PROBE) == NULL)
		return;
	postgres_pipe_end(l->pipe, 2,
	    (l->up || postgres_schema_session(conn)) &&
	    postgres_schema_probe(conn) &&
	    (!l->up || postgres_ops_look(conn)));
}

/* The second half: what a look-up needs. */
static void
send_prepare(struct postgres_link *l)
{
	PGconn *conn = postgres_pipe_conn(l->pipe);

	if (postgres_pipe_begin(l->pipe, POSTGRES_PREPARE) != NULL)
		postgres_pipe_end(l->pipe, postgres_ops_prepared() + 1,
		    postgres_ops_prepare(conn) && postgres_ops_look(conn));
}

static void
send_make(struct postgres_link *l)
{
	l->made = true;
	if (postgres_pipe_begin(l->pipe, POSTGRES_MAKE) != NULL)
		postgres_pipe_end(l->pipe, 1,
		    postgres_schema_make(postgres_pipe_conn(l->pipe)));
}

static void
probe_result(struct postgres_link *l, struct postgres_batch *batch,
    const PGresult *result)
{
	bool read_only = false;

	/* The session's result has other columns, and so has a look-up's. */
	if (PQnfields(result) != POSTGRES_SCHEMA_COLUMNS)
		return;
	if (postgres_schema_read(result, &l->standby, &read_only,
	    batch->why) < 0)
		batch->failed = true;
	if (!batch->failed && l->o.writes && read_only) {
		batch->failed = true;
		why_set(batch->why, "it cannot be written now");
	}
}

static void
on_result(struct postgres_batch *batch, const PGresult *result, void *arg)
{
	if (batch->kind == POSTGRES_PROBE)
		probe_result(arg, batch, result);
	else if (batch->kind >= POSTGRES_REQUESTS)
		postgres_run_result(arg, batch, result);
}

static void
come_up(struct postgres_link *l)
{
	l->up = true;
	l->up_ms = clock_ms();
	l->o.quiet = false;
	l->better = postgres_dial_better(l->dial);
	postgres_dial_limit(l->dial, 0);
	/* If its tables go, others are not made. */
	l->o.create = false;
	l->hopes = false;
	l->passes = 0;
	l->why[0] = '\0';
	log_info("directory_link", "postgresql=%s writes=%d standby=%d",
	    l->server, l->o.writes, l->standby);
	postgres_link_changed(l);
}

/* Handle the end of a step on the way up. */
static void
step_ended(struct postgres_link *l, const struct postgres_batch *batch)
{
	char why[WHY_TEXT];

	if (batch->failed) {
		postgres_schema_reason(why, batch->state, batch->why);
		postgres_pipe_fail(l->pipe, why);
	} else if (batch->kind == POSTGRES_MAKE) {
		send_probe(l);
	} else {
		come_up(l);
	}
}

static bool
may_make(const struct postgres_link *l, const struct postgres_batch *batch)
{
	return l->o.create && l->o.writes && !l->up && !l->made &&
	    strcmp(batch->state, "42P01") == 0;
}

static void
probe_ended(struct postgres_link *l, const struct postgres_batch *batch)
{
	if (batch->failed && may_make(l, batch))
		send_make(l);
	else if (batch->failed && !(l->up && postgres_pipe_passing(batch)))
		step_ended(l, batch);
	else if (l->up)
		postgres_link_changed(l);
	else
		send_prepare(l);
}

static void
on_ended(struct postgres_batch *batch, void *arg)
{
	struct postgres_link *l = arg;

	loop_event_soon(l->pump);
	if (batch->kind == POSTGRES_PROBE)
		probe_ended(l, batch);
	else if (batch->kind < POSTGRES_REQUESTS)
		step_ended(l, batch);
	else
		postgres_run_ended(l, batch);
}

static const struct postgres_pipe_handlers handlers = {
	on_result, on_ended, on_lost
};

/* Handle the end of a pass, or a server that let us in. */
static void
on_dialled(PGconn *conn, void *arg)
{
	struct postgres_link *l = arg;

	if (conn == NULL) {
		why_set(l->why, "%s", postgres_dial_why(l->dial));
		postgres_dial_start(l->dial, l->passes++ < PACE_QUICK ?
		    PACE_MS : PACE_LATER_MS);
		lose_hope(l);
		return;
	}
	snprintf(l->server, sizeof(l->server), "%.60s:%.20s", PQhost(conn),
	    PQport(conn));
	l->made = false;
	l->pipe = postgres_pipe_new(l->o.loop, conn, &handlers, l);
	if (l->pipe != NULL) {
		send_probe(l);
		return;
	}
	PQfinish(conn);
	postgres_dial_next(l->dial, "out of memory");
}

static void
on_pump(void *arg)
{
	postgres_run_pump(arg);
}

static void
on_tick(void *arg)
{
	struct postgres_link *l = arg;
	uint64_t now_ms = clock_ms();

	if (l->hopes && now_ms >= l->hope_ms)
		lose_hope(l);
	if (l->pipe == NULL)
		return;
	if (postgres_pipe_silent_ms(l->pipe) > (l->import != NULL ?
	    SILENT_IMPORT_MS : SILENT_MS)) {
		postgres_dial_avoid(l->dial);
		leave_server(l, "does not answer");
	} else if (l->up && now_ms >= l->probe_ms && l->import == NULL &&
	    (!l->o.writes || postgres_pipe_flying(l->pipe) == 0)) {
		send_probe(l);
	}
}

void
postgres_link_submit(struct postgres_link *link,
    struct directory_request *request)
{
	loop_event_soon(link->pump);
	if (link->up || (link->hopes && !request->primary))
		postgres_queue_add(&link->todo, request);
	else
		postgres_queue_add(&link->refused, request);
}

struct postgres_link *
postgres_link_new(const struct postgres_link_options *options)
{
	struct postgres_link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->o = *options;
	l->hopes = true;
	l->hope_ms = clock_ms() + FIRST_MS;
	postgres_queue_init(&l->todo);
	postgres_queue_init(&l->again);
	postgres_queue_init(&l->refused);
	l->tick = loop_ticker_new(l->o.loop, on_tick, l);
	l->pump = loop_timer_new(l->o.loop, on_pump, l);
	l->dial = postgres_dial_new(l->o.loop, l->o.url, l->o.target,
	    on_dialled, l);
	if (l->tick != NULL && l->pump != NULL && l->dial != NULL &&
	    loop_timer_set_ms(l->tick, TICK_MS) == 0) {
		postgres_dial_limit(l->dial, l->o.limit);
		return l;
	}
	postgres_link_free(l);
	return NULL;
}

void
postgres_link_start(struct postgres_link *link)
{
	postgres_dial_start(link->dial, 0);
}

static void
release_queue(struct postgres_queue *queue)
{
	struct directory_request *r;

	while ((r = postgres_queue_take(queue)) != NULL)
		directory_release(r);
}

void
postgres_link_free(struct postgres_link *link)
{
	if (link == NULL)
		return;
	if (link->pipe != NULL)
		postgres_run_recover(link);
	postgres_pipe_free(link->pipe);
	postgres_dial_free(link->dial);
	release_queue(&link->todo);
	release_queue(&link->again);
	release_queue(&link->refused);
	loop_event_free(link->tick);
	loop_event_free(link->pump);
	free(link);
}

bool
postgres_link_up(const struct postgres_link *link)
{
	return link->up;
}

bool
postgres_link_hopes(const struct postgres_link *link)
{
	return link->hopes;
}

size_t
postgres_link_better(const struct postgres_link *link)
{
	return link->better;
}

bool
postgres_link_idle(const struct postgres_link *link)
{
	return link->todo.first == NULL && link->again.first == NULL &&
	    link->refused.first == NULL && link->import == NULL &&
	    (link->pipe == NULL || postgres_pipe_flying(link->pipe) == 0);
}

bool
postgres_link_standby(const struct postgres_link *link)
{
	return link->standby;
}

const char *
postgres_link_why(const struct postgres_link *link)
{
	return link->why;
}
