/*
 * provider_webpush: Web Push (RFC 8030), which is UnifiedPush too. The payload
 * is encrypted for the device (RFC 8291) and signed by the operator (VAPID, RFC
 * 8292).
 */
#include "config.h"
#include "providers/provider_webpush.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/jwt.h"
#include "base/webpush.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "wire/base64.h"
#include "wire/pushform.h"
#include "wire/pushurl.h"
#include "wire/why.h"

/*
 * RFC 8292 2: a token lives at most 24 hours. It is made for one origin and
 * used for half of that, so that a clock that is wrong by hours does no harm.
 */
#define TOKEN_S (12 * 3600)
#define TOKEN_RENEW_S (6 * 3600)
#define TOKENS 64		/* origins whose token is kept */

#define NOT_OUR_KEY "key: none of webpush.key; the device must subscribe again"

/* One of webpush.key. */
struct vapid {
	struct jwt_key *key;
	char public[BASE64_TEXT(JWT_PUBLIC)];
};

struct token {
	char origin[PROVIDER_SERVICE];
	const struct vapid *by;
	int64_t made_s;
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

static int
open_key(struct vapid *vapid, const char *file, char why[static WHY_TEXT])
{
	uint8_t public[JWT_PUBLIC];
	char wrong[WHY_TEXT];
	int err;

	err = jwt_key_read(&vapid->key, file, wrong);
	if (err == 0 && jwt_key_public(vapid->key, public) < 0) {
		why_set(wrong, "wants a P-256 key");
		err = -EINVAL;
	}
	if (err < 0) {
		why_set(why, "webpush.key: %.110s", wrong);
		return err == -ENOENT ? -EINVAL : err;
	}
	base64_encode_url(vapid->public, public, sizeof(public));
	return 0;
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
		    files->item[w->n_vapids], why);
	return err;
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

	(void)self;
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

/* Return the origin of a request whose form is valid. */
static const char *
origin_of(const struct pushmsg_request *request,
    char origin[static PUSHURL_ORIGIN])
{
	char why[WHY_TEXT];
	struct pushurl url;

	if (pushform_endpoint(&url, request->to, why) < 0)
		return "";
	return pushurl_origin(&url, origin);
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

/* Return the origin's header, made now or before; NULL if it cannot be made. */
static const char *
authorization(struct webpush *w, const struct vapid *by, const char *origin)
{
	int64_t now_s = clock_wall_s();
	struct token *oldest = &w->tokens[0];
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		struct token *t = &w->tokens[i];

		if (t->header != NULL && t->by == by &&
		    strcmp(t->origin, origin) == 0) {
			oldest = t;
			break;
		}
		if (t->made_s < oldest->made_s)
			oldest = t;
	}
	if (i < TOKENS && now_s >= oldest->made_s &&
	    now_s - oldest->made_s < TOKEN_RENEW_S)
		return oldest->header;
	free(oldest->header);
	snprintf(oldest->origin, sizeof(oldest->origin), "%s", origin);
	oldest->made_s = now_s;
	oldest->by = by;
	oldest->header = token_header(w, by, origin);
	return oldest->header;
}

/* One attempt. */
struct push {
	struct webpush *w;
	struct provider_attempt *attempt;
	struct http_call *call;
};

/*
 * Interpret an answer (RFC 8030 5, 7.3, 8.4; the tables of autopush and others
 * are in rp-push(7)). Only 404 and 410 concern the subscription itself.
 */
static void
webpush_answer(const struct http_answer *answer, void *arg)
{
	const struct push push = *(struct push *)arg;
	struct provider_attempt *attempt = push.attempt;
	int status = answer->status;

	free(arg);

	if (answer->end != HTTP_ANSWERED)
		provider_finish_http(attempt, answer);
	else if (status >= 200 && status < 300)
		provider_finish(attempt, PUSHMSG_SENT, "%d", status);
	else if (status == 404 || status == 410)
		provider_finish(attempt, PUSHMSG_GONE,
		    "%d: no such subscription", status);
	else if (status == 413)
		provider_finish(attempt, PUSHMSG_FAILED,
		    "413: payload too large");
	else if (status == 408 || status == 425 || status == 429)
		provider_finish_retry(attempt, answer->retry_after_ms, false,
		    "%d: not now", status);
	else if (status >= 500)
		provider_finish_retry(attempt, answer->retry_after_ms, true,
		    "%d: push service in trouble", status);
	else if ((status == 401 || status == 403) &&
	    choose_next(push.w, attempt))
		provider_finish_retry(attempt, 0, false,
		    "%d: VAPID key refused", status);
	else if (status == 401 || status == 403)
		provider_finish(attempt, PUSHMSG_FAILED,
		    "%d: VAPID key or token "
		    "refused", status);
	else
		provider_finish(attempt, PUSHMSG_FAILED, "%d", status);
}

/* Return 0, or a negative errno with `why`. */
static int
webpush_post(struct push *push, const uint8_t *body, size_t body_len,
    char why[static WHY_TEXT])
{
	const struct provider_attempt *attempt = push->attempt;
	const struct pushmsg_request *r = attempt->request;
	struct webpush *w = push->w;
	const struct vapid *by = w->n_vapids > 0 ? vapid_of(w, attempt) : NULL;
	char ttl[32], urgency[32], topic[64], origin[PUSHURL_ORIGIN];
	struct http_request request = {
		.url = endpoint_of(r), .body = body, .body_len = body_len,
		.timeout_ms = attempt->timeout_ms
	};
	const char **header = request.headers;
	int err;

	if (w->n_vapids > 0 && by == NULL) {
		why_set(why, NOT_OUR_KEY);
		return -EBADMSG;
	}
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
	if (by != NULL) {
		*header = authorization(w, by, origin_of(r, origin));
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
