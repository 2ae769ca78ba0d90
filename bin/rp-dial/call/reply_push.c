/* reply_push: read the payload of a push, key by key. See reply_push.h. */
#include "call/reply_push.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "call/reply_early.h"
#include "call/reply_json.h"

static int
take_push(struct reply_push *out, const json_t *root,
    char why[static WHY_TEXT])
{
	char kind[16] = "";

	if (reply_json_string(root, "kind", kind, sizeof(kind)) < 0)
		return reply_json_complain(why, "kind");
	if (strcmp(kind, "call") == 0)
		out->kind = REPLY_PUSH_CALL;
	else if (strcmp(kind, "cancel") == 0)
		out->kind = REPLY_PUSH_CANCEL;
	else if (strcmp(kind, "test") == 0)
		out->kind = REPLY_PUSH_TEST;
	else
		return reply_json_complain(why, "kind");
	if (out->kind == REPLY_PUSH_TEST)
		return 0;
	(void)reply_json_caller(root, out->caller);
	if (reply_json_string(root, "sessionId", out->session,
	    sizeof(out->session)) < 0 || !reply_json_session_ok(out->session))
		return reply_json_complain(why, "sessionId");
	if (reply_json_string(root, "serverName", out->server_name,
	    sizeof(out->server_name)) < 0 || !reply_json_name_ok(out->server_name))
		return reply_json_complain(why, "serverName");
	if (reply_json_port(root, &out->port) < 0 || out->port == 0)
		return reply_json_complain(why, "port");
	/* It saves time only: without it the call goes on as ever. */
	if (out->kind == REPLY_PUSH_CALL)
		out->early = reply_early_new(json_object_get(root, "early"));
	return 0;
}

int
reply_push_parse(struct reply_push *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	json_t *root = reply_json_load(text, len, why);
	int err;

	memset(out, 0, sizeof(*out));
	if (root == NULL)
		return -EBADMSG;
	err = take_push(out, root, why);
	json_decref(root);
	return err;
}

void
reply_push_clear(struct reply_push *push)
{
	reply_early_free(push->early);
	push->early = NULL;
}
