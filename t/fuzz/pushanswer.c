/*
 * The answer of a push service: header lines up to an empty one, then the body.
 * Whatever it holds, the words are short and printable, the wait is at most a
 * day, and some row of each table fits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/head.h"
#include "providers/answer_table.h"
#include "providers/answer_words.h"

#define DAY_MS 86400000U

/* Read the header lines. Return how many bytes they have. */
static size_t
read_head(struct head *head, const char *data, size_t len)
{
	size_t at = 0, n;

	head_clear(head);
	while (at < len) {
		const char *end = memchr(data + at, '\n', len - at);

		n = end != NULL ? (size_t)(end - data) + 1 - at : len - at;
		head_take(head, data + at, n);
		at += n;
		if (n <= 2)
			break;
	}
	return at;
}

static void
check_text(const char *text, size_t max)
{
	if (strlen(text) > max)
		abort();
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *to = json_pack("{s:s, s:s, s:s}", "token", "abcdef123456",
	    "number", "+15550100", "endpoint", "https://push.example/secret");
	struct answer_words words;
	struct head head;
	size_t at = read_head(&head, (const char *)data, size);
	unsigned p;

	answer_words_read(&words, &head, (const char *)data + at, size - at);
	check_text(words.text, ANSWER_WORDS - 1);
	check_text(words.code, ANSWER_CODE - 1);
	answer_words_hide(&words, to);
	check_text(words.text, ANSWER_WORDS - 1);
	if (words.wait_ms > DAY_MS || head_wait_ms(&head, true, 1) > DAY_MS ||
	    strstr(words.text, "abcdef123456") != NULL)
		abort();
	for (p = 0; p < ANSWERS_PROVIDERS; p++)
		if (answer_table_find(p, 500, words.code) == NULL)
			abort();
	json_decref(to);
	return 0;
}
