/*
 * redis_part: the words of a part's script. Called by redis_import. See
 * redis_part.h.
 */
#include "directory/redis_part.h"

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

#define PER_ENTRY 7
#define KEY_TEXT (sizeof(REDIS_SCHEMA_DEVICES) + SIGMSG_NUMBER)

/* The words of a part's command, and the texts that they point to. */
struct text {
	struct {
		char devices[KEY_TEXT], details[KEY_TEXT];
		char key[12], blocked[24], hash[HEX_TEXT(CRYPTO_SHA256)];
		char field[sizeof(REDIS_SCHEMA_BLOCKED) + SIGMSG_NUMBER];
		char *value, *detail;
	} of[REDIS_PART];
	const char *words[REDIS_SCRIPT_FIRST + 2 + 2 * REDIS_PART + 2 +
	    REDIS_PART * PER_ENTRY];
	size_t n;		/* words */
};

/*
 * A is whether to write, to update, then per entry: the index of its key, its
 * number, the time of its block, hash ("": no device), value, details, and the
 * field of the block.
 * Everything is checked, then set. Returns {0}, or {5, entry, code, entry,
 * code, ...} with the first refused entry of each number.
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
	"  call('HSET', K[key], A[i + 6], A[i + 2]) end "
	" if hash ~= '' then "
	"  call('HSET', K[key], hash, A[i + 4]) "
	"  call('HSET', K[key + 1], hash, A[i + 5]) end "
	" call('ZADD', K[2], 0, A[i + 1]) "
	"end "
	"return {0}";

/* Make "A TEXT", or "A B C TEXT" of `n` 3, for the caller to free. */
static char *
number_text(int64_t a, int64_t b, int64_t c, int n, const char *text)
{
	size_t size;
	char *out;

	if (text == NULL)
		text = "";
	size = 3 * 24 + strlen(text) + 1;
	out = malloc(size);
	if (out != NULL && n == 1)
		snprintf(out, size, "%" PRId64 " %s", a, text);
	else if (out != NULL)
		snprintf(out, size, "%" PRId64 " %" PRId64 " %" PRId64 " %s",
		    a, b, c, text);
	return out;
}

/* Is it the part's first entry of its number? */
static bool
is_first(const struct redis_part *part, size_t i)
{
	return i == 0 || strcmp(part->entries[i]->number,
	    part->entries[i - 1]->number) != 0;
}

/* Add an entry's words. Its texts are sent only where they are written. */
static int
add_entry(struct text *t, const struct redis_part *part, size_t i, size_t key)
{
	const struct directory_entry *e = part->entries[i];
	const char **word = &t->words[t->n];

	t->n += PER_ENTRY;
	snprintf(t->of[i].key, sizeof(t->of[i].key), "%zu", key);
	snprintf(t->of[i].blocked, sizeof(t->of[i].blocked), "%" PRId64,
	    e->refused[0] != '\0' ? part->now_s : e->blocked_s);
	snprintf(t->of[i].field, sizeof(t->of[i].field), "%s%s",
	    e->refused[0] != '\0' ? REDIS_SCHEMA_REFUSES :
	    REDIS_SCHEMA_BLOCKED, e->refused);
	if (e->device)
		hex_encode(t->of[i].hash, e->token_hash, CRYPTO_SHA256);
	word[0] = t->of[i].key;
	word[1] = e->number;
	word[2] = t->of[i].blocked;
	word[3] = t->of[i].hash;
	word[4] = word[5] = "";
	word[6] = t->of[i].field;
	if (!part->writes || !e->device)
		return 0;
	word[4] = t->of[i].value = number_text(e->push_s, 0, 0, 1, e->push);
	word[5] = t->of[i].detail = number_text(e->added_s != 0 ?
	    e->added_s : part->now_s, e->seen_s, e->result_s, 3, e->result);
	return word[4] != NULL && word[5] != NULL ? 0 : -ENOMEM;
}

/* Add the keys of every number, once. */
static void
add_keys(struct text *t, const struct redis_part *part)
{
	size_t i;

	for (i = 0; i < part->n; i++) {
		const char *number = part->entries[i]->number;

		if (!is_first(part, i))
			continue;
		snprintf(t->of[i].devices, KEY_TEXT, "%s%s",
		    REDIS_SCHEMA_DEVICES, number);
		snprintf(t->of[i].details, KEY_TEXT, "%s%s",
		    REDIS_SCHEMA_DETAILS, number);
		t->words[t->n++] = t->of[i].devices;
		t->words[t->n++] = t->of[i].details;
	}
}

/* Write all words, and set the number of keys among them. */
static int
write_words(struct text *t, const struct redis_part *part, size_t *n_keys)
{
	size_t i, key = 1;	/* K[1] and K[2] are not of a number */
	int err = 0;

	t->n = REDIS_SCRIPT_FIRST;
	t->words[t->n++] = REDIS_SCHEMA_KEY;
	t->words[t->n++] = REDIS_SCHEMA_NUMBERS;
	add_keys(t, part);
	*n_keys = t->n - REDIS_SCRIPT_FIRST;
	t->words[t->n++] = part->writes ? "1" : "0";
	t->words[t->n++] = part->update ? "1" : "0";
	for (i = 0; i < part->n && err == 0; i++) {
		key += is_first(part, i) ? 2 : 0;
		err = add_entry(t, part, i, key);
	}
	return err;
}

int
redis_part_send(struct redis_server *server, const struct redis_part *part,
    redis_reply_handler *done, void *arg)
{
	struct text *t = calloc(1, sizeof(*t));
	size_t n_keys, i;
	int err;

	if (t == NULL)
		return -ENOMEM;
	err = write_words(t, part, &n_keys);
	if (err == 0)
		err = redis_script_send(server, part_script, t->words,
		    (int)n_keys, (int)t->n - 1, done, arg);
	for (i = 0; i < part->n; i++) {
		free(t->of[i].value);
		free(t->of[i].detail);
	}
	free(t);
	return err;
}
