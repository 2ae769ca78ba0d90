/*
 * redis_guard: turn an unexpected reply, or one that is too large, into an
 * error of the connection. Called by redis_link. See redis_guard.h.
 */
#include "directory/redis_guard.h"

#include <stdbool.h>
#include <stddef.h>

#include <hiredis/hiredis.h>

/* A subscriber's devices with all their fields need about a hundred. */
#define ELEMENTS_MAX 65536

#if HIREDIS_MAJOR > 0
typedef size_t count;
#else
typedef int count;
#endif

/*
 * Is it part of a reply, or a whole one that was requested? An unrequested
 * error is passed on, because hiredis can handle it (too many clients).
 */
static bool
is_wanted(const redisReadTask *task)
{
	const struct redis_guard *guard = task->privdata;

	return task->parent != NULL || task->type == REDIS_REPLY_ERROR ||
	    guard->context->replies.head != NULL;
}

static redisReplyObjectFunctions *
plain(const redisReadTask *task)
{
	return ((const struct redis_guard *)task->privdata)->plain;
}

static void *
make_string(const redisReadTask *task, char *text, size_t len)
{
	return is_wanted(task) ? plain(task)->createString(task, text, len) :
	    NULL;
}

static void *
make_array(const redisReadTask *task, count n)
{
	return is_wanted(task) && n <= ELEMENTS_MAX ?
	    plain(task)->createArray(task, n) : NULL;
}

static void *
make_integer(const redisReadTask *task, long long value)
{
	return is_wanted(task) ? plain(task)->createInteger(task, value) : NULL;
}

static void *
make_nil(const redisReadTask *task)
{
	return is_wanted(task) ? plain(task)->createNil(task) : NULL;
}

void
redis_guard(struct redis_guard *guard, redisAsyncContext *context)
{
	redisReader *reader = context->c.reader;

	guard->context = context;
	guard->plain = reader->fn;
	guard->ours = *reader->fn;
	guard->ours.createString = make_string;
	guard->ours.createArray = make_array;
	guard->ours.createInteger = make_integer;
	guard->ours.createNil = make_nil;
	reader->fn = &guard->ours;
	reader->privdata = guard;
}
