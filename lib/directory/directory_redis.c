/*
 * directory_redis: the engine on Redis. It reads from one server, if it can one
 * beside us, and writes to the master (redis_pool). The directory counts as
 * usable while it can be read, because calls need no more. Requests fail at
 * once while there is no server for them, except before the first attempt has
 * ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directory/directory_engine.h"
#include "directory/redis_pool.h"
#include "directory/redis_task.h"
#include "directory/redis_url.h"
#include "net/loop.h"
#include "wire/why.h"

/*
 * A look-up whose server is lost is asked again. Three servers of a region may
 * be restarted one after the other.
 */
#define TRIES 3

struct queue {
	struct directory_request *first, **last;
};

struct redis {
	struct directory_engine engine;
	struct directory *directory;
	struct redis_pool *pool;
	struct loop_event *finish;	/* finishes requests from the loop */
	struct queue finished, waiting;
	bool told, usable;
	char write_why[WHY_TEXT];	/* the last write failed; "": it did
					 * not */
	char read_why[LOG_TEXT];	/* the last failed read, as logged */
	bool closing;
};

static void
queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void
queue_put(struct queue *q, struct directory_request *request)
{
	request->next = NULL;
	*q->last = request;
	q->last = &request->next;
}

/* Take the whole queue. */
static struct directory_request *
queue_take_all(struct queue *q)
{
	struct directory_request *first = q->first;

	queue_init(q);
	return first;
}

static void
on_finish(void *arg)
{
	struct redis *r = arg;
	struct directory_request *request, *next;

	/* A new request, made by a handler of these, has the next turn. */
	for (request = queue_take_all(&r->finished); request != NULL;
	    request = next) {
		next = request->next;
		directory_finished(request);
	}
}

/* Finish a request from the loop, never from within submit. */
static void
finish_soon(struct redis *r, struct directory_request *request, int err)
{
	request->err = err;
	queue_put(&r->finished, request);
	loop_event_soon(r->finish);
}

static void
set_write_why(struct redis *r, const char *why)
{
	char text[LOG_TEXT];

	if (strcmp(r->write_why, why) == 0)
		return;
	why_set(r->write_why, "%s", why);
	if (why[0] != '\0')
		log_error("directory_write", "err=%s", log_text(text, why));
	directory_writable(r->directory, why);
}

/* A request failed at a server, in its words or because it was lost. */
static void
take_failure(struct redis *r, const struct redis_task *task,
    const char *words)
{
	char text[LOG_TEXT], name[REDIS_SERVER_TEXT], why[WHY_TEXT];

	why_set(why, "redis: %s: %s", redis_server_name(task->server, name),
	    words != NULL ? words : "the connection was lost");
	redis_pool_doubt(r->pool, task->server);
	if (directory_writes(task->request->op)) {
		set_write_why(r, why);
		return;
	}
	directory_read_failed(r->directory, why);
	if (words != NULL && strcmp(r->read_why, log_text(text, words)) != 0) {
		strcpy(r->read_why, text);
		log_error("directory_read", "err=%s", text);
	}
}

static void
task_free(struct redis_task *task)
{
	redis_task_free_list(task->list);
	redis_task_free_links(task->links);
	redis_task_free_import(task->import);
	free(task);
}

/* A read that was lost with its connection waits for another server. */
static bool
read_again(struct redis *r, struct directory_request *request,
    const char *words)
{
	if (directory_writes(request->op) || request->primary ||
	    words != NULL || ++request->tries >= TRIES)
		return false;
	directory_found_clear(request);
	queue_put(&r->waiting, request);
	return true;
}

static void
on_task(struct redis_task *task, int err, const char *words)
{
	struct redis *r = task->owner;
	struct directory_request *request = task->request;

	request->err = err;
	if (r->closing) {
		task_free(task);
		directory_release(request);
		return;
	}
	if (err == -EIO)
		take_failure(r, task, words);
	else if (directory_writes(request->op))
		set_write_why(r, "");
	task_free(task);
	if (err == -EIO && read_again(r, request, words))
		return;
	directory_finished(request);
}

static int
begin_task(struct redis *r, struct redis_server *server,
    struct directory_request *request)
{
	struct redis_task *task = calloc(1, sizeof(*task));
	int err;

	if (task == NULL)
		return -ENOMEM;
	task->server = server;
	task->request = request;
	task->done = on_task;
	task->owner = r;
	if (request->op == DIRECTORY_IMPORT)
		err = redis_task_import(task);
	else if (directory_writes(request->op))
		err = redis_task_write(task);
	else if (request->max_links > 0)
		err = redis_task_read_links(task);
	else
		err = redis_task_read(task);
	if (err < 0)
		task_free(task);
	return err;
}

static void
submit_one(struct redis *r, struct directory_request *request)
{
	bool writes = directory_writes(request->op);
	struct redis_server *server = writes || request->primary ?
	    redis_pool_writer(r->pool) : redis_pool_reader(r->pool);

	if (request->op == DIRECTORY_IMPORT && request->n_entries == 0)
		finish_soon(r, request, 0);
	else if (server == NULL && !redis_pool_settled(r->pool, writes))
		queue_put(&r->waiting, request);
	else if (server == NULL || begin_task(r, server, request) < 0)
		finish_soon(r, request, -EIO);
}

static int
redis_submit(struct directory_engine *engine,
    struct directory_request *request)
{
	submit_one((struct redis *)engine, request);
	return 0;
}

static bool
redis_primary(struct directory_engine *engine)
{
	struct redis *r = (struct redis *)engine;
	const struct redis_server *writer = redis_pool_writer(r->pool);

	return writer != NULL && writer->reads &&
	    writer != redis_pool_reader(r->pool);
}

/* Tell what can be done, once the first attempt has ended. */
static void
tell_state(struct redis *r)
{
	bool usable = redis_pool_reader(r->pool) != NULL;
	char why[WHY_TEXT], text[LOG_TEXT];

	if (redis_pool_writer(r->pool) != NULL) {
		directory_writable(r->directory, r->write_why);
	} else if (redis_pool_settled(r->pool, true)) {
		redis_pool_why(r->pool, true, why);
		r->write_why[0] = '\0';
		directory_writable(r->directory, why);
	}
	if (!usable && !redis_pool_settled(r->pool, false))
		return;
	why_set(why, "%s", "");
	if (!usable)
		redis_pool_why(r->pool, false, why);
	if (!r->told || r->usable != usable)
		log_warn("directory_state", "readable=%d err=%s", usable,
		    log_text(text, why));
	r->told = true;
	r->usable = usable;
	directory_readable(r->directory, usable, why);
}

static void
on_pool(void *arg)
{
	struct redis *r = arg;
	struct directory_request *request, *next;

	if (r->closing)
		return;
	tell_state(r);
	for (request = queue_take_all(&r->waiting); request != NULL;
	    request = next) {
		next = request->next;
		submit_one(r, request);
	}
}

static void
release_all(struct queue *q)
{
	struct directory_request *request, *next;

	for (request = queue_take_all(q); request != NULL; request = next) {
		next = request->next;
		directory_release(request);
	}
}

static void
redis_close(struct directory_engine *engine)
{
	struct redis *r = (struct redis *)engine;

	r->closing = true;
	redis_pool_free(r->pool);
	release_all(&r->waiting);
	release_all(&r->finished);
	loop_event_free(r->finish);
	free(r);
}

int
directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static WHY_TEXT])
{
	struct redis_url url;
	struct redis_pool_options options = {
		.url = &url, .create = create, .changed = on_pool
	};
	struct redis *r;
	int err = redis_url_parse(&url, where, why);

	if (err < 0)
		return err;
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		why_set(why, "redis: out of memory");
		return -ENOMEM;
	}
	r->engine.submit = redis_submit;
	r->engine.primary = redis_primary;
	r->engine.close = redis_close;
	r->directory = directory;
	queue_init(&r->finished);
	queue_init(&r->waiting);
	options.arg = r;
	r->finish = loop_timer_new(loop, on_finish, r);
	err = r->finish != NULL ? redis_pool_new(&r->pool, loop, &options,
	    why) : -ENOMEM;
	if (err < 0) {
		redis_close(&r->engine);
		return err;
	}
	*out = &r->engine;
	return 0;
}
