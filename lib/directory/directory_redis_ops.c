/*
 * directory_redis_ops: write Redis commands for requests and parse the replies.
 * The other half of directory_redis.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directory/directory_redis.h"
#include "wire/base64.h"

#define KEY DIRECTORY_REDIS_NOBODY
#define NUMBERS "rp:n"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* The results of a script. */
enum { DONE = 0, MISSING = 1, THERE = 2, FULL = 3 };

/* ARGV is now, then number and hash alternating. All are checked, then set. */
static const char add_script[] =
    "local n, seen = {}, {} "
    "for i = 2, #ARGV, 2 do "
    " local number, hash = ARGV[i], ARGV[i + 1] "
    " local at = (i - 2) / 2 "
    " if seen[number .. ' ' .. hash] or "
    "  redis.call('HEXISTS', '" KEY "' .. number, hash) == 1 then "
    "  return {2, at} end "
    " seen[number .. ' ' .. hash] = true "
    " n[number] = (n[number] or redis.call('HLEN', '" KEY "' .. number)) + 1 "
    " if n[number] > " TEXT(DIRECTORY_DEVICES) " then return {3, at} end "
    "end "
    "for i = 2, #ARGV, 2 do "
    " redis.call('HSET', '" KEY "' .. ARGV[i], ARGV[i + 1], '0 ') "
    " redis.call('ZADD', '" NUMBERS "', 0, ARGV[i]) "
    "end "
    "return {0, 0}";

static const char remove_script[] =
    "redis.call('ZREM', '" NUMBERS "', ARGV[1]) "
    "return {1 - redis.call('DEL', '" KEY "' .. ARGV[1]), 0}";

static const char set_script[] =
    "if redis.call('HEXISTS', '" KEY "' .. ARGV[1], ARGV[2]) == 0 then "
    " return {1, 0} end "
    "redis.call('HSET', '" KEY "' .. ARGV[1], ARGV[2], "
    " ARGV[3] .. ' ' .. ARGV[4]) "
    "return {0, 0}";

static const char drop_script[] =
    "local old = redis.call('HGET', '" KEY "' .. ARGV[1], ARGV[2]) "
    "if not old or tonumber(string.match(old, '^%d+')) > tonumber(ARGV[3]) "
    " then return {1, 0} end "
    "redis.call('HSET', '" KEY "' .. ARGV[1], ARGV[2], '0 ') "
    "return {0, 0}";

/*
 * Returns {number, {field, value, ...}} of up to ARGV[2] numbers after ARGV[1].
 */
static const char list_script[] =
    "local from, all = '-', {} "
    "if ARGV[1] ~= '' then from = '(' .. ARGV[1] end "
    "for _, number in ipairs(redis.call('ZRANGEBYLEX', '" NUMBERS "', from, "
    " '+', 'LIMIT', 0, ARGV[2])) do "
    " all[#all + 1] = number "
    " all[#all + 1] = redis.call('HGETALL', '" KEY "' .. number) "
    "end "
    "return all";

int
directory_redis_schema(const redisReply *reply, const char **why)
{
	long schema;
	char *end;

	if (reply->type == REDIS_REPLY_ERROR) {
		*why = reply->str;
		return -EIO;
	}
	if (reply->type != REDIS_REPLY_STRING) {
		*why = "no rp:schema: it holds no directory, or not yet";
		return -ENOENT;
	}
	schema = strtol(reply->str, &end, 10);
	if (reply->str[0] >= '1' && reply->str[0] <= '9' && *end == '\0' &&
	    schema <= DIRECTORY_REDIS_SCHEMA)
		return 0;
	*why = "its schema is newer than this program's, or invalid";
	return -EPROTONOSUPPORT;
}

static int
send_args(redisAsyncContext *redis, struct directory_request *r,
    redisCallbackFn *done, int n, const char *args[])
{
	return redisAsyncCommandArgv(redis, done, r, n, args, NULL) ==
	    REDIS_OK ? 0 : -EIO;
}

/* Send one EVAL for all entries; a million devices take ten of them. */
static int
send_add(redisAsyncContext *redis, struct directory_request *r,
    redisCallbackFn *done)
{
	struct directory_entry one = { 0 };
	const struct directory_entry *entries = r->entries;
	size_t n = r->n_entries, i;
	char now[24], (*hashes)[HEX_TEXT(CRYPTO_SHA256)];
	const char **args;
	int err = -ENOMEM;

	if (r->op == DIRECTORY_ADD) {
		memcpy(one.number, r->number, sizeof(one.number));
		memcpy(one.token_hash, r->token_hash, sizeof(one.token_hash));
		entries = &one;
		n = 1;
	}
	if (n > DIRECTORY_REDIS_IMPORT)
		return -EIO;
	args = calloc(4 + 2 * n, sizeof(*args));
	hashes = calloc(n, sizeof(*hashes));
	if (args == NULL || hashes == NULL)
		goto out;
	snprintf(now, sizeof(now), "%" PRId64, r->now_s);
	args[0] = "EVAL";
	args[1] = add_script;
	args[2] = "0";
	args[3] = now;
	for (i = 0; i < n; i++) {
		hex_encode(hashes[i], entries[i].token_hash, CRYPTO_SHA256);
		args[4 + 2 * i] = entries[i].number;
		args[5 + 2 * i] = hashes[i];
	}
	err = send_args(redis, r, done, (int)(4 + 2 * n), args);
out:
	free(args);
	free(hashes);
	return err;
}

int
directory_redis_send(redisAsyncContext *redis,
    struct directory_request *request, redisCallbackFn *done)
{
	struct directory_request *r = request;
	char hash[HEX_TEXT(CRYPTO_SHA256)], time_s[24], max[24];
	char key[sizeof(KEY) + SIGMSG_NUMBER];

	hex_encode(hash, r->token_hash, CRYPTO_SHA256);
	snprintf(key, sizeof(key), "%s%s", KEY, r->number);
	switch (r->op) {
	case DIRECTORY_LOOKUP:
	case DIRECTORY_SHOW:
		return send_args(redis, r, done, 2,
		    (const char *[]){ "HGETALL", key });
	case DIRECTORY_LIST:
		snprintf(max, sizeof(max), "%zu", r->max_found);
		return send_args(redis, r, done, 5, (const char *[]){ "EVAL",
		    list_script, "0", r->number, max });
	case DIRECTORY_ADD:
	case DIRECTORY_IMPORT:
		return send_add(redis, r, done);
	case DIRECTORY_REMOVE:
		return send_args(redis, r, done, 4, (const char *[]){ "EVAL",
		    remove_script, "0", r->number });
	case DIRECTORY_SET_PUSH:
		snprintf(time_s, sizeof(time_s), "%" PRId64,
		    r->push[0] != '\0' ? r->now_s : 0);
		return send_args(redis, r, done, 7, (const char *[]){ "EVAL",
		    set_script, "0", r->number, hash, time_s, r->push });
	case DIRECTORY_DROP_PUSH:
		snprintf(time_s, sizeof(time_s), "%" PRId64, r->before_s);
		return send_args(redis, r, done, 6, (const char *[]){ "EVAL",
		    drop_script, "0", r->number, hash, time_s });
	case DIRECTORY_REVOKE:
	case DIRECTORY_BLOCK:
	case DIRECTORY_SEEN:
	case DIRECTORY_SET_RESULT:
		return -EIO;
	}
	return -EIO;
}

/* Read a field and its value; foreign fields are skipped. */
static void
read_device(struct directory_subscriber *to, const redisReply *field,
    const redisReply *value)
{
	uint8_t hash[CRYPTO_SHA256];
	struct directory_device *device;
	char *rest;
	int64_t push_s;

	if (field->type != REDIS_REPLY_STRING ||
	    value->type != REDIS_REPLY_STRING ||
	    hex_decode(hash, CRYPTO_SHA256, field->str) < 0)
		return;
	push_s = strtoll(value->str, &rest, 10);
	if (*rest != ' ' || strlen(rest + 1) >= DIRECTORY_PUSH)
		return;
	device = directory_found_device(to, hash);
	if (device == NULL)
		return;
	device->push_s = push_s;
	directory_text(&device->push, rest + 1, strlen(rest + 1));
}

/* Read a subscriber, in order of hash as the other engine does. */
static void
read_subscriber(struct directory_request *r, const char *number,
    const redisReply *fields)
{
	struct directory_subscriber *to = directory_found_next(r, number);
	size_t i;

	if (to == NULL || fields->type != REDIS_REPLY_ARRAY)
		return;
	for (i = 0; i + 1 < fields->elements; i += 2)
		read_device(to, fields->element[i], fields->element[i + 1]);
	directory_found_sort(to);
}

static int
read_list(struct directory_request *r, const redisReply *reply)
{
	size_t i;

	for (i = 0; i + 1 < reply->elements; i += 2)
		if (reply->element[i]->type == REDIS_REPLY_STRING)
			read_subscriber(r, reply->element[i]->str,
			    reply->element[i + 1]);
	return 0;
}

static int
read_lookup(struct directory_request *r, const redisReply *reply)
{
	read_subscriber(r, r->number, reply);
	return r->found[0].n_devices > 0 ? 0 : -ENOENT;
}

static int
read_code(struct directory_request *r, const redisReply *reply)
{
	if (reply->elements != 2 ||
	    reply->element[0]->type != REDIS_REPLY_INTEGER ||
	    reply->element[1]->type != REDIS_REPLY_INTEGER)
		return -EIO;
	r->failed_at = (size_t)reply->element[1]->integer;
	switch (reply->element[0]->integer) {
	case DONE:
		return 0;
	case MISSING:
		return -ENOENT;
	case THERE:
		return -EEXIST;
	case FULL:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

int
directory_redis_reply(struct directory_request *request,
    const redisReply *reply)
{
	char text[LOG_TEXT];

	if (reply->type == REDIS_REPLY_ERROR)
		log_error("directory_fault", "err=%s",
		    log_text(text, reply->str));
	if (reply->type != REDIS_REPLY_ARRAY)
		return -EIO;
	if (request->op == DIRECTORY_LOOKUP || request->op == DIRECTORY_SHOW)
		return read_lookup(request, reply);
	if (request->op == DIRECTORY_LIST)
		return read_list(request, reply);
	return read_code(request, reply);
}
