/*
 * oauth: fetch and renew the access token of a Google service account;
 * attempts wait for it. See oauth.h.
 */
#include "config.h"
#include "providers/oauth.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/jwt.h"
#include "base/log.h"
#include "base/tool.h"
#include "http/http.h"
#include "providers/token_age.h"
#include "providers/answer_words.h"
#include "wire/why.h"

#define FILE_MAX 65536
#define FETCH_MS 5000
#define ASSERTION_S 3600	/* Google's maximum */
#define RENEW_AHEAD_S 300	/* before it expires */
#define LIFE_MOST_S 86400
#define YOUNG_S 10		/* too young to have expired */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A" \
    "jwt-bearer&assertion="

struct oauth {
	struct http *http;
	const char *scope;
	char *project, *email, *url;
	struct jwt_key *key;
	uint8_t key_digest[CRYPTO_SHA256];	/* tells whether it is the same */
	char *header;			/* NULL: no token */
	struct token_age age;
	unsigned renew_s, life_s;	/* from when it was fetched */
	struct http_call *call;		/* NULL: none under way */
	TAILQ_HEAD(, oauth_waiter) waiters;
	unsigned round;			/* of waiting */
	unsigned asked_ms;		/* to wait, by the last answer */
};

void
oauth_free(struct oauth *oauth)
{
	if (oauth == NULL)
		return;
	if (oauth->call != NULL)
		http_cancel(oauth->call);
	if (oauth->header != NULL)
		crypto_wipe(oauth->header, strlen(oauth->header));
	free(oauth->header);
	jwt_key_free(oauth->key);
	free(oauth->project);
	free(oauth->email);
	free(oauth->url);
	free(oauth);
}

static char *
take_string(const json_t *account, const char *name)
{
	const char *text = json_string_value(json_object_get(account, name));

	return text != NULL ? strdup(text) : NULL;
}

/*
 * Read the key. Where an account went through a shell or an environment, its
 * ends of lines are often a backslash and an n.
 */
static int
take_key(struct oauth *oauth, const char *text, char why[static WHY_TEXT])
{
	char *pem = strdup(text), *at, *to;
	int err;

	if (pem == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	for (at = to = pem; *at != '\0'; at++)
		if (at[0] == '\\' && at[1] == 'n') {
			*to++ = '\n';
			at++;
		} else if (at[0] == '\\' && at[1] == 'r') {
			at++;
		} else {
			*to++ = *at;
		}
	*to = '\0';
	err = jwt_key_parse(&oauth->key, pem, why);
	crypto_wipe(pem, strlen(pem));
	free(pem);
	return err;
}

static int
take_account(struct oauth *oauth, const json_t *account,
    char why[static WHY_TEXT])
{
	const char *pem = json_string_value(json_object_get(account,
	    "private_key"));
	char wrong[WHY_TEXT];
	int err;

	oauth->project = take_string(account, "project_id");
	oauth->email = take_string(account, "client_email");
	oauth->url = take_string(account, "token_uri");
	if (oauth->project == NULL || oauth->email == NULL ||
	    oauth->url == NULL || pem == NULL) {
		why_set(why, "wants project_id, client_email, "
		    "token_uri and private_key");
		return -EINVAL;
	}
	crypto_sha256(oauth->key_digest, pem, strlen(pem));
	err = take_key(oauth, pem, wrong);
	if (err < 0)
		why_set(why, "private_key: %s", wrong);
	return err;
}

static int
read_account(struct oauth *oauth, const char *file,
    char why[static WHY_TEXT])
{
	char *text, *json;
	json_t *account;
	int err;

	err = tool_read_file(&text, file, FILE_MAX);
	if (err < 0) {
		why_set(why, "%s", tool_read_text(err));
		return err;
	}
	json = text;
	if (strncmp(json, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		json += strlen(BYTE_ORDER_MARK);
	account = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	crypto_wipe(text, strlen(text));
	free(text);
	if (account == NULL) {
		why_set(why, "not JSON");
		return -EINVAL;
	}
	err = take_account(oauth, account, why);
	json_decref(account);
	return err;
}

int
oauth_new(struct oauth **out, struct http *http, const char *file,
    const char *scope, char why[static WHY_TEXT])
{
	struct oauth *oauth = calloc(1, sizeof(*oauth));
	int err;

	if (oauth == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	oauth->http = http;
	oauth->scope = scope;
	TAILQ_INIT(&oauth->waiters);
	err = read_account(oauth, file, why);
	if (err < 0) {
		oauth_free(oauth);
		return err;
	}
	*out = oauth;
	return 0;
}

static bool
same_account(const struct oauth *a, const struct oauth *b)
{
	return strcmp(a->scope, b->scope) == 0 &&
	    strcmp(a->email, b->email) == 0 && strcmp(a->url, b->url) == 0 &&
	    memcmp(a->key_digest, b->key_digest, CRYPTO_SHA256) == 0;
}

void
oauth_inherit(struct oauth *oauth, const struct oauth *former)
{
	if (former->header == NULL || !same_account(oauth, former))
		return;
	free(oauth->header);
	oauth->header = strdup(former->header);
	oauth->age = former->age;
	oauth->age.valid &= oauth->header != NULL;
	oauth->life_s = former->life_s;
	oauth->renew_s = former->renew_s;
}

const char *
oauth_project(const struct oauth *oauth)
{
	return oauth->project;
}

/*
 * Wake all present waiters. A waiter added meanwhile waits for the next round.
 */
static void
wake(struct oauth *oauth, const char *why, bool again)
{
	unsigned round = oauth->round++;
	struct oauth_waiter *waiter;

	while ((waiter = TAILQ_FIRST(&oauth->waiters)) != NULL &&
	    waiter->round == round) {
		TAILQ_REMOVE(&oauth->waiters, waiter, link);
		waiter->ready(waiter, why, again);
	}
}

static void
keep_token(struct oauth *oauth, const char *token, json_int_t life_s)
{
	const struct token_moment now = token_moment_now();
	char *header;

	if (life_s > LIFE_MOST_S)
		life_s = LIFE_MOST_S;
	if (asprintf(&header, "Authorization: Bearer %s", token) < 0)
		return;
	free(oauth->header);
	oauth->header = header;
	token_age_made(&oauth->age, &now);
	oauth->life_s = (unsigned)life_s;
	oauth->renew_s = life_s > RENEW_AHEAD_S + YOUNG_S ?
	    (unsigned)life_s - RENEW_AHEAD_S : (unsigned)life_s;
}

/* Accept only a token that fits a header: no space, no end of line. */
static bool
token_ok(const char *token)
{
	if (token == NULL || *token == '\0')
		return false;
	for (; *token != '\0'; token++)
		if (*token <= ' ' || *token > '~')
			return false;
	return true;
}

static bool
take_token(struct oauth *oauth, const struct http_answer *answer)
{
	json_t *object = json_loadb(answer->body, answer->body_len, 0, NULL);
	const char *token = json_string_value(json_object_get(object,
	    "access_token"));
	json_int_t life_s = json_integer_value(json_object_get(object,
	    "expires_in"));
	bool ok = token_ok(token) && life_s > 0;

	if (ok)
		keep_token(oauth, token, life_s);
	json_decref(object);
	return ok;
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct oauth *oauth = arg;
	struct answer_words words;
	char why[WHY_TEXT], quoted[LOG_TEXT];
	bool again = true;

	oauth->call = NULL;
	oauth->asked_ms = answer->retry_after_ms;
	if (answer->end != HTTP_ANSWERED) {
		why_set(why, "token: %.90s", answer->why);
		again = answer->end == HTTP_UNREACHED ||
		    answer->end == HTTP_TIMED_OUT;
	} else if (answer->status != 200) {
		answer_words_read(&words, answer->head, answer->body,
		    answer->body_len);
		answer_words_hide(&words, NULL);
		why_set(why, "token: %d%s%s", answer->status,
		    words.text[0] != '\0' ? ": " : "", words.text);
		again = answer->status >= 500 || answer->status == 429;
	} else if (!take_token(oauth, answer)) {
		why_set(why, "token: the answer holds none");
	} else {
		wake(oauth, NULL, true);
		return;
	}
	log_warn("oauth_failed", "why=%s", log_text(quoted, why));
	wake(oauth, why, again);
}

static int
assertion(char **out, const struct oauth *oauth)
{
	json_int_t now_s = clock_wall_s();
	json_t *claims;
	char *token;
	int err;

	claims = json_pack("{s:s, s:s, s:s, s:I, s:I}", "iss", oauth->email,
	    "scope", oauth->scope, "aud", oauth->url, "iat", now_s, "exp",
	    now_s + ASSERTION_S);
	if (claims == NULL)
		return -ENOMEM;
	err = jwt_sign(&token, oauth->key, NULL, claims);
	json_decref(claims);
	if (err < 0)
		return err;
	if (asprintf(out, "%s%s", GRANT, token) < 0)
		err = -ENOMEM;
	free(token);
	return err;
}

static int
fetch(struct oauth *oauth)
{
	struct http_request request = {
		.url = oauth->url, .timeout_ms = FETCH_MS,
		.headers = { "Content-Type: "
		    "application/x-www-form-urlencoded" }
	};
	char *body;
	int err;

	if (oauth->call != NULL)
		return 0;
	err = assertion(&body, oauth);
	if (err < 0)
		return err;
	request.body = body;
	request.body_len = strlen(body);
	err = http_post(&oauth->call, oauth->http, &request, on_answer, oauth);
	free(body);
	return err;
}

const char *
oauth_header(struct oauth *oauth, unsigned *serial)
{
	const struct token_moment now = token_moment_now();

	if (!token_age_below(&oauth->age, &now, oauth->life_s))
		return NULL;
	if (!token_age_below(&oauth->age, &now, oauth->renew_s))
		fetch(oauth);	/* a failure is retried the next time */
	if (serial != NULL)
		*serial = oauth->age.serial;
	return oauth->header;
}

int
oauth_wait(struct oauth *oauth, struct oauth_waiter *waiter)
{
	int err = fetch(oauth);

	if (err < 0)
		return err;
	waiter->round = oauth->round;
	TAILQ_INSERT_TAIL(&oauth->waiters, waiter, link);
	return 0;
}

void
oauth_unwait(struct oauth *oauth, struct oauth_waiter *waiter)
{
	TAILQ_REMOVE(&oauth->waiters, waiter, link);
}

unsigned
oauth_asked_ms(const struct oauth *oauth)
{
	return oauth->asked_ms;
}

bool
oauth_reject(struct oauth *oauth, unsigned serial)
{
	const struct token_moment now = token_moment_now();

	return token_age_refused(&oauth->age, serial, &now, YOUNG_S);
}
