/*
 * redis_guard: make an answer that nobody asked for, or one that is too large,
 * an error of the connection. Called by redis_link. See redis_guard.h.
 */
#include "directory/redis_guard.h"

#include <stdbool.h>
#include <stddef.h>

#include <hiredis/hiredis.h>

/* A subscriber's devices and what is kept of them are a hundred. */
#define ELEMENTS_MAX 65536

#if HIREDIS_MAJOR > 0
typedef size_t count;
#else
typedef int count;
#endif

/*
 * Part of an answer, or the whole of one that was asked for. An error that was
 * not is passed on: hiredis knows what to do with that (too many clients).
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
