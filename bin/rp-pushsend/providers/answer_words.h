/*
 * answer_words: what an answer of a push service says beside its status. That
 * is the service's own name for it, a line for people, and how long to wait.
 * Everything in an answer is foreign: it is bounded, and made printable. Pure.
 *
 * These forms are read: `reason` (Apple), `errno` and `message` (Mozilla),
 * `error` with `status`, `message` and `details` (Google), `error` and
 * `error_description` (OAuth), `code` with `error` (ntfy) or `message`
 * (Twilio), `messages.0.status` and `error-text` (Vonage), `title` and `detail`
 * (RFC 9457), X-WNS-Error-Description (Microsoft), a page's title, plain text.
 */
#ifndef RP_PUSHSEND_ANSWER_WORDS_H
#define RP_PUSHSEND_ANSWER_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct head;

#define ANSWER_WORDS 101	/* 100 bytes: a reason is one line of a log */
#define ANSWER_CODE 48

struct answer_words {
	char code[ANSWER_CODE];	/* "BadJwtToken", "109"; "" if it has none */
	char text[ANSWER_WORDS];	/* printable ASCII, or "" */
	unsigned wait_ms;	/* asked for in the body; 0: not said */
	int64_t since_s;	/* when the token died; 0: not said */
};

/*
 * Read an answer's header and body. `head` may be NULL, `body` may be any
 * bytes.
 */
void answer_words_read(struct answer_words *out, const struct head *head,
    const char *body, size_t len);

/*
 * Hide what would tell from the words whose phone it is: where a word of the
 * text shares a part with the token, the number or the endpoint's path in `to`,
 * it becomes "...". So does what looks like a token of anybody.
 */
void answer_words_hide(struct answer_words *words, const json_t *to);

/*
 * Write up to 100 bytes of any text as one line of printable ASCII: each run of
 * blanks is one space, any other character is '?'.
 */
void answer_words_clean(char out[static ANSWER_WORDS], const char *text,
    size_t len);

#endif
