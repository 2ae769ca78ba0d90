/*
 * directory_redis: the engine on Redis,
 * "redis://[:PASSWORD@]ADDR[,PRIMARY][/N]". It reads from ADDR, a replica
 * beside us, and writes to the primary; a single address is both. A connection
 * that is lost or silent reconnects by itself (redis_link); meanwhile requests
 * fail at once. The directory counts as usable while it can be read, because
 * calls need no more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directory/directory_redis.h"
#include "directory/redis_check.h"
#include "directory/redis_link.h"
#include "net/loop.h"
#include "wire/addr.h"
#include "wire/why.h"

#define PORT 6379
#define TICK_MS 250
#define URL_MAX 512

struct redis {
	struct directory_engine engine;
	struct directory *directory;
	struct event_base *loop;
	struct loop_event *tick;
	struct loop_event *refuse;	/* refuses requests from the loop */
	struct directory_request *refused;
	struct redis_link reader, writer;
	bool one;			/* the reader also writes */
	bool closing;
};

static struct redis_link *
link_for(struct redis *r, enum directory_op op)
{
	return directory_writes(op) && !r->one ? &r->writer : &r->reader;
}

static void
on_link(struct redis_link *link, void *arg)
{
	struct redis *r = arg;
	char text[ADDR_TEXT];

	if (r->closing)
		return;
	log_warn("directory_link", "redis=%s up=%d",
	    addr_format(&link->server.addr, text), link->up);
	if (link == &r->reader)
		directory_readable(r->directory, link->up, link->fault);
}

/*
 * Decide a doubt: a subscriber without a device is unknown only if the others
 * are known.
 */
static void
on_doubt(redisAsyncContext *context, void *reply, void *arg)
{
	struct directory_request *request = arg;
	struct redis_link *link = context->data;
	struct redis *r = link->arg;
	const char *why;

	redis_link_answered(link);
	if (r->closing) {
		directory_release(request);
		return;
	}
	if (reply == NULL) {
		request->err = -EIO;
	} else if (directory_redis_schema(reply, &why) < 0) {
		request->err = -EIO;
		redis_link_fault(link, why);
	}
	directory_finished(request);
}

static bool
doubt(redisAsyncContext *context, struct directory_request *request)
{
	struct redis_link *link = context->data;
	const char *args[] = { "GET", DIRECTORY_REDIS_VERSION };

	if (redisAsyncCommandArgv(context, on_doubt, request, 2, args, NULL) !=
	    REDIS_OK)
		return false;
	redis_link_asked(link);
	return true;
}

static void
on_reply(redisAsyncContext *context, void *reply, void *arg)
{
	struct directory_request *request = arg;
	struct redis_link *link = context->data;
	struct redis *r = link->arg;

	redis_link_answered(link);
	if (r->closing) {
		directory_release(request);
		return;
	}
	request->err = reply != NULL ?
	    directory_redis_reply(request, reply) : -EIO;
	if (request->op == DIRECTORY_LOOKUP && request->err == -ENOENT) {
		if (doubt(context, request))
			return;
		request->err = -EIO;
	}
	directory_finished(request);
}

static void
on_tick(void *arg)
{
	struct redis *r = arg;

	redis_link_tick(&r->reader);
	if (!r->one)
		redis_link_tick(&r->writer);
}

static void
on_refuse(void *arg)
{
	struct redis *r = arg;
	struct directory_request *request, *first = r->refused;

	/* A new request, made by a handler of these, has the next turn. */
	r->refused = NULL;
	while ((request = first) != NULL) {
		first = request->next;
		request->err = -EIO;
		directory_finished(request);
	}
}

/* Refuse a request from the loop, never from within submit. */
static void
refuse_request(struct redis *r, struct directory_request *request)
{
	request->next = r->refused;
	r->refused = request;
	loop_event_soon(r->refuse);
}

static int
redis_submit(struct directory_engine *engine,
    struct directory_request *request)
{
	struct redis *r = (struct redis *)engine;
	struct redis_link *link = link_for(r, request->op);

	/*
	 * At the start it may not be connected yet; hiredis then queues the
	 * command.
	 */
	if (!link->up || link->context == NULL ||
	    directory_redis_send(link->context, request, on_reply) < 0)
		refuse_request(r, request);
	else
		redis_link_asked(link);
	return 0;
}

static void
redis_close(struct directory_engine *engine)
{
	struct redis *r = (struct redis *)engine;
	struct directory_request *request;

	r->closing = true;
	redis_link_close(&r->reader);
	redis_link_close(&r->writer);
	while ((request = r->refused) != NULL) {
		r->refused = request->next;
		directory_release(request);
	}
	loop_event_free(r->tick);
	loop_event_free(r->refuse);
	free(r);
}

static int
complain_redis(char why[static WHY_TEXT], const char *wrong)
{
	why_set(why, "redis: %s", wrong);
	return -EINVAL;
}

static int
parse(struct redis *r, const char *where, char why[static WHY_TEXT])
{
	struct redis_server *reader = &r->reader.server;
	struct redis_server *writer = &r->writer.server;
	char text[URL_MAX], *at = text, *end, *primary;

	if (snprintf(text, sizeof(text), "%s", where) >= (int)sizeof(text))
		return complain_redis(why, "the URL is too long");
	end = strrchr(text, '@');
	if (end != NULL) {
		*end = '\0';
		if (text[0] != ':' ||
		    strlen(text + 1) >= sizeof(reader->password))
			return complain_redis(why,
			    "wants :PASSWORD before the @");
		strcpy(reader->password, text + 1);
		at = end + 1;
	}
	end = strchr(at, '/');
	if (end != NULL) {
		*end = '\0';
		reader->database = atoi(end + 1);
	}
	primary = strchr(at, ',');
	if (primary != NULL)
		*primary++ = '\0';
	*writer = *reader;
	reader->reads = true;
	if (addr_parse(&reader->addr, at, PORT) < 0 ||
	    addr_parse(&writer->addr, primary != NULL ? primary : at,
	    PORT) < 0)
		return complain_redis(why,
		    "wants addresses, such as 192.0.2.1:6379"
		    " (a name would have to be looked up)");
	r->one = addr_equal(&reader->addr, &writer->addr);
	return 0;
}

/*
 * Check the servers first, which may block. Return -EAGAIN if they are unusable
 * for now.
 */
static int
check_redis(struct redis *r, char why[static WHY_TEXT])
{
	int err;

	if (r->one)
		return redis_check(&r->reader.server, true, why);
	err = redis_check(&r->writer.server, true, why);
	return err < 0 ? err : redis_check(&r->reader.server, false, why);
}

static void
link_init(struct redis *r, struct redis_link *link)
{
	link->loop = r->loop;
	link->changed = on_link;
	link->arg = r;
	link->up = true;	/* it answered a moment ago */
}

static int
start_redis(struct redis *r, const char *where, char why[static WHY_TEXT])
{
	int err = parse(r, where, why);

	if (err == 0)
		err = check_redis(r, why);
	if (err < 0 && err != -EAGAIN)
		return err;
	r->tick = loop_ticker_new(r->loop, on_tick, r);
	r->refuse = loop_timer_new(r->loop, on_refuse, r);
	if (r->tick == NULL || r->refuse == NULL ||
	    loop_timer_set_ms(r->tick, TICK_MS) < 0)
		return complain_redis(why, "out of memory");
	/* A server that has no directory yet may have it later. */
	if (err == -EAGAIN)
		redis_link_fault(&r->reader, why);
	redis_link_open(&r->reader);
	if (!r->one)
		redis_link_open(&r->writer);
	return 0;
}

int
directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static WHY_TEXT])
{
	struct redis *r = calloc(1, sizeof(*r));
	int err;

	(void)create;		/* no file could be missing */
	if (r == NULL)
		return complain_redis(why, "out of memory");
	r->engine.submit = redis_submit;
	r->engine.close = redis_close;
	r->directory = directory;
	r->loop = loop;
	link_init(r, &r->reader);
	link_init(r, &r->writer);
	err = start_redis(r, where + strlen("redis://"), why);
	if (err == 0)
		directory_readable(directory, r->reader.up, r->reader.fault);
	if (err < 0) {
		redis_close(&r->engine);
		return err;
	}
	*out = &r->engine;
	return 0;
}
