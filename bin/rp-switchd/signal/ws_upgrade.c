/*
 * ws_upgrade: check the request that asks for a WebSocket, and write its
 * answer. Pure. See ws_upgrade.h.
 */
#include "signal/ws_upgrade.h"

#include <stdbool.h>
#include <string.h>

#include "wire/websock.h"

#define VERSION 13

static bool
is_port(const char *text)
{
	return *text == ':' && text[1] != '\0' &&
	    text[1 + strspn(text + 1, "0123456789")] == '\0';
}

static bool
is_welcome(const char *origin, const struct conf_strings *origins)
{
	size_t i;

	if (origin[0] == '\0')
		return true;
	for (i = 0; i < origins->n; i++) {
		const char *item = origins->item[i];
		size_t len = strlen(item);

		if (strcmp(item, "*") == 0 || strcmp(item, origin) == 0)
			return true;
		if (strncmp(item, origin, len) == 0 && is_port(origin + len))
			return true;
	}
	return false;
}

static void
refuse_upgrade(struct sigmsg *out, int status, const char *reason)
{
	out->status = status;
	strcpy(out->reason, reason);
}

void
ws_upgrade_answer(struct sigmsg *out, const struct sigmsg *msg,
    const struct conf_strings *origins, bool own_page)
{
	memset(out, 0, sizeof(*out));
	if (!own_page && !is_welcome(msg->origin, origins))
		refuse_upgrade(out, 403, "origin");
	else if (!msg->upgrades || msg->websocket_version != VERSION)
		refuse_upgrade(out, 426, "");
	else if (websock_accept(out->websocket_accept, msg->websocket_key) < 0)
		refuse_upgrade(out, 400, "websocket-key");
	else
		out->status = 101;
}
