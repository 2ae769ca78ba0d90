/*
 * provider: what all providers share: finish an attempt, read HTTP's status,
 * encrypt for the device. See provider.h.
 */
#include "providers/provider.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/webpush.h"
#include "http/http.h"
#include "providers/answer_words.h"
#include "wire/pushform.h"
#include "wire/why.h"

static void
finish_attempt(struct provider_attempt *attempt,
    struct provider_outcome *outcome, const char *format, va_list ap)
{
	vsnprintf(outcome->reason, sizeof(outcome->reason), format, ap);
	attempt->state = NULL;
	attempt->done(attempt, outcome);
}

void
provider_finish(struct provider_attempt *attempt, enum pushmsg_status status,
    const char *format, ...)
{
	struct provider_outcome outcome = { .status = status };
	va_list ap;

	va_start(ap, format);
	finish_attempt(attempt, &outcome, format, ap);
	va_end(ap);
}

void
provider_started(struct provider_attempt *attempt, void *state, int err,
    const char *why)
{
	if (err == 0) {
		attempt->state = state;
		return;
	}
	free(state);
	provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
}

void
provider_finish_retry(struct provider_attempt *attempt, unsigned retry_after_ms,
    bool service_ill, const char *format, ...)
{
	struct provider_outcome outcome = {
		.status = PUSHMSG_RETRY,
		.retry_after_ms = retry_after_ms,
		.service_ill = service_ill
	};
	va_list ap;

	va_start(ap, format);
	finish_attempt(attempt, &outcome, format, ap);
	va_end(ap);
}

/* How long the service asks to wait: in the head, the body, or by its rules. */
static unsigned
asked_ms(const struct http_answer *answer, const struct answer_row *row,
    const struct answer_words *words)
{
	unsigned wait_ms = answer->retry_after_ms;

	if (words->wait_ms > wait_ms)
		wait_ms = words->wait_ms;
	return wait_ms > 0 ? wait_ms : row->wait_s * 1000;
}

void
provider_judge(struct provider_outcome *outcome,
    const struct provider_attempt *attempt, const struct http_answer *answer,
    const struct answer_row *row, enum answer_verdict verdict,
    struct answer_words *words)
{
	static const enum pushmsg_status statuses[] = {
		[ANSWER_SENT] = PUSHMSG_SENT, [ANSWER_LATER] = PUSHMSG_RETRY,
		[ANSWER_THROTTLED] = PUSHMSG_RETRY,
		[ANSWER_ILL] = PUSHMSG_RETRY, [ANSWER_RENEW] = PUSHMSG_RETRY,
		[ANSWER_GONE] = PUSHMSG_GONE, [ANSWER_REFUSED] = PUSHMSG_FAILED
	};
	const char *text = row->words != NULL ? row->words : "";

	*outcome = (struct provider_outcome){
		.status = statuses[verdict],
		.too_long = answer->status == 413,
		.service_ill = verdict == ANSWER_ILL,
		.service_throttled = verdict == ANSWER_THROTTLED
	};
	if (outcome->status == PUSHMSG_RETRY && verdict != ANSWER_RENEW)
		outcome->retry_after_ms = asked_ms(answer, row, words);
	answer_words_hide(words, attempt->request->to);
	if (words->text[0] != '\0' && verdict != ANSWER_SENT)
		text = words->text;
	snprintf(outcome->reason, sizeof(outcome->reason), "%d%s%s",
	    answer->status, *text != '\0' ? ": " : "", text);
}

void
provider_end(struct provider_attempt *attempt,
    const struct provider_outcome *outcome)
{
	attempt->state = NULL;
	attempt->done(attempt, outcome);
}

void
provider_finish_as(struct provider_attempt *attempt,
    struct provider_outcome *outcome, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	finish_attempt(attempt, outcome, format, ap);
	va_end(ap);
}

void
provider_finish_http(struct provider_attempt *attempt,
    const struct http_answer *answer)
{
	struct provider_outcome outcome = {
		.status = PUSHMSG_RETRY,
		.service_ill = true,
		.timed_out = answer->end == HTTP_TIMED_OUT
	};

	if (answer->end != HTTP_UNREACHED && answer->end != HTTP_TIMED_OUT)
		outcome = (struct provider_outcome){ .status = PUSHMSG_FAILED };
	snprintf(outcome.reason, sizeof(outcome.reason), "%.*s",
	    PUSHMSG_REASON - 1, answer->why);
	attempt->state = NULL;
	attempt->done(attempt, &outcome);
}

int
provider_encrypt(uint8_t *body, size_t *body_len,
    const struct pushmsg_request *request, char why[static WHY_TEXT])
{
	size_t room = pushform_room(request->type, request->to);
	uint8_t public[WEBPUSH_PUBLIC], auth[WEBPUSH_AUTH];
	size_t len;
	char *plain;
	int err;

	err = pushform_keys(public, auth, request->to, why);
	if (err < 0)
		return err;
	plain = json_dumps(request->payload, JSON_COMPACT);
	if (plain == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	len = strlen(plain);
	err = len > room ? -EMSGSIZE :
	    webpush_encrypt(body, body_len, plain, len, public, auth);
	free(plain);
	if (err == -EMSGSIZE)
		why_set(why, "payload: %zu bytes, at most %zu "
		    "fit in its message", len, room);
	else if (err < 0)
		why_set(why, "cannot encrypt: %s", strerror(-err));
	return err;
}
