/*
 * sms_text: fill in the configured templates for one request. See sms_text.h.
 */
#include "providers/sms_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/pushconf.h"
#include "wire/why.h"

/* The source of the names in a template. */
struct names {
	const struct sms_text *sms;
	const struct pushmsg_request *request;	/* NULL: only a test */
	const char *number, *text;
};

/* Look up a name in sms.body and sms.headers. */
static const char *
lookup(const char *name, char *env, void *arg)
{
	const struct names *names = arg;
	const struct pushmsg_request *r = names->request;

	if (strcmp(name, "number") == 0)
		return names->number;
	if (strcmp(name, "digits") == 0)
		return names->number + (names->number[0] == '+');
	if (strcmp(name, "text") == 0)
		return names->text;
	if (strcmp(name, "from") == 0)
		return names->sms->settings->sms_from;
	if (strcmp(name, "secret") == 0)
		return names->sms->secret;
	if (strcmp(name, "id") == 0)
		return r != NULL ? r->id : "id";
	if (strcmp(name, "ttl") != 0)
		return NULL;
	snprintf(env, TEMPLATE_NAME, "%ld", r != NULL ? r->ttl_s : 30);
	return env;
}

/*
 * Look up a name in a text: the payload's members that are strings or numbers.
 */
static const char *
lookup_payload(const char *name, char *env, void *arg)
{
	const struct names *names = arg;
	const json_t *value = json_object_get(names->request->payload, name);

	if (!json_is_integer(value))
		return json_string_value(value);
	snprintf(env, TEMPLATE_NAME, "%" JSON_INTEGER_FORMAT,
	    json_integer_value(value));
	return env;
}

static int
open_escape(struct sms_text *sms, char why[static WHY_TEXT])
{
	const char *type = sms->settings->sms_content_type;

	if (strcmp(type, "application/json") == 0) {
		sms->escape = TEMPLATE_JSON;
		return 0;
	}
	sms->escape = TEMPLATE_FORM;
	if (strcmp(type, "application/x-www-form-urlencoded") == 0)
		return 0;
	why_set(why, "sms.content_type: wants application/json "
	    "or application/x-www-form-urlencoded");
	return -EINVAL;
}

/* Check that every name has a value and that JSON stays JSON. */
static int
try_body(struct sms_text *sms, char why[static WHY_TEXT])
{
	struct names names = { .sms = sms, .number = "+27215550123",
	    .text = "\"\\&=" };
	char wrong[WHY_TEXT] = "is missing";
	char *body = NULL;
	json_t *object;

	if (sms->settings->sms_body != NULL)
		body = template_fill(sms->settings->sms_body, sms->escape,
		    lookup, &names, wrong);
	if (body != NULL && sms->escape == TEMPLATE_JSON) {
		object = json_loads(body, 0, NULL);
		if (object == NULL) {
			why_set(wrong, "is not JSON");
			free(body);
			body = NULL;
		}
		json_decref(object);
	}
	if (body == NULL) {
		why_set(why, "sms.body: %s", wrong);
		return -EINVAL;
	}
	free(body);
	return 0;
}

int
sms_text_open(struct sms_text *out, const struct pushconf *settings,
    const char *secret, char why[static WHY_TEXT])
{
	int err;

	out->settings = settings;
	out->secret = secret;
	err = open_escape(out, why);
	return err < 0 ? err : try_body(out, why);
}

char *
sms_text_header(const struct sms_text *text, const char *header,
    char why[static WHY_TEXT])
{
	struct names names = { .sms = text, .number = "+1", .text = "" };
	char wrong[WHY_TEXT], *filled;

	filled = template_fill(header, TEMPLATE_PLAIN, lookup, &names, wrong);
	if (filled == NULL)
		why_set(why, "sms.headers: %s", wrong);
	return filled;
}

/* Return the text for a payload's kind; NULL if there is none. */
static const char *
text_template(const struct pushconf *s, const struct pushmsg_request *request)
{
	const struct {
		const char *kind, *text;
	} texts[] = {
		{ "call", s->sms_text_call },
		{ "cancel", s->sms_text_cancel },
		{ "code", s->sms_text_code },
	};
	const char *kind = json_string_value(json_object_get(request->payload,
	    "kind"));
	size_t i;

	for (i = 0; kind != NULL && i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(kind, texts[i].kind) == 0)
			return texts[i].text;
	return NULL;
}

char *
sms_text_body(const struct sms_text *sms,
    const struct pushmsg_request *request, const char *number,
    char why[static WHY_TEXT])
{
	const char *text = text_template(sms->settings, request);
	struct names names = { .sms = sms, .request = request,
	    .number = number };
	char wrong[WHY_TEXT], *filled, *body = NULL;

	if (text == NULL) {
		why_set(why, "payload.kind: no sms.text_ of "
		    "that kind is configured");
		return NULL;
	}
	filled = template_fill(text, TEMPLATE_PLAIN, lookup_payload, &names,
	    wrong);
	names.text = filled;
	if (filled != NULL)
		body = template_fill(sms->settings->sms_body, sms->escape,
		    lookup, &names, wrong);
	free(filled);
	if (body == NULL)
		why_set(why, "%s", wrong);
	return body;
}
