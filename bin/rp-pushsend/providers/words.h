/*
 * words: what an answer of a push service says beside its status: the service's
 * own name for it, a line for people, and how long to wait. Everything in an
 * answer is foreign: it is bounded, and made printable. Pure.
 *
 * These forms are read: `reason` (Apple), `errno` and `message` (Mozilla),
 * `error` with `status`, `message` and `details` (Google), `error` and
 * `error_description` (OAuth), `code` with `error` (ntfy) or `message` (Twilio),
 * `messages.0.status` and `error-text` (Vonage), `title` and `detail` (RFC
 * 9457), X-WNS-Error-Description (Microsoft), a page's title, plain text.
 */
#ifndef RP_PUSHSEND_WORDS_H
#define RP_PUSHSEND_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct head;

#define WORDS_TEXT 101		/* 100 bytes: a reason is one line of a log */
#define WORDS_CODE 48

struct words {
	char code[WORDS_CODE];	/* "BadJwtToken", "109"; "" if it has none */
	char text[WORDS_TEXT];	/* printable ASCII; "" if it says nothing */
	unsigned wait_ms;	/* asked for in the body; 0: not said */
	int64_t since_s;	/* when the token died; 0: not said */
};

/*
 * Read an answer's header and body. `head` may be NULL, `body` may be any
 * bytes.
 */
void words_read(struct words *out, const struct head *head, const char *body,
    size_t len);

/*
 * Hide what would tell from the words whose phone it is: where a word of the
 * text is part of the token, the number or the endpoint's path in `to`, it
 * becomes "...". So does what looks like a token of anybody.
 */
void words_hide(struct words *words, const json_t *to);

/*
 * Write up to 100 bytes of any text as one line of printable ASCII: each run of
 * blanks is one space, any other character is '?'.
 */
void words_clean(char out[static WORDS_TEXT], const char *text, size_t len);

#endif
