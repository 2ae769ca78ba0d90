/*
 * sms_text: the request to an SMS service: the configuration's templates,
 * filled in for one push request.
 */
#ifndef RP_PUSHSEND_SMS_TEXT_H
#define RP_PUSHSEND_SMS_TEXT_H

#include "providers/template.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

struct pushconf;

/*
 * Made from the settings. They and the secret, which may be NULL, must outlive
 * it.
 */
struct sms_text {
	const struct pushconf *settings;
	const char *secret;
	enum template_escape escape;
};

/*
 * Test the templates: every name must have a value, and JSON must stay JSON.
 *
 *  -EINVAL  invalid template; `why` says why
 */
int sms_text_open(struct sms_text *out, const struct pushconf *settings,
    const char *secret, char why[static WHY_TEXT]);

/* Return one of sms.headers, to be freed by the caller, or NULL with `why`. */
char *sms_text_header(const struct sms_text *text, const char *header,
    char why[static WHY_TEXT]);

/*
 * Return the body for a request to that number, to be freed by the caller, or
 * NULL with `why`.
 */
char *sms_text_body(const struct sms_text *text,
    const struct pushmsg_request *request, const char *number,
    char why[static WHY_TEXT]);

#endif
