/*
 * redis_import: an import in small parts, so that no look-up waits for long.
 * Every part is checked before the first is written. A part has whole
 * subscribers, because their devices are counted. See redis_task.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/redis_schema.h"
#include "directory/redis_task.h"
#include "wire/base64.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

/* Entries of a part: some 2 ms of Redis' time. */
#define PART 100
/* A part ends early when its texts have so much, which is copied twice. */
#define PART_BYTES (256 * 1024)
/*
 * Parts on their way, so that the primary is kept busy. Redis runs all that
 * have come before it answers another client. More help where it is far.
 */
#define AT_ONCE 2
#define AT_ONCE_FAR 8
#define FAR_US 20000

#define PER_ENTRY 6
#define KEY_TEXT (sizeof(REDIS_SCHEMA_DEVICES) + SIGMSG_NUMBER)

struct place {
	const char *number;
	size_t entry;
};

struct redis_import {
	struct place *order;	/* the entries by number, then as given */
	size_t next;		/* in `order`, the first that was not sent */
	size_t in_flight;	/* parts */
	bool writes;		/* all parts were checked */
	bool stop;		/* `err` is the end */
	int err;
	size_t failed_at;
	char words[WHY_TEXT];
};

/* What a part's command points to, for PART entries at most. */
struct part {
	struct {
		char devices[KEY_TEXT], details[KEY_TEXT];
		char key[12], blocked[24], hash[HEX_TEXT(CRYPTO_SHA256)];
		char *value, *detail;
	} of[PART];
	const char *words[REDIS_SCRIPT_FIRST + 2 + 2 * PART + 3 +
	    PART * PER_ENTRY];
	size_t n, n_keys, n_words;
	size_t first;		/* in `order` */
};

/* A part on its way. */
struct sent {
	struct redis_task *task;
	size_t first, n;
};

/*
 * A is whether to write, to update, then per entry: which key it is, number,
 * since when it is blocked, hash ("": no device), value and details. Everything
 * is checked, then set. Returns {0}, or {5, entry, code, entry, code, ...} with
 * the first refused entry of each number.
 */
static const char part_script[] = REDIS_SCRIPT
	"local call, n, seen, refused, bad = redis.call, {}, {}, {}, {5} "
	"local function refuse(key, i, code) "
	" refused[key] = true "
	" bad[#bad + 1] = (i - 3) / " TEXT(PER_ENTRY) " "
	" bad[#bad + 1] = code end "
	"local function count(key) "
	" local n = 0 "
	" for _, field in ipairs(call('HKEYS', K[key])) do "
	"  if #field == 64 then n = n + 1 end end "
	" return n end "
	"for i = 3, #A, " TEXT(PER_ENTRY) " do "
	" local key, hash = tonumber(A[i]), A[i + 3] "
	" if hash ~= '' and not refused[key] then "
	"  local there = seen[A[i] .. hash] or "
	"   call('HEXISTS', K[key], hash) == 1 "
	"  seen[A[i] .. hash] = true "
	"  if there and A[2] ~= '1' then refuse(key, i, 2) end "
	"  if not there then "
	"   n[key] = (n[key] or count(key)) + 1 "
	"   if n[key] > " TEXT(DIRECTORY_DEVICES) " then refuse(key, i, 3) end "
	"  end "
	" end "
	"end "
	"if #bad > 1 then return bad end "
	"if A[1] ~= '1' then return {0} end "
	"for i = 3, #A, " TEXT(PER_ENTRY) " do "
	" local key, hash = tonumber(A[i]), A[i + 3] "
	" if A[i + 2] ~= '0' then "
	"  call('HSET', K[key], 'blocked', A[i + 2]) end "
	" if hash ~= '' then "
	"  call('HSET', K[key], hash, A[i + 4]) "
	"  call('HSET', K[key + 1], hash, A[i + 5]) end "
	" call('ZADD', K[2], 0, A[i + 1]) "
	"end "
	"return {0}";

void
redis_task_free_import(struct redis_import *import)
{
	if (import == NULL)
		return;
	free(import->order);
	free(import);
}

static int
by_number(const void *a, const void *b)
{
	const struct place *one = a, *two = b;
	int order = strcmp(one->number, two->number);

	if (order != 0)
		return order;
	return one->entry < two->entry ? -1 : one->entry > two->entry;
}

/* Sort the entries. A file in order of number is sorted in no time. */
static int
make_order(struct redis_import *import, const struct directory_request *r)
{
	size_t i;

	import->order = calloc(r->n_entries, sizeof(*import->order));
	if (import->order == NULL)
		return -ENOMEM;
	for (i = 0; i < r->n_entries; i++)
		import->order[i] = (struct place){ r->entries[i].number, i };
	qsort(import->order, r->n_entries, sizeof(*import->order), by_number);
	return 0;
}

static const struct directory_entry *
entry_at(const struct redis_task *task, size_t at)
{
	return &task->request->entries[task->import->order[at].entry];
}

static size_t
text_len(const char *text)
{
	return text != NULL ? strlen(text) : 0;
}

/*
 * Return where the part that begins at `first` ends: before a number that does
 * not fit whole, if there is another before it.
 */
static size_t
part_end(const struct redis_task *task, size_t first)
{
	size_t n = task->request->n_entries, bytes = 0, end, cut;

	for (end = first; end < n && end - first < PART && bytes < PART_BYTES;
	    end++)
		bytes += text_len(entry_at(task, end)->push) +
		    text_len(entry_at(task, end)->result);
	if (end == n)
		return end;
	for (cut = end; cut > first; cut--)
		if (strcmp(entry_at(task, cut - 1)->number,
		    entry_at(task, cut)->number) != 0)
			return cut;
	return end;
}

/* Make "A TEXT", or "A B C TEXT" of `n` 3, for the caller to free. */
static char *
number_text(int64_t a, int64_t b, int64_t c, int n, const char *text)
{
	size_t size = 3 * 24 + text_len(text) + 1;
	char *out = malloc(size);

	if (text == NULL)
		text = "";
	if (out != NULL && n == 1)
		snprintf(out, size, "%" PRId64 " %s", a, text);
	else if (out != NULL)
		snprintf(out, size, "%" PRId64 " %" PRId64 " %" PRId64 " %s",
		    a, b, c, text);
	return out;
}

/* Add an entry's own words. Texts are sent only where they are written. */
static int
add_entry(struct redis_task *task, struct part *p, size_t at)
{
	const struct directory_entry *e = entry_at(task, at);
	const char **word = &p->words[p->n_words];
	size_t i = p->n++;
	bool texts = task->import->writes && e->device;

	p->n_words += PER_ENTRY;
	snprintf(p->of[i].key, sizeof(p->of[i].key), "%zu", p->n_keys - 1);
	snprintf(p->of[i].blocked, sizeof(p->of[i].blocked), "%" PRId64,
	    e->blocked_s);
	if (e->device)
		hex_encode(p->of[i].hash, e->token_hash, CRYPTO_SHA256);
	word[0] = p->of[i].key;
	word[1] = e->number;
	word[2] = p->of[i].blocked;
	word[3] = p->of[i].hash;
	word[4] = word[5] = "";
	if (!texts)
		return 0;
	p->of[i].value = number_text(e->push_s, 0, 0, 1, e->push);
	p->of[i].detail = number_text(e->added_s != 0 ? e->added_s :
	    task->request->now_s, e->seen_s, e->result_s, 3, e->result);
	if (p->of[i].value == NULL || p->of[i].detail == NULL)
		return -ENOMEM;
	word[4] = p->of[i].value;
	word[5] = p->of[i].detail;
	return 0;
}

/* Add the keys of every number of a part, once. They are in order. */
static void
add_keys(const struct redis_task *task, struct part *p, size_t end)
{
	size_t at, i;

	for (at = p->first; at < end; at++) {
		const char *number = entry_at(task, at)->number;

		if (at > p->first && strcmp(number,
		    entry_at(task, at - 1)->number) == 0)
			continue;
		i = at - p->first;
		snprintf(p->of[i].devices, KEY_TEXT, "%s%s",
		    REDIS_SCHEMA_DEVICES, number);
		snprintf(p->of[i].details, KEY_TEXT, "%s%s",
		    REDIS_SCHEMA_DETAILS, number);
		p->words[p->n_words++] = p->of[i].devices;
		p->words[p->n_words++] = p->of[i].details;
	}
}

static int
fill_part(struct redis_task *task, struct part *p, size_t end, size_t *n_keys)
{
	size_t at;
	int err = 0;

	p->n_words = REDIS_SCRIPT_FIRST;
	p->words[p->n_words++] = REDIS_SCHEMA_KEY;
	p->words[p->n_words++] = REDIS_SCHEMA_NUMBERS;
	add_keys(task, p, end);
	*n_keys = p->n_words - REDIS_SCRIPT_FIRST;
	p->words[p->n_words++] = task->import->writes ? "1" : "0";
	p->words[p->n_words++] = task->request->update ? "1" : "0";
	p->n_keys = 2;
	for (at = p->first; at < end && err == 0; at++) {
		if (at == p->first || strcmp(entry_at(task, at)->number,
		    entry_at(task, at - 1)->number) != 0)
			p->n_keys += 2;
		err = add_entry(task, p, at);
	}
	return err;
}

static void
free_part(struct part *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->of[i].value);
		free(p->of[i].detail);
	}
	free(p);
}

static void on_part(const redisReply *reply, void *arg);

/* Send the part that begins at `first`, and ends before `end`. */
static int
send_part(struct redis_task *task, size_t first, size_t end)
{
	struct part *p = calloc(1, sizeof(*p));
	struct sent *sent = malloc(sizeof(*sent));
	size_t n_keys;
	int err = -ENOMEM;

	if (p == NULL || sent == NULL)
		goto out;
	*sent = (struct sent){ task, first, end - first };
	p->first = first;
	err = fill_part(task, p, end, &n_keys);
	if (err == 0)
		err = redis_script_send(task->server, part_script, p->words,
		    (int)n_keys, (int)p->n_words - 1, on_part, sent);
out:
	if (p != NULL)
		free_part(p);
	if (err < 0)
		free(sent);
	else
		task->import->in_flight++;
	return err;
}

static void
stop_import(struct redis_import *import, int err, const char *words)
{
	import->stop = true;
	import->err = err;
	why_set(import->words, "%s", words != NULL ? words :
	    "the connection was lost");
}

/* Keep as many parts on their way as there may be. */
static int
send_parts(struct redis_task *task)
{
	struct redis_import *import = task->import;
	size_t end, most = task->server->rtt_us < FAR_US ? AT_ONCE :
	    AT_ONCE_FAR;
	int err = 0;

	while (err == 0 && !import->stop && import->in_flight < most &&
	    import->next < task->request->n_entries) {
		end = part_end(task, import->next);
		err = send_part(task, import->next, end);
		if (err == 0)
			import->next = end;
	}
	return err;
}

/* Take the refused entries: the first in the file is reported. */
static void
take_refused(struct redis_task *task, const struct sent *sent,
    const redisReply *reply)
{
	struct redis_import *import = task->import;
	size_t i, at;

	for (i = 1; i + 1 < reply->elements; i += 2) {
		if (reply->element[i]->type != REDIS_REPLY_INTEGER ||
		    reply->element[i]->integer < 0 ||
		    (size_t)reply->element[i]->integer >= sent->n)
			continue;
		at = import->order[sent->first +
		    (size_t)reply->element[i]->integer].entry;
		if (import->err != 0 && at > import->failed_at)
			continue;
		import->failed_at = at;
		import->err = reply->element[i + 1]->integer == REDIS_THERE ?
		    -EEXIST : -ENOSPC;
	}
}

static void
take_part(struct redis_task *task, const struct sent *sent,
    const redisReply *reply)
{
	struct redis_import *import = task->import;
	const char *words;
	int code = redis_script_code(reply, &words);

	if (code == REDIS_REFUSED && !import->writes)
		take_refused(task, sent, reply);
	else if (code == REDIS_REFUSED)
		stop_import(import, -EIO, "somebody else changed the same; "
		    "import again with --update");
	else if (code != REDIS_DONE)
		stop_import(import, -EIO, words);
	else if (import->writes)
		task->request->progress += sent->n;
}

/* Go on when a part is answered: with the next, to write, or to the end. */
static void
go_on(struct redis_task *task)
{
	struct redis_import *import = task->import;
	bool all;

	if (send_parts(task) < 0)
		stop_import(import, -EIO, NULL);
	if (import->in_flight > 0)
		return;
	all = import->next == task->request->n_entries;
	if (all && !import->stop && import->err == 0 && !import->writes) {
		import->writes = true;
		import->next = 0;
		if (send_parts(task) == 0)
			return;
		stop_import(import, -EIO, NULL);
		if (import->in_flight > 0)
			return;
	}
	task->request->failed_at = import->failed_at;
	task->done(task, import->err,
	    import->err == -EIO ? import->words : NULL);
}

static void
on_part(const redisReply *reply, void *arg)
{
	struct sent *sent = arg;
	struct redis_task *task = sent->task;
	bool again = redis_script_retry(task->server, reply);

	task->import->in_flight--;
	if (again || (task->server->slots && reply != NULL && reply->type ==
	    REDIS_REPLY_ERROR && strncmp(reply->str, "CROSSSLOT", 9) == 0))
		again = send_part(task, sent->first, sent->first + sent->n) ==
		    0;
	if (!again)
		take_part(task, sent, reply);
	free(sent);
	go_on(task);
}

int
redis_task_import(struct redis_task *task)
{
	const struct directory_request *r = task->request;
	int err;

	task->import = calloc(1, sizeof(*task->import));
	if (task->import == NULL)
		return -ENOMEM;
	err = make_order(task->import, r);
	if (err == 0 && r->n_entries > 0)
		err = send_parts(task);
	if (task->import->in_flight > 0 && err < 0) {
		stop_import(task->import, -EIO, NULL);
		err = 0;
	}
	return r->n_entries == 0 && err == 0 ? -EINVAL : err;
}
