/* smsowner: whose number an SMS would go to. See smsowner.h. */
#include "signal/smsowner.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "conf/number_rules.h"
#include "directory/directory.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/enrol.h"
#include "signal/request.h"
#include "signal/routes.h"

/* Does the registration wake by SMS to `number`, however that is spelled? */
static bool
goes_to(const char *registration, const char *number,
    const struct telnumber_rules *rules)
{
	json_t *push = json_loads(registration, JSON_REJECT_DUPLICATES, NULL);
	const char *type = json_string_value(json_object_get(push, "type"));
	const char *text = json_string_value(json_object_get(
	    json_object_get(push, "to"), "number"));
	char found[TELNUMBER_TEXT], why[WHY_TEXT];
	bool same;

	same = type != NULL && strcmp(type, "sms") == 0 && text != NULL &&
	    telnumber_canonical(found, text, rules, why) == 0 &&
	    strcmp(found, number) == 0;
	json_decref(push);
	return same;
}

static struct telnumber_rules
rules_of(const struct request *request)
{
	return number_rules_of(request->client->env->answers->settings);
}

static json_t *
load_body(const struct request *request)
{
	const struct sigmsg *msg = request->msg;

	return json_loadb(msg->body != NULL ? msg->body : "", msg->body_len,
	    JSON_REJECT_DUPLICATES, NULL);
}

int
smsowner_parse(struct request *request, char why[static WHY_TEXT])
{
	struct telnumber_rules rules = rules_of(request);
	json_t *body = load_body(request);
	const char *type = json_string_value(json_object_get(body, "type"));
	const char *text = json_string_value(json_object_get(
	    json_object_get(body, "to"), "number"));
	int err = -ENOENT;

	if (type != NULL && text != NULL && strcmp(type, "sms") == 0)
		err = telnumber_canonical(request->number, text, &rules, why);
	json_decref(body);
	return err;
}

static bool
is_own(const struct request *request)
{
	struct telnumber_rules rules = rules_of(request);
	char own[TELNUMBER_TEXT], why[WHY_TEXT];

	return telnumber_canonical(own, request->client->who.number, &rules,
	    why) == 0 && strcmp(own, request->number) == 0;
}

static bool
has_code(struct request *request)
{
	const struct client *client = request->client;
	struct enrol *enrol = client->env->enrol;
	json_t *body = load_body(request);
	const char *code = json_string_value(json_object_get(
	    json_object_get(body, "to"), "code"));
	uint32_t retry_ms;

	request->proved = enrol != NULL && code != NULL &&
	    enrol_check(enrol, request->number, code,
	    client->who.token_hash, &client->who.peer, &retry_ms) == 0;
	json_decref(body);
	return request->proved;
}

static void
on_subscriber(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	struct telnumber_rules rules = rules_of(request);
	bool owned = false;
	size_t i;

	if (!request_looked_up(request, err))
		return;
	for (i = 0; err == 0 && i < found->n_devices; i++)
		owned |= goes_to(found->devices[i].push, request->number,
		    &rules);
	request->checked(request, owned);
}

void
smsowner_check(struct request *request,
    void (*done)(struct request *request, bool owned))
{
	const struct client *client = request->client;

	if (is_own(request) || has_code(request)) {
		done(request, true);
		return;
	}
	request->checked = done;
	request->lookup = directory_lookup(client->env->directory,
	    client->who.number, NULL, on_subscriber, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}
