/*
 * postgres_run: the requests of a link, in batches. See postgres_private.h.
 */
#include <errno.h>
#include <string.h>

#include "directory/postgres_import.h"
#include "directory/postgres_ops.h"
#include "directory/postgres_private.h"
#include "directory/postgres_schema.h"
#include "net/loop.h"

#define BATCH 64		/* requests that are committed together */

static void
refuse_request(struct postgres_link *l, struct directory_request *request)
{
	postgres_queue_add(&l->refused, request);
	loop_event_soon(l->pump);
}

void
postgres_run_refuse(struct postgres_link *link)
{
	struct directory_request *r;

	while ((r = postgres_queue_take(&link->again)) != NULL)
		refuse_request(link, r);
	while ((r = postgres_queue_take(&link->todo)) != NULL)
		refuse_request(link, r);
}

/*
 * A read is asked once more, of the next server. A write may have been made or
 * not, so it is not repeated.
 */
void
postgres_run_recover(struct postgres_link *link)
{
	struct postgres_batch *batch;
	struct directory_request *r;

	while ((batch = postgres_pipe_take(link->pipe)) != NULL)
		while ((r = postgres_queue_take(&batch->requests)) != NULL)
			if (batch->alone || directory_writes(r->op))
				refuse_request(link, r);
			else
				postgres_queue_add(&link->again, r);
	if (link->import != NULL)
		refuse_request(link, link->import);
	link->import = NULL;
}

/* Send a batch of what waits. Return false if there is nothing to send. */
static bool
send_requests(struct postgres_link *l)
{
	bool alone = l->again.first != NULL, good = true;
	struct postgres_queue *from = alone ? &l->again : &l->todo;
	struct postgres_batch *batch;
	struct directory_request *r;
	unsigned n = 0, statements = 0;

	if (from->first == NULL)
		return false;
	batch = postgres_pipe_begin(l->pipe, POSTGRES_REQUESTS);
	if (batch == NULL)
		return false;
	batch->alone = alone;
	while (n++ < (alone ? 1 : BATCH) && from->first != NULL &&
	    from->first->op != DIRECTORY_IMPORT) {
		r = postgres_queue_take(from);
		r->err = 0;
		statements += postgres_ops_results(r);
		good = good && postgres_ops_send(postgres_pipe_conn(l->pipe),
		    r);
		postgres_queue_add(&batch->requests, r);
	}
	batch->current = batch->requests.first;
	postgres_pipe_end(l->pipe, statements, good);
	return true;
}

static void
send_import(struct postgres_link *l)
{
	if (postgres_pipe_begin(l->pipe, POSTGRES_IMPORT) != NULL)
		postgres_pipe_end(l->pipe,
		    postgres_import_statements(l->import),
		    postgres_import_step(postgres_pipe_conn(l->pipe),
		    l->import));
}

static bool
is_import_next(const struct postgres_link *l)
{
	return l->again.first == NULL && l->todo.first != NULL &&
	    l->todo.first->op == DIRECTORY_IMPORT;
}

static void
begin_import(struct postgres_link *l)
{
	l->import = postgres_queue_take(&l->todo);
	l->import->progress = 0;
	l->import->err = 0;
	send_import(l);
}

/*
 * A writer has one batch in flight: what comes meanwhile is committed together,
 * which costs the disk, or a standby an ocean away, one wait.
 */
static void
send_waiting(struct postgres_link *l)
{
	size_t most = l->o.writes ? 1 : POSTGRES_FLYING;

	while (l->import == NULL && postgres_pipe_flying(l->pipe) < most)
		if (is_import_next(l))
			begin_import(l);
		else if (!send_requests(l))
			return;
}

void
postgres_run_pump(struct postgres_link *link)
{
	struct directory_request *r, *first;

	if (link->up)
		send_waiting(link);
	else if (!link->hopes)
		postgres_run_refuse(link);
	/* A new request, made by a handler of these, has the next turn. */
	first = link->refused.first;
	postgres_queue_init(&link->refused);
	while ((r = first) != NULL) {
		first = r->next;
		r->err = -EIO;
		directory_finished(r);
	}
}

void
postgres_run_result(struct postgres_link *link, struct postgres_batch *batch,
    const PGresult *result)
{
	struct directory_request *r = batch->current;

	if (batch->kind == POSTGRES_IMPORT) {
		batch->over = postgres_import_read(link->import, result);
		return;
	}
	if (r == NULL || ++batch->results < postgres_ops_results(r))
		return;
	postgres_ops_read(r, result);
	batch->current = r->next;
	batch->results = 0;
}

/*
 * Handle a request that failed alone. A look-up that fails says that all do. A
 * write's failure is its own, unless it says that this server is a standby now.
 */
static void
request_failed(struct postgres_link *l, struct directory_request *r,
    const struct postgres_batch *batch)
{
	char why[WHY_TEXT];

	r->err = -EIO;
	postgres_schema_reason(why, batch->state, batch->why);
	if ((!directory_writes(r->op) &&
	    !postgres_pipe_passing(batch)) ||
	    strcmp(batch->state, "25006") == 0) {
		postgres_pipe_fail(l->pipe, why);
		return;
	}
	why_set(l->why, "%.90s: %.400s", l->server, why);
	postgres_link_changed(l);
}

/* A failure undoes a whole batch. Then each of its requests is tried alone. */
static bool
is_to_repeat(const struct postgres_batch *batch)
{
	return batch->failed && !batch->alone &&
	    (batch->requests.first->next != NULL ||
	    postgres_pipe_passing(batch));
}

static void
requests_ended(struct postgres_link *l, struct postgres_batch *batch)
{
	bool again = is_to_repeat(batch);
	struct directory_request *r;

	while ((r = postgres_queue_take(&batch->requests)) != NULL) {
		if (again) {
			postgres_queue_add(&l->again, r);
			continue;
		}
		if (batch->failed) {
			request_failed(l, r, batch);
		} else if (directory_writes(r->op) && l->why[0] != '\0') {
			l->why[0] = '\0';
			postgres_link_changed(l);
		}
		directory_finished(r);
	}
}

static void
finish_import(struct postgres_link *l)
{
	struct directory_request *r = l->import;

	l->import = NULL;
	directory_finished(r);
}

static void
import_ended(struct postgres_link *l, const struct postgres_batch *batch)
{
	if (batch->failed) {
		l->import->failed_at = l->import->progress;
		request_failed(l, l->import, batch);
	} else if (!batch->over) {
		send_import(l);
		return;
	} else if (l->import->err == 0) {
		finish_import(l);
		return;
	}
	/* Its writes are undone before anybody hears of it. */
	if (postgres_pipe_begin(l->pipe, POSTGRES_UNDO) != NULL)
		postgres_pipe_end(l->pipe, 1, postgres_import_undo(
		    postgres_pipe_conn(l->pipe)));
}

void
postgres_run_ended(struct postgres_link *link, struct postgres_batch *batch)
{
	if (batch->kind == POSTGRES_REQUESTS)
		requests_ended(link, batch);
	else if (batch->kind == POSTGRES_IMPORT)
		import_ended(link, batch);
	else
		finish_import(link);
}
