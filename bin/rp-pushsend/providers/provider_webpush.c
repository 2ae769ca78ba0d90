/*
 * provider_webpush: Web Push (RFC 8030), which is UnifiedPush too. The payload
 * is encrypted for the device (RFC 8291) and signed by the operator (VAPID, RFC
 * 8292).
 */
#include "config.h"
#include "providers/provider_webpush.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/jwt.h"
#include "base/log.h"
#include "base/vapidkey.h"
#include "base/webpush.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "http/origin.h"
#include "providers/subject.h"
#include "providers/token_age.h"
#include "providers/answer_words.h"
#include "wire/why.h"

/*
 * RFC 8292 2: a token lives at most 24 hours. It is made for one origin and
 * used for half of that, so that a clock that is wrong by hours does no harm.
 */
#define TOKEN_S (12 * 3600)
#define TOKEN_RENEW_S (6 * 3600)
#define TOKEN_YOUNG_S 60		/* then its age is not what is wrong */
#define TOKENS 64		/* origins whose token is kept */

struct token {
	char origin[PROVIDER_SERVICE];
	struct token_age age;
	char *header;		/* "Authorization: vapid t=..., k=..." */
};

struct webpush {
	struct http *http;
	const struct pushconf *settings;
	struct jwt_key *key;	/* NULL: no VAPID */
	char public[VAPIDKEY_TEXT];
	struct token tokens[TOKENS];
};

static void
webpush_close(void *self)
{
	struct webpush *w = self;
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < TOKENS; i++)
		free(w->tokens[i].header);
	jwt_key_free(w->key);
	free(w);
}

static int
open_key(struct webpush *w, const char *file, char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	int err;

	err = vapidkey_read(&w->key, w->public, file, wrong);
	if (err == 0)
		return 0;
	why_set(why, "webpush.key: %s", wrong);
	return err == -ENOENT ? -EINVAL : err;
}

/* Check the contact. A service that refuses it says that the token is bad. */
static int
check_subject(const struct pushconf *settings, char why[static WHY_TEXT])
{
	const char *subject = settings->webpush_subject;
	char wrong[WHY_TEXT], text[LOG_TEXT];
	enum subject_verdict verdict = SUBJECT_GOOD;

	if (subject != NULL) {
		verdict = subject_check(subject, wrong);
	} else if (settings->webpush_key != NULL) {
		why_set(wrong, "none, and some services, such as Apple's, "
		    "refuse requests without it");
		verdict = SUBJECT_DOUBTFUL;
	}
	if (verdict == SUBJECT_WRONG) {
		why_set(why, "webpush.subject: %s", wrong);
		return -EINVAL;
	}
	if (verdict == SUBJECT_DOUBTFUL)
		log_warn("webpush_subject", "why=%s", log_text(text, wrong));
	return 0;
}

static int
webpush_open(void **self, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	const char *file = env->settings->webpush_key;
	struct webpush *w = calloc(1, sizeof(*w));
	int err;

	if (w == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	w->http = env->users;
	w->settings = env->settings;
	err = file != NULL ? open_key(w, file, why) : 0;
	if (err == 0)
		err = check_subject(env->settings, why);
	if (err < 0) {
		webpush_close(w);
		return err;
	}
	*self = w;
	return 0;
}

static const char *
endpoint_of(const struct pushmsg_request *request)
{
	return json_string_value(json_object_get(request->to, "endpoint"));
}

static int
webpush_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	const char *endpoint = endpoint_of(request);

	(void)self;
	if (endpoint != NULL && origin_read(name, PROVIDER_SERVICE, endpoint) ==
	    0)
		return 0;
	why_set(why, "to.endpoint: wants an https URL");
	return -EBADMSG;
}

static unsigned
webpush_rate(void *self)
{
	return (unsigned)((struct webpush *)self)->settings->webpush_rate;
}

static unsigned
webpush_in_flight(void *self)
{
	const struct pushconf *settings = ((struct webpush *)self)->settings;

	return (unsigned)settings->in_flight_per_service;
}

static char *
token_header(const struct webpush *w, const char *origin)
{
	const char *subject = w->settings->webpush_subject;
	char *token, *header = NULL;
	json_t *claims;
	int err;

	claims = json_pack("{s:s, s:I, s:s*}", "aud", origin, "exp",
	    (json_int_t)(clock_wall_s() + TOKEN_S), "sub", subject);
	if (claims == NULL)
		return NULL;
	err = jwt_sign(&token, w->key, NULL, claims);
	json_decref(claims);
	if (err < 0)
		return NULL;
	if (asprintf(&header, "Authorization: vapid t=%s, k=%s", token,
	    w->public) < 0)
		header = NULL;
	free(token);
	return header;
}

/* Return the place of an origin's token, or else the oldest one's. */
static struct token *
place_of(struct webpush *w, const char *origin)
{
	struct token *oldest = &w->tokens[0];
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		struct token *t = &w->tokens[i];

		if (strcmp(t->origin, origin) == 0)
			return t;
		if (t->age.made.mono_ms < oldest->age.made.mono_ms)
			oldest = t;
	}
	return oldest;
}

/*
 * Return the origin's header, made now or before; NULL if it cannot be made.
 * `*serial` identifies its token.
 */
static const char *
authorization(struct webpush *w, const char *origin, unsigned *serial)
{
	const struct token_moment now = token_moment_now();
	struct token *t = place_of(w, origin);

	if (strcmp(t->origin, origin) != 0 ||
	    !token_age_below(&t->age, &now, TOKEN_RENEW_S)) {
		free(t->header);
		snprintf(t->origin, sizeof(t->origin), "%s", origin);
		t->header = token_header(w, origin);
		token_age_made(&t->age, &now);
	}
	*serial = t->age.serial;
	return t->header;
}

/*
 * Note that an origin refused that token. Return true if the next is another.
 */
static bool
token_refused(struct webpush *w, const char *origin, unsigned serial)
{
	const struct token_moment now = token_moment_now();
	struct token *t = place_of(w, origin);

	if (w->key == NULL)
		return false;
	return strcmp(t->origin, origin) != 0 ||
	    token_age_refused(&t->age, serial, &now, TOKEN_YOUNG_S);
}

/* One attempt. */
struct push {
	struct webpush *w;
	struct provider_attempt *attempt;
	struct http_call *call;
	unsigned serial;		/* of the token */
	char origin[PROVIDER_SERVICE];
};

/*
 * Interpret an answer. A token that is refused is made anew, once, because the
 * clock that made it may have been wrong.
 */
static void
webpush_answer(const struct http_answer *answer, void *arg)
{
	struct push push = *(struct push *)arg;
	const struct answer_row *row;
	struct provider_outcome outcome;
	enum answer_verdict verdict;
	struct answer_words words;

	free(arg);
	if (answer->end != HTTP_ANSWERED) {
		provider_finish_http(push.attempt, answer);
		return;
	}
	answer_words_read(&words, answer->head, answer->body, answer->body_len);
	row = answer_table_find(ANSWERS_WEBPUSH, answer->status, words.code);
	verdict = row->verdict;
	if (verdict == ANSWER_RENEW &&
	    !token_refused(push.w, push.origin, push.serial))
		verdict = ANSWER_REFUSED;
	provider_judge(&outcome, push.attempt, answer, row, verdict, &words);
	provider_end(push.attempt, &outcome);
}

static int
webpush_post(struct push *push, const uint8_t *body, size_t body_len,
    char why[static WHY_TEXT])
{
	const struct pushmsg_request *r = push->attempt->request;
	struct webpush *w = push->w;
	char ttl[32], urgency[32], topic[64];
	struct http_request request = {
		.url = endpoint_of(r), .body = body, .body_len = body_len,
		.timeout_ms = push->attempt->timeout_ms
	};
	const char **header = request.headers;
	int err;

	snprintf(ttl, sizeof(ttl), "TTL: %ld", r->ttl_s);
	snprintf(urgency, sizeof(urgency), "Urgency: %s",
	    pushmsg_urgency_name(r->urgency));
	snprintf(topic, sizeof(topic), "Topic: %s", r->topic);
	*header++ = "Content-Type: application/octet-stream";
	*header++ = "Content-Encoding: aes128gcm";
	*header++ = ttl;
	*header++ = urgency;
	if (r->topic[0] != '\0')
		*header++ = topic;
	origin_read(push->origin, sizeof(push->origin), request.url);
	if (w->key != NULL) {
		*header = authorization(w, push->origin, &push->serial);
		if (*header++ == NULL) {
			why_set(why, "cannot sign with webpush.key");
			return -EIO;
		}
	}
	err = http_post(&push->call, w->http, &request, webpush_answer, push);
	if (err < 0)
		why_set(why, "to.endpoint: %s", err == -EPERM ?
		    "wants https" : strerror(-err));
	return err;
}

static int
push_start(struct push *push, char why[static WHY_TEXT])
{
	uint8_t body[WEBPUSH_PLAIN_MAX + WEBPUSH_OVERHEAD];
	size_t body_len;
	int err;

	err = provider_encrypt(body, &body_len, push->attempt->request,
	    WEBPUSH_PLAIN_MAX, why);
	return err < 0 ? err : webpush_post(push, body, body_len, why);
}

static void
webpush_start(void *self, struct provider_attempt *attempt)
{
	char why[WHY_TEXT] = "out of memory";
	struct push *push = calloc(1, sizeof(*push));

	if (push != NULL) {
		push->w = self;
		push->attempt = attempt;
		if (push_start(push, why) == 0) {
			attempt->state = push;
			return;
		}
	}
	free(push);
	provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
}

static void
webpush_cancel(void *self, struct provider_attempt *attempt)
{
	struct push *push = attempt->state;

	(void)self;
	http_cancel(push->call);
	free(push);
	attempt->state = NULL;
}

const struct provider provider_webpush = {
	.type = "webpush",
	.open = webpush_open,
	.close = webpush_close,
	.service = webpush_service,
	.rate = webpush_rate,
	.in_flight = webpush_in_flight,
	.start = webpush_start,
	.cancel = webpush_cancel
};
