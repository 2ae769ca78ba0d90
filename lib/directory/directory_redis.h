/*
 * directory_redis: requests as Redis commands, and replies as results. The
 * engine (directory_redis.c) has the connections.
 *
 * Each subscriber has a hash rp:d:NUMBER with one field per device: the SHA-256
 * of its token in hexadecimal, with "PUSH_S PUSH" as value. All numbers are in
 * the sorted set rp:n. The checks and changes of a write are one script, so
 * that several switches cannot interfere. rp:schema holds the schema's number.
 * Without it the server is empty and holds no directory.
 */
#ifndef RP_DIRECTORY_DIRECTORY_REDIS_H
#define RP_DIRECTORY_DIRECTORY_REDIS_H

#include <stdbool.h>

#include <hiredis/async.h>

#include "directory/directory_engine.h"

#define DIRECTORY_REDIS_SCHEMA 1
#define DIRECTORY_REDIS_VERSION "rp:schema"	/* the key of the schema's
						 * number */
#define DIRECTORY_REDIS_NOBODY "rp:d:"	/* like a subscriber's key, but
					 * nobody's */
#define DIRECTORY_REDIS_IMPORT 100000	/* entries per import */

/*
 * Check the reply to GET rp:schema. `*why` says what is wrong and is valid as
 * long as the reply.
 *
 *   0                 a number that we know
 *   -ENOENT           it is missing
 *   -EIO              an error
 *   -EPROTONOSUPPORT  any other value
 */
int directory_redis_schema(const redisReply *reply, const char **why);

/* Send the request as a command. -EIO, -ENOMEM. */
int directory_redis_send(redisAsyncContext *redis,
    struct directory_request *request, redisCallbackFn *done);

/* Interpret the reply: fill in `found`, and return the request's `err`. */
int directory_redis_reply(struct directory_request *request,
    const redisReply *reply);

#endif
