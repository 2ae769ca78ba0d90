/*
 * redis_guard: hiredis asserts, and so ends the process, when a server says
 * what nobody asked for: one that is broken, or no Redis at all. With a guard
 * that is an error of the connection, which is then given up. So is an answer
 * of more elements than any of ours.
 */
#ifndef RP_DIRECTORY_REDIS_GUARD_H
#define RP_DIRECTORY_REDIS_GUARD_H

#include <hiredis/async.h>

/* Embedded beside the context, which it must outlive. */
struct redis_guard {
	redisAsyncContext *context;
	redisReplyObjectFunctions *plain, ours;
};

/* Before the loop has run with the context. */
void redis_guard(struct redis_guard *guard, redisAsyncContext *context);

#endif
