/*
 * redis_guard: protection against unexpected replies. hiredis asserts, and so
 * ends the process, when a server sends what nobody asked for, as a broken one
 * does or one that is not Redis. With a guard that is an error of the
 * connection, which is then closed. So is a reply with more elements than any
 * of ours has.
 */
#ifndef RP_DIRECTORY_REDIS_GUARD_H
#define RP_DIRECTORY_REDIS_GUARD_H

#include <hiredis/async.h>

/* Embedded beside the context. It must outlive the context. */
struct redis_guard {
	redisAsyncContext *context;
	redisReplyObjectFunctions *plain, ours;
};

/* Install the guard, before the loop has run with the context. */
void redis_guard(struct redis_guard *guard, redisAsyncContext *context);

#endif
