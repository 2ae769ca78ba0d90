/*
 * redis_write: a change of one subscriber as a script. See redis_task.h. Its
 * keys K are rp:schema, rp:n, the subscriber's devices and their details. Its
 * arguments A begin with the number and a device's hash.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "directory/redis_schema.h"
#include "directory/redis_task.h"
#include "wire/base64.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define KEYS 4
#define WORDS (REDIS_SCRIPT_FIRST + KEYS + 4)
#define DAY_S 86400

#define BEGIN REDIS_SCRIPT						\
	"local call, d, x = redis.call, K[3], K[4] "
/* Get a device's details as numbers in text, and the last result. */
#define DETAIL								\
	"local function detail(hash) "					\
	" local a, s, t, r = string.match(call('HGET', x, hash) or '', "\
	"  '^(%d+) (%d+) (%d+) (.*)$') "				\
	" if not a then return '0', '0', '0', '' end "			\
	" return a, s, t, r end "
#define EXISTS "if call('HEXISTS', d, A[2]) == 0 then return {1} end "
/* A number without devices and block is in no list. */
#define FORGET "if call('HLEN', d) == 0 then call('ZREM', K[2], A[1]) end "

/* Add a device, with or without `room` for it. */
#define ADD_DEVICE							\
	"local all, n, least, oldest = call('HGETALL', d), 0, nil, nil "	\
	"for i = 1, #all, 2 do if #all[i] == 64 then "	\
	" n = n + 1 "	\
	" local a, s = detail(all[i]) "	\
	" local last = math.max(tonumber(a), tonumber(s), "	\
	"  tonumber(string.match(all[i + 1], '^%d+') or 0)) "	\
	" if not least or last < least or "	\
	"  (last == least and all[i] < oldest) then "	\
	"  least, oldest = last, all[i] end "	\
	"end end "	\
	"if n >= " TEXT(DIRECTORY_DEVICES) " then "	\
	" if not room then return {3} end "	\
	" call('HDEL', d, oldest) "	\
	" call('HDEL', x, oldest) "	\
	"end "	\
	"call('HSET', d, A[2], '0 ') "	\
	"call('HSET', x, A[2], A[3] .. ' 0 0 ') "	\
	"call('ZADD', K[2], 0, A[1]) "	\
	"return {0}"

/* A is then now, whether to make room. */
static const char add_script[] = BEGIN DETAIL
	"if call('HEXISTS', d, 'blocked') == 1 then return {4} end "
	"if call('HEXISTS', d, A[2]) == 1 then return {2} end "
	"local room = A[4] == '1' "
	ADD_DEVICE;

/*
 * A is then now, and the link's hash. The device that has used the link may do
 * so again while it is there.
 */
static const char redeem_script[] = BEGIN DETAIL
	"local g, room = 'rp:g:' .. A[4], true "
	"local number, expires, note = string.match(call('GET', g) or '', "
	" '^(%S+) (%d+) (.*)$') "
	"if number ~= A[1] then return {6} end "
	"if call('HEXISTS', d, 'blocked') == 1 then return {4} end "
	"local there = call('HEXISTS', d, A[2]) == 1 "
	"if there and note == 'join ' .. A[2] then return {0} end "
	"if note ~= 'join' or tonumber(expires) <= tonumber(A[3]) then "
	" return {6} end "
	"local devices = 0 "
	"for _, field in ipairs(call('HKEYS', d)) do "
	" if #field == 64 then devices = devices + 1 end "
	"end "
	"if devices == 0 then return {6} end "
	"call('SET', g, A[1] .. ' ' .. expires .. ' join ' .. A[2]) "
	"call('EXPIREAT', g, expires) "
	"if there then return {0} end "
	ADD_DEVICE;

/* For each link of the number: `m` in the set, and its hash `h`. */
#define EACH_LINK							\
	"for _, m in ipairs(call('ZRANGEBYLEX', 'rp:g', '[' .. A[1] .. ' ',"\
	" '(' .. A[1] .. '!')) do "					\
	"local h = string.sub(m, #A[1] + 2) "

/* A[2] is the link's hash; then come its end, and its note. */
static const char put_link_script[] = BEGIN
	"local n = 0 "
	EACH_LINK
	" if call('EXISTS', 'rp:g:' .. h) == 0 then call('ZREM', 'rp:g', m) "
	" elseif h ~= A[2] then n = n + 1 end "
	"end "
	"if n >= " TEXT(DIRECTORY_LINKS) " then return {3} end "
	"call('SET', 'rp:g:' .. A[2], A[1] .. ' ' .. A[3] .. ' ' .. A[4]) "
	"call('EXPIREAT', 'rp:g:' .. A[2], A[3]) "
	"call('ZADD', 'rp:g', 0, A[1] .. ' ' .. A[2]) "
	"return {0}";

static const char drop_link_script[] = BEGIN
	"if call('ZREM', 'rp:g', A[1] .. ' ' .. A[2]) == 0 then return {1} end "
	"call('DEL', 'rp:g:' .. A[2]) "
	"return {0}";

static const char remove_script[] = BEGIN
	"local n = 0 "
	"for _, field in ipairs(call('HKEYS', d)) do "
	" if #field == 64 then n = n + 1 end "
	" if field ~= 'blocked' then call('HDEL', d, field) end "
	"end "
	"call('DEL', x) "
	EACH_LINK
	" call('DEL', 'rp:g:' .. h) "
	" call('ZREM', 'rp:g', m) "
	"end "
	FORGET
	"return {n > 0 and 0 or 1}";

static const char revoke_script[] = BEGIN EXISTS
	"call('HDEL', d, A[2]) "
	"call('HDEL', x, A[2]) "
	FORGET
	"return {0}";

/* A[3] is since when, or 0 to unblock. */
static const char block_script[] = BEGIN
	"if A[3] == '0' then "
	" if call('HDEL', d, 'blocked') == 0 then return {1} end "
	FORGET
	" return {0} end "
	"call('HSET', d, 'blocked', A[3]) "
	"call('ZADD', K[2], 0, A[1]) "
	"return {0}";

/* A is then since when, or 0 for no longer, and the caller. */
static const char refuse_script[] = BEGIN
	"local f, n = 'no:' .. A[4], 0 "
	"if A[3] == '0' then "
	" if call('HDEL', d, f) == 0 then return {1} end "
	FORGET
	" return {0} end "
	"for _, field in ipairs(call('HKEYS', d)) do "
	" if string.sub(field, 1, 3) == 'no:' and field ~= f then n = n + 1 end "
	"end "
	"if n >= " TEXT(DIRECTORY_REFUSED) " then return {3} end "
	"call('HSET', d, f, A[3]) "
	"call('ZADD', K[2], 0, A[1]) "
	"return {0}";

/* A is then the time, 0 without a registration, and the registration. */
static const char set_script[] = BEGIN DETAIL EXISTS
	"call('HSET', d, A[2], A[3] .. ' ' .. A[4]) "
	"local a, s = detail(A[2]) "
	"call('HSET', x, A[2], a .. ' ' .. s .. ' 0 ') "
	"return {0}";

static const char drop_script[] = BEGIN
	"local old = call('HGET', d, A[2]) "
	"if not old or tonumber(string.match(old, '^%d+') or 0) > "
	" tonumber(A[3]) then return {1} end "
	"call('HSET', d, A[2], '0 ') "
	"return {0}";

/* A[3] is the day. */
static const char seen_script[] = BEGIN DETAIL EXISTS
	"local a, s, t, r = detail(A[2]) "
	"if tonumber(A[3]) > tonumber(s) then "
	" call('HSET', x, A[2], a .. ' ' .. A[3] .. ' ' .. t .. ' ' .. r) end "
	"return {0}";

/* A is then now, and the result. */
static const char result_script[] = BEGIN DETAIL EXISTS
	"local a, s = detail(A[2]) "
	"call('HSET', x, A[2], "
	" a .. ' ' .. s .. ' ' .. A[3] .. ' ' .. A[4]) "
	"return {0}";

/* Choose the script, its time and its text. `link` is a link's hash. */
static const char *
choose_script(const struct directory_request *r, const char *link,
    int64_t *time_s, const char **text)
{
	*text = "";
	*time_s = r->now_s;
	switch (r->op) {
	case DIRECTORY_ADD:
		*text = r->make_room ? "1" : "0";
		return add_script;
	case DIRECTORY_REMOVE:
		return remove_script;
	case DIRECTORY_REVOKE:
		return revoke_script;
	case DIRECTORY_BLOCK:
		*time_s = r->since_s;
		return block_script;
	case DIRECTORY_REFUSE:
		*time_s = r->since_s;
		*text = r->caller;
		return refuse_script;
	case DIRECTORY_SET_PUSH:
		*time_s = r->push[0] != '\0' ? r->now_s : 0;
		*text = r->push;
		return set_script;
	case DIRECTORY_DROP_PUSH:
		*time_s = r->before_s;
		return drop_script;
	case DIRECTORY_SEEN:
		*time_s = r->now_s - r->now_s % DAY_S;
		return seen_script;
	case DIRECTORY_SET_RESULT:
		*text = r->result;
		return result_script;
	case DIRECTORY_PUT_LINK:
		*time_s = r->link.expires_s;
		*text = r->link.note;
		return put_link_script;
	case DIRECTORY_DROP_LINK:
		return drop_link_script;
	case DIRECTORY_REDEEM:
		*text = link;
		return redeem_script;
	default:
		return NULL;
	}
}

static int
errno_of(int code)
{
	switch (code) {
	case REDIS_DONE:
		return 0;
	case REDIS_MISSING:
		return -ENOENT;
	case REDIS_THERE:
		return -EEXIST;
	case REDIS_FULL:
		return -ENOSPC;
	case REDIS_BLOCKED:
		return -EPERM;
	case REDIS_WRONG:
		return -EACCES;
	default:
		return -EIO;
	}
}

static void
on_written(const redisReply *reply, void *arg)
{
	struct redis_task *task = arg;
	const char *words;
	int code;

	if (redis_script_retry(task->server, reply) &&
	    redis_task_write(task) == 0)
		return;
	code = redis_script_code(reply, &words);
	task->done(task, errno_of(code), words);
}

int
redis_task_write(struct redis_task *task)
{
	const struct directory_request *r = task->request;
	char hash[HEX_TEXT(CRYPTO_SHA256)], link[HEX_TEXT(CRYPTO_SHA256)];
	char when[24];
	char devices[sizeof(REDIS_SCHEMA_DEVICES) + SIGMSG_NUMBER];
	char details[sizeof(REDIS_SCHEMA_DETAILS) + SIGMSG_NUMBER];
	const char *words[WORDS] = {
		[REDIS_SCRIPT_FIRST] = REDIS_SCHEMA_KEY, REDIS_SCHEMA_NUMBERS,
		devices, details, r->number, hash, when
	};
	const char *script, **text = &words[WORDS - 1];
	int64_t time_s;

	hex_encode(link, r->link.hash, CRYPTO_SHA256);
	script = choose_script(r, link, &time_s, text);
	if (script == NULL)
		return -EINVAL;
	hex_encode(hash, r->token_hash, CRYPTO_SHA256);
	snprintf(when, sizeof(when), "%" PRId64, time_s);
	snprintf(devices, sizeof(devices), "%s%s", REDIS_SCHEMA_DEVICES,
	    r->number);
	snprintf(details, sizeof(details), "%s%s", REDIS_SCHEMA_DETAILS,
	    r->number);
	return redis_script_send(task->server, script, words, KEYS,
	    WORDS - 1, on_written, task);
}
