/*
 * pushreq: build the requests of a call, from its devices' registrations, for
 * pushqueue. See pushreq.h and rp-push(7).
 */
#include "push/pushreq.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "push/push.h"
#include "wire/pushearly.h"
#include "wire/pushform.h"
#include "wire/sigmsg.h"

/* Set the target from the directory's registration: {"type", "to", "key"}. */
static int
set_target(struct pushmsg_request *request, const struct push_target *target)
{
	json_t *push = json_loads(target->device->push, JSON_REJECT_DUPLICATES,
	    NULL);
	const char *type = json_string_value(json_object_get(push, "type"));
	const char *key = json_string_value(json_object_get(push, "key"));
	json_t *to = json_object_get(push, "to");

	if (type == NULL || strlen(type) >= PUSHMSG_TYPE ||
	    !json_is_object(to)) {
		json_decref(push);
		return -EINVAL;
	}
	strcpy(request->type, type);
	if (key != NULL && strlen(key) < sizeof(request->key))
		strcpy(request->key, key);
	request->to = json_incref(to);
	json_decref(push);
	return 0;
}

static json_t *
payload_of(const char *kind, const struct push_call *call)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:I}",
	    "kind", kind, "caller", call->caller, "sessionId", call->session,
	    "serverName", call->server_name, "port", (int)call->port,
	    "expiry", (json_int_t)clock_wall_s() +
	    (json_int_t)(call->left_ms / 1000));
}

/*
 * Add what the device may begin with, if nobody else can read it. The push
 * service must not have the relay's credentials, nor who is called from where.
 */
static int
add_early(struct pushmsg_request *out, const struct push_call *call,
    unsigned *missing)
{
	size_t room = pushform_room(out->type, out->to);

	*missing = PUSHEARLY_ALL;
	if (call->early == NULL || room == 0)
		return 0;
	return pushearly_add(out->payload, call->early, room, missing);
}

int
pushreq_call(struct pushmsg_request *out, const struct push_target *target,
    const struct push_call *call, unsigned *missing)
{
	int err;

	memset(out, 0, sizeof(*out));
	snprintf(out->id, sizeof(out->id), "%.*s.%zu", SIGMSG_SESSION - 1,
	    call->session, target->index);
	/* A session id has 32 hex digits, just as many as a topic may hold. */
	snprintf(out->topic, sizeof(out->topic), "%s", call->session);
	snprintf(out->session, sizeof(out->session), "%s", call->session);
	err = set_target(out, target);
	if (err < 0)
		return err;
	out->registered_s = target->device->push_s;
	out->payload = payload_of("call", call);
	if (out->payload == NULL)
		return -ENOMEM;
	return add_early(out, call, missing);
}

int
pushreq_code(struct pushmsg_request *out, const char *number,
    const char *code)
{
	char id[SIGMSG_SESSION];	/* as a call has one */

	memset(out, 0, sizeof(*out));
	if (crypto_random_hex(id, SIGMSG_SESSION_BYTES) < 0)
		return -EIO;
	snprintf(out->id, sizeof(out->id), "code.%s", id);
	strcpy(out->type, "sms");
	out->to = json_pack("{s:s}", "number", number);
	out->payload = json_pack("{s:s, s:s}", "kind", "code", "code", code);
	return out->to == NULL || out->payload == NULL ? -ENOMEM : 0;
}

int
pushreq_cancel(struct pushmsg_request *out, const struct pushmsg_request *call,
    const char *reason)
{
	*out = *call;
	snprintf(out->id, sizeof(out->id), "%.60s.c", call->id);
	out->to = json_incref(call->to);
	out->payload = json_copy(call->payload);
	json_object_del(out->payload, "early");
	if (out->payload == NULL || json_object_set_new(out->payload, "kind",
	    json_string("cancel")) < 0 || json_object_set_new(out->payload,
	    "reason", json_string(reason)) < 0)
		return -ENOMEM;
	return 0;
}
