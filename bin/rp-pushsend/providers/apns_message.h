/*
 * apns_message: convert a push request to the form of Apple's push service:
 * URL, headers and JSON.
 */
#ifndef RP_PUSHSEND_APNS_MESSAGE_H
#define RP_PUSHSEND_APNS_MESSAGE_H

#include <stdbool.h>

#include "wire/pushform.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

/* Headers as "name: value". `collapse` is empty if there is none. */
struct apns_message {
	char url[512];
	char topic[PUSHFORM_TOPIC_MAX + 32], id[64], collapse[64],
	    expiration[64], priority[32];
	const char *push_type;
	char *body;
};

/* Check the request's form. -EBADMSG with one line in `why`. */
int apns_message_check(const struct pushmsg_request *request,
    char why[static WHY_TEXT]);

/* Return whether the request is for the sandbox. */
bool apns_message_sandbox(const struct pushmsg_request *request);

/* Return whether the request cancels a ring. */
bool apns_message_cancels(const struct pushmsg_request *request);

/*
 * Make the message from a request of valid form. `alert` is the text of a
 * visible message. Clear it afterwards.
 *
 *  -EBADMSG  the request cannot be sent; `why` says why
 */
int apns_message_make(struct apns_message *out,
    const struct pushmsg_request *request, const char *base_url,
    const char *alert, char why[static WHY_TEXT]);
void apns_message_clear(struct apns_message *message);

#endif
