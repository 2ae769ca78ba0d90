/*
 * redis_schema: how the directory is kept in Redis, and whether a server has
 * it.
 *
 *   rp:schema    string, the schema's number. Without it a server is empty and
 *                holds no directory.
 *   rp:n         sorted set of all numbers, each with score 0
 *   rp:d:NUMBER  hash of a subscriber. A field for each device: the SHA-256 of
 *                its token in 64 hexadecimal digits, with "PUSH_S PUSH" as
 *                value. The field "blocked": since when, if the number is.
 *                A field "no:CALLER" for each that it refuses: since when.
 *   rp:g         sorted set of all links as "NUMBER HASH", each with score 0
 *   rp:g:HASH    string of a link, whose secret has this SHA-256:
 *                "NUMBER EXPIRES_S NOTE". It expires by itself, and what is left
 *                of it in rp:g means nothing.
 *   rp:x:NUMBER  hash of what only a list shows, with the same fields: "ADDED_S
 *                SEEN_S RESULT_S RESULT". Without the device it means nothing.
 *
 * A look-up is one HGETALL. Everything but rp:schema, rp:n and the devices in
 * rp:d:NUMBER was added later, such that a switch of version 0.1.0 reads and
 * writes the same directory. It passes over other fields, does not know of a
 * block (and removes it with its subscriber), and leaves rp:x:NUMBER behind.
 *
 * This name is reserved: rp:k:NUMBER for devices' public keys.
 */
#ifndef RP_DIRECTORY_REDIS_SCHEMA_H
#define RP_DIRECTORY_REDIS_SCHEMA_H

#include <hiredis/hiredis.h>

#define REDIS_SCHEMA_NUMBER 1
#define REDIS_SCHEMA_KEY "rp:schema"
#define REDIS_SCHEMA_NUMBERS "rp:n"
#define REDIS_SCHEMA_DEVICES "rp:d:"	/* a subscriber's begin so, and as it
					 * stands it is nobody's */
#define REDIS_SCHEMA_DETAILS "rp:x:"
#define REDIS_SCHEMA_LINKS "rp:g"
#define REDIS_SCHEMA_LINK "rp:g:"
#define REDIS_SCHEMA_BLOCKED "blocked"
#define REDIS_SCHEMA_REFUSES "no:"

/*
 * Check the reply to GET rp:schema. `*why` says what is wrong and is valid as
 * long as the reply.
 *
 *   0                 a number that we know
 *   -ENOENT           it is missing
 *   -EIO              an error
 *   -EPROTONOSUPPORT  any other value
 */
int redis_schema_check(const redisReply *reply, const char **why);

#endif
