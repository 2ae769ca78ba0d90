/* postgres_pipe: batches sent, and their results. See postgres_pipe.h. */
#include "directory/postgres_pipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "directory/postgres_url.h"
#include "net/loop.h"

#define BUDGET_MS 5		/* of results per turn of the loop */
#define NULLS 8			/* in a row, where libpq gives two */
#define UNEXPECTED "an unexpected answer"

struct postgres_pipe {
	PGconn *conn;
	const struct postgres_pipe_handlers *handlers;
	void *arg;
	struct loop_event *reader, *writer, *more;
	struct postgres_batch flying[POSTGRES_FLYING];
	size_t first, n;
	uint64_t heard_ms;
	bool failing;
	char why[WHY_TEXT];
};

void
postgres_queue_init(struct postgres_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

void
postgres_queue_add(struct postgres_queue *queue,
    struct directory_request *request)
{
	request->next = NULL;
	*queue->last = request;
	queue->last = &request->next;
}

struct directory_request *
postgres_queue_take(struct postgres_queue *queue)
{
	struct directory_request *request = queue->first;

	if (request == NULL)
		return NULL;
	queue->first = request->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	return request;
}

void
postgres_pipe_fail(struct postgres_pipe *pipe, const char *why)
{
	if (!pipe->failing)
		postgres_url_reason(pipe->why, why);
	pipe->failing = true;
	loop_event_soon(pipe->more);
}

/* Send what waits to be sent. The rest follows when the socket takes it. */
static void
flush_pipe(struct postgres_pipe *p)
{
	int left = PQflush(p->conn);

	if (left < 0 || (left > 0 && loop_event_start(p->writer) < 0))
		postgres_pipe_fail(p, PQerrorMessage(p->conn));
}

static void
on_writable(void *arg)
{
	flush_pipe(arg);
}

static void
note_failure(struct postgres_batch *batch, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message =
	    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (batch->failed)
		return;
	batch->failed = true;
	snprintf(batch->state, sizeof(batch->state), "%s",
	    state != NULL ? state : "");
	postgres_url_reason(batch->why, message != NULL ? message :
	    PQresultErrorMessage(result));
}

/* Give the connection up, because we do not know whose answer is whose. */
static void
fail_batch(struct postgres_pipe *p, struct postgres_batch *batch)
{
	batch->failed = true;
	why_set(batch->why, UNEXPECTED);
	postgres_pipe_fail(p, UNEXPECTED);
}

static void
take_result(struct postgres_pipe *p, const PGresult *result)
{
	struct postgres_batch *batch = &p->flying[p->first];

	switch (PQresultStatus(result)) {
	case PGRES_PIPELINE_SYNC:
		if (!batch->failed && batch->answers != batch->statements)
			fail_batch(p, batch);
		/* Its place is the last one to be used again. */
		postgres_pipe_take(p);
		p->handlers->ended(batch, p->arg);
		break;
	case PGRES_PIPELINE_ABORTED:
		batch->failed = true;
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (++batch->answers > batch->statements)
			fail_batch(p, batch);
		if (!batch->failed)
			p->handlers->result(batch, result, p->arg);
		break;
	default:
		note_failure(batch, result);
		break;
	}
}

/* Handle the results that are here. `lost` may free the pipe at the end. */
static void
collect(struct postgres_pipe *p)
{
	uint64_t until_ns = clock_ns() + BUDGET_MS * CLOCK_MS;
	unsigned nulls = 0;
	PGresult *result;

	while (p->n > 0 && !p->failing && !PQisBusy(p->conn)) {
		result = PQgetResult(p->conn);
		if (result != NULL) {
			p->heard_ms = clock_ms();
			take_result(p, result);
			PQclear(result);
			nulls = 0;
		} else if (++nulls > NULLS) {
			postgres_pipe_fail(p, UNEXPECTED);
		}
		if (PQstatus(p->conn) == CONNECTION_BAD)
			postgres_pipe_fail(p, PQerrorMessage(p->conn));
		if (clock_ns() < until_ns)
			continue;
		loop_event_soon(p->more);
		break;
	}
	if (p->failing)
		p->handlers->lost(p->why, p->arg);
}

/*
 * Read past what nobody asked for, notices and notifications, which libpq would
 * keep.
 */
static void
drop_unasked(struct postgres_pipe *p)
{
	PGnotify *notify;

	/* This reads what is here. */
	PQisBusy(p->conn);
	while ((notify = PQnotifies(p->conn)) != NULL)
		PQfreemem(notify);
}

static void
on_more(void *arg)
{
	collect(arg);
}

static void
on_readable(void *arg)
{
	struct postgres_pipe *p = arg;

	if (PQconsumeInput(p->conn) == 0)
		postgres_pipe_fail(p, PQerrorMessage(p->conn));
	drop_unasked(p);
	collect(p);
}

static bool
make_events(struct postgres_pipe *p, struct event_base *loop)
{
	int fd = PQsocket(p->conn);

	p->reader = loop_reader_new(loop, fd, on_readable, p);
	p->writer = loop_writer_new(loop, fd, on_writable, p);
	p->more = loop_timer_new(loop, on_more, p);
	return p->reader != NULL && p->writer != NULL && p->more != NULL &&
	    loop_event_start(p->reader) == 0;
}

static void
drop_events(struct postgres_pipe *p)
{
	loop_event_free(p->reader);
	loop_event_free(p->writer);
	loop_event_free(p->more);
}

struct postgres_pipe *
postgres_pipe_new(struct event_base *loop, PGconn *conn,
    const struct postgres_pipe_handlers *handlers, void *arg)
{
	struct postgres_pipe *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->conn = conn;
	p->handlers = handlers;
	p->arg = arg;
	if (PQsetnonblocking(conn, 1) == 0 && PQenterPipelineMode(conn) == 1 &&
	    make_events(p, loop))
		return p;
	drop_events(p);
	free(p);
	return NULL;
}

void
postgres_pipe_free(struct postgres_pipe *pipe)
{
	if (pipe == NULL)
		return;
	drop_events(pipe);
	PQfinish(pipe->conn);
	free(pipe);
}

PGconn *
postgres_pipe_conn(const struct postgres_pipe *pipe)
{
	return pipe->conn;
}

struct postgres_batch *
postgres_pipe_begin(struct postgres_pipe *pipe, int kind)
{
	struct postgres_batch *batch;

	if (pipe->n == POSTGRES_FLYING || pipe->failing)
		return NULL;
	if (pipe->n == 0)
		pipe->heard_ms = clock_ms();
	batch = &pipe->flying[(pipe->first + pipe->n++) % POSTGRES_FLYING];
	memset(batch, 0, sizeof(*batch));
	batch->kind = kind;
	postgres_queue_init(&batch->requests);
	return batch;
}

void
postgres_pipe_end(struct postgres_pipe *pipe, unsigned statements,
    bool good)
{
	pipe->flying[(pipe->first + pipe->n - 1) % POSTGRES_FLYING].statements =
	    statements;
	if (!good || PQpipelineSync(pipe->conn) != 1)
		postgres_pipe_fail(pipe, PQerrorMessage(pipe->conn));
	else
		flush_pipe(pipe);
}

struct postgres_batch *
postgres_pipe_take(struct postgres_pipe *pipe)
{
	struct postgres_batch *batch;

	if (pipe->n == 0)
		return NULL;
	batch = &pipe->flying[pipe->first];
	pipe->first = (pipe->first + 1) % POSTGRES_FLYING;
	pipe->n--;
	return batch;
}

bool
postgres_pipe_passing(const struct postgres_batch *batch)
{
	return strncmp(batch->state, "40", 2) == 0 ||
	    strcmp(batch->state, "57014") == 0;
}

size_t
postgres_pipe_flying(const struct postgres_pipe *pipe)
{
	return pipe->n;
}

uint64_t
postgres_pipe_silent_ms(const struct postgres_pipe *pipe)
{
	return pipe->n == 0 ? 0 : clock_ms() - pipe->heard_ms;
}
