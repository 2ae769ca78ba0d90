/* numbers: spellings of numbers in requests. See numbers.h. */
#include "signal/numbers.h"

#include <string.h>

#include "conf/number_rules.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/request.h"
#include "signal/routes.h"

static const struct settings *
settings_of(const struct request *request)
{
	return request->client->env->answers->settings;
}

bool
numbers_other_form(const struct request *request, const char *text,
    char out[static TELNUMBER_TEXT])
{
	struct telnumber_rules rules = number_rules_of(settings_of(request));
	char why[WHY_TEXT];

	return telnumber_canonical(out, text, &rules, why) == 0 &&
	    strcmp(out, text) != 0;
}

bool
numbers_look_up_again(struct request *request, const char *text,
    const uint8_t *wanted, directory_lookup_handler *done)
{
	char number[TELNUMBER_TEXT];

	if (request->looked_again ||
	    !numbers_other_form(request, text, number))
		return false;
	request->looked_again = true;
	request->lookup = directory_lookup(request->client->env->directory,
	    number, wanted, done, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
	return true;
}

bool
numbers_may_sign_up(struct request *request)
{
	const struct settings *settings = settings_of(request);
	struct telnumber_rules rules = number_rules_of(settings);
	char why[WHY_TEXT];

	if (telnumber_canonical(request->number, request->tail, &rules,
	    why) < 0) {
		request_answer_text(request, 400, "bad-number", why);
		return false;
	}
	if (!number_rules_serve(settings, request->number)) {
		request_answer_text(request, 403, "prefix",
		    "this service takes no numbers of that country or network");
		return false;
	}
	return true;
}
