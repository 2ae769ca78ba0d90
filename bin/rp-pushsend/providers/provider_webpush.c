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

struct token {
	char origin[PROVIDER_SERVICE];
	int64_t made_s;
	char *header;		/* "Authorization: vapid t=..., k=..." */
};

struct webpush {
	struct http *http;
	const struct pushconf *settings;
	struct jwt_key *key;	/* NULL: no VAPID */
	char public[BASE64_TEXT(JWT_PUBLIC)];
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
	uint8_t public[JWT_PUBLIC];
	char wrong[WHY_TEXT];
	int err;

	err = jwt_key_read(&w->key, file, wrong);
	if (err == 0 && jwt_key_public(w->key, public) < 0) {
		why_set(wrong, "wants a P-256 key");
		err = -EINVAL;
	}
	if (err < 0) {
		why_set(why, "webpush.key: %.110s", wrong);
		return err == -ENOENT ? -EINVAL : err;
	}
	base64_encode_url(w->public, public, sizeof(public));
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
	struct pushurl url;

	(void)self;
	if (pushform_check(provider_webpush.type, request->to, why) < 0 ||
	    pushform_endpoint(&url, request->to, why) < 0)
		return -EBADMSG;
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

/* Return the origin's header, made now or before; NULL if it cannot be made. */
static const char *
authorization(struct webpush *w, const char *origin)
{
	int64_t now_s = clock_wall_s();
	struct token *oldest = &w->tokens[0];
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		struct token *t = &w->tokens[i];

		if (t->header != NULL && strcmp(t->origin, origin) == 0) {
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
	oldest->header = token_header(w, origin);
	return oldest->header;
}

/*
 * Interpret an answer (RFC 8030 5, 7.3, 8.4; the tables of autopush and others
 * are in rp-push(7)). Only 404 and 410 concern the subscription itself.
 */
static void
webpush_answer(const struct http_answer *answer, void *arg)
{
	struct provider_attempt *attempt = arg;
	int status = answer->status;

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
	else if (status == 401 || status == 403)
		provider_finish(attempt, PUSHMSG_FAILED,
		    "%d: VAPID key or token "
		    "refused", status);
	else
		provider_finish(attempt, PUSHMSG_FAILED, "%d", status);
}

static void
webpush_post(struct webpush *w, struct provider_attempt *attempt,
    const uint8_t *body, size_t body_len)
{
	const struct pushmsg_request *r = attempt->request;
	char ttl[32], urgency[32], topic[64], origin[PUSHURL_ORIGIN];
	struct http_request request = {
		.url = endpoint_of(r), .body = body, .body_len = body_len,
		.timeout_ms = attempt->timeout_ms
	};
	struct http_call *call;
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
	if (w->key != NULL) {
		*header = authorization(w, origin_of(r, origin));
		if (*header++ == NULL) {
			provider_finish(attempt, PUSHMSG_FAILED,
			    "cannot sign with webpush.key");
			return;
		}
	}
	err = http_post(&call, w->http, &request, webpush_answer, attempt);
	if (err == 0)
		attempt->state = call;
	else
		provider_finish(attempt, PUSHMSG_FAILED, "to.endpoint: %s",
		    err == -EPERM ? "wants https" : strerror(-err));
}

static void
webpush_start(void *self, struct provider_attempt *attempt)
{
	const struct pushmsg_request *request = attempt->request;
	uint8_t body[WEBPUSH_PLAIN_MAX + WEBPUSH_OVERHEAD];
	char why[WHY_TEXT];
	size_t body_len;

	if (provider_encrypt(body, &body_len, request, WEBPUSH_PLAIN_MAX,
	    why) < 0)
		provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
	else
		webpush_post(self, attempt, body, body_len);
}

const struct provider provider_webpush = {
	.type = "webpush",
	.open = webpush_open,
	.close = webpush_close,
	.service = webpush_service,
	.rate = webpush_rate,
	.in_flight = webpush_in_flight,
	.start = webpush_start,
	.cancel = provider_http_cancel
};
