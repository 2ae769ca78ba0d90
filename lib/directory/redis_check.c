/*
 * redis_check: log in, look up and check the schema, blocking, before there is
 * a loop. See redis_check.h.
 */
#include "directory/redis_check.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "directory/directory_redis.h"
#include "wire/why.h"

#define OPEN_MS 2000
/* A replica gets a new schema some round trips after its primary. */
#define LAG_MS 1000
#define LAG_STEP_MS 20

static int
complain_check(char why[static WHY_TEXT], const char *wrong)
{
	why_set(why, "redis: %s", wrong);
	return -EINVAL;
}

static redisReply *
ask_redis(redisContext *context, int n, const char *args[])
{
	return redisCommandArgv(context, n, args, NULL);
}

/* Run a command of which only the success matters. */
static bool
run_redis(redisContext *context, int n, const char *args[])
{
	redisReply *reply = ask_redis(context, n, args);
	bool good = reply != NULL && reply->type != REDIS_REPLY_ERROR;

	if (reply != NULL)
		freeReplyObject(reply);
	return good;
}

static int
check_schema(redisContext *context, bool writes,
    char why[static WHY_TEXT])
{
	redisReply *reply = ask_redis(context, 2,
	    (const char *[]){ "GET", DIRECTORY_REDIS_VERSION });
	const char *wrong;
	int err;

	if (reply == NULL)
		return complain_check(why, "cannot be read");
	err = directory_redis_schema(reply, &wrong);
	if (err < 0)
		complain_check(why, wrong);
	freeReplyObject(reply);
	if (err == 0)
		return 0;
	return writes || err == -EPROTONOSUPPORT ? -EINVAL : -EAGAIN;
}

static int
check_look_up(redisContext *context, char why[static WHY_TEXT])
{
	redisReply *reply = ask_redis(context, 2,
	    (const char *[]){ "HGETALL", DIRECTORY_REDIS_NOBODY });
	int err = 0;

	if (reply == NULL)
		return complain_check(why, "cannot be read");
	if (reply->type != REDIS_REPLY_ARRAY) {
		complain_check(why, reply->type == REDIS_REPLY_ERROR ?
		    reply->str :
		    "cannot be read");
		err = -EAGAIN;
	}
	freeReplyObject(reply);
	return err;
}

static int
check_login(redisContext *context, const struct redis_server *server,
    char why[static WHY_TEXT])
{
	char number[16];

	snprintf(number, sizeof(number), "%d", server->database);
	if (server->password[0] != '\0' && !run_redis(context, 2,
	    (const char *[]){ "AUTH", server->password }))
		return complain_check(why, "the password is refused");
	if (!run_redis(context, 2, (const char *[]){ "SELECT", number }))
		return complain_check(why, "no such database, or the server "
		    "needs a password");
	return 0;
}

static int
check_server(redisContext *context, const struct redis_server *server,
    bool writes, char why[static WHY_TEXT])
{
	uint64_t until_ms = clock_ms() + LAG_MS;
	char schema[16];
	int err = check_login(context, server, why);

	if (err < 0)
		return err;
	snprintf(schema, sizeof(schema), "%d", DIRECTORY_REDIS_SCHEMA);
	if (writes && !run_redis(context, 3, (const char *[]){ "SETNX",
	    DIRECTORY_REDIS_VERSION, schema }))
		return complain_check(why, "the primary cannot be written to");
	while ((err = check_schema(context, writes, why)) == -EAGAIN &&
	    clock_ms() < until_ms)
		usleep(LAG_STEP_MS * 1000);
	return err == 0 && server->reads ? check_look_up(context, why) : err;
}

int
redis_check(const struct redis_server *server, bool writes,
    char why[static WHY_TEXT])
{
	struct timeval limit = { OPEN_MS / 1000, OPEN_MS % 1000 * 1000 };
	char ip[ADDR_TEXT], text[ADDR_TEXT];
	redisContext *context;
	int err = -EINVAL;

	context = redisConnectWithTimeout(addr_format_ip(&server->addr, ip),
	    addr_port(&server->addr), limit);
	if (context == NULL || context->err != 0) {
		why_set(why, "redis: %s: %.100s",
		    addr_format(&server->addr, text),
		    context != NULL ? context->errstr : "out of memory");
	} else {
		redisSetTimeout(context, limit);
		err = check_server(context, server, writes, why);
	}
	if (context != NULL)
		redisFree(context);
	return err;
}
