/*
 * apns_message: a push request in the form of Apple's push service: URL,
 * headers and JSON.
 */
#ifndef RP_PUSHSEND_APNS_MESSAGE_H
#define RP_PUSHSEND_APNS_MESSAGE_H

#include <stdbool.h>

#include "wire/pushmsg.h"

#define APNS_TOPIC 160

/* Headers as "name: value"; collapse is empty if there is none. */
struct apns_message {
	char url[512];
	char topic[APNS_TOPIC + 32], id[64], collapse[64], expiration[64],
	    priority[32];
	const char *push_type;
	char *body;
};

/* What is wrong with the request's form, or NULL. */
const char *apns_message_error(const struct pushmsg_request *request);

/* Is it for the sandbox? */
bool apns_message_sandbox(const struct pushmsg_request *request);

/* Does it take a ring back? */
bool apns_message_cancels(const struct pushmsg_request *request);

/*
 * Make it, of a request whose form is right; alert is the text of one that is
 * seen. Clear it afterwards. -EBADMSG with why.
 */
int apns_message_make(struct apns_message *out,
    const struct pushmsg_request *request, const char *base_url,
    const char *alert, char why[static PUSHMSG_WHY]);
void apns_message_clear(struct apns_message *message);

#endif
