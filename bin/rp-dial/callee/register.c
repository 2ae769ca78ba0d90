/*
 * register: --register, step by step: a code, the user's input, the token, the
 * account file. See register.h.
 */
#include "callee/register.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/crypto.h"
#include "base/jwt.h"
#include "base/tool.h"
#include "call/conclude.h"
#include "call/outcome.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "signal_client/ask_once.h"
#include "who/account.h"
#include "wire/base64.h"
#include "wire/why.h"

#define DEADLINE_MS 10000
#define TOKEN_BYTES 32
#define CODE_MAX 64

/*
 * One request at a time, because the user's input comes between the two. Only
 * the switch that sent the code knows it: the second request goes to that
 * address.
 */
struct ask {
	const struct dial_context *context;
	struct addr addr;
	bool keys;		/* the switch takes a key in place of a token */
	int status;		/* 0: no answer */
	char reason[SIGMSG_REASON];
	int err;
	char why[WHY_TEXT];
};

static void
fail_ask(struct ask *ask, int err, const char *why)
{
	ask->err = err;
	why_set(ask->why, "%s", why);
}

/* Does the answer to POST /verification say that a device may have a key? */
static bool
offers_keys(const struct sigmsg *answer)
{
	json_t *root = json_loadb(answer->body, answer->body_len,
	    JSON_REJECT_DUPLICATES, NULL);
	bool keys = json_is_true(json_object_get(root, "keys"));

	json_decref(root);
	return keys;
}

static void
on_asked(const struct ask_once_result *result, void *arg)
{
	struct ask *ask = arg;

	if (result->err < 0) {
		fail_ask(ask, result->err, result->why);
	} else {
		ask->status = result->answer->status;
		memcpy(ask->reason, result->answer->reason,
		    sizeof(ask->reason));
		ask->keys = offers_keys(result->answer);
		ask->addr = *signal_client_addr(result->client);
	}
	loop_stop(ask->context->loop);
}

/* Send one request, and wait for its answer. `at` is NULL, or the address. */
static int
ask_switch(struct ask *ask, const struct sigmsg *request,
    const struct addr *at)
{
	static const struct ask_once_handlers handlers = { .done = on_asked };
	const struct dial_context *c = ask->context;
	struct ask_once_options options = {
		.name = c->switch_name,
		.port = c->switch_port,
		.resolve = c->resolve,
		.at = at,
		.client = { .tls = c->tls, .deadline_ms = DEADLINE_MS }
	};
	struct ask_once *once;
	int err;

	ask->status = 0;
	err = ask_once_new(&once, c->loop, &options, request, &handlers, ask);
	if (err < 0)
		return err;
	loop_run(c->loop);
	ask_once_free(once);
	return 0;
}

static enum outcome
meaning_of(const struct ask *ask)
{
	if (ask->status == 0)
		return ask->err == -EACCES ? OUTCOME_UNTRUSTED :
		    OUTCOME_UNREACHABLE;
	if (ask->status < 300)
		return OUTCOME_COMPLETED;
	if (ask->status == 403 && strcmp(ask->reason, "code") == 0)
		return OUTCOME_UNAUTHORISED;
	return ask->status == 429 || ask->status >= 500 ? OUTCOME_REFUSED :
	    OUTCOME_ERROR;
}

/* Print the failure and its remedy. */
static void
warn(const struct ask *ask)
{
	const struct dial_context *c = ask->context;
	enum outcome outcome = meaning_of(ask);
	char hint[WHY_TEXT];

	conclude_hint(hint, outcome, ask->why, c->account);
	switch (outcome) {
	case OUTCOME_COMPLETED:
		break;
	case OUTCOME_UNTRUSTED:
		tool_warn(c->switch_name, "the switch's certificate is not "
		    "trusted: %s%s", ask->why, hint);
		break;
	case OUTCOME_UNREACHABLE:
		tool_warn(c->switch_name, "no switch reachable: %s%s",
		    ask->why, hint);
		break;
	case OUTCOME_UNAUTHORISED:
		tool_warn(c->options->number, "not the code that was sent, or "
		    "too old: ask for another");
		break;
	default:
		tool_warn(c->options->number, "the switch says %d %s%s%s",
		    ask->status, sigmsg_phrase(ask->status),
		    *ask->reason != '\0' ? ": " : "", ask->reason);
	}
}

/* Return the exit status of a failure, after printing it; 0 on success. */
static int
conclude(const struct ask *ask)
{
	warn(ask);
	return outcome_exit(meaning_of(ask));
}

static int
send_code(struct ask *ask)
{
	const struct dial_context *c = ask->context;
	struct sigmsg msg = { .method = SIGMSG_POST };
	int err;

	snprintf(msg.target, sizeof(msg.target), "/verification/%s",
	    c->options->number);
	err = ask_switch(ask, &msg, NULL);
	if (err < 0) {
		tool_warn(c->switch_name, "%s", strerror(-err));
		return outcome_exit(OUTCOME_ERROR);
	}
	return conclude(ask);
}

/* The token or the key by which this device will prove itself. */
struct credential {
	char token[BASE64_TEXT(TOKEN_BYTES)];
	char *pem;		/* NULL: the token */
	char key[BASE64_TEXT(JWT_PUBLIC)];	/* its public half */
};

static int
make_token(struct credential *out)
{
	uint8_t random[TOKEN_BYTES];
	int err = crypto_random(random, sizeof(random));

	if (err == 0)
		base64_encode_url(out->token, random, sizeof(random));
	return err;
}

static int
make_key(struct credential *out)
{
	uint8_t public[JWT_PUBLIC];
	struct jwt_key *key;
	char why[WHY_TEXT];
	int err = jwt_key_new(&out->pem);

	if (err == 0)
		err = jwt_key_parse(&key, out->pem, why);
	if (err < 0)
		return err;
	err = jwt_key_public(key, public);
	base64_encode_url(out->key, public, sizeof(public));
	jwt_key_free(key);
	return err;
}

static void
clear_credential(struct credential *credential)
{
	if (credential->pem != NULL)
		crypto_wipe(credential->pem, strlen(credential->pem));
	free(credential->pem);
	crypto_wipe(credential, sizeof(*credential));
}

/*
 * Ask the user and block, because nothing else runs meanwhile.
 *
 *  -ENODATA  there was no line
 */
static int
ask_person(const struct dial_context *c, char code[static CODE_MAX])
{
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		fprintf(stderr, "The code that was sent to %s: ",
		    c->options->number);
	if (fgets(code, CODE_MAX, stdin) == NULL)
		return -ENODATA;
	code[strcspn(code, " \t\r\n")] = '\0';
	return *code != '\0' ? 0 : -ENODATA;
}

static int
claim(struct ask *ask, const char *code, const struct credential *credential)
{
	bool key = credential->pem != NULL;
	const char *number = ask->context->options->number;
	struct sigmsg msg = {
		.method = SIGMSG_PUT,
		.content_type = "application/json"
	};
	json_t *root = json_pack("{s:s, s:s}", "code", code,
	    key ? "key" : "token", key ? credential->key : credential->token);
	char *body = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;
	int err;

	json_decref(root);
	if (body == NULL) {	/* JSON is UTF-8, and so is every real code */
		tool_warn(number, "not the code that was sent: it is not text");
		return outcome_exit(OUTCOME_UNAUTHORISED);
	}
	snprintf(msg.target, sizeof(msg.target), "/subscriber/%s", number);
	msg.body = body;
	msg.body_len = strlen(body);
	err = ask_switch(ask, &msg, &ask->addr);
	if (err < 0)
		fail_ask(ask, err, strerror(-err));
	crypto_wipe(body, strlen(body));
	free(body);
	return conclude(ask);
}

static int
enrol(const struct dial_context *c, const struct credential *credential)
{
	const char *name = c->options->switch_name != NULL ?
	    c->options->switch_name : c->account->switch_name;
	int err = account_enrol(c->account, c->options->number,
	    credential->pem != NULL ? NULL : credential->token,
	    credential->pem, name);

	if (err < 0) {
		tool_warn(c->account->file, "%s: the number is registered, but "
		    "its credential is lost: register again", strerror(-err));
		return outcome_exit(OUTCOME_ERROR);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s is yours; see %s\n", c->options->number,
		    c->account->file);
	return 0;
}

/* Claim the number with the code, and write the account's file. */
static int
finish_registration(struct ask *ask, const char *code)
{
	struct credential credential = { .pem = NULL };
	int status, err = ask->keys ? make_key(&credential) :
	    make_token(&credential);

	if (err < 0) {
		tool_warn(ask->keys ? "key" : "token", "no random bytes");
		return outcome_exit(OUTCOME_ERROR);
	}
	status = claim(ask, code, &credential);
	if (status == 0)
		status = enrol(ask->context, &credential);
	clear_credential(&credential);
	return status;
}

int
register_run(const struct dial_context *context)
{
	struct ask ask = { .context = context };
	char code[CODE_MAX];
	int status;

	status = send_code(&ask);
	if (status != 0)
		return status;
	if (ask_person(context, code) < 0) {
		tool_warn(context->options->number, "no code on standard "
		    "input");
		return outcome_exit(OUTCOME_ERROR);
	}
	return finish_registration(&ask, code);
}
