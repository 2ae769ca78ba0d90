/* guests: callers by a link. See guests.h. */
#include "signal/guests.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "conf/settings.h"
#include "ops/quotas.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/request.h"
#include "signal/routes.h"

#define AGAIN_MS 10000		/* until one of the calls may be over */

void
guests_who(struct calls_who *who, const char *token)
{
	who->guest = true;
	directory_hash(who->token_hash, token);
	directory_guest(who->number, who->token_hash);
}

bool
guests_read(struct guest_terms *out, const struct directory_link *link)
{
	if (link->expires_s <= clock_wall_s() || sscanf(link->note,
	    DIRECTORY_GUEST " %ld %ld", &out->per_hour, &out->at_once) != 2 ||
	    out->per_hour < 0 || out->at_once < 0)
		return false;
	strcpy(out->callee, link->number);
	return true;
}

bool
guests_have_room(struct request *request)
{
	const struct client *client = request->client;
	long most = client->guest.at_once;

	if (!client->who.guest)
		return true;
	if (most == 0)
		most = client->env->answers->settings->guest_calls_at_once;
	if (calls_by(client->env->calls, client->who.number) < (size_t)most)
		return true;
	request_answer_wait(request, "guest-at-once", AGAIN_MS);
	return false;
}

bool
guests_may(struct request *request)
{
	const char *target = request->msg->target;

	switch (request->msg->method) {
	case SIGMSG_INITIATE:
		if (strcmp(request->tail, request->client->guest.callee) != 0)
			break;
		return guests_have_room(request);
	case SIGMSG_GET:
		if (strcmp(target, "/keepalive") == 0 ||
		    strcmp(target, "/switches") == 0)
			return true;
		break;
	default:
		/* Those of a session, of which it must be a party anyway. */
		if (strncmp(target, "/session/", 9) == 0)
			return true;
	}
	request_answer_status(request, 403, "guest");
	return false;
}

bool
guests_count(struct request *request)
{
	const struct client *client = request->client;
	struct quotas_claim claim = quotas_by_text(QUOTAS_GUEST,
	    client->who.number);
	uint32_t wait_ms;

	if (!client->who.guest)
		return true;
	claim.most = client->guest.per_hour;
	wait_ms = quotas_take(client->env->quotas, &claim, 1);
	if (wait_ms > 0)
		request_answer_wait(request, "guest-per-hour", wait_ms);
	return wait_ms == 0;
}
