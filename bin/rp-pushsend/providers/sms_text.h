/*
 * sms_text: what an SMS service is sent: the configuration's templates, filled
 * in for one request.
 */
#ifndef RP_PUSHSEND_SMS_TEXT_H
#define RP_PUSHSEND_SMS_TEXT_H

#include "providers/template.h"
#include "wire/pushmsg.h"

struct pushconf;

/* Of the settings; the secret, which may be NULL, must outlive it. */
struct sms_text {
	const struct pushconf *settings;
	const char *secret;
	enum template_escape escape;
};

/*
 * Try the templates: every name has a value, JSON stays JSON. -EINVAL with
 * why.
 */
int sms_text_open(struct sms_text *out, const struct pushconf *settings,
    const char *secret, char why[static PUSHMSG_WHY]);

/* One of sms.headers, malloc'd, or NULL with why. */
char *sms_text_header(const struct sms_text *text, const char *header,
    char why[static PUSHMSG_WHY]);

/* The body for a request to that number, malloc'd, or NULL with why. */
char *sms_text_body(const struct sms_text *text,
    const struct pushmsg_request *request, const char *number,
    char why[static PUSHMSG_WHY]);

#endif
