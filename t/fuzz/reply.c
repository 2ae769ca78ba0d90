/*
 * What a switch answers and what a push says: whatever is taken fits its
 * fields, and is of the form that the rest relies on.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "reply.h"

static void
fits(const char *text, size_t max)
{
	if (strnlen(text, max) == max)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char why[REPLY_WHY];
	struct reply reply;
	struct reply_push push;

	if (reply_parse(&reply, (const char *)data, len, why) == 0) {
		fits(reply.session, sizeof(reply.session));
		fits(reply.server_name, sizeof(reply.server_name));
		fits(reply.caller, sizeof(reply.caller));
		fits(reply.server.username, sizeof(reply.server.username));
		fits(reply.server.credential, sizeof(reply.server.credential));
		if (*reply.caller != '\0' && !sigmsg_number_ok(reply.caller))
			abort();
		if (reply.has_server && addr_len(&reply.server.addr) == 0)
			abort();
		reply_clear(&reply);
	}
	if (reply_push_parse(&push, (const char *)data, len, why) == 0 &&
	    (strlen(push.session) != SIGMSG_SESSION - 1 || push.port == 0 ||
	    *push.server_name == '\0' || strchr(push.session, '/') != NULL))
		abort();
	return 0;
}
