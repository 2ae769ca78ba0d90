/*
 * redis_link: a connection that is kept, probed and reopened. Called by
 * directory_redis. See redis_link.h.
 */
#include "directory/redis_link.h"

#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>
#include <hiredis/adapters/libevent.h>

#include "base/clock.h"
#include "directory/directory_redis.h"

#define SILENT_MS 3000		/* with commands pending: it is lost */

void
redis_link_answered(struct redis_link *link)
{
	link->asked--;
	link->heard_ms = clock_ms();
}

void
redis_link_asked(struct redis_link *link)
{
	if (link->asked++ == 0)
		link->heard_ms = clock_ms();
}

static void
set_up(struct redis_link *link, bool up)
{
	if (up)
		link->fault[0] = '\0';
	if (link->up == up)
		return;
	link->up = up;
	link->changed(link, link->arg);
}

void
redis_link_fault(struct redis_link *link, const char *why)
{
	char text[LOG_TEXT], addr[ADDR_TEXT];

	log_text(text, why);
	if (strcmp(link->fault, text) != 0) {
		strcpy(link->fault, text);
		log_error("directory_fault", "redis=%s err=%s",
		    addr_format(&link->server.addr, addr), text);
	}
	set_up(link, false);
}

/*
 * Handle the reply to AUTH and SELECT. A refusal makes the connection useless,
 * because the next commands would go to another database. Success means
 * nothing, because a server that loads its data gives it too.
 */
static void
on_greeted(redisAsyncContext *context, void *reply, void *arg)
{
	struct redis_link *link = context->data;
	const redisReply *r = reply;

	(void)arg;
	redis_link_answered(link);
	if (r == NULL || r->type != REDIS_REPLY_ERROR || link->refused)
		return;
	link->refused = true;
	redis_link_fault(link, r->str);
}

/*
 * Handle the first half of a probe, which is the whole if look-ups go
 * elsewhere.
 */
static void
on_schema(redisAsyncContext *context, void *reply, void *arg)
{
	struct redis_link *link = context->data;
	const char *why;

	(void)arg;
	redis_link_answered(link);
	if (reply == NULL)
		return;
	link->holds = directory_redis_schema(reply, &why) == 0 &&
	    !link->refused;
	if (!link->holds && !link->refused)
		redis_link_fault(link, why);
	if (link->server.reads)
		return;
	link->probing = false;
	if (link->holds)
		set_up(link, true);
}

/* Handle the second half. */
static void
on_look_up(redisAsyncContext *context, void *reply, void *arg)
{
	struct redis_link *link = context->data;
	const redisReply *r = reply;

	(void)arg;
	redis_link_answered(link);
	link->probing = false;
	if (r == NULL || !link->holds)
		return;
	if (r->type == REDIS_REPLY_ARRAY)
		set_up(link, true);
	else
		redis_link_fault(link, r->type == REDIS_REPLY_ERROR ? r->str :
		    "HGETALL has an unexpected answer");
}

static void
on_connect(const redisAsyncContext *context, int status)
{
	struct redis_link *link = context->data;

	/* A connected server still has to answer. */
	if (status == REDIS_OK)
		return;
	link->context = NULL;	/* hiredis frees it */
	set_up(link, false);
}

static void
on_disconnect(const redisAsyncContext *context, int status)
{
	struct redis_link *link = context->data;

	(void)status;
	link->context = NULL;
	set_up(link, false);
}

static bool
ask_link(struct redis_link *link, redisCallbackFn *done, const char *command,
    const char *argument)
{
	const char *args[] = { command, argument };

	if (redisAsyncCommandArgv(link->context, done, NULL, 2, args, NULL) !=
	    REDIS_OK)
		return false;
	redis_link_asked(link);
	return true;
}

/* Probe with the commands of a look-up: if this fails, every look-up would. */
static void
probe(struct redis_link *link)
{
	link->holds = false;
	link->probing = ask_link(link, on_schema, "GET",
	    DIRECTORY_REDIS_VERSION);
	if (link->probing && link->server.reads)
		link->probing = ask_link(link, on_look_up, "HGETALL",
		    DIRECTORY_REDIS_NOBODY);
}

/* An address needs no name resolution, so this does not block. */
void
redis_link_open(struct redis_link *link)
{
	char ip[ADDR_TEXT], number[16];
	redisAsyncContext *context;

	context = redisAsyncConnect(addr_format_ip(&link->server.addr, ip),
	    addr_port(&link->server.addr));
	if (context == NULL)
		return;
	if (context->err != 0 ||
	    redisLibeventAttach(context, link->loop) != REDIS_OK) {
		redisAsyncFree(context);
		return;
	}
	redis_guard(&link->guard, context);
	context->data = link;
	link->context = context;
	link->asked = 0;
	link->refused = false;
	redisAsyncSetConnectCallback(context, on_connect);
	redisAsyncSetDisconnectCallback(context, on_disconnect);
	if (link->server.password[0] != '\0')
		ask_link(link, on_greeted, "AUTH", link->server.password);
	snprintf(number, sizeof(number), "%d", link->server.database);
	ask_link(link, on_greeted, "SELECT", number);
	probe(link);
}

void
redis_link_close(struct redis_link *link)
{
	redisAsyncContext *context = link->context;

	if (context != NULL)
		redisAsyncFree(context);
	link->context = NULL;
	set_up(link, false);
}

static bool
is_silent(const struct redis_link *link)
{
	return link->asked > 0 && clock_ms() - link->heard_ms > SILENT_MS;
}

void
redis_link_tick(struct redis_link *link)
{
	if (link->context == NULL)
		redis_link_open(link);
	else if (link->refused || is_silent(link))
		redis_link_close(link);
	else if (!link->probing)
		probe(link);
}
