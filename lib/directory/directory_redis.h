/*
 * directory_redis: requests as Redis commands, and replies as answers; the
 * engine (directory_redis.c) has the connections. Of each subscriber there is
 * a hash rp:d:NUMBER, a field a device: the SHA-256 of its token in
 * hexadecimal, with "PUSH_S PUSH" as value; and all numbers are in the sorted
 * set rp:n. What a write checks and what it changes is one script, so that
 * several switches cannot come between. rp:schema holds the schema's number:
 * where it is missing there is no directory, but an empty server.
 */
#ifndef RP_DIRECTORY_DIRECTORY_REDIS_H
#define RP_DIRECTORY_DIRECTORY_REDIS_H

#include <stdbool.h>

#include <hiredis/async.h>

#include "directory/directory_engine.h"

#define DIRECTORY_REDIS_SCHEMA 1
#define DIRECTORY_REDIS_VERSION "rp:schema"	/* the key of that number */
#define DIRECTORY_REDIS_NOBODY "rp:d:"	/* a subscriber's key, but no one's */
#define DIRECTORY_REDIS_IMPORT 100000	/* entries of one import, at most */

/* Does it change something? Then it goes to the primary. */
bool directory_redis_writes(enum directory_op op);

/*
 * To GET rp:schema: 0 if it is a number that we know. -ENOENT if it is missing,
 * -EIO for an error, -EPROTONOSUPPORT for any other value; why says it, as long
 * as the reply stays.
 */
int directory_redis_schema(const redisReply *reply, const char **why);

/* Send the request as a command. -EIO, -ENOMEM. */
int directory_redis_send(redisAsyncContext *redis,
    struct directory_request *request, redisCallbackFn *done);

/* Take the reply: fills in found; returns what the request's err is to be. */
int directory_redis_reply(struct directory_request *request,
    const redisReply *reply);

#endif
