/*
 * provider_sms: SMS by a service's HTTP interface: a form or JSON made from a
 * template. The configuration defines the template and the meaning of the
 * answer.
 */
#include "providers/provider_sms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/tool.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "providers/sms_text.h"
#include "providers/answer_words.h"
#include "wire/pushform.h"
#include "wire/why.h"

#define SECRET_MAX 1024
#define HEADERS (HTTP_HEADERS - 2)

/* One repeat, for a gateway that was away or asked for it. */
#define ATTEMPTS_MOST 2

struct sms {
	struct http *http;
	const struct pushconf *settings;
	struct sms_text text;
	char *secret;		/* NULL: none */
	char *user_password;	/* NULL: no Basic authorization */
	char *headers[HEADERS + 1];
};

static void
forget(char *secret)
{
	if (secret != NULL)
		crypto_wipe(secret, strlen(secret));
	free(secret);
}

static void
sms_close(void *self)
{
	struct sms *sms = self;
	size_t i;

	if (sms == NULL)
		return;
	for (i = 0; i < HEADERS; i++)
		forget(sms->headers[i]);
	forget(sms->secret);
	forget(sms->user_password);
	free(sms);
}

static int
open_secret(struct sms *sms, char why[static WHY_TEXT])
{
	const struct pushconf *s = sms->settings;
	size_t env;
	int err;

	if (s->sms_secret_file == NULL)
		return 0;
	err = tool_read_file(&sms->secret, s->sms_secret_file, SECRET_MAX);
	if (err < 0) {
		why_set(why, "sms.secret_file: %s", tool_read_text(err));
		return err == -ENOENT ? -EINVAL : err;
	}
	sms->secret[strcspn(sms->secret, "\r\n")] = '\0';
	if (*sms->secret == '\0') {
		why_set(why, "sms.secret_file: the first line is empty");
		return -EINVAL;
	}
	if (s->sms_user == NULL)
		return 0;
	env = strlen(s->sms_user) + strlen(sms->secret) + 2;
	sms->user_password = malloc(env);
	if (sms->user_password == NULL)
		return -ENOMEM;
	snprintf(sms->user_password, env, "%s:%s", s->sms_user, sms->secret);
	return 0;
}

static int
open_headers(struct sms *sms, char why[static WHY_TEXT])
{
	const struct conf_strings *list = &sms->settings->sms_headers;
	size_t i;

	if (list->n > HEADERS) {
		why_set(why, "sms.headers: at most %d", HEADERS);
		return -EINVAL;
	}
	for (i = 0; i < list->n; i++) {
		sms->headers[i] = sms_text_header(&sms->text, list->item[i],
		    why);
		if (sms->headers[i] == NULL)
			return -EINVAL;
	}
	return 0;
}

static int
sms_open(void **self, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	struct sms *sms;
	int err;

	if (env->settings->sms_url == NULL)
		return -ENOENT;
	why_set(why, "out of memory");
	sms = calloc(1, sizeof(*sms));
	if (sms == NULL)
		return -ENOMEM;
	sms->http = env->services;
	sms->settings = env->settings;
	err = open_secret(sms, why);
	if (err == 0)
		err = sms_text_open(&sms->text, sms->settings, sms->secret,
		    why);
	if (err == 0)
		err = open_headers(sms, why);
	if (err < 0) {
		sms_close(sms);
		return err;
	}
	*self = sms;
	return 0;
}

static int
sms_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	(void)self;
	strcpy(name, "sms");
	return pushform_check(provider_sms.type, request->to, why) < 0 ?
	    -EBADMSG : 0;
}

static unsigned
sms_rate(void *self)
{
	return (unsigned)((struct sms *)self)->settings->sms_rate;
}

static unsigned
sms_in_flight(void *self)
{
	return (unsigned)((struct sms *)self)->settings->
	    in_flight_per_service;
}

static unsigned
sms_attempt_ms(void *self)
{
	return (unsigned)((struct sms *)self)->settings->sms_attempt_ms;
}

/* Return the value at a path such as "messages.0.status", as text. */
static const char *
value_at(const json_t *object, const char *path, char env[static 32])
{
	char part[64];

	while (*path != '\0') {
		size_t len = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		path += path[len] == '.' ? len + 1 : len;
		object = json_is_array(object) ?
		    json_array_get(object, strtoul(part, NULL, 10)) :
		    json_object_get(object, part);
	}
	if (!json_is_integer(object))
		return json_string_value(object);
	snprintf(env, 32, "%" JSON_INTEGER_FORMAT,
	    json_integer_value(object));
	return env;
}

static bool
among(const struct conf_strings *list, const char *value)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->item[i], value) == 0)
			return true;
	return false;
}

/* Judge the answer's body by the configuration. */
static enum answer_verdict
judge_body(const struct pushconf *s, const struct http_answer *answer,
    struct answer_words *words)
{
	json_t *object = json_loadb(answer->body, answer->body_len, 0, NULL);
	enum answer_verdict verdict = ANSWER_REFUSED;
	char env[32], text[ANSWER_WORDS];
	const char *value = value_at(object, s->sms_answer, env);

	if (value == NULL)
		snprintf(text, sizeof(text), "without %.60s", s->sms_answer);
	else
		snprintf(text, sizeof(text), "%.60s", value);
	if (value != NULL && among(&s->sms_answer_sent, value))
		verdict = ANSWER_SENT;
	else if (value != NULL && among(&s->sms_answer_retry, value))
		verdict = ANSWER_LATER;
	if (words->text[0] == '\0' || value == NULL)
		answer_words_clean(words->text, text, strlen(text));
	json_decref(object);
	return verdict;
}

struct text_message {
	struct sms *sms;
	struct provider_attempt *attempt;
	struct http_call *call;
};

/*
 * Decide whether the service may have taken the message. Each SMS costs money,
 * and the phone shows each, so that only a message that certainly was not taken
 * is sent again.
 */
static void
doubt(struct provider_outcome *outcome, bool may_be_taken)
{
	size_t len = strlen(outcome->reason);

	if (outcome->status != PUSHMSG_RETRY || !may_be_taken)
		return;
	outcome->may_be_taken = true;
	snprintf(outcome->reason + len, sizeof(outcome->reason) - len,
	    ", perhaps taken");
}

/* End an attempt without an answer. */
static void
finish_unanswered(struct provider_attempt *attempt,
    const struct http_answer *answer)
{
	struct provider_outcome outcome = {
		.status = PUSHMSG_RETRY, .service_ill = true,
		.timed_out = answer->end == HTTP_TIMED_OUT
	};

	if (answer->end != HTTP_UNREACHED && answer->end != HTTP_TIMED_OUT) {
		provider_finish_http(attempt, answer);
		return;
	}
	snprintf(outcome.reason, sizeof(outcome.reason), "%.100s",
	    answer->why);
	doubt(&outcome, answer->may_be_taken);
	provider_end(attempt, &outcome);
}

/*
 * Interpret the answer. No answer of an SMS service means that a number is dead
 * for good.
 */
static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct text_message *message = arg;
	struct provider_attempt *attempt = message->attempt;
	struct sms *sms = message->sms;
	const struct answer_row *row;
	struct provider_outcome outcome;
	enum answer_verdict verdict;
	struct answer_words words;

	free(message);
	if (answer->end != HTTP_ANSWERED) {
		finish_unanswered(attempt, answer);
		return;
	}
	answer_words_read(&words, answer->head, answer->body, answer->body_len);
	row = answer_table_find(ANSWERS_SMS, answer->status, words.code);
	verdict = row->verdict;
	if (sms->settings->sms_answer != NULL && answer->status >= 200 &&
	    answer->status < 300)
		verdict = judge_body(sms->settings, answer, &words);
	provider_judge(&outcome, attempt, answer, row, verdict, &words);
	doubt(&outcome, verdict == ANSWER_ILL &&
	    (answer->status != 503 || outcome.retry_after_ms == 0));
	provider_end(attempt, &outcome);
}

static int
post(struct text_message *message, const char *body)
{
	const struct sms *sms = message->sms;
	char type[96];
	struct http_request request = {
		.url = sms->settings->sms_url, .body = body,
		.body_len = strlen(body),
		.user_password = sms->user_password,
		.timeout_ms = message->attempt->timeout_ms,
		.headers = { type },
		.once = true
	};
	size_t i;

	snprintf(type, sizeof(type), "Content-Type: %s",
	    sms->settings->sms_content_type);
	for (i = 0; sms->headers[i] != NULL; i++)
		request.headers[i + 1] = sms->headers[i];
	return http_post(&message->call, sms->http, &request, on_answer,
	    message);
}

static void
sms_start(void *self, struct provider_attempt *attempt)
{
	const struct sms *sms = self;
	char why[WHY_TEXT] = "out of memory";
	struct text_message *message = calloc(1, sizeof(*message));
	char *body = NULL;
	int err = -ENOMEM;

	if (message != NULL)
		body = sms_text_body(&sms->text, attempt->request,
		    json_string_value(json_object_get(
		    attempt->request->to, "number")), why);
	if (body != NULL) {
		message->sms = self;
		message->attempt = attempt;
		err = post(message, body);
		if (err < 0)
			why_set(why, "%s", strerror(-err));
	}
	forget(body);
	provider_started(attempt, message, err, why);
}

static void
sms_cancel(void *self, struct provider_attempt *attempt)
{
	struct text_message *message = attempt->state;

	(void)self;
	http_cancel(message->call);
	free(message);
	attempt->state = NULL;
}

const struct provider provider_sms = {
	.type = "sms",
	.open = sms_open,
	.close = sms_close,
	.service = sms_service,
	.rate = sms_rate,
	.in_flight = sms_in_flight,
	.attempt_ms = sms_attempt_ms,
	.attempts_most = ATTEMPTS_MOST,
	.start = sms_start,
	.cancel = sms_cancel
};
