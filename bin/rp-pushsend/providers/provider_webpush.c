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
#include "providers/subject.h"
#include "providers/token_age.h"
#include "providers/answer_words.h"
#include "wire/pushform.h"
#include "wire/pushurl.h"
#include "wire/why.h"

/*
 * RFC 8292 2: a token lives at most 24 hours. It is made for one origin and
 * used for half of that, so that a clock that is wrong by hours does no harm.
 */
#define TOKEN_S (12 * 3600)
#define TOKEN_RENEW_S (6 * 3600)
#define TOKEN_YOUNG_S 60		/* then its age is not what is wrong */
#define TOKENS 64		/* origins whose token is kept */

#define NOT_OUR_KEY "key: none of webpush.key; the device must subscribe again"

/* One of webpush.key. */
struct vapid {
	struct jwt_key *key;
	char public[VAPIDKEY_TEXT];
};

struct token {
	char origin[PROVIDER_SERVICE];
	const struct vapid *by;
	struct token_age age;
	char *header;		/* "Authorization: vapid t=..., k=..." */
};

struct webpush {
	struct http *http;
	const struct pushconf *settings;
	struct vapid *vapids;		/* the first is for new subscriptions */
	size_t n_vapids;		/* 0: no VAPID */
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
	for (i = 0; i < w->n_vapids; i++)
		jwt_key_free(w->vapids[i].key);
	free(w->vapids);
	free(w);
}

/* Read one key. An error names the file if it is one of several. */
static int
open_key(struct vapid *vapid, const char *file, bool several,
    char why[static WHY_TEXT])
{
	char wrong[WHY_TEXT];
	int err;

	err = vapidkey_read(&vapid->key, vapid->public, file, wrong);
	if (err == 0)
		return 0;
	why_set(why, "webpush.key: %.100s%s%.100s", several ? file : "",
	    several ? ": " : "", wrong);
	return err == -ENOENT ? -EINVAL : err;
}

static int
open_keys(struct webpush *w, const struct conf_strings *files,
    char why[static WHY_TEXT])
{
	int err = 0;

	why_set(why, "out of memory");
	w->vapids = calloc(files->n + 1, sizeof(*w->vapids));
	if (w->vapids == NULL)
		return -ENOMEM;
	for (; err == 0 && w->n_vapids < files->n; w->n_vapids++)
		err = open_key(&w->vapids[w->n_vapids],
		    files->item[w->n_vapids], files->n > 1, why);
	return err;
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
	} else if (settings->webpush_keys.n > 0) {
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
	struct webpush *w = calloc(1, sizeof(*w));
	int err;

	if (w == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	w->http = env->users;
	w->settings = env->settings;
	err = open_keys(w, &env->settings->webpush_keys, why);
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

/*
 * Return the key that signs an attempt. The one that the device subscribed with
 * stands in the request. Without it, each is tried until one is accepted. NULL:
 * it is none of ours.
 */
static const struct vapid *
vapid_of(const struct webpush *w, const struct provider_attempt *attempt)
{
	const char *key = attempt->request->key;
	size_t i;

	if (*key == '\0')
		return &w->vapids[attempt->choice % w->n_vapids];
	for (i = 0; i < w->n_vapids; i++)
		if (strcmp(w->vapids[i].public, key) == 0)
			return &w->vapids[i];
	return NULL;
}

static bool
has_key(const struct webpush *w, const struct pushmsg_request *request)
{
	const struct provider_attempt attempt = { .request = request };

	return w->n_vapids == 0 || vapid_of(w, &attempt) != NULL;
}

/* Choose the next key after one was refused. Return false if there is none. */
static bool
choose_next(const struct webpush *w, struct provider_attempt *attempt)
{
	if (*attempt->request->key != '\0' ||
	    attempt->choice + 1 >= w->n_vapids)
		return false;
	attempt->choice++;
	return true;
}

static int
webpush_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	struct pushurl url;

	if (pushform_check(provider_webpush.type, request->to, why) < 0 ||
	    pushform_endpoint(&url, request->to, why) < 0)
		return -EBADMSG;
	if (!has_key(self, request)) {
		why_set(why, NOT_OUR_KEY);
		return -EBADMSG;
	}
	pushurl_origin(&url, name);
	return 0;
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
token_header(const struct webpush *w, const struct vapid *by,
    const char *origin)
{
	const char *subject = w->settings->webpush_subject;
	char *token, *header = NULL;
	json_t *claims;
	int err;

	claims = json_pack("{s:s, s:I, s:s*}", "aud", origin, "exp",
	    (json_int_t)(clock_wall_s() + TOKEN_S), "sub", subject);
	if (claims == NULL)
		return NULL;
	err = jwt_sign(&token, by->key, NULL, claims);
	json_decref(claims);
	if (err < 0)
		return NULL;
	if (asprintf(&header, "Authorization: vapid t=%s, k=%s", token,
	    by->public) < 0)
		header = NULL;
	free(token);
	return header;
}

static bool
is_of(const struct token *t, const struct vapid *by, const char *origin)
{
	return t->by == by && strcmp(t->origin, origin) == 0;
}

/* Return the place of an origin's token, or else the oldest one's. */
static struct token *
place_of(struct webpush *w, const struct vapid *by, const char *origin)
{
	struct token *oldest = &w->tokens[0];
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		struct token *t = &w->tokens[i];

		if (is_of(t, by, origin))
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
authorization(struct webpush *w, const struct vapid *by, const char *origin,
    unsigned *serial)
{
	const struct token_moment now = token_moment_now();
	struct token *t = place_of(w, by, origin);

	if (!is_of(t, by, origin) ||
	    !token_age_below(&t->age, &now, TOKEN_RENEW_S)) {
		free(t->header);
		snprintf(t->origin, sizeof(t->origin), "%s", origin);
		t->by = by;
		t->header = token_header(w, by, origin);
		token_age_made(&t->age, &now);
	}
	*serial = t->age.serial;
	return t->header;
}

/* One attempt. */
struct push {
	struct webpush *w;
	struct provider_attempt *attempt;
	struct http_call *call;
	const struct vapid *by;		/* signs it; NULL: nobody */
	unsigned serial;		/* of the token */
	char origin[PUSHURL_ORIGIN];
};

/*
 * Note that an origin refused a token. Return true if the next is another.
 */
static bool
token_refused(const struct push *push)
{
	const struct token_moment now = token_moment_now();
	struct token *t = place_of(push->w, push->by, push->origin);

	if (push->by == NULL)
		return false;
	return !is_of(t, push->by, push->origin) ||
	    token_age_refused(&t->age, push->serial, &now, TOKEN_YOUNG_S);
}

/* Is it an answer that another key may change? */
static bool
is_about_key(const struct http_answer *answer, const char *code)
{
	return answer->status == 401 || answer->status == 403 ||
	    strcmp(code, "VapidPkHashMismatch") == 0;
}

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
	if (verdict == ANSWER_RENEW && !token_refused(&push))
		verdict = ANSWER_REFUSED;
	if (verdict == ANSWER_REFUSED && is_about_key(answer, words.code) &&
	    choose_next(push.w, push.attempt))
		verdict = ANSWER_RENEW;
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
		.timeout_ms = push->attempt->timeout_ms,
		.head_decides = true	/* RFC 8030 gives bodies no meaning */
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
	if (push->by != NULL) {
		*header = authorization(w, push->by, push->origin,
		    &push->serial);
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
	const struct pushmsg_request *request = push->attempt->request;
	uint8_t body[PUSHFORM_ROOM_WEBPUSH + WEBPUSH_OVERHEAD];
	struct pushurl url;
	size_t body_len;
	int err;

	if (push->w->n_vapids > 0) {
		push->by = vapid_of(push->w, push->attempt);
		if (push->by == NULL) {
			why_set(why, NOT_OUR_KEY);
			return -EBADMSG;
		}
	}
	err = pushform_endpoint(&url, request->to, why);
	if (err < 0)
		return err;
	pushurl_origin(&url, push->origin);
	err = provider_encrypt(body, &body_len, request, why);
	return err < 0 ? err : webpush_post(push, body, body_len, why);
}

static void
webpush_start(void *self, struct provider_attempt *attempt)
{
	char why[WHY_TEXT] = "out of memory";
	struct push *push = calloc(1, sizeof(*push));
	int err = -ENOMEM;

	if (push != NULL) {
		push->w = self;
		push->attempt = attempt;
		err = push_start(push, why);
	}
	provider_started(attempt, push, err, why);
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
