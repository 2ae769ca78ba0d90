/*
 * The engine on Redis: "redis://[:PASSWORD@]ADDR[,PRIMARY][/N]": what is read
 * is read from ADDR, a replica beside us, what is written goes to the primary;
 * with one address that is both. A connection that is lost or silent is made
 * again by itself; meanwhile requests fail at once. The directory counts as
 * usable while it can be read: calls need no more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>
#include <hiredis/adapters/libevent.h>

#include "base/clock.h"
#include "base/log.h"
#include "peer/directory_redis.h"
#include "peer/redis_guard.h"
#include "wire/addr.h"

#define PORT 6379
#define TICK_MS 250
#define SILENT_MS 3000		/* with something asked: it is lost */
#define OPEN_MS 2000		/* at the start, which may block */
#define URL_MAX 512

struct redis;

/* A connection. */
struct link {
	struct redis *redis;
	struct addr addr;
	redisAsyncContext *context;	/* NULL: none */
	struct redis_guard guard;	/* of it */
	bool up;
	unsigned asked;			/* commands without a reply */
	uint64_t heard_ms;		/* the last reply, or first question */
};

struct redis {
	struct directory_engine engine;
	struct directory *directory;
	struct event_base *loop;
	struct event *tick;
	struct event *refuse;		/* those in refused, from the loop */
	struct directory_request *refused;
	struct link reader, writer;
	bool one;			/* the reader writes as well */
	bool closing;
	char password[128];
	int database;
};

static void link_open(struct link *link);

static void
answered(struct link *link)
{
	link->asked--;
	link->heard_ms = clock_ms();
}

static void
asked(struct link *link)
{
	if (link->asked++ == 0)
		link->heard_ms = clock_ms();
}

static struct link *
link_for(struct redis *r, enum directory_op op)
{
	return directory_redis_writes(op) && !r->one ? &r->writer : &r->reader;
}

static void
on_reply(redisAsyncContext *context, void *reply, void *arg)
{
	struct directory_request *request = arg;
	struct link *link = context->data;

	answered(link);
	if (link->redis->closing) {
		directory_release(request);
		return;
	}
	request->err = reply != NULL ?
	    directory_redis_reply(request, reply) : -EIO;
	directory_finished(request);
}

static void
link_state(struct link *link, bool up)
{
	char text[ADDR_TEXT];

	if (link->up == up)
		return;
	link->up = up;
	if (link->redis->closing)
		return;
	log_warn("directory_link", "redis=%s up=%d",
	    addr_format(&link->addr, text), up);
	if (link == &link->redis->reader)
		directory_usable(link->redis->directory, up);
}

/*
 * To a question of our own: AUTH, SELECT, PING. A server that is there but
 * answers with an error (it loads its data, it wants another password) is of
 * no use.
 */
static void
on_own_reply(redisAsyncContext *context, void *reply, void *arg)
{
	struct link *link = context->data;
	const redisReply *r = reply;
	char text[LOG_TEXT];
	bool good = r != NULL && r->type != REDIS_REPLY_ERROR;

	(void)arg;
	answered(link);
	if (r != NULL && !good && link->up)
		log_error("directory_fault", "err=%s",
		    log_text(text, r->str));
	link_state(link, good);
}

static void
on_connect(const redisAsyncContext *context, int status)
{
	struct link *link = context->data;

	/* Connected it still has to answer. */
	if (status == REDIS_OK)
		return;
	link->context = NULL;	/* hiredis frees it */
	link_state(link, false);
}

static void
on_disconnect(const redisAsyncContext *context, int status)
{
	struct link *link = context->data;

	(void)status;
	link->context = NULL;
	link_state(link, false);
}

static void
ask_own(struct link *link, const char *command, const char *argument)
{
	const char *args[] = { command, argument };

	if (redisAsyncCommandArgv(link->context, on_own_reply, NULL,
	    argument != NULL ? 2 : 1, args, NULL) == REDIS_OK)
		asked(link);
}

/* An address costs no look-up, so this does not block. */
static void
link_open(struct link *link)
{
	struct redis *r = link->redis;
	char ip[ADDR_TEXT], number[16];
	redisAsyncContext *context;

	context = redisAsyncConnect(addr_format_ip(&link->addr, ip),
	    addr_port(&link->addr));
	if (context == NULL)
		return;
	if (context->err != 0 ||
	    redisLibeventAttach(context, r->loop) != REDIS_OK) {
		redisAsyncFree(context);
		return;
	}
	redis_guard(&link->guard, context);
	context->data = link;
	link->context = context;
	link->asked = 0;
	redisAsyncSetConnectCallback(context, on_connect);
	redisAsyncSetDisconnectCallback(context, on_disconnect);
	if (r->password[0] != '\0')
		ask_own(link, "AUTH", r->password);
	snprintf(number, sizeof(number), "%d", r->database);
	ask_own(link, "SELECT", number);
}

/* Away with it: what was asked is answered -EIO by hiredis' last replies. */
static void
link_close(struct link *link)
{
	redisAsyncContext *context = link->context;

	if (context != NULL)
		redisAsyncFree(context);
	link->context = NULL;
	link_state(link, false);
}

/* Make it again, or see whether it still answers. */
static void
link_tick(struct link *link)
{
	if (link->context == NULL)
		link_open(link);
	else if (link->asked == 0)
		ask_own(link, "PING", NULL);
	else if (clock_ms() - link->heard_ms > SILENT_MS)
		link_close(link);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct redis *r = arg;

	(void)fd;
	(void)what;
	link_tick(&r->reader);
	if (!r->one)
		link_tick(&r->writer);
}

static void
on_refuse(evutil_socket_t fd, short what, void *arg)
{
	struct redis *r = arg;
	struct directory_request *request;

	(void)fd;
	(void)what;
	while ((request = r->refused) != NULL) {
		r->refused = request->next;
		request->err = -EIO;
		directory_finished(request);
	}
}

/* Never from within submit. */
static void
refuse(struct redis *r, struct directory_request *request)
{
	request->next = r->refused;
	r->refused = request;
	event_active(r->refuse, EV_TIMEOUT, 0);
}

static int
redis_submit(struct directory_engine *engine,
    struct directory_request *request)
{
	struct redis *r = (struct redis *)engine;
	struct link *link = link_for(r, request->op);

	/* Not yet connected is as good: hiredis keeps what is asked. */
	if (link->context == NULL ||
	    directory_redis_send(link->context, request, on_reply) < 0)
		refuse(r, request);
	else
		asked(link);
	return 0;
}

static void
redis_close(struct directory_engine *engine)
{
	struct redis *r = (struct redis *)engine;
	struct directory_request *request;

	r->closing = true;
	link_close(&r->reader);
	link_close(&r->writer);
	while ((request = r->refused) != NULL) {
		r->refused = request->next;
		directory_release(request);
	}
	if (r->tick != NULL)
		event_free(r->tick);
	if (r->refuse != NULL)
		event_free(r->refuse);
	free(r);
}

static int
complain(char why[static DIRECTORY_WHY], const char *wrong)
{
	snprintf(why, DIRECTORY_WHY, "redis: %s", wrong);
	return -EINVAL;
}

static int
parse(struct redis *r, const char *where, char why[static DIRECTORY_WHY])
{
	char text[URL_MAX], *at = text, *end, *primary;

	if (snprintf(text, sizeof(text), "%s", where) >= (int)sizeof(text))
		return complain(why, "the URL is too long");
	end = strrchr(text, '@');
	if (end != NULL) {
		*end = '\0';
		if (text[0] != ':' ||
		    strlen(text + 1) >= sizeof(r->password))
			return complain(why, "wants :PASSWORD before the @");
		strcpy(r->password, text + 1);
		at = end + 1;
	}
	end = strchr(at, '/');
	if (end != NULL) {
		*end = '\0';
		r->database = atoi(end + 1);
	}
	primary = strchr(at, ',');
	if (primary != NULL)
		*primary++ = '\0';
	if (addr_parse(&r->reader.addr, at, PORT) < 0 ||
	    addr_parse(&r->writer.addr, primary != NULL ? primary : at,
	    PORT) < 0)
		return complain(why, "wants addresses, such as 192.0.2.1:6379"
		    " (a name would have to be looked up)");
	r->one = addr_equal(&r->reader.addr, &r->writer.addr);
	return 0;
}

/* One command, blocking; true if the reply is text or a number, copied. */
static bool
run(redisContext *context, char out[static 32], int n, const char *args[])
{
	redisReply *reply = redisCommandArgv(context, n, args, NULL);
	bool good = reply != NULL && reply->type != REDIS_REPLY_ERROR;

	out[0] = '\0';
	if (good && (reply->type == REDIS_REPLY_STRING ||
	    reply->type == REDIS_REPLY_STATUS))
		snprintf(out, 32, "%s", reply->str);
	if (reply != NULL)
		freeReplyObject(reply);
	return good;
}

static int
check_schema(struct redis *r, redisContext *context, bool writes,
    char why[static DIRECTORY_WHY])
{
	char out[32], number[16], schema[16];

	snprintf(number, sizeof(number), "%d", r->database);
	snprintf(schema, sizeof(schema), "%d", DIRECTORY_REDIS_SCHEMA);
	if (r->password[0] != '\0' && !run(context, out, 2,
	    (const char *[]){ "AUTH", r->password }))
		return complain(why, "the password is refused");
	if (!run(context, out, 2, (const char *[]){ "SELECT", number }))
		return complain(why, "no such database, or a password is "
		    "wanted");
	if (writes && !run(context, out, 3,
	    (const char *[]){ "SETNX", "rp:schema", schema }))
		return complain(why, "the primary cannot be written to");
	if (!run(context, out, 2, (const char *[]){ "GET", "rp:schema" }))
		return complain(why, "cannot be read");
	if (atoi(out) > DIRECTORY_REDIS_SCHEMA)
		return complain(why, "its schema is newer than this "
		    "program's");
	return 0;
}

/* At the start: is it there, and of a kind that we know? May block. */
static int
check(struct redis *r, const struct addr *addr, bool writes,
    char why[static DIRECTORY_WHY])
{
	struct timeval limit = { OPEN_MS / 1000, OPEN_MS % 1000 * 1000 };
	char ip[ADDR_TEXT], text[ADDR_TEXT];
	redisContext *context;
	int err = -EINVAL;

	context = redisConnectWithTimeout(addr_format_ip(addr, ip),
	    addr_port(addr), limit);
	if (context == NULL || context->err != 0) {
		snprintf(why, DIRECTORY_WHY, "redis: %s: %.100s",
		    addr_format(addr, text),
		    context != NULL ? context->errstr : "out of memory");
	} else {
		redisSetTimeout(context, limit);
		err = check_schema(r, context, writes, why);
	}
	if (context != NULL)
		redisFree(context);
	return err;
}

static int
start(struct redis *r, const char *where, char why[static DIRECTORY_WHY])
{
	static const struct timeval every = { 0, TICK_MS * 1000 };
	int err = parse(r, where, why);

	if (err == 0)
		err = check(r, &r->writer.addr, true, why);
	if (err == 0 && !r->one)
		err = check(r, &r->reader.addr, false, why);
	if (err < 0)
		return err;
	r->tick = event_new(r->loop, -1, EV_PERSIST, on_tick, r);
	r->refuse = event_new(r->loop, -1, 0, on_refuse, r);
	if (r->tick == NULL || r->refuse == NULL ||
	    event_add(r->tick, &every) < 0)
		return complain(why, "out of memory");
	link_open(&r->reader);
	if (!r->one)
		link_open(&r->writer);
	/* It answered a moment ago. */
	r->reader.up = true;
	r->writer.up = true;
	return 0;
}

int
directory_redis_open(struct directory_engine **out,
    struct directory *directory, struct event_base *loop, const char *where,
    bool create, char why[static DIRECTORY_WHY])
{
	struct redis *r = calloc(1, sizeof(*r));
	int err;

	(void)create;		/* there is no file that could be missing */
	if (r == NULL)
		return complain(why, "out of memory");
	r->engine.submit = redis_submit;
	r->engine.close = redis_close;
	r->directory = directory;
	r->loop = loop;
	r->reader.redis = r->writer.redis = r;
	err = start(r, where, why);
	if (err < 0) {
		redis_close(&r->engine);
		return err;
	}
	*out = &r->engine;
	return 0;
}
