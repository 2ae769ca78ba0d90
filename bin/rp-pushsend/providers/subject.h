/*
 * subject: the contact in VAPID's tokens (RFC 8292 2.1), which push services
 * check with different severity. Pure.
 */
#ifndef RP_PUSHSEND_SUBJECT_H
#define RP_PUSHSEND_SUBJECT_H

#include "wire/why.h"

enum subject_verdict {
	SUBJECT_GOOD,
	SUBJECT_DOUBTFUL,	/* of right form; some services refuse it */
	SUBJECT_WRONG		/* no service has to take it */
};

/*
 * Judge a subject: "mailto:" with one address, or an "https:" URI with a host.
 * A host that others cannot reach, such as localhost, is doubtful. `why`
 * explains what is not good.
 */
enum subject_verdict subject_check(const char *subject,
    char why[static WHY_TEXT]);

#endif
