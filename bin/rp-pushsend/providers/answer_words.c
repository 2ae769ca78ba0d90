/*
 * answer_words: find in an answer what the service says about it. See
 * answer_words.h.
 */
#include "config.h"
#include "providers/answer_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/head.h"

/* The errors of Firebase Cloud Messaging among Google's details. */
#define FCM_ERROR "type.googleapis.com/google.firebase.fcm.v1.FcmError"
#define RETRY_INFO "type.googleapis.com/google.rpc.RetryInfo"
#define WAIT_MAX_S HEAD_WAIT_MAX_S
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789_-"		/* of base64url, and so of most tokens */
#define HIDE_MIN 6		/* shorter runs tell of nobody */
#define OPAQUE_MIN 32		/* no word, but a token or a part of one */

void
answer_words_clean(char out[static ANSWER_WORDS], const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len && n < ANSWER_WORDS - 1; i++) {
		unsigned char c = (unsigned char)text[i];

		if (isspace(c) || c == '\0') {
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
		} else if (c > ' ' && c <= '~') {
			out[n++] = (char)c;
		} else if ((c & 0xc0) != 0x80) {
			out[n++] = '?';	/* not for each byte of a character */
		}
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
}

/* Keep a name in which there is nothing but letters, digits, '_', '-', '.'. */
static void
take_code(struct answer_words *out, const char *code)
{
	size_t n = code != NULL ? strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-.") : 0;

	if (n > 0 && n < ANSWER_CODE && code[n] == '\0')
		memcpy(out->code, code, n + 1);
}

static void
take_number(struct answer_words *out, const json_t *number)
{
	snprintf(out->code, sizeof(out->code), "%" JSON_INTEGER_FORMAT,
	    json_integer_value(number));
}

/* Write "a: b", or the one of the two that there is. */
static void
take_text(struct answer_words *out, const char *a, const char *b)
{
	char text[2 * ANSWER_WORDS + 2];

	a = a != NULL ? a : "";
	b = b != NULL ? b : "";
	snprintf(text, sizeof(text), "%.*s%s%.*s", ANSWER_WORDS, a,
	    *a != '\0' && *b != '\0' ? ": " : "", ANSWER_WORDS, b);
	answer_words_clean(out->text, text, strlen(text));
}

static const char *
string_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
take_wait(struct answer_words *out, double seconds)
{
	if (seconds > WAIT_MAX_S)
		seconds = WAIT_MAX_S;
	if (seconds > 0)
		out->wait_ms = (unsigned)(seconds * 1000);
}

/* The details of Google's errors: FCM's own code, and when to come again. */
static void
take_details(struct answer_words *out, const json_t *error)
{
	const json_t *detail;
	const char *type, *delay;
	size_t i;

	json_array_foreach(json_object_get(error, "details"), i, detail) {
		type = string_of(detail, "@type");
		if (type == NULL)
			continue;
		if (strcmp(type, FCM_ERROR) == 0)
			take_code(out, string_of(detail, "errorCode"));
		delay = string_of(detail, "retryDelay");	/* "3.5s" */
		if (strcmp(type, RETRY_INFO) == 0 && delay != NULL)
			take_wait(out, strtod(delay, NULL));
	}
}

static bool
google(struct answer_words *out, const json_t *object)
{
	const json_t *error = json_object_get(object, "error");

	if (!json_is_object(error))
		return false;
	take_code(out, string_of(error, "status"));
	take_details(out, error);
	take_text(out, out->code, string_of(error, "message"));
	return true;
}

static bool
apple(struct answer_words *out, const json_t *object)
{
	const char *reason = string_of(object, "reason");
	const json_t *since = json_object_get(object, "timestamp");

	if (reason == NULL)
		return false;
	take_code(out, reason);
	take_text(out, reason, NULL);
	if (json_is_integer(since))
		out->since_s = json_integer_value(since) / 1000;
	return true;
}

static bool
mozilla(struct answer_words *out, const json_t *object)
{
	const json_t *number = json_object_get(object, "errno");
	char name[ANSWER_CODE + 8];

	if (!json_is_integer(number))
		return false;
	take_number(out, number);
	snprintf(name, sizeof(name), "errno %s", out->code);
	take_text(out, name, string_of(object, "message"));
	return true;
}

/* A number in `code`, with its words in `error` or `message`. */
static bool
numbered(struct answer_words *out, const json_t *object)
{
	const json_t *number = json_object_get(object, "code");
	const char *text = string_of(object, "message");

	if (!json_is_integer(number))
		return false;
	take_number(out, number);
	take_text(out, out->code, text != NULL ? text :
	    string_of(object, "error"));
	return true;
}

static bool
twilio_list(struct answer_words *out, const json_t *object)
{
	return numbered(out, json_array_get(json_object_get(object, "errors"),
	    0));
}

/*
 * Vonage's status of the first part; "status-1" tells it from other numbers.
 * Each of its answers has a message-count.
 */
static bool
vonage(struct answer_words *out, const json_t *object)
{
	const json_t *first = json_array_get(json_object_get(object,
	    "messages"), 0);
	const json_t *status = json_object_get(first, "status");
	char number[24], code[ANSWER_CODE];

	if (json_object_get(object, "message-count") == NULL ||
	    !(json_is_string(status) || json_is_integer(status)))
		return false;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
	    json_is_integer(status) ? json_integer_value(status) :
	    strtoll(json_string_value(status), NULL, 10));
	snprintf(code, sizeof(code), "status-%s", number);
	take_code(out, code);
	take_text(out, code, string_of(first, "error-text"));
	return true;
}

static bool
oauth(struct answer_words *out, const json_t *object)
{
	const char *error = string_of(object, "error");
	const char *text = string_of(object, "error_description");

	if (error == NULL && text == NULL)
		return false;
	take_code(out, error);
	take_text(out, error, text != NULL ? text :
	    string_of(object, "message"));
	return true;
}

static bool
problem(struct answer_words *out, const json_t *object)
{
	const char *title = string_of(object, "title");
	const char *detail = string_of(object, "detail");

	if (title == NULL && detail == NULL)
		detail = string_of(object, "message");
	if (title == NULL && detail == NULL)
		return false;
	take_text(out, title, detail);
	return true;
}

/* Vonage stands before those that have a name in common with it. */
static bool (*const forms[])(struct answer_words *out, const json_t *object) = {
	google, apple, mozilla, vonage, numbered, twilio_list, oauth, problem,
};

static bool
read_json(struct answer_words *out, const char *body, size_t len)
{
	json_t *object = json_loadb(body, len, 0, NULL);
	const json_t *wait;
	size_t i;

	if (!json_is_object(object)) {
		json_decref(object);
		return false;
	}
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i](out, object))
			break;
	wait = json_object_get(object, "retry_after");
	if (json_is_number(wait))
		take_wait(out, json_number_value(wait));
	json_decref(object);
	return true;
}

/* Find a text without regard to case. `text` need not end with a NUL. */
static const char *
find_text(const char *text, size_t len, const char *wanted)
{
	size_t n = strlen(wanted);

	for (; len >= n; text++, len--)
		if (strncasecmp(text, wanted, n) == 0)
			return text;
	return NULL;
}

/* The title of a page, as proxies write them; otherwise the text as it is. */
static void
read_text(struct answer_words *out, const char *body, size_t len)
{
	const char *end = body + len, *title, *title_end;

	while (body < end && isspace((unsigned char)*body))
		body++;
	if (body == end || *body != '<') {
		answer_words_clean(out->text, body, (size_t)(end - body));
		return;
	}
	title = find_text(body, (size_t)(end - body), "<title>");
	if (title == NULL)
		return;
	title += strlen("<title>");
	title_end = memchr(title, '<', (size_t)(end - title));
	answer_words_clean(out->text, title, (size_t)((title_end != NULL ?
	    title_end : end) - title));
}

/*
 * Microsoft's service says it in the header. Domain Blocked has the status of a
 * dead subscription and is about us.
 */
static void
read_head(struct answer_words *out, const struct head *head)
{
	char code[HEAD_TEXT];
	size_t i;

	for (i = 0; head->state[i] != '\0'; i++)
		code[i] = (char)tolower((unsigned char)head->state[i]);
	code[i] = '\0';
	take_code(out, code);
	if (head->words[0] != '\0')
		answer_words_clean(out->text, head->words, strlen(head->words));
	if (find_text(head->words, strlen(head->words), "domain blocked") !=
	    NULL || strcasecmp(head->phrase, "Domain Blocked") == 0)
		take_code(out, "DomainBlocked");
}

void
answer_words_read(struct answer_words *out, const struct head *head,
    const char *body, size_t len)
{
	memset(out, 0, sizeof(*out));
	if (len > 0 && !read_json(out, body, len))
		read_text(out, body, len);
	if (head != NULL)
		read_head(out, head);
}

/*
 * Does a run of letters tell of the secret? Either may be cut off, or stuck to
 * something else.
 */
static bool
tells_of(const char *run, size_t len, const char *secret)
{
	size_t n;

	while (secret != NULL && *secret != '\0') {
		n = strspn(secret, LETTERS);
		if (n >= HIDE_MIN && (memmem(secret, n, run, len) != NULL ||
		    memmem(run, len, secret, n) != NULL))
			return true;
		secret += n > 0 ? n : 1;
	}
	return false;
}

/* Return the path and query of a URL. Its host may be told to anybody. */
static const char *
path_of(const char *url)
{
	const char *host = url != NULL ? strstr(url, "://") : NULL;

	return host != NULL ? strchr(host + 3, '/') : NULL;
}

void
answer_words_hide(struct answer_words *words, const json_t *to)
{
	const char *token = string_of(to, "token");
	const char *number = string_of(to, "number");
	const char *path = path_of(string_of(to, "endpoint"));
	char *run = words->text;

	while (*run != '\0') {
		size_t n = strspn(run, LETTERS);

		if (n >= OPAQUE_MIN || (n >= HIDE_MIN &&
		    (tells_of(run, n, token) || tells_of(run, n, number) ||
		    tells_of(run, n, path)))) {
			memmove(run + 3, run + n, strlen(run + n) + 1);
			memcpy(run, "...", 3);
			n = 3;
		}
		run += n > 0 ? n : 1;
	}
}
