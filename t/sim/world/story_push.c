/* story_push: the push service of stories, from a switch's line to a phone. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/webpush.h"
#include "stand/stand.h"
#include "wire/pushform.h"
#include "wire/pushmsg.h"
#include "wire/why.h"
#include "world/phone.h"
#include "world/story_parts.h"

static struct sim_machine *service;

/* Encrypt the request of a line for its device, and deliver it. */
static int
run_push(void *arg)
{
	uint8_t public[WEBPUSH_PUBLIC], auth[WEBPUSH_AUTH];
	uint8_t body[WEBPUSH_PLAIN_MAX + WEBPUSH_OVERHEAD];
	struct pushmsg_request request = { 0 };
	char why[WHY_TEXT], *plain;
	size_t len = 0;

	if (pushmsg_request_parse(&request, arg, strlen(arg), why) == 0 &&
	    pushform_keys(public, auth, request.to, why) == 0) {
		plain = json_dumps(request.payload, JSON_COMPACT);
		if (webpush_encrypt(body, &len, plain, strlen(plain), public,
		    auth) == 0)
			sim_phone_push(json_string_value(json_object_get(
			    request.to, "endpoint")), NULL, body, len);
		free(plain);
	} else {
		sim_record("push_fails", "why=\"%s\"", why);
	}
	pushmsg_request_clear(&request);
	free(arg);
	return 0;
}

static void
on_line(struct sim_process *process, const char *text, size_t len)
{
	(void)process;
	sim_record("push", "len=%zu", len);
	sim_process_new(service, "push", run_push, strndup(text, len - 1),
	    NULL);
}

void
story_push_begin(void)
{
	service = sim_machine_new("service");
	sim_child_tell(on_line);
}
