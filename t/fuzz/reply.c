/*
 * A switch's answers and a push's contents. Whatever is accepted fits its
 * fields and has the form that the callers rely on.
 */
#include <stdlib.h>
#include <string.h>

#include "call/reply_early.h"
#include "call/reply_push.h"
#include "fuzz.h"

static void
fits(const char *text, size_t max)
{
	if (strnlen(text, max) == max)
		abort();
}

static void
check_server(const struct media_ice_server *server)
{
	fits(server->username, sizeof(server->username));
	fits(server->credential, sizeof(server->credential));
	fits(server->name, sizeof(server->name));
	if (addr_len(&server->addr) == 0 ||
	    (server->via == TURN_CLIENT_TLS && *server->name == '\0'))
		abort();
}

static void
check_early(const struct reply_early *early)
{
	size_t i;

	if (early->reply.n_servers == 0 ||
	    early->n_addresses > REPLY_ADDRESSES ||
	    (early->has_relayed && addr_port(&early->relayed) == 0))
		abort();
	for (i = 0; i < early->reply.n_servers; i++)
		check_server(&early->reply.servers[i]);
	for (i = 0; i < early->n_addresses; i++)
		if (!addr_is_unicast(&early->addresses[i]))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char why[WHY_TEXT];
	struct reply reply;
	struct reply_push push;
	size_t i;

	if (reply_parse(&reply, (const char *)data, len, why) == 0) {
		fits(reply.session, sizeof(reply.session));
		fits(reply.server_name, sizeof(reply.server_name));
		fits(reply.caller, sizeof(reply.caller));
		for (i = 0; i < reply.n_servers; i++)
			check_server(&reply.servers[i]);
		if (*reply.caller != '\0' && !sigmsg_number_ok(reply.caller))
			abort();
		reply_clear(&reply);
	}
	if (reply_push_parse(&push, (const char *)data, len, why) < 0)
		return 0;
	if (strlen(push.session) != SIGMSG_SESSION - 1 || push.port == 0 ||
	    *push.server_name == '\0' || strchr(push.session, '/') != NULL)
		abort();
	if (push.early != NULL)
		check_early(push.early);
	reply_push_clear(&push);
	return 0;
}
